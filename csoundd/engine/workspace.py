"""The folder that everything a client names stays inside."""

from __future__ import annotations

from pathlib import Path

from csoundd.errors import Forbidden, LimitExceeded
from csoundd.limits import FILE_NAME_BYTES, PATH_BYTES


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
            raise LimitExceeded(f"a path has at most {PATH_BYTES} bytes, each name in it {FILE_NAME_BYTES}")
        resolved = (self.folder / path).resolve()
        if not resolved.is_relative_to(self.folder):
            raise Forbidden(f"{path!r} is outside the workspace")
        return resolved

    def name(self, path: str) -> str | None:
        """How a client names the file at ``path``, None where that is outside."""
        resolved = (self.folder / path).resolve()
        return resolved.relative_to(self.folder).as_posix() if resolved.is_relative_to(self.folder) else None
