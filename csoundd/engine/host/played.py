"""The log of what was played: all that changes the sound, each at its cycle, from the last reset on.

An engine that is made with the same options and is given the same calls between the same cycles puts out the same
samples. So this is enough to play a session again, offline (``render/bouncing.py``), through the same implementation of
each call. A set of a channel costs half a microsecond and 45 bytes, a note 2 microseconds and 70 bytes. There is a
bound: what comes after that is played and not kept.

An entry is ``[cycle, method, args]``. Beside calls there are entries of what is between them: START, OVER, HEARD,
HELD, READ.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from csoundd.api import METHODS
from csoundd.codec.msgpack import Packer, unpack
from csoundd.engine.csound.backend import Backend, BackendContext
from csoundd.engine.csound.channels import named
from csoundd.engine.host.performer import Performer
from csoundd.engine.link.protocol import BESIDE
from csoundd.engine.options import HostOptions
from csoundd.errors import CsounddError, EngineError, WrongState
from csoundd.limits import PLAYED_PACKED
from csoundd.messages import Handle
from csoundd.syntax import UNDECODED

START: Final = "host.start"
"""Csound was started by whatever method does so."""

OVER: Final = "host.over"
"""The next cycle ended the performance, and was not performed."""

HEARD: Final = "host.heard"
"""The input of the next cycle, from a sound card: float32 ``[ksmps, nchnls_i]``, full scale being 1."""

HELD: Final = "host.held"
"""What clients had pushed before Csound was reset, and what waits still: the reset takes none of it away."""

READ: Final = "host.read"
"""Csound has opened a file to read it: the path, the bytes in it, and when it was written, in nanoseconds."""

PUSH: Final = "host.push"
CONTROL: Final = "csound.setControlChannel"
CSD: Final = "csound.compileCsd"
CSD_TEXT: Final = "csound.compileCsdText"

HEARD_ALONE: Final = frozenset(
    {
        "csound.keyPress",
        "csound.killInstance",
        "csound.rewindScore",
        "csound.setGlobalEnv",
        "csound.setScoreOffsetSeconds",
        "csound.setScorePending",
        "engine.panic",
        "host.forget",
        PUSH,
        "host.restore",
        "thread.setScoreOffsetSeconds",
        BESIDE,
    }
)
"""The calls that change what is heard and leave the journal of the front nothing to keep."""

PLAYED: Final = HEARD_ALONE | {
    method.name
    for method in METHODS.values()
    if method.spec.served == "engine" and method.spec.journal not in {"no", "value"}
}
"""The calls that change what is heard."""

OLD_VALUES: Final = "values for invalue that grow too old by the clock"
"""What of the input goes by the clock, and is told."""

_LENGTH: Final = struct.Struct("<I")

Stamp = tuple[int, int]

Entry = tuple[int, str, list[object]]


def stamp_of(path: str) -> Stamp | None:
    """The bytes in a file and when it was written, in nanoseconds; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path of each would be made for this alone
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns


