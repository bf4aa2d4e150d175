"""What libcsound's module has beside its classes: functions about the library, which here is the daemon's."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

from csoundd_client.client import DEFAULT_URL
from csoundd_client.dropin.constants import CSOUND_SUCCESS
from csoundd_client.dropin.csound import Csound
from csoundd_client.dropin.remote import Call, Remote
from csoundd_client.failures import CsounddError
from csoundd_client.structs import AudioDevice

API: Final = 7000
"""The version of Csound whose API this is."""


def csoundInitialize(signalHandler: bool = True, atExitHandler: bool = True) -> int:  # noqa: ARG001 - Csound is elsewhere
    """Do nothing and return 0: the daemon has initialised Csound."""
    return CSOUND_SUCCESS


def setOpcodedir(path: str) -> None:
    """Have the engines of ``Csound()`` that are made from now on load plug-ins from this folder of the workspace."""
    Csound.default_opcode_dir = path


def version() -> int:
    """The version of the daemon's Csound, 7000 or more: this is the API of Csound 7 whatever plays behind it."""
    found = API
    with suppress(CsounddError):
        remote = Remote(os.environ.get("CSOUNDD_URL") or DEFAULT_URL, os.environ.get("CSOUNDD_TOKEN") or None)
        with suppress(CsounddError):
            found = int(remote.send([Call("csound.version")])[0])
        remote.close()
    return max(API, found)


def getAudioDevices(module: str = "", opcodeDir: str = "") -> tuple[list[AudioDevice], list[AudioDevice]]:  # noqa: ARG001
    """The audio inputs and outputs that the daemon's Csound sees, by the module that it uses."""
    with Csound(attach=True) as csound:
        return csound.audioDevList(isOutput=False), csound.audioDevList(isOutput=True)


def getSystemSr(module: str = "", opcodeDir: str = "") -> tuple[float, str]:  # noqa: ARG001
    """The sample rate of the sound system as the daemon's Csound knows it, else that of the engine, and the module."""
    with Csound(attach=True) as csound:
        return csound.systemSr(0.0) or csound.sr(), module
