"""Csound's environment variables: which there are, and what they may say."""

from __future__ import annotations

import re
from typing import Final

from csoundd.engine.workspace import Workspace
from csoundd.errors import Forbidden, InvalidParams

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

    Raises Forbidden for a variable that is none of Csound's and for a folder outside the workspace.
    """
    check_name(name)
    if value is None:
        return None
    if not value.isprintable():
        raise InvalidParams("the value of a variable should be printable text")
    if name not in FOLDERS:
        return value
    return ";".join(str(workspace.resolve(folder)) for folder in SEPARATOR.split(value))


def shown(workspace: Workspace, name: str, value: str | None) -> str | None:
    """The value as :func:`resolved` was given it: folders of the workspace by their names in it."""
    if value is None or name not in FOLDERS:
        return value
    return ";".join(workspace.name(folder) or folder for folder in SEPARATOR.split(value))


def merged(variables: Variables, name: str, value: str | None) -> Variables:
    """``variables`` with one of them changed."""
    return (*(pair for pair in variables if pair[0] != name), (name, value))
