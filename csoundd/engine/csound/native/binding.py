"""The C API of a Csound library, opened by its path: every function that csoundd calls, declared with its types.

The declarations are those of Csound's own header of the version that is opened. A package that wraps the API for
Python would hide states of its own (libcsound 0.18 refuses options after a reset of its making, and reads parameters
of Csound 7.0.0 from a structure that nobody fills: docs/upstream-faults.md#libcsound-wrappers) and bind us to its
release; what is called here are some hundred functions, so they are called directly.

What differs between versions is declared in ``csound6`` and ``csound7``, each a subclass of :class:`NativeBinding`.
"""

from __future__ import annotations

import ctypes
from abc import abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from ctypes import c_char, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_void_p
from dataclasses import dataclass
from functools import cache, partial
from math import prod
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.csound.binding import Binding, S, guarded, layouts_for
from csoundd.engine.csound.native.library_fixes import mend
from csoundd.errors import EngineUnavailable
from csoundd.syntax import UNDECODED

INT, TEXT, ADDRESS, NUMBER = c_int32, c_char_p, c_void_p, c_double
"""Csound's ``int32_t``, ``const char *``, any pointer, and ``MYFLT``: only libraries built for doubles are opened."""

NO_SIGNAL_HANDLER: Final = 1
NO_ATEXIT: Final = 2
"""With a signal handler of Csound's own a crash would look like an exit."""

Types = tuple[Any, tuple[Any, ...]]
"""The type of a C function's result, and those of its arguments."""


class TextArgument(c_char_p):
    """A ``const char *`` that an argument of ``str`` or of bytes becomes."""

    @classmethod
    def from_param(cls, value: str | bytes | None) -> Any:
        """The text as ctypes hands it over, kept as long as the call."""
        return c_char_p.from_param(value.encode(errors=UNDECODED) if isinstance(value, str) else value)


LAYOUTS: Final = layouts_for(TEXT, c_size_t)
LETTERS: Final[dict[str, Any]] = {"a": ADDRESS, "i": INT, "": None}
"""The types of a callback."""


class AudioDeviceEntry(ctypes.Structure):
    """``CS_AUDIODEVICE``."""

    _fields_ = (
        ("device_name", c_char * 128),
        ("device_id", c_char * 128),
        ("rt_module", c_char * 128),
        ("max_nchnls", INT),
        ("is_output", INT),
    )


class MidiDeviceEntry(ctypes.Structure):
    """``CS_MIDIDEVICE``."""

    _fields_ = (
        ("device_name", c_char * 128),
        ("interface_name", c_char * 128),
        ("device_id", c_char * 128),
        ("midi_module", c_char * 128),
        ("is_output", INT),
    )


OF_LIBRARY: Final[dict[str, Types]] = {
    "csoundInitialize": (INT, (INT,)),
    "csoundGetVersion": (INT, ()),
    "csoundGetSizeOfMYFLT": (INT, ()),
}
"""Functions that take no instance, in every version."""

