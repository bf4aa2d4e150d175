"""Queues of what clients push and the engine reads: values, keys, MIDI bytes. One thread fills and reads them.

The callbacks of a backend answer from here and never wait. All of it outlives a reset of Csound, as those who push
do not notice one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final, cast

from csoundd.limits import WAITING_KEYS, WAITING_MIDI_BYTES
from csoundd.messages import Seconds

UP: Final = 0x10000
"""What Csound adds to the code of a key that goes up."""

Value = float | str
Tell = Callable[[str, object], None]


@dataclass(slots=True)
class Pushed:
    """A value, when it came, and what takes its place once it is older than it may be."""

    value: Value
    since: float
    default: Value | None
    max_age: Seconds | None
    stale: bool = False

    @property
    def is_old(self) -> bool:
        """Whether it is older than it may be."""
        return self.max_age is not None and monotonic() - self.since > self.max_age


class Invalues:
    """The answers to ``invalue``. Each name that is asked for is told once, and each value that has grown too old."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._values: dict[str, Pushed] = {}
        self._asked: dict[str, str] = {}

    def push(self, values: dict[str, Value], default: Value | None, max_age: Seconds | None) -> int:
        """Answer ``values`` from now on, and ``default`` once they are older than ``max_age``."""
        now = monotonic()
        for name, value in values.items():
            self._values[name] = Pushed(value, now, default, max_age)
        return len(values)

    def clear(self) -> None:
        """Answer nothing any more; names that are asked for again are told again."""
        self._values.clear()
        self._asked.clear()

    def held(self) -> dict[str, Value | None]:
        """What is answered now, by name."""
        return {name: pushed.default if pushed.is_old else pushed.value for name, pushed in self._values.items()}

    @property
    def grow_old(self) -> bool:
        """Whether some of them will be too old by the clock."""
        return any(pushed.max_age is not None for pushed in self._values.values())

    def number(self, name: str) -> float:
        """The number for ``name``, 0 where there is none."""
        value = self._value(name, "k")
        return float(value) if isinstance(value, int | float) else 0.0

    def text(self, name: str) -> str:
        """The text for ``name``, empty where there is none."""
        value = self._value(name, "S")
        return value if isinstance(value, str) else ""

    def _value(self, name: str, kind: str) -> Value | None:
        if self._asked.get(name) != kind:
            self._asked[name] = kind
            self._tell_of(name, kind, stale=False)
        pushed = self._values.get(name)
        if pushed is None:
            return None
        if not pushed.is_old:
            return pushed.value
        if not pushed.stale:
            pushed.stale = True
            self._tell_of(name, kind, stale=True)
        return pushed.default

    def _tell_of(self, name: str, kind: str, *, stale: bool) -> None:
        self._tell("invalue", {"name": name, "kind": kind, "stale": stale})

    def tell_again(self) -> None:
        """Tell all the names that were asked for, to one who has not heard of them."""
        for name, kind in self._asked.items():
            self._tell_of(name, kind, stale=False)


class KeyQueue:
    """The keys that ``sensekey`` reads: as text, or with two outputs as keys going down and up."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._text: deque[int] = deque(maxlen=WAITING_KEYS)
        self._moves: deque[int] = deque(maxlen=WAITING_KEYS)

    def press(self, code: int) -> None:
        """Type a character: its key goes down and up again."""
        self._text.append(code)
        self._moves.extend((code, code | UP))
        self._tell_of(code, up=False)

    def move(self, code: int, *, up: bool) -> None:
        """Let a key go down, which types its character, or up."""
        self._moves.append(code | UP if up else code)
        if not up:
            self._text.append(code)
        self._tell_of(code, up=up)

    def clear(self) -> None:
        """Nobody has pressed anything."""
        self._text.clear()
        self._moves.clear()

    def _tell_of(self, code: int, *, up: bool) -> None:
        self._tell("keyboard", {"key": chr(code), "code": code, "up": up})

    def held(self) -> tuple[list[int], list[int]]:
        """The characters and the moves of keys that nobody has read yet."""
        return list(self._text), list(self._moves)

    def hold(self, text: list[int], moves: list[int]) -> None:
        """Let these be what nobody has read yet."""
        self.clear()
        self._text.extend(text)
        self._moves.extend(moves)

    def text(self) -> int:
        """The next character's code, 0 where there is none."""
        return self._text.popleft() if self._text else 0

    def moves(self) -> int:
        """The next key's code, with UP for one that goes up, 0 where there is none."""
        return self._moves.popleft() if self._moves else 0


Waiting = Callable[[int], None]
"""Told how many bytes wait."""


class MidiQueue:
    """The bytes that the orchestra has not received yet."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._watching: list[Waiting] = []

    def watch(self, waiting: Waiting) -> None:
        """Call ``waiting`` whenever bytes have come, and when none are left."""
        self._watching.append(waiting)

    def __len__(self) -> int:
        return len(self._bytes)

    def push(self, message: bytes) -> int:
        """Let the orchestra receive ``message``, or nothing of it where too much waits; how many bytes are accepted."""
        if len(self._bytes) + len(message) > WAITING_MIDI_BYTES:
            return 0
        self._bytes += message
        for waiting in self._watching:
            waiting(len(self._bytes))
        return len(message)

    def held(self) -> bytes:
        """The bytes that wait."""
        return bytes(self._bytes)

    def read(self, count: int) -> bytes:
        """The next bytes, ``count`` at most."""
        taken = bytes(self._bytes[:count])
        del self._bytes[: len(taken)]
        if not self._bytes:
            for waiting in self._watching:
                waiting(0)
        return taken


class InputQueues:
    """The queues that the command ``host.push`` fills."""

    def __init__(self, tell: Tell) -> None:
        self.invalues = Invalues(tell)
        self.keys = KeyQueue(tell)
        self.midi = MidiQueue()

    def clear(self) -> None:
        """Nothing has been pushed yet."""
        self.invalues.clear()
        self.keys.clear()
        self.midi.read(len(self.midi))

    def held(self) -> list[object]:
        """All that is in them, as :meth:`hold` takes it."""
        return [self.invalues.held(), *self.keys.held(), self.midi.held()]

    def hold(self, invalues: dict[str, Value | None], text: list[int], moves: list[int], midi: bytes) -> None:
        """Let this be what is in them."""
        self.clear()
        self.invalues.push({name: value for name, value in invalues.items() if value is not None}, None, None)
        self.keys.hold(text, moves)
        self.midi.push(midi)

    def push_invalues(self, data: object) -> int:
        """Values as ``[values, default, maxAge]``."""
        values, default, max_age = cast("tuple[dict[str, Value], Value | None, Seconds | None]", data)
        return self.invalues.push(values, default, max_age)

    def push_keys(self, data: object) -> int:
        """KeyQueue as a list of ``[code, up]``, up being null for a character that is typed."""
        keys = cast("list[tuple[int, bool | None]]", data)
        for code, up in keys:
            if up is None:
                self.keys.press(code)
            else:
                self.keys.move(code, up=up)
        return len(keys)

    def push_midi(self, data: object) -> int:
        """MIDI bytes; how many were accepted."""
        return self.midi.push(cast("bytes", data))
