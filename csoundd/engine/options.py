"""The options of an engine as the front sends them to a host, on both sides of the link."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from csoundd.engine.csound.library import NativeLibrary
from csoundd.engine.workspace import Variables, Workspace, merged, resolved
from csoundd.limits import SANDBOX_MEMORY_BYTES, SANDBOX_WRITTEN_BYTES, SESSION_HANDLES, TABLES
from csoundd.messages import Drive, Frames

Confine = Literal["auto", "off", "strict"]
EngineName = str
"""What ``--engine`` takes: the name of an engine, or ``auto``."""


@dataclass(frozen=True, slots=True)
class HostOptions:
    """Everything a host is told when an engine begins."""

    engine: EngineName = "auto"
    drive: Drive = "clock"
    workspace: str = "."
    block: Frames = Frames(128)
    realtime: bool = True
    options: tuple[str, ...] = ()
    opcode_dir: str = ""
    epoch: int = 1
    environment: Variables = ()
    """Csound's variables as they were set over the API."""

    folder: str = ""
    """Where the host runs, if not in the workspace: then Csound searches the workspace for what it reads."""

    samples: tuple[str, ...] = ()
    """Folders outside the workspace that Csound searches for sounds; an engine in a sandbox may only read there."""

    max_memory: int = SANDBOX_MEMORY_BYTES
    """What an engine in a sandbox may take, in bytes."""

    max_written: int = SANDBOX_WRITTEN_BYTES
    """What an engine in a sandbox may write to files in its life, in bytes."""

    max_handles: int = SESSION_HANDLES
    """Handles that one session may hold."""

    max_tables: int = TABLES
    """Tables that events may make."""

    played_bytes: int = 0
    """What the log of what was played may take, 0 for none."""

    confine: Confine = "off"
    """Whether a host is confined to the files it needs: where that can be had, never, or else it does not run."""

    place: str = ""
    """Where the engine that ``engine`` means is declared, ``package.module:NAME``, as the front has found out."""

    library: NativeLibrary | None = None
    """The library that it means; None for an engine that loads none."""

    def with_variable(self, name: str, value: str | None) -> HostOptions:
        """The same, with one of Csound's variables set, or with None removed. Raises Forbidden for what may not be."""
        given = resolved(Workspace(self.workspace), name, value)
        return replace(self, environment=merged(self.environment, name, given))

    def to_json(self) -> str:
        """A JSON text, as a host gets it on its command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The options of a JSON text that :meth:`to_json` made."""
        values: dict[str, Any] = json.loads(text)
        lists: dict[str, Any] = {
            name: tuple(map(_frozen, value)) for name, value in values.items() if isinstance(value, list)
        }
        library = values["library"]
        if library is not None:
            lists["library"] = NativeLibrary(**library | {"plugin_folders": tuple(library["plugin_folders"])})
        return cls(**values | lists)


def _frozen(item: object) -> object:
    return tuple(item) if isinstance(item, list) else item
