"""The state of a daemon on disk: where it is kept, whose it is, and what becomes of it at the end."""

from __future__ import annotations

import logging
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from platformdirs import user_state_path

from csoundd.config import BadConfig, Config
from csoundd.engine.client.journal.rows import Rows, by_kind
from csoundd.engine.client.journal.store import Rows as Kept
from csoundd.engine.client.journal.store import StateInUse, Store

log = logging.getLogger("csoundd.state")

_DIGITS: Final = 16


def usual_place(workspace: Path) -> Path:
    """Where the state of a daemon is kept that was given no folder for it: one for each workspace."""
    digest = sha256(str(workspace.resolve()).encode()).hexdigest()[:_DIGITS]
    return user_state_path("csoundd") / "performances" / digest


class KeptState:
    """What one daemon keeps of its performance, from ``with`` to its end.

    In a folder of the user's choice (``--state``) it stays however the daemon ends. In the usual place it is for a
    daemon that is cut off: who ends one in good order is done with what it played.
    """

    def __init__(self, config: Config, piece: Path | None) -> None:
        self._chosen = config.state is not None
        self._store = _store(config)
        self._piece = None if piece is None else _identity(piece)
        self._is_over = False
        self.kept: Kept = {}
        """What another daemon has left, as far as this one takes it up."""

        self.rows = Rows()

    def __enter__(self) -> Self:
        store = self._store
        if store is None:
            return self
        try:
            kept = store.open()
        except (StateInUse, OSError) as problem:
            reason = problem.message if isinstance(problem, StateInUse) else f"{store.folder}: {problem.strerror}"
            if self._chosen:
                hint = problem.hint if isinstance(problem, StateInUse) else None
                raise BadConfig(f"state: {reason}", hint=hint) from None
            log.warning("nothing is kept of this performance: %s", reason)
            self._store = None
            return self
        self.rows = Rows(store)
        self.rows.register("piece", lambda _: self._piece)
        self.kept = self._taken_up(kept)
        self.rows.mark("piece", "")
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._store is None:
            return
        if self._is_over and not self._chosen:
            self._store.empty()
        self._store.close()

    def over(self) -> None:
        """The daemon is ended in good order."""
        self._is_over = True

    def _taken_up(self, kept: Kept) -> Kept:
        """What is to be taken up of what another daemon has ``kept``: nothing where another piece was named since."""
        before = by_kind(kept, "piece").get("")
        if not any(kind != "piece" for kind, _ in kept):
            return {}
        assert self._store is not None
        if by_kind(kept, "engine").get("state") == "failed":
            log.warning("the performance in %s is not taken up: it crashed again and again", self._store.folder)
            return {}
        if self._piece is not None and before != self._piece:
            log.warning(
                "the performance in %s is over, as it was of %s: the piece that was named plays",
                self._store.folder,
                "another piece or an earlier version of it" if before else "no piece that was named",
            )
            return {}
        self._piece = self._piece or before
        log.info("the performance in %s goes on where it was left; --no-state begins anew", self._store.folder)
        return kept


def _store(config: Config) -> Store | None:
    """Where the state is kept, None where none is to be, or where the workspace would be the place."""
    if config.no_state:
        return None
    folder = config.state or usual_place(config.workspace)
    if folder.resolve().is_relative_to(config.workspace.resolve()):
        level = logging.WARNING if config.state is not None else logging.INFO
        log.log(
            level, "nothing is kept of this performance: %s is in the workspace, where code could change it", folder
        )
        return None
    return Store(folder)


def _identity(piece: Path) -> list[str] | None:
    """What tells a piece from another one, and from another version of it."""
    try:
        return [str(piece.resolve()), sha256(piece.read_bytes()).hexdigest()]
    except OSError:
        return None
