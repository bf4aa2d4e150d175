"""The plug-ins of a native Csound: where it finds them, which it cannot load, and which of them opens the sound card.

On Linux the carried audio modules need libraries of the system's, which a machine without a desktop has not. Csound
then takes its dummy module without an error, and plays into nothing. So a module is tried first, and PortAudio takes
its place where it does not load.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from csoundd.engine.csound.library import NativeLibrary
from csoundd.errors import EngineUnavailable
from csoundd.syntax.options import words_of
from csoundd.syntax.settings import Setting, settings

if TYPE_CHECKING:
    from csoundd.engine.csound.backend import BackendOptions

SEPARATORS: Final = re.compile(f"[;{re.escape(os.pathsep)}]")
ENDINGS: Final = {"darwin": ".dylib", "win32": ".dll"}


def plugin_variables(library: NativeLibrary, given: Mapping[str, str], opcode_dir: str) -> dict[str, str]:
    """The environment variables by which Csound finds its plug-ins, for a process with the variables ``given``.

    The carried library's own plug-ins and the user's are searched for both, where Csound by itself would only have
    looked into the last folder named: ``opcode_dir`` and OPCODE7DIR64 come on top. Csound adds its default folder for
    the user's plug-ins, or those in CS_USER_PLUGINDIR, by itself.
    """
    name = library.plugin_variable
    own = library.plugin_folders if library.origin == "cycsound" else ()
    folders = [*own, *split(given.get(name, ""))]
    variables = {name: os.pathsep.join(dict.fromkeys(folders))} if folders else {}
    if opcode_dir:
        # A folder given to csoundCreate would be searched in place of all the others.
        users = [*_default_folders(library, given), opcode_dir]
        variables["CS_USER_PLUGINDIR"] = os.pathsep.join(dict.fromkeys(users))
    return variables


def user_folders(library: NativeLibrary, given: Mapping[str, str]) -> list[str]:
    """The folders of the user's own plug-ins, beside those of the library."""
    return [*split(given.get(library.plugin_variable, "")), *_default_folders(library, given)]


def _default_folders(library: NativeLibrary, given: Mapping[str, str]) -> list[str]:
    """The folders in which Csound by itself looks for the user's own plug-ins."""
    if "CS_USER_PLUGINDIR" in given:
        return split(given["CS_USER_PLUGINDIR"])
    folder = f"csound/{library.major}.0/plugins64"
    if sys.platform == "darwin":
        place = Path.home() / "Library" / folder
    elif sys.platform == "win32":
        place = Path(given.get("LOCALAPPDATA", "")) / folder
    else:
        place = Path.home() / ".local/lib" / folder
    return [str(place)] if place.is_dir() else []


def split(folders: str) -> list[str]:
    """The folders in a variable: clients separate them by semicolons, Csound by what the system uses."""
    return [folder for folder in SEPARATORS.split(folders) if folder]


def unloadable(library: NativeLibrary, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The user's plug-ins that the system cannot load into this process, each with the reason.

    Csound 7.0.0 passes over them without a word. A plug-in that loads stays loaded, as it will be needed in a moment.
    """
    ending = ENDINGS.get(sys.platform, ".so")
    for folder in user_folders(library, given):
        if folder in library.plugin_folders or not Path(folder).is_dir():
            continue
        for path in sorted(Path(folder).glob(f"*{ending}")):
            try:
                ctypes.CDLL(str(path))
            except OSError as error:
                yield path.name, str(error).removeprefix(f"{path}: ")


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
    from csoundd.engine.csound.portaudio import CLOCK, check_sound_card  # noqa: PLC0415 - only a sound card needs it

    library = options.library
    if library is None or sys.platform != "linux" or library.origin != "cycsound":
        return True
    given = next((setting.value for setting in reversed(_settings(options)) if setting.name == "+rtaudio"), None)
    name = given.lower() if given else DEFAULT
    problem = _problem(library, name)
    if problem is None:
        return True
    if given is None and find_spec("sounddevice") is not None:
        check_sound_card()
        return False
    hints = [f"install {PACKAGES[name]} (Debian: apt-get install {PACKAGES[name]})"] if name in PACKAGES else []
    hints += ["run pip install 'csoundd[audio]'"] if given is None else ["leave the choice of the module to csoundd"]
    raise EngineUnavailable(f"the sound card cannot be opened: {problem}", hint="; or ".join([*hints, CLOCK]))


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
    return [] if any(setting.name == "output" for setting in _settings(options)) else ["-odac"]


def _settings(options: BackendOptions) -> list[Setting]:
    return [setting for option in options.options for setting in settings(words_of(option))]
