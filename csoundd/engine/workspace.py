"""The folder that everything a client names stays inside."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from csoundd.errors import Forbidden, LimitExceeded

LONGEST_NAME: Final = 255
LONGEST_PATH: Final = 1000
"""Bytes that a file's name, and a path in the workspace, may have: beyond them the system takes neither."""


class Workspace:
    """Resolves the paths that clients give."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()

    def resolve(self, path: str) -> Path:
        """The real path that ``path`` names in the workspace, whether it exists or not.

        Raises Forbidden for a path that leads out, by ``..``, by a link or by being absolute, and LimitExceeded for one
        that no file can have.
        """
        if len(path.encode()) > LONGEST_PATH or any(len(name.encode()) > LONGEST_NAME for name in path.split("/")):
            raise LimitExceeded(f"a path has at most {LONGEST_PATH} bytes, each name in it {LONGEST_NAME}")
        resolved = (self.folder / path).resolve()
        if not resolved.is_relative_to(self.folder):
            raise Forbidden(f"{path!r} is outside the workspace")
        return resolved

    def name(self, path: str) -> str | None:
        """How a client names the file at ``path``, None where that is outside."""
        resolved = (self.folder / path).resolve()
        return resolved.relative_to(self.folder).as_posix() if resolved.is_relative_to(self.folder) else None