OF_INSTANCE: Final[dict[str, Types]] = {
    "csoundDestroy": (None, ()),
    "csoundReset": (None, ()),
    "csoundStart": (INT, ()),
    "csoundPerformKsmps": (INT, ()),
    # Options and figures.
    "csoundSetOption": (INT, (TEXT,)),
    "csoundGetSr": (NUMBER, ()),
    "csoundGetKr": (NUMBER, ()),
    "csoundGetKsmps": (c_uint32, ()),
    "csoundGet0dBFS": (NUMBER, ()),
    "csoundGetA4": (NUMBER, ()),
    "csoundGetCurrentTimeSamples": (c_int64, ()),
    "csoundGetDebug": (INT, ()),
    "csoundSetDebug": (None, (INT,)),
    "csoundSystemSr": (NUMBER, (NUMBER,)),
    "csoundGetMessageLevel": (INT, ()),
    "csoundSetMessageLevel": (None, (INT,)),
    "csoundGetEnv": (TEXT, (TEXT,)),
    "csoundGetOutputName": (TEXT, ()),
    "csoundGetInputName": (TEXT, ()),
    "csoundQueryGlobalVariable": (ADDRESS, (TEXT,)),
    "csoundSetRTAudioModule": (None, (TEXT,)),
    "csoundSetMIDIModule": (None, (TEXT,)),
    "csoundUDPServerStatus": (INT, ()),
    "csoundUDPServerClose": (INT, ()),
    # Compiling.
    "csoundCompile": (INT, (INT, ctypes.POINTER(TEXT))),
    "csoundEvalCode": (NUMBER, (TEXT,)),
    # Audio.
    "csoundGetSpin": (ADDRESS, ()),
    "csoundGetSpout": (ADDRESS, ()),
    # Messages. The text of csoundMessageS is one of its variable arguments, whose types must not be declared.
    "csoundMessageS": (None, (INT, TEXT)),
    "csoundCreateMessageBuffer": (None, (INT,)),
    "csoundDestroyMessageBuffer": (None, ()),
    "csoundGetMessageCnt": (INT, ()),
    "csoundGetFirstMessage": (TEXT, ()),
    "csoundGetFirstMessageAttr": (INT, ()),
    "csoundPopFirstMessage": (None, ()),
    # Channels.
    "csoundGetChannelPtr": (INT, (ADDRESS, TEXT, INT)),
    "csoundListChannels": (INT, (ADDRESS,)),
    "csoundDeleteChannelList": (None, (ADDRESS,)),
    "csoundGetControlChannelHints": (INT, (TEXT, ADDRESS)),
    "csoundSetControlChannelHints": (INT, (TEXT, LAYOUTS.hints)),
    "csoundGetStringChannel": (None, (TEXT, ADDRESS)),
    "csoundSetStringChannel": (None, (TEXT, TEXT)),
    "csoundGetChannelDatasize": (INT, (TEXT,)),
    # Tables.
    "csoundTableLength": (INT, (INT,)),
    "csoundGetTable": (INT, (ADDRESS, INT)),
    "csoundGetTableArgs": (INT, (ADDRESS, INT)),
    # The score.
    "csoundGetScoreTime": (NUMBER, ()),
    "csoundIsScorePending": (INT, ()),
    "csoundSetScorePending": (None, (INT,)),
    "csoundGetScoreOffsetSeconds": (NUMBER, ()),
    "csoundSetScoreOffsetSeconds": (None, (NUMBER,)),
    "csoundRewindScore": (None, ()),
    # Graphs, keys and callbacks.
    "csoundSetMakeGraphCallback": (None, (ADDRESS,)),
    "csoundSetDrawGraphCallback": (None, (ADDRESS,)),
    "csoundSetKillGraphCallback": (None, (ADDRESS,)),
    "csoundSetExitGraphCallback": (None, (ADDRESS,)),
    "csoundSetInputChannelCallback": (None, (ADDRESS,)),
    "csoundSetOutputChannelCallback": (None, (ADDRESS,)),
    "csoundSetFileOpenCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiInOpenCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiReadCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiInCloseCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiOutOpenCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiWriteCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiOutCloseCallback": (None, (ADDRESS,)),
    "csoundSetExternalMidiErrorStringCallback": (None, (ADDRESS,)),
    "csoundSetMIDIDeviceListCallback": (None, (ADDRESS,)),
    "csoundSetIsGraphable": (INT, (INT,)),
    "csoundKeyPress": (None, (c_char,)),
    "csoundRegisterKeyboardCallback": (INT, (ADDRESS, ADDRESS, c_uint32)),
    "csoundRemoveKeyboardCallback": (None, (ADDRESS,)),
    # Plug-ins, utilities, modules and devices.
    "csoundLoadPlugins": (INT, (TEXT,)),
    "csoundRunUtility": (INT, (TEXT, INT, ctypes.POINTER(TEXT))),
    "csoundGetModule": (INT, (INT, ctypes.POINTER(TEXT), ctypes.POINTER(TEXT))),
    "csoundGetAudioDevList": (INT, (ADDRESS, INT)),
    "csoundGetMIDIDevList": (INT, (ADDRESS, INT)),
    "csoundNewOpcodeList": (INT, (ADDRESS,)),
    "csoundDisposeOpcodeList": (None, (ADDRESS,)),
}
"""Functions whose first argument is an instance, in every version."""


