"""Channels of spectra and of arrays, the same on every engine: how they are made, what they say of themselves, data."""

from __future__ import annotations

import ctypes
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import takewhile
from math import prod
from typing import Any, ClassVar, Final

import numpy as np

from csoundd.api.array_channels import Arrays, Pvs
from csoundd.api.values import Array, ChannelRef, Handle
from csoundd.engine.csound.channels import ARRAY, PVS, Pointers, References
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.errors import InvalidParams, LimitExceeded
from csoundd.limits import ARRAY_ELEMENTS, SPECTRUM_SAMPLES
from csoundd.syntax.lexer import Kind, Token, significant

WINDOWS: Final = (
    "hamming",
    "hann",
    "kaiser",
    "custom",
    "blackman",
    "blackman-exact",
    "nuttallc3",
    "bharris3",
    "bharrismin",
    "rect",
)
FORMATS: Final = 4
Shape = tuple[int, int, int, int, int]
"""Size of the transform, overlap, size of the window, its number, format."""

READ_DEFAULT: Final = (1024, 256, 1024, 1, 0)
"""What ``pvsin`` expects where it says nothing else."""


class Members(ctypes.Structure):
    """The structure of a channel up to its frame."""

    _fields_: ClassVar[Sequence[tuple[str, Any]]] = (
        ("N", ctypes.c_int32),
        ("sliding", ctypes.c_int32),
        ("NB", ctypes.c_int32),
        ("overlap", ctypes.c_int32),
        ("winsize", ctypes.c_int32),
        ("wintype", ctypes.c_int32),
        ("format", ctypes.c_int32),
        ("framecount", ctypes.c_uint32),
    )


class SharedPvs(Pvs):
    """Spectra shared by name: an engine says how a channel is made, where its structure is, and moves frames."""

    def __init__(self, instance: CsoundInstance, pointers: Pointers, references: References) -> None:
        self._c, self._pointers, self._references = instance.c, pointers, references
        self._guessed: set[str] = set()
        """Channels that were made for code that names them: who makes them by a call says what they are like."""
        instance.on_reset.append(self._guessed.clear)

    def prepare(self, code: str) -> None:
        """Make the channels that ``code`` names to be read, as it expects them, before it is compiled.

        A ``pvsin`` of a channel that nobody made has a frame of no bins, over which ``pvsynth`` loops for ever
        (6.18.1 and 7.0.0; docs/upstream-faults.md#csound-pvsin-nobody).
        """
        for name, shape in channels_read(code).items():
            self._guess(name, shape)

    def _guess(self, name: str, shape: Shape) -> None:
        """Make a channel for code that names it, if it is not there."""
        if not self._pointers.kind(name) and self._make(name, shape):
            self._guessed.add(name)

    @abstractmethod
    def _make(self, name: str, shape: Shape) -> bool:
        """Make a channel that was not there, or is a spectral one: whether that went well."""

    @abstractmethod
    def _members(self, name: str) -> Any:
        """The structure of a channel that is there, which begins as :class:`Members`."""

    def initPvsChannel(
        self,
        name: str,
        fftsize: int,
        overlap: int,
        winsize: int,
        wintype: int | str,
        format: int = 0,
        *,
        session: str | None = None,
    ) -> Handle | None:
        shape = (fftsize, overlap, winsize, _window(wintype), format)
        if not all(0 < size <= SPECTRUM_SAMPLES for size in shape[:3]) or not 0 <= format < FORMATS:
            raise InvalidParams(
                f"sizes are between 1 and {SPECTRUM_SAMPLES}, formats between 0 and 3", largest=SPECTRUM_SAMPLES
            )
        if self._pointers.kind(name) not in {"", "pvs"} or not self._make(name, shape):
            return None
        return self._references.make(session, name, "pvs")

    def _members_of(self, session: str | None, pvsdat: ChannelRef) -> Any:
        return self._members(self._references.name(session, pvsdat, "pvs"))

    def pvsDataFftSize(self, pvsdat: ChannelRef, *, session: str | None = None) -> int:
        return int(self._members_of(session, pvsdat).N)

    def pvsDataOverlap(self, pvsdat: ChannelRef, *, session: str | None = None) -> int:
        return int(self._members_of(session, pvsdat).overlap)

    def pvsDataWindowSize(self, pvsdat: ChannelRef, *, session: str | None = None) -> int:
        return int(self._members_of(session, pvsdat).winsize)

    def pvsDataFormat(self, pvsdat: ChannelRef, *, session: str | None = None) -> int:
        return int(self._members_of(session, pvsdat).format)

    def pvsDataFramecount(self, pvsdat: ChannelRef, *, session: str | None = None) -> int:
        return int(self._members_of(session, pvsdat).framecount)


