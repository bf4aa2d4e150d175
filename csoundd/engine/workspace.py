"""The folder that everything a client names stays inside, and the variables by which Csound is told of its folders."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from csoundd.errors import Forbidden, InvalidParams, LimitExceeded
from csoundd.limits import FILE_NAME_BYTES, PATH_BYTES, VARIABLE_BYTES
from csoundd.syntax import UNDECODED


class Workspace:
    """Resolves the paths that clients give."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()

    def resolve(self, path: str) -> Path:
        """The real path that ``path`` names in the workspace, whether it exists or not.

        Raises Forbidden for a path that leads out, by ``..``, by a link or by being absolute, and LimitExceeded for one
        that no file can have.
        """
        if len(path.encode()) > PATH_BYTES or any(len(name.encode()) > FILE_NAME_BYTES for name in path.split("/")):
            raise LimitExceeded(
                f"a path has at most {PATH_BYTES} bytes, each name in it {FILE_NAME_BYTES}", name="path"
            )
        resolved = (self.folder / path).resolve()
        if not resolved.is_relative_to(self.folder):
            raise Forbidden(f"{path!r} is outside the workspace")
        return resolved

    def name(self, path: str) -> str | None:
        """How a client names the file at ``path``, None where that is outside."""
        resolved = (self.folder / path).resolve()
        return resolved.relative_to(self.folder).as_posix() if resolved.is_relative_to(self.folder) else None


FOLDERS: Final = frozenset({"SSDIR", "SFDIR", "SADIR", "INCDIR", "MFDIR", "OPCODE6DIR64", "OPCODE7DIR64", "CSSTRNGS"})
"""Those that name folders, several with semicolons between them."""

VARIABLES: Final = FOLDERS | {"SFOUTYP", "CSNOSTOP"}
SEPARATOR: Final = re.compile("[;:]")
Variables = tuple[tuple[str, str | None], ...]


def check_name(name: str) -> None:
    """Raise Forbidden for a variable that is none of Csound's."""
    if name not in VARIABLES:
        raise Forbidden(f"{name!r} is not one of Csound's environment variables", hint=", ".join(sorted(VARIABLES)))


def resolved(workspace: Workspace, name: str, value: str | None) -> str | None:
    """``value`` as a process is to be given it, its folders being real ones of the workspace.

    Raises Forbidden for a variable that is none of Csound's and for a folder outside the workspace, and LimitExceeded
    for a value with which no process could be started.
    """
    check_name(name)
    if value is None:
        return None
    if len(value.encode(errors=UNDECODED)) > VARIABLE_BYTES:
        raise LimitExceeded(f"a variable has at most {VARIABLE_BYTES} bytes", name="variable", limit=VARIABLE_BYTES)
    if not value.isprintable():
        raise InvalidParams("the value of a variable should be printable text")
    if name not in FOLDERS:
        return value
    folders = ";".join(str(workspace.resolve(folder)) for folder in SEPARATOR.split(value))
    if len(os.fsencode(folders)) > VARIABLE_BYTES:
        raise LimitExceeded(
            f"the folders of {name} have at most {VARIABLE_BYTES} bytes", name="variable", limit=VARIABLE_BYTES
        )
    return folders


def shown(workspace: Workspace, name: str, value: str | None) -> str | None:
    """The value as :func:`resolved` was given it: folders of the workspace by their names in it."""
    if value is None or name not in FOLDERS:
        return value
    return ";".join(workspace.name(folder) or folder for folder in SEPARATOR.split(value))


def merged(variables: Variables, name: str, value: str | None) -> Variables:
    """``variables`` with one of them changed."""
    return (*(pair for pair in variables if pair[0] != name), (name, value))
