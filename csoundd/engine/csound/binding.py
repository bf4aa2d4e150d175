"""The binding: what the method groups need of one Csound, be it a library of this process or in a machine of its own.

An engine provides calls of C functions, texts, views on memory, structures laid out for the width of its addresses,
callbacks, and what versions of Csound do by different functions.
"""

from __future__ import annotations

import ctypes
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from ctypes import c_char, c_double, c_int16, c_int32, c_int64, c_uint32
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from csoundd.api.values import OpcodeInfo

log = logging.getLogger("csoundd.engine.host")

S = TypeVar("S", bound=ctypes.Structure)
Structure = type[ctypes.Structure]


class Binding(ABC):
    """One instance of Csound. Each of its C functions is a method of the same name, called without the instance.

    ``binding.csoundGetSr()`` calls ``csoundGetSr(csound)``. An argument that is a text is a ``str``, an address is a
    number. A result is what C returns; where that is a text, :meth:`text` reads it.
    """

    version: int
    """Csound's version times 1000."""

    address: int
    """Where the instance is."""

    layouts: Layouts
    """The structures, laid out for this engine."""

    sizes_audio_at_start: ClassVar[bool] = True
    """Whether an audio channel can be made only once the length of a cycle is known."""

    splits_options: ClassVar[bool] = False
    """Whether ``csoundSetOption`` takes its text apart at spaces outside of quotation marks."""

    plays_header: ClassVar[bool] = False
    """Whether a note of an instrument that is not there runs the code outside of instruments again."""

    keeps_early_events: ClassVar[bool] = True
    """Whether an event that is sent before the start is kept."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise AttributeError(f"{name} is not declared for Csound {self.version}")

    @abstractmethod
    def text(self, result: Any) -> str | None:
        """The text that a function returned, None for a null pointer."""

    @abstractmethod
    def out(self, function: Callable[..., Any], *arguments: object) -> tuple[int, int]:
        """Call a function whose first argument is where it puts an address: what it returned, and the address."""

    @abstractmethod
    def view(self, address: int | None, shape: tuple[int, ...], dtype: str = "<f8") -> npt.NDArray[Any]:
        """Numbers of Csound's where they lie, nothing where there is no address."""

    @abstractmethod
    def double(self, address: int) -> ctypes.c_double:
        """The number at an address, to be read and written again and again."""

    @abstractmethod
    def text_at(self, address: int) -> str:
        """The text that lies at an address."""

    @abstractmethod
    def pointer_at(self, address: int) -> int:
        """The address that lies at an address."""

    @abstractmethod
    def structure(self, kind: type[S], address: int) -> S:
        """A structure where it lies, one of :attr:`layouts`."""

    @abstractmethod
    def write(self, address: int, data: bytes) -> None:
        """Put bytes at an address."""

    @abstractmethod
    def filled(self, function: Callable[..., Any], kind: type[S], *arguments: object) -> tuple[int, S]:
        """Call a function whose last argument is a structure that it fills: what it returned, and the structure."""

    @abstractmethod
    def by_value(self, structure: ctypes.Structure) -> object:
        """A structure as an argument that C takes by value."""

    @abstractmethod
    def alloc_temp(self, text: str | None) -> AbstractContextManager[Any]:
        """A text as a structure has it, for the time of a ``with``."""

    @abstractmethod
    def numbers(self, values: npt.NDArray[Any]) -> object:
        """Numbers as an argument that is an array."""

    @abstractmethod
    def alloc_static(self, text: str) -> int:
        """The address of a text that lasts as long as the instance."""

    @abstractmethod
    def function(self, function: Callable[..., Any], params: str, result: str = "", otherwise: int = 0) -> int:
        """A Python function as C calls it, to be handed to Csound as long as the instance lives.

        The types are written as letters: ``a`` an address, ``i`` a whole number; ``result`` is empty for none. An
        exception in it goes to the log, and Csound is answered ``otherwise``.
        """

    def free_channel_cells(self, listed: int, count: int) -> None:  # noqa: B027 - only Csound 6 does
        """Free what a list of ``count`` channels, just made at ``listed``, has left behind, where it does."""

    def opcodes(self) -> list[OpcodeInfo]:
        """Every form of every opcode that there is now."""
        kind = self.layouts.opcode
        count, address = self.out(self.csoundNewOpcodeList)
        if not address:
            return []
        entries: list[Any] = [
            self.structure(kind, address + index * ctypes.sizeof(kind)) for index in range(max(0, count))
        ]
        found = [
            OpcodeInfo(
                (self.text(entry.name) or "").partition(".")[0],
                self.text(entry.outputs) or "",
                self.text(entry.inputs) or "",
                entry.flags,
            )
            for entry in entries
        ]
        self.csoundDisposeOpcodeList(address)
        return found

    @abstractmethod
    def api_version(self) -> int:
        """The version of the API, times 100 in Csound 6 and times 1000 in Csound 7."""

    @abstractmethod
    def compile_orc(self, text: str, *, later: bool = False) -> int:
        """Compile an orchestra now, or ``later``, at the next cycle."""

    @abstractmethod
    def compile_csd(self, text: str, *, later: bool = False) -> int:
        """Compile the text of a CSD."""

    @abstractmethod
    def event(self, kind: str, pfields: npt.NDArray[np.float64], *, started: bool, later: bool = False) -> int:
        """Send an event that has no strings."""

    @abstractmethod
    def event_string(self, line: str, *, started: bool, later: bool = False) -> None:
        """Send a line of a score."""

    @abstractmethod
    def kill(self, instr: float | str, mode: int, *, release: bool) -> None:
        """Turn off notes of an instrument: mode 0 all, 1 the oldest, 2 the youngest, plus 4 for the exact number."""

    @abstractmethod
    def silence(self) -> None:
        """End every sounding note at once."""

    @abstractmethod
    def instr_number(self, name: str, *, started: bool) -> int:
        """The number of a named instrument, -1 where there is none."""

    @abstractmethod
    def channels(self, *, of_input: bool) -> int:
        """The number of channels of audio."""

    @abstractmethod
    def params(self) -> dict[str, Any]:
        """The parameters by name, as this version has them; texts that are not set are None."""

    @abstractmethod
    def take_audio(self) -> None:
        """Have audio go through spin and spout only."""

    @abstractmethod
    def take_midi(self) -> None:
        """Have MIDI go through callbacks only."""