class Csound7Pvs(SharedPvs):
    """Spectra of a Csound 7, written and read where they lie: an engine says how a channel is made."""

    def _members(self, name: str) -> Any:
        return self._c.structure(self._c.layouts.spectrum, self._pointers.found(name, PVS))

    def _reshape(self, members: Any, shape: Shape) -> None:
        """Have a channel be of this shape; its memory is large enough."""
        members.N, members.overlap, members.winsize, members.wintype, members.format = shape
        members.sliding = members.NB = 0

    def pvsData(self, pvsdat: ChannelRef, *, session: str | None = None) -> Array:
        return self._frame(self._members_of(session, pvsdat)).copy()

    def setPvsData(self, pvsdat: ChannelRef, frame: Array, *, session: str | None = None) -> None:
        members = self._members_of(session, pvsdat)
        self._frame(members)[:] = fitting(frame, members)
        members.framecount += 1

    def _frame(self, members: Any) -> Array:
        """The frame where it lies."""
        size = max(0, members.N) + 2
        if not members.address or members.N < 1:
            return np.zeros(size, np.float32)
        return self._c.view(members.address, (size,), "<f4")


def fitting(frame: Array, members: Any) -> Array:
    """``frame`` as the channel takes it. Raises InvalidParams where it is of another size."""
    given, size = np.ascontiguousarray(frame, "<f4"), members.N + 2
    if members.N < 1 or given.shape != (size,):
        raise InvalidParams(f"a frame of this channel has {size} numbers", size=size)
    return given


def _window(wintype: int | str) -> int:
    number = WINDOWS.index(wintype) if wintype in WINDOWS else wintype
    if not isinstance(number, int) or not 0 <= number < len(WINDOWS):
        raise InvalidParams(f"there is no window {wintype!r}", hint=", ".join(WINDOWS))
    return number


def channels_read(code: str) -> dict[str, Shape]:
    """The spectral channels that ``code`` names for ``pvsin`` to read, each with the shape that it expects."""
    return {name: _shape(numbers) for name, numbers in _named(code, "pvsin", channel=0)}


def channels_written(code: str) -> list[str]:
    """The spectral channels that ``code`` names for ``pvsout`` to write."""
    return [name for name, _ in _named(code, "pvsout", channel=1)]


def _named(code: str, opcode: str, channel: int) -> Iterator[tuple[str, list[int]]]:
    """The names of channels that stand as such an argument of an opcode, and the whole numbers after them."""
    if opcode not in code:
        return
    words = list(significant(code))
    for index, word in enumerate(words):
        if word.kind is Kind.NAME and word.text == opcode:
            typed = [following.text for following in words[index + 1 : index + 3]] == [":", "f"]
            arguments = _arguments(words[index + (3 if typed else 1) :])
            if len(arguments) > channel and len(arguments[channel]) == 1:
                named = arguments[channel][0]
                if named.kind in {Kind.STRING, Kind.NUMBER}:
                    following = (argument[0].text for argument in arguments[channel + 1 :] if len(argument) == 1)
                    yield named.value, [int(text) for text in takewhile(str.isdecimal, following)]


def _arguments(words: list[Token]) -> list[list[Token]]:
    """The arguments at the beginning of ``words``, of an opcode or a function."""
    found: list[list[Token]] = [[]]
    depth = 0
    for word in words:
        if word.text == "(":
            depth += 1
            if depth == 1 and found == [[]]:
                continue
        elif word.text == ")":
            depth -= 1
            if depth <= 0:
                break
        elif word.kind is Kind.NEWLINE:
            break
        if word.text == "," and depth <= 1:
            found.append([])
        else:
            found[-1].append(word)
    return found


def _shape(numbers: list[int]) -> Shape:
    size, overlap, window, kind, form = (*numbers, *READ_DEFAULT[len(numbers) :])[:5]
    return size or READ_DEFAULT[0], overlap, window, kind, form


KINDS: Final = frozenset({"k", "a", "S"})
NUMBERS_OF_TEXT: Final = 16
"""As many numbers as take the memory of a short text."""


