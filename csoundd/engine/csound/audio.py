"""Spin and spout, copied; and text of the clients among Csound's messages."""

from __future__ import annotations

import numpy as np

from csoundd.api.audio import Audio
from csoundd.api.messages import Messages
from csoundd.api.values import Samples
from csoundd.engine.csound.instance import CsoundInstance


class AudioMethods(Audio):
    """Copies of what goes into the next cycle and what came out of the last."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance = instance

    def spin(self) -> Samples:
        return np.array(self._instance.spin()).reshape(-1)

    def spout(self) -> Samples:
        return np.array(self._instance.spout()).reshape(-1)


class MessageMethods(Messages):
    """Text of the clients among Csound's own."""

    def __init__(self, instance: CsoundInstance) -> None:
        self._instance = instance

    def message(self, message: str) -> None:
        self.messageS(0, message)

    def messageS(self, attr: int, message: str) -> None:
        self._instance.say(message, attr)