@dataclass(frozen=True, slots=True)
class Layouts:
    """The structures that every Csound has in the same way."""

    hints: Structure
    """``controlChannelHints_t``."""

    channel: Structure
    """``controlChannelInfo_t``: a channel in the list of all."""

    graph: Structure
    """``WINDAT``: one graph."""

    text: Structure
    """``STRINGDAT``: an element of an array of texts."""

    opcode: Structure
    """``opcodeListEntry``. The embedded engine's ends with one more word, where a library's is padded."""

    spectrum: Structure
    """``PVSDAT``: a spectral channel of Csound 7, with its frame as Csound keeps memory (``AUXCH``)."""


@cache
def layouts_for(text: Any, word: Any) -> Layouts:
    """The structures where a pointer to characters is a ``text``, and another address or a size a ``word``."""
    hints = _structure(
        behav=c_int32,
        dflt=c_double,
        min=c_double,
        max=c_double,
        x=c_int32,
        y=c_int32,
        width=c_int32,
        height=c_int32,
        attributes=text,
    )
    return Layouts(
        hints,
        _structure(name=text, type=c_int32, hints=hints),
        _structure(
            id=word,
            data=word,
            npts=c_int32,
            caption=c_char * 60,
            wait=c_int16,
            polarity=c_int16,
            max=c_double,
            min=c_double,
            absmax=c_double,
            oabsmax=c_double,
        ),
        _structure(data=text, size=word, timestamp=c_int64),
        _structure(name=text, outputs=text, inputs=text, flags=c_int32, end=c_int32),
        _structure(
            N=c_int32,
            sliding=c_int32,
            NB=c_int32,
            overlap=c_int32,
            winsize=c_int32,
            wintype=c_int32,
            format=c_int32,
            framecount=c_uint32,
            next=word,
            size=word,
            address=word,
            end=word,
        ),
    )


def _structure(**fields: Any) -> Structure:
    return type("Structure", (ctypes.Structure,), {"_fields_": list(fields.items())})


def guarded(function: Callable[..., Any], otherwise: object) -> Callable[..., Any]:
    """``function``, answering ``otherwise`` where it raises."""

    def call(*args: object) -> object:
        try:
            return function(*args)
        except Exception:
            log.exception("a callback of Csound failed")
            return otherwise

    return call
