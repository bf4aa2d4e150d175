"""Stage 1, OSCQuery attributes: which there are, which are served, and what a query asks for."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from csoundd.errors import InvalidParams

HOST_INFO: Final = "HOST_INFO"
HTML: Final = "HTML"

ALWAYS: Final = ("FULL_PATH", "CONTENTS", "TYPE")
OPTIONAL: Final = (
    "ACCESS",
    "VALUE",
    "RANGE",
    "DESCRIPTION",
    "TAGS",
    "EXTENDED_TYPE",
    "UNIT",
    "CRITICAL",
    "CLIPMODE",
    "OVERLOADS",
)
SERVED: Final = frozenset((*ALWAYS, *OPTIONAL))

EXTENSIONS: Final[dict[str, bool]] = {
    **dict.fromkeys(OPTIONAL, True),
    HTML: True,
    "LISTEN": True,
    "PATH_CHANGED": True,
    "PATH_ADDED": True,
    "PATH_REMOVED": True,
    # Csound cannot rename a channel.
    "PATH_RENAMED": False,
}
"""What ``HOST_INFO`` says of each optional part of the protocol."""

_NO_ATTRIBUTES: Final = frozenset(EXTENSIONS) - SERVED - {HTML} | {"IGNORE"}
"""Names of the protocol that no node has."""


def asked_for(query: str) -> list[str]:
    """The attributes that a query string names, none where it is empty.

    One that the protocol knows and a node cannot have is left out of SERVED. Raises InvalidParams for anything else.
    """
    names = [unquote(name) for name in query.split("&")] if query else []
    for name in names:
        if name not in SERVED | _NO_ATTRIBUTES | {HOST_INFO, HTML}:
            raise InvalidParams(f"there is no attribute {name[:80]!r}")
    return names