class Library:
    """A Csound library in this process, initialised so that a crash stays a crash.

    Raises EngineUnavailable for a file that does not load or is no Csound library for doubles.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self.c = ctypes.CDLL(path)
            self._functions = {name: self.declared(name, *types) for name, types in OF_LIBRARY.items()}
            for name in OF_INSTANCE:
                getattr(self.c, name)
        except (OSError, AttributeError) as error:
            raise EngineUnavailable(f"{path} cannot be loaded as a Csound library: {error}") from error
        if self.call("csoundGetSizeOfMYFLT") != ctypes.sizeof(NUMBER):
            raise EngineUnavailable(f"{path} is a Csound library for single precision", hint="use one for doubles")
        self.version: int = self.call("csoundGetVersion")
        # Before anything else, as making an instance would install Csound's signal handler.
        # docs/upstream-faults.md#csound-signal-handlers
        self.call("csoundInitialize", NO_SIGNAL_HANDLER | NO_ATEXIT)
        mend(self.c, path)

    def declared(self, name: str, result: Any, arguments: tuple[Any, ...]) -> Any:
        """The C function ``name`` with these types. Raises AttributeError where the library has none of that name."""
        function = self.c[name]
        function.restype = result
        function.argtypes = tuple(TextArgument if kind is TEXT else kind for kind in arguments)
        return function

    def call(self, name: str, *arguments: object) -> Any:
        """Call a function that takes no instance."""
        return self._functions[name](*arguments)


@cache
def open_library(path: str) -> Library:
    """The library at ``path``, which is opened once in a process. Raises EngineUnavailable where it cannot be."""
    return Library(path)


@dataclass(frozen=True, slots=True)
class Module:
    """An audio or MIDI module as Csound lists it."""

    name: str
    kind: str


MESSAGE_PIECE: Final = 4_000
"""Characters of a message that are printed at once, each of at most four bytes."""


class NativeBinding(Binding):
    """One instance of Csound in this process. A text that a function returns is bytes, an argument may be bytes too."""

    own: ClassVar[dict[str, Types]] = {}
    """The functions on an instance that only this version has, or has with other arguments."""

    without_instance: ClassVar[dict[str, Types]] = {}
    """Those that take something else than an instance."""

    layouts = LAYOUTS

    def __init__(self, library: Library) -> None:
        self.library, self.version = library, library.version
        self.address = int(self._create() or 0)
        if not self.address:
            raise EngineUnavailable("Csound could not make an instance")
        self._kept: list[object] = []
        instance = c_void_p(self.address)
        for name, (result, arguments) in (OF_INSTANCE | self.own).items():
            function = library.declared(name, result, (ADDRESS, *arguments))
            setattr(self, name, partial(function, instance))
        for name, types in (OF_LIBRARY | self.without_instance).items():
            setattr(self, name, library.declared(name, *types))

    @abstractmethod
    def _create(self) -> int | None:
        """``csoundCreate``: the address of a new instance."""

    def text(self, result: Any) -> str | None:
        return None if result is None else result.decode(errors="replace")

    def out(self, function: Callable[..., Any], *arguments: object) -> tuple[int, int]:
        pointer = c_void_p()
        code = int(function(ctypes.addressof(pointer), *arguments))
        return code, pointer.value or 0

    def numbers(self, values: npt.NDArray[Any]) -> object:
        return values.ctypes.data

    def view(self, address: int | None, shape: tuple[int, ...], dtype: str = "<f8") -> npt.NDArray[Any]:
        if not address or 0 in shape:
            return np.zeros((0, *shape[1:]), dtype)
        kind = np.dtype(dtype)
        memory = (c_char * (prod(shape) * kind.itemsize)).from_address(address)
        found: npt.NDArray[Any] = np.ndarray(shape, kind, buffer=memoryview(memory))
        return found

    def double(self, address: int) -> c_double:
        return c_double.from_address(address)

    def text_at(self, address: int) -> str:
        return ctypes.string_at(address).decode(errors="replace") if address else ""

    def pointer_at(self, address: int) -> int:
        return c_void_p.from_address(address).value or 0

    def structure(self, kind: type[S], address: int) -> S:
        return kind.from_address(address)

    def write(self, address: int, data: bytes) -> None:
        ctypes.memmove(address, data, len(data))

    def filled(self, function: Callable[..., Any], kind: type[S], *arguments: object) -> tuple[int, S]:
        structure = kind()
        return int(function(*arguments, ctypes.addressof(structure))), structure

    def by_value(self, structure: ctypes.Structure) -> object:
        return structure

    def alloc_temp(self, text: str | None) -> AbstractContextManager[Any]:
        return nullcontext(None if text is None else text.encode(errors=UNDECODED))

    def alloc_static(self, text: str) -> int:
        buffer = ctypes.create_string_buffer(text.encode())
        self._kept.append(buffer)
        return ctypes.addressof(buffer)

    def function(self, function: Callable[..., Any], params: str, result: str = "", otherwise: int = 0) -> int:
        prototype = ctypes.CFUNCTYPE(LETTERS[result], *(LETTERS[letter] for letter in params))
        pointer = prototype(guarded(function, otherwise if result else None))
        self._kept.append(pointer)
        return ctypes.cast(pointer, c_void_p).value or 0

    def variable(self, name: bytes) -> str:
        """A global variable of Csound's that holds a text, empty where there is none of that name."""
        address = self.csoundQueryGlobalVariable(name)
        return ctypes.string_at(address).decode(errors="replace") if address else ""

    def message(self, attr: int, text: str) -> None:
        """Print among Csound's own messages."""
        # 6.18 prints into 16,384 bytes, and ends the process (status 255) where a text is longer.
        for begin in range(0, len(text), MESSAGE_PIECE) or (0,):
            # It is one of the variable arguments: for these ctypes takes bytes as the pointer that C expects.
            self.csoundMessageS(attr, b"%s", text[begin : begin + MESSAGE_PIECE].encode(errors=UNDECODED))

    def destroy(self) -> None:
        """Free the instance. Nothing of it may be called any more."""
        self.csoundDestroy()
        self._kept.clear()

    def compile(self, *arguments: str) -> int:
        """``csoundCompile`` of a command line."""
        return int(self.csoundCompile(len(arguments), texts(*arguments)))

    def run_utility(self, name: str, arguments: list[str]) -> int:
        """``csoundRunUtility``."""
        return int(self.csoundRunUtility(name, len(arguments), texts(*arguments)))

    def modules(self) -> list[Module]:
        """Every audio and MIDI module."""
        found: list[Module] = []
        name, kind = TEXT(), TEXT()
        while self.csoundGetModule(len(found), ctypes.byref(name), ctypes.byref(kind)) == 0:
            found.append(Module(_decoded(name.value), _decoded(kind.value)))
        return found

    def audio_devices(self, *, output: bool) -> Any:
        """The devices of the audio module in use, an array of :class:`AudioDeviceEntry`."""
        return self._devices(self.csoundGetAudioDevList, AudioDeviceEntry, output=output)

    def midi_devices(self, *, output: bool) -> Any:
        """The devices of the MIDI module in use, an array of :class:`MidiDeviceEntry`."""
        return self._devices(self.csoundGetMIDIDevList, MidiDeviceEntry, output=output)

    @staticmethod
    def _devices(listing: Callable[..., int], entry: type[ctypes.Structure], *, output: bool) -> Any:
        count = max(0, listing(None, int(output)))
        entries = (entry * count)()
        if count:
            listing(ctypes.addressof(entries), int(output))
        return entries

    @abstractmethod
    def append_opcode(self, name: str, size: int, perform: Callable[[int, int], int]) -> None:
        """``csoundAppendOpcode`` of one without arguments, which takes ``size`` bytes of an instance.

        ``perform`` is called in each cycle, with the addresses of Csound and of what the opcode has there.
        """

    @abstractmethod
    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        """Send the output somewhere."""

    @abstractmethod
    def end_performance(self) -> None:
        """Write out what the orchestra holds open, where a reset or the end would not."""


def texts(*words: str) -> Any:
    """An array of C strings."""
    return (TEXT * len(words))(*(word.encode(errors=UNDECODED) for word in words))


def _decoded(text: bytes | None) -> str:
    return (text or b"").decode(errors="replace")
