"""The thread of the store: what waits for the disk waits there, and together."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar, cast

from csoundd.errors import CsounddError, InternalError, LimitExceeded
from csoundd.limits import RENDER_STORE_BATCH
from csoundd.render.jobs.store import Store

T = TypeVar("T")
Step = Callable[[Store], Any]
_Waiting = tuple[Step, "asyncio.Future[Any]"]


class StoreThread:
    """Has the store do one thing after another. What comes while it waits for the disk shares the next wait."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._steps: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="render-store", daemon=True)
        self._thread.start()

    async def do(self, step: Callable[[Store], T]) -> T:
        """The result of ``step``, once what it changes is on the disk, whoever still waits for it.

        Raises what it raises, LimitExceeded where the disk is full, and InternalError for a store that is damaged.
        """
        done: asyncio.Future[Any] = self._loop.create_future()
        self._steps.put((step, done))
        return cast("T", await done)

    async def close(self) -> None:
        """Close the store, when it has done what waits."""
        self._steps.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        over = False
        while not over:
            batch = [self._steps.get()]
            while len(batch) < RENDER_STORE_BATCH and batch[-1] is not None:
                try:
                    batch.append(self._steps.get_nowait())
                except Empty:
                    break
            over = batch[-1] is None
            steps = [each for each in batch if each is not None]
            if steps:
                answers = self._done(steps)
                self._loop.call_soon_threadsafe(_answer, steps, answers)
        self._store.close()

    def _done(self, steps: list[_Waiting]) -> list[tuple[Any, BaseException | None]]:
        """The results of ``steps``, or what each raised."""
        store, answers = self._store, list[tuple[Any, BaseException | None]]()
        try:
            store.begin()
            for step, _ in steps:
                store.mark()
                try:
                    answers.append((step(store), None))
                    store.keep()
                except CsounddError as error:
                    store.undo()
                    answers.append((None, error))
            store.commit()
        except Exception as failure:  # noqa: BLE001 - whoever asked is to be told of it, whatever it is
            store.rollback()
            return [(None, told_of(failure))] * len(steps)
        return answers


def _answer(steps: list[_Waiting], answers: list[tuple[Any, BaseException | None]]) -> None:
    for (_, done), (result, error) in zip(steps, answers, strict=True):
        if done.done():
            continue
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)


def told_of(failure: Exception) -> Exception:
    """``failure`` of the database in the words of the contract."""
    if isinstance(failure, sqlite3.OperationalError) and failure.sqlite_errorcode & 0xFF in {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
    }:
        return LimitExceeded("the disk of the jobs is full, or cannot be written to", name="system")
    if isinstance(failure, sqlite3.DatabaseError):
        return InternalError(
            f"the store of jobs is damaged: {failure}", hint="the next start of the daemon sets it aside"
        )
    return failure
