"""The words that a utility of Csound's is given: whatever may be a path stays in the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from csoundd.engine.workspace import Workspace
from csoundd.errors import Forbidden, InvalidParams

LONGEST: Final = 4096
PATH_SIGNS: Final = ("/", "\\", "..", "~")


def check_arguments(workspace: Workspace, words: Sequence[str]) -> None:
    """Raise Forbidden where one of ``words`` leads out of the workspace.

    Utilities read options in many ways, so a path within an option is refused wherever it leads.
    """
    for word in words:
        if len(word) > LONGEST or "\0" in word:
            raise InvalidParams(f"an argument has at most {LONGEST} characters, and no zeros")
        if word.startswith("|"):
            raise Forbidden("a utility runs no other program")
        if not word.startswith("-"):
            workspace.resolve(word)
        elif any(sign in word for sign in PATH_SIGNS):
            raise Forbidden(f"{word!r} has a path in an option", hint="give the path as an argument of its own")
