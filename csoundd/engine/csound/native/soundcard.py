"""Who opens the sound card in drive ``device``: a module among Csound's plug-ins, or PortAudio in its place.

On Linux the carried modules need libraries of the system's, which a machine without a desktop has not. Csound then
takes its dummy module without an error, and plays into nothing.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from importlib.util import find_spec
from typing import Final

from csoundd.engine.csound.backend import BackendOptions, NativeLibrary
from csoundd.engine.csound.native.plugins import user_folders
from csoundd.engine.csound.portaudio import check_sound_card
from csoundd.errors import EngineUnavailable

NAMED: Final = re.compile(r"-\+rtaudio=(\S+)|--rtaudio=(\S+)")
OUTPUT: Final = re.compile(r"(?:^|\s)(?:-o|--output=)")
DEFAULT: Final = "alsa"
"""Csound 7's own choice on Linux."""

FILES: Final = {"alsa": "librtalsa.so", "jack": "librtjack.so", "pulse": "librtpulse.so"} | dict.fromkeys(
    ("pa_cb", "pa_bl", "portaudio"), "librtpa.so"
)
PACKAGES: Final = {"alsa": "libasound2", "jack": "libjack-jackd2-0", "pulse": "libpulse0"}
"""Debian's names of what the modules need."""


def opens_card(options: BackendOptions) -> bool:
    """Whether a module of the library's plug-ins opens the sound card; if not, PortAudio does.

    Raises EngineUnavailable where neither can, with what is to be installed.
    """
    library = options.library
    if library is None or sys.platform != "linux" or library.origin != "cycsound":
        return True
    given = NAMED.search(" ".join(options.options))
    name = (given[1] or given[2]).lower() if given else DEFAULT
    problem = _problem(library, name)
    if problem is None:
        return True
    if given is None and find_spec("sounddevice") is not None:
        check_sound_card()
        return False
    hints = [f"install {PACKAGES[name]} (Debian: apt-get install {PACKAGES[name]})"] if name in PACKAGES else []
    hints += ["run pip install 'csoundd[audio]'"] if given is None else ["leave the choice of the module to csoundd"]
    raise EngineUnavailable(
        f"the sound card cannot be opened: {problem}", hint="; or ".join([*hints, "use --drive clock"])
    )


def _problem(library: NativeLibrary, name: str) -> str | None:
    """Why there is no audio module ``name``, None where there is."""
    if name not in FILES:
        # "null" and modules of the user's, by whatever name.
        return None
    problem = f"this Csound has no audio module {name}"
    for folder in [*library.plugin_folders, *user_folders(library, os.environ)]:
        path = os.path.join(folder, FILES[name])  # noqa: PTH118 - a path as the loader is given it
        if os.path.exists(path):  # noqa: PTH110 - as above
            try:
                ctypes.CDLL(path)
            except OSError as error:
                problem = f"the audio module {name} cannot be loaded: {error}"
            else:
                return None
    return problem


def default_output(options: BackendOptions) -> list[str]:
    """The option that sends the output to the sound card, where none says where it is to go."""
    return [] if OUTPUT.search(" ".join(options.options)) else ["-odac"]
