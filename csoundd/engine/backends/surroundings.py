"""What a backend is given beside its options: the workspace, the handles, and whom it tells of callbacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from csoundd.engine.handles import Handles
from csoundd.engine.workspace import Workspace

Tell = Callable[[str, object], None]
"""Takes a topic and its data: what a callback of the API delivered."""


def _nobody(_topic: str, _data: object) -> None:
    """Before the loop is there nobody listens."""


@dataclass(slots=True)
class Surroundings:
    """The same object for the backend and for the host's loop, which sets ``tell``."""

    workspace: Workspace
    handles: Handles
    tell: Tell = field(default=_nobody)
