"""Spin and spout of the system's Csound, copied."""

from __future__ import annotations

import numpy as np

from csoundd.api.audio import Audio
from csoundd.api.values import Samples
from csoundd.engine.csound.native.instance import Instance


class NativeAudio(Audio):
    """Copies of what goes into the next cycle and what came out of the last."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def spin(self) -> Samples:
        return np.array(self._instance.spin()).reshape(-1)

    def spout(self) -> Samples:
        return np.array(self._instance.spout()).reshape(-1)