class PlayedLog:
    """The log of one engine, which may take ``most_bytes``; 0 keeps none."""

    def __init__(self, performer: Performer, context: BackendContext, options: HostOptions) -> None:
        self._performer, self._handles, self._workspace = performer, context.handles, context.workspace
        self._inputs = context.inputs
        self._read: dict[str, Stamp] = {}
        context.on_read.append(self._opened)
        self._options, self._most_bytes = options, options.played_bytes
        self._pack: Callable[[object], bytes] = Packer(UNDECODED).pack
        self._waiting: list[Entry] = []
        self._packed = bytearray()
        self.whole_until: int | None = None
        """The cycle from which on nothing was kept, None where all was."""
        self.inexact: dict[str, None] = {}
        """What was heard that the log does not have, in words."""
        self.is_kept = self._most_bytes > 0

    def forget(self) -> None:
        """Csound was reset: another session begins."""
        self._waiting.clear()
        self._packed = bytearray()
        self.whole_until = None
        self.inexact.clear()
        self._read.clear()
        self.is_kept = self._most_bytes > 0
        held = self._inputs.held()
        if self.is_kept and any(held):
            self._waiting.append((self._performer.cycle, HELD, held))
            self._pack_waiting()
            if self._inputs.invalues.grow_old:
                self.inexact[OLD_VALUES] = None

    def add(self, method: str, args: list[object], session: str | None = None) -> None:
        """Keep a call, one of PLAYED, that has just been made."""
        if args and type(args[0]) is Handle:
            args = [self._name(args[0], session), *args[1:]]
        if method == CSD:
            self._add_file(*args)
            return
        waiting = self._waiting
        waiting.append((self._performer.cycle, method, args))
        if method != CONTROL or len(waiting) >= PLAYED_PACKED:
            # What is large is let go of at once.
            self._pack_waiting()
            if method == PUSH:
                self._look(args)

    def _name(self, handle: Handle, session: str | None) -> object:
        try:
            return named(handle, self._handles, session)
        except CsounddError:
            return handle

    def _add_file(self, path: object, *block: object) -> None:
        """Keep the text of a CSD rather than its path: the file may be another one when it is played again."""
        cycle = self._performer.cycle
        try:
            found = self._workspace.resolve(str(path))
            text = found.read_bytes().decode(errors=UNDECODED)
        except (OSError, CsounddError):
            return
        self._waiting = [each for each in self._waiting if each[1] != READ or each[2][0] != str(found)]
        self._waiting += [(cycle, BESIDE, [path]), (cycle, CSD_TEXT, [text, *block])]
        self._pack_waiting()

    def _opened(self, path: str) -> None:
        """Csound opens a file: whether it is the same one later is seen by its size and its time."""
        if not self.is_kept or path == os.devnull:
            return
        name = str((self._workspace.folder / path).resolve())
        stamp = stamp_of(name)
        if stamp is not None and self._read.get(name) != stamp:
            self._read[name] = stamp
            self._waiting.append((self._performer.cycle, READ, [name, *stamp]))

    def _look(self, args: list[object]) -> None:
        match args:
            case ["invalue", [_, _, float() | int()]]:
                self.inexact[OLD_VALUES] = None

    def refused(self, method: str, args: list[object], error: CsounddError, session: str | None = None) -> None:
        """Keep a call that failed, if it may have changed something: what Csound never saw has not."""
        if type(error) is EngineError:
            self.add(method, args, session)

    def started(self) -> None:
        """Csound was started."""
        if self.is_kept:
            self._waiting.append((self._performer.cycle, START, []))

    def over(self) -> None:
        """The performance has come to its end."""
        if self.is_kept:
            self._waiting.append((self._performer.cycle, OVER, []))

    def heard(self, block: npt.NDArray[np.float32]) -> None:
        """A sound card has given this for the next cycle."""
        if self.is_kept:
            self._waiting.append((self._performer.cycle, HEARD, [block]))
            self._pack_waiting()

    def _pack_waiting(self) -> None:
        """Pack what waits, many at a time: that takes a third of the time that it takes one by one."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        packed = self._pack(waiting)
        if len(self._packed) + _LENGTH.size + len(packed) > self._most_bytes:
            self.is_kept = False
            self.whole_until = waiting[0][0]
        else:
            self._packed += _LENGTH.pack(len(packed))
            self._packed += packed

    def told(self) -> dict[str, object]:
        """What there is: the engine's options, the bytes of the log, the cycles and the samples performed."""
        performer = self._performer
        if not self._most_bytes:
            raise WrongState("what is played is not kept here", hint="limits.played_log says how many bytes may be")
        self._pack_waiting()
        whole = performer.cycle if self.whole_until is None else self.whole_until
        backend: Backend = performer.backend
        is_started = backend.started
        return {
            "options": self._options.to_json(),
            "epoch": performer.epoch,
            "bytes": len(self._packed),
            "cycle": performer.cycle,
            "whole": whole,
            "ksmps": backend.ksmps if is_started else 0,
            "sr": backend.sr if is_started else 0.0,
            "inexact": list(self.inexact),
        }

    def part(self, epoch: int, start: int, count: int) -> bytes:
        """So many bytes of the log. Raises WrongState where Csound was reset since :meth:`told`."""
        if epoch != self._performer.epoch:
            raise WrongState("the engine was reset meanwhile", hint="there is nothing to bounce of what was before")
        return bytes(self._packed[start : start + count])


def entries_of(packed: bytes) -> Iterator[Entry]:
    """The entries of a log, in their order."""
    start = 0
    while start < len(packed):
        (length,) = _LENGTH.unpack_from(packed, start)
        start += _LENGTH.size
        yield from unpack(packed[start : start + length], undecoded=UNDECODED)
        start += length
