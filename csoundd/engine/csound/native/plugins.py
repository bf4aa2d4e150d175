"""Where a native Csound finds its plug-ins, and which of the user's it cannot load."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from csoundd.engine.csound.backend import NativeLibrary

SEPARATORS: Final = re.compile(f"[;{re.escape(os.pathsep)}]")
ENDINGS: Final = {"darwin": ".dylib", "win32": ".dll"}


def plugin_variables(library: NativeLibrary, given: Mapping[str, str], opcode_dir: str) -> dict[str, str]:
    """The environment variables by which Csound finds its plug-ins, for a process with the variables ``given``.

    The carried library's own plug-ins and the user's are searched for both, where Csound by itself would only have
    looked into the last folder named: ``opcode_dir`` and OPCODE7DIR64 come on top. Csound adds its default folder for
    the user's plug-ins, or those in CS_USER_PLUGINDIR, by itself.
    """
    name = f"OPCODE{library.major}DIR64"
    own = library.plugin_folders if library.origin == "cycsound" else ()
    folders = [*own, *split(given.get(name, ""))]
    variables = {name: os.pathsep.join(dict.fromkeys(folders))} if folders else {}
    if opcode_dir:
        # A folder given to csoundCreate would be searched in place of all the others.
        users = [*_default_folders(library, given), opcode_dir]
        variables["CS_USER_PLUGINDIR"] = os.pathsep.join(dict.fromkeys(users))
    return variables


def user_folders(library: NativeLibrary, given: Mapping[str, str]) -> list[str]:
    """Where plug-ins of the user's are, beside those of the library."""
    return [*split(given.get(f"OPCODE{library.major}DIR64", "")), *_default_folders(library, given)]


def _default_folders(library: NativeLibrary, given: Mapping[str, str]) -> list[str]:
    """Where Csound by itself looks for the user's own plug-ins."""
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