class ArrayMethods(Arrays):
    """Arrays shared by name.

    Of Csound's functions only those are used that read or make; data go where they lie, element by element, because the
    early ones of ``csoundSetArrayData`` copy too little of an array with several dimensions.
    """

    def __init__(self, instance: CsoundInstance, pointers: Pointers, references: References) -> None:
        self._instance, self._c = instance, instance.c
        self._pointers, self._references = pointers, references

    def initArrayChannel(
        self, name: str, dtype: str, size: int | list[int], *, session: str | None = None
    ) -> Handle | None:
        sizes = [size] if isinstance(size, int) else size
        if dtype not in KINDS:
            raise InvalidParams(f"an array cannot have elements of type {dtype!r}", hint="use k, a or S")
        if not sizes or min(sizes) < 1:
            raise InvalidParams("an array has at least one element in each dimension")
        most = ARRAY_ELEMENTS // {"k": 1, "a": max(1, self._instance.ksmps), "S": NUMBERS_OF_TEXT}[dtype]
        if prod(sizes) > most:
            raise LimitExceeded(f"an array of {dtype} has at most {most} elements", name="array", limit=most)
        if self._pointers.kind(name) not in {"", "array"}:
            return None
        lengths = np.array(sizes, np.int32)
        if not self._c.csoundInitArrayChannel(name, dtype, len(sizes), self._c.numbers(lengths)):
            return None
        return self._references.make(session, name, "array")

    def arrayData(self, adat: ChannelRef, *, session: str | None = None) -> Array | list[str]:
        array = self._found(session, adat)
        if self._kind(array) == "S":
            return [self._c.text(text.data) or "" for _, text in self._texts(array)]
        return np.array(self._numbers(array))

    def setArrayData(self, adat: ChannelRef, data: Array | list[str], *, session: str | None = None) -> None:
        array = self._found(session, adat)
        if self._kind(array) != "S":
            fill(self._numbers(array), data)
            return
        for (address, _), text in zip(self._texts(array), texts_of(data, prod(self._sizes(array))), strict=True):
            self._c.csoundSetStringData(address, text)

    def arrayDataType(self, adat: ChannelRef, *, session: str | None = None) -> str:
        return self._kind(self._found(session, adat))

    def arrayDataDimensions(self, adat: ChannelRef, *, session: str | None = None) -> int:
        return int(self._c.csoundArrayDataDimensions(self._found(session, adat)))

    def arrayDataSizes(self, adat: ChannelRef, *, session: str | None = None) -> tuple[int, ...]:
        return self._sizes(self._found(session, adat))

    def _found(self, session: str | None, adat: ChannelRef) -> int:
        """The address of the array that is meant."""
        return self._pointers.found(self._references.name(session, adat, "array"), ARRAY)

    def _kind(self, array: int) -> str:
        return self._c.text(self._c.csoundArrayDataType(array)) or ""

    def _sizes(self, array: int) -> tuple[int, ...]:
        dimensions = int(self._c.csoundArrayDataDimensions(array))
        lengths = self._c.view(self._c.csoundArrayDataSizes(array), (max(0, dimensions),), "<i4")
        return tuple(int(length) for length in lengths)

    def _numbers(self, array: int) -> Array:
        """The numbers where they lie."""
        sizes = self._sizes(array)
        if self._kind(array) == "a":
            if not self._instance.started:
                raise InvalidParams("an audio array can be read once the engine has started")
            sizes = (*sizes, self._instance.ksmps)
        # A channel that channelPtr made has no memory before somebody says how large it is.
        address = self._c.csoundGetArrayData(array)
        return self._c.view(address, sizes) if sizes and address else np.zeros(0)

    def _texts(self, array: int) -> list[tuple[int, Any]]:
        """The texts where they lie: the address and the structure of each."""
        kind, data = self._c.layouts.text, int(self._c.csoundGetArrayData(array) or 0)
        places = [data + index * ctypes.sizeof(kind) for index in range(prod(self._sizes(array)))] if data else []
        return [(place, self._c.structure(kind, place)) for place in places]


def fill(there: Array, data: object) -> None:
    """Put ``data`` into an array of numbers. Raises InvalidParams where it has another shape."""
    try:
        given = np.asarray(data, np.float64)
    except ValueError as fault:
        raise InvalidParams("every row of an array of numbers must be equally long") from fault
    if given.shape != there.shape:
        raise InvalidParams(f"this array takes numbers in the shape {list(there.shape)}", shape=list(there.shape))
    there[...] = given


def texts_of(data: object, count: int) -> list[str]:
    """``data`` as the texts of an array. Raises InvalidParams where it is something else."""
    if isinstance(data, list) and len(data) == count and all(isinstance(text, str) for text in data):
        return data
    raise InvalidParams(f"this array takes {count} texts", count=count)
