"""Functions of the script that the API calls: here each is called in the client, in a thread of its own.

What the engine tells on its streams is given to them in libcsound's shapes, pointers into memory of this process
among them; what they return or write is pushed to the engine, which waits for nobody.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from csoundd_client.dropin.blocking import Blocking
from csoundd_client.dropin.constants import (
    CSOUND_CALLBACK_KBD_EVENT,
    CSOUND_SUCCESS,
    CSOUNDMSG_STDOUT,
    CSOUNDMSG_TYPE_MASK,
    MYFLT,
)
from csoundd_client.dropin.remote import Call
from csoundd_client.dropin.structs import windat_of
from csoundd_client.values import Handle

Function = Callable[..., Any]

TEXT_ROOM: Final = 1024
"""Bytes that an input channel callback may write for a text."""

MIDI_ROOM: Final = 4096
"""Bytes that a MIDI read callback may write at once."""

KEY_UP: Final = 0x10000
READ: Final = 0x10
WRITE: Final = 0x20
DRIVER: Final = b"csoundd"

SOUND_FILES: Final = frozenset(
    """
    aifc aiff au avr caf flac htk ircam mat4 mat5 mpc2k mpeg nist ogg paf pvf raw_audio rf64 sd2 sds svx unknown_audio
    voc w64 wave wavex wve xi
    """.split()  # noqa: SIM905 - thirty names read better so
)


VARIABLE_TYPES: Final = {name: (ctypes.c_char_p * 1)(name.encode()) for name in ("k", "a", "S", "i", "f", "[")}
"""The types of variables, as channel callbacks get their addresses: each begins with its name, as Csound's own do."""


def channelCallbackValue(value_ptr: int, type_ptr: int) -> float | str | None:
    """The value that a channel callback was given: a number or a text, None for a type that is neither."""
    name = ctypes.c_char_p.from_address(type_ptr).value
    if name in {b"k", b"i"}:
        return MYFLT.from_address(value_ptr).value
    return (ctypes.string_at(value_ptr) or b"").decode(errors="replace") if name == b"S" else None


_default_message_function: Function | None = None


def setDefaultMessageCallback(function: Function | None) -> None:
    """Have ``function(csound, attr, text, None)`` called with what Csounds print that nobody else takes."""
    global _default_message_function  # noqa: PLW0603 - it is the default of all of them
    _default_message_function = function


class Callbacks(Blocking):
    """The setters of callbacks. None takes a function away again."""

    cs: Handle
    _prints: bool
    _functions: dict[str, Function]
    _heard: set[str]
    _asked: dict[str, str]
    _answered: dict[str, float | str]

    def setOutputChannelCallback(self, function: Function | None) -> None:
        """Have ``function(csound, name, value, type)`` called with each new value of an ``outvalue``."""
        self._have("outvalue", "outvalue", function)

    def setInputChannelCallback(self, function: Function | None) -> None:
        """Have ``function(csound, name, value, type)`` write the value of each ``invalue`` that the orchestra has."""
        self._have("invalue", "invalue", function)
        self._poll("invalue", self._invalues, function)

    def setMessageStringCallback(self, attr: int, function: Function | None) -> None:  # noqa: ARG002 - it says nothing
        """Have ``function(csound, attr, text)`` called with each line that Csound prints, in place of printing it."""
        self._have("messages", "messages", function)

    def createMessageBuffer(self, echo: bool = False) -> None:
        """Collect what Csound prints, in place of printing it, or with ``echo`` beside that."""
        self._ask("csound.createMessageBuffer", [False])
        self._prints = bool(echo)

    def destroyMessageBuffer(self) -> None:
        """Stop collecting and forget what was collected: what Csound prints is printed again."""
        self._ask("csound.destroyMessageBuffer", [])
        self._prints = True

    def registerKeyboardCallback(self, function: Function | None, userdata: object, typemask: int) -> int:
        """Have ``function(userdata, key, type)`` write the next key, as an int, whenever one may be read."""
        mask = int(getattr(typemask, "value", typemask))
        self._poll(f"keys {mask}", partial(self._keys, userdata, mask, function), function)
        self._functions |= {} if function is None else {f"keys {mask}": function}
        return CSOUND_SUCCESS

    def removeKeyboardCallback(self, function: Function | None) -> None:
        """Ask ``function`` for keys no longer."""
        for part in [part for part, known in self._functions.items() if known is function and part.startswith("keys")]:
            self._link.polls.pop(part, None)
            del self._functions[part]

    def setExternalMidiInOpenCallback(self, function: Function | None) -> None:
        """Have ``function(csound, userdata, device)`` called when the engine opens its MIDI input."""
        self._have("midi", "inOpen", function)

    def setExternalMidiReadCallback(self, function: Function | None) -> None:
        """Have ``function(csound, userdata, buffer, size)`` write MIDI bytes into the buffer and return how many."""
        self._poll("midi", partial(self._midi, function), function)

    def setExternalMidiInCloseCallback(self, function: Function | None) -> None:
        """Have ``function(csound, userdata)`` called when the engine closes its MIDI input."""
        self._have("midi", "inClose", function)

    def setExternalMidiOutOpenCallback(self, function: Function | None) -> None:
        """Have ``function(csound, userdata, device)`` called when the engine opens its MIDI output."""
        self._have("midi", "outOpen", function)

    def setExternalMidiWriteCallback(self, function: Function | None) -> None:
        """Have ``function(csound, userdata, message, size)`` called with each MIDI message of the orchestra."""
        self._have("midi", "message", function)

    def setExternalMidiOutCloseCallback(self, function: Function | None) -> None:
        """Have ``function(csound, userdata)`` called when the engine closes its MIDI output."""
        self._have("midi", "outClose", function)

    def setExternalMidiErrorStringCallback(self, function: Function | None) -> None:
        """Have ``function(code)`` called when the driver has an error; it finds the words for it itself."""
        self._have("midi", "error", function)

    def setMidiDeviceListCallback(self, function: Function | None) -> None:
        """Have ``function(csound, devices, isOutput)`` called when the engine asks for MIDI devices: it has one."""
        self._have("midi", "devices", function)

    def setMakeGraphCallback(self, function: Function | None) -> None:
        """Have ``function(csound, windat, caption)`` called when a graph is made."""
        self._have("graphs", "make", function)

    def setDrawGraphCallback(self, function: Function | None) -> None:
        """Have ``function(csound, windat)`` called when a graph is drawn."""
        self._have("graphs", "draw", function)

    def setKillGraphCallback(self, function: Function | None) -> None:
        """Have ``function(csound, windat)`` called when a graph is over."""
        self._have("graphs", "kill", function)

    def setExitGraphCallback(self, function: Function | None) -> None:
        """Have ``function(csound)`` called when there will be no more graphs."""
        self._have("graphs", "exit", function)

    def setOpenFileCallback(self, function: Function | None) -> None:
        """Have ``function(csound, path, mode)`` called when a file was opened; what it returns says nothing."""
        self._have("files", "file", function)

    def setOpenSoundFileCallback(self, function: Function | None) -> None:
        """Have ``function(csound, path, mode, info)`` called when a sound file was opened; ``info`` is None."""
        self._have("files", "sound", function)

    def channelCallbackValue(self, value_ptr: int, type_ptr: int) -> float | str | None:
        """The value that a channel callback was given: a number or a text, None for a type that is neither."""
        return channelCallbackValue(value_ptr, type_ptr)

    def varTypePointer(self, typename: str) -> int | None:
        """The address that channel callbacks get for a type (``k``, ``S``, ...), None where there is no such type."""
        known = VARIABLE_TYPES.get(typename)
        return None if known is None else ctypes.addressof(known)

    def getTypePool(self) -> Handle:
        """What stands for the types of this Csound: its handle."""
        return self.cs

    def appendOpcode(
        self,
        opname: str,
        dsblksiz: int,
        flags: int,
        outypes: str,
        intypes: str,
        initfunc: Function,  # noqa: ARG002 - functions cannot travel
        perffunc: Function,  # noqa: ARG002
        deinitfunc: Function | None = None,  # noqa: ARG002
    ) -> int:
        """Raise Unsupported: opcodes are written in Csound's own language, or loaded with ``loadPlugins``."""
        code: int = self._do("csound.appendOpcode", [opname, dsblksiz, flags, outypes, intypes, None, None, None])
        return code

    def _have(self, topic: str, part: str, function: Function | None) -> None:
        if function is None:
            self._functions.pop(part, None)
            return
        self._functions[part] = function
        self._link.listening = True
        if topic not in self._heard:
            self._heard.add(topic)
            self._link.remote.listen(topic, partial(self._deliver, _HANDLERS[topic]))

    def _deliver(self, handler: Callable[[Callbacks, Any], None], data: Any) -> None:
        self._link.dispatcher.submit(partial(self._handle, handler, data))

    def _handle(self, handler: Callable[[Callbacks, Any], None], data: Any) -> None:
        if not self._link.stepping:
            # Meanwhile it performs by itself: a function that looks at a table sees it as it is now.
            self._link.fetch()
        handler(self, data)

    def _hear_messages(self) -> None:
        """Print what Csound prints, or give it to the function that the script has set for that."""
        self._heard.add("messages")
        printed = weakref.WeakMethod(self._printed)

        def deliver(data: dict[str, Any]) -> None:
            # An object that nobody else holds ends its session: the session must not hold it.
            function = printed()
            if function is not None:
                function(data)

        self._link.remote.listen("messages", deliver)

    def _printed(self, data: dict[str, Any]) -> None:
        if "messages" in self._functions:
            self._link.dispatcher.submit(partial(self._message, data))
        elif _default_message_function is not None:
            self._link.dispatcher.submit(
                partial(_default_message_function, self.cs, data["attr"], data["text"].encode(), None)
            )
        elif self._prints:
            # Not by C's own streams: a notebook, a test and redirect_stderr see it, too.
            to_stdout = data["attr"] & CSOUNDMSG_TYPE_MASK == CSOUNDMSG_STDOUT
            print(data["text"], end="", file=sys.stdout if to_stdout else sys.stderr, flush=True)

    def _poll(self, part: str, poll: Callable[[], list[Call]], function: Function | None) -> None:
        link = self._link
        if function is None:
            link.polls.pop(part, None)
            return
        link.polls[part] = poll
        link.dispatcher.idle = link.idle
        link.dispatcher.submit(link.idle)

    def _outvalue(self, data: dict[str, Any]) -> None:
        function = self._functions.get("outvalue")
        if function is not None:
            value = data["value"]
            kind = "S" if isinstance(value, str) else "k"
            memory = ctypes.create_string_buffer(value.encode()) if isinstance(value, str) else MYFLT(value)
            self._pointed(function, data["name"], kind, memory)

    def _pointed(self, function: Function, name: str, kind: str, memory: Any) -> None:
        """Call a channel callback with the address of ``memory``, and of its type."""
        function(self.cs, name.encode(), ctypes.addressof(memory), ctypes.addressof(VARIABLE_TYPES[kind]))

    def _invalue(self, data: dict[str, Any]) -> None:
        self._asked[data["name"]] = data["kind"]
        self._link.poll()

    def _invalues(self) -> list[Call]:
        function = self._functions.get("invalue")
        values: dict[str, float | str] = {}
        for name, kind in list(self._asked.items()):
            memory: Any = ctypes.create_string_buffer(TEXT_ROOM) if kind == "S" else MYFLT(0.0)
            if function is not None:
                self._pointed(function, name, kind, memory)
            values[name] = memory.value.decode(errors="replace") if kind == "S" else memory.value
        news = {name: value for name, value in values.items() if self._answered.get(name) != value}
        self._answered |= news
        return [Call("stream.push", ["invalue", news])] if news else []

    def _keys(self, userdata: object, mask: int, function: Function | None) -> list[Call]:
        key = ctypes.c_int(0)
        if function is None or function(userdata, ctypes.addressof(key), mask) != 0 or not key.value:
            return []
        code, up = key.value & ~KEY_UP, bool(key.value & KEY_UP)
        pressed: object = {"code": code, "up": up} if mask == CSOUND_CALLBACK_KBD_EVENT else code
        return [Call("stream.push", ["keyboard", pressed])]

    def _midi(self, function: Function | None) -> list[Call]:
        buffer = ctypes.create_string_buffer(MIDI_ROOM)
        count = 0 if function is None else int(function(self.cs, None, buffer, MIDI_ROOM) or 0)
        return [Call("stream.push", ["midi", list(buffer.raw[:count])])] if count > 0 else []

    def _message(self, data: dict[str, Any]) -> None:
        self._call("messages", self.cs, data["attr"], data["text"].encode())

    def _midi_event(self, data: dict[str, Any]) -> None:
        event, message = data["event"], bytes(data["bytes"])
        given: dict[str, tuple[Any, ...]] = {
            "message": (None, message, len(message)),
            "inOpen": (ctypes.pointer(ctypes.c_void_p()), DRIVER),
            "outOpen": (ctypes.pointer(ctypes.c_void_p()), DRIVER),
            "devices": (None, 0),
        }
        if event == "error":
            self._call(event, 0)
        else:
            self._call(event, self.cs, *given.get(event, (None,)))

    def _graph(self, data: dict[str, Any]) -> None:
        event = data["event"]
        windat = ctypes.pointer(windat_of(data))
        given = {"make": (windat, (data.get("caption") or "").encode()), "exit": ()}
        self._call(event, self.cs, *given.get(event, (windat,)))

    def _file(self, data: dict[str, Any]) -> None:
        path, write = data["path"].encode(), data["write"]
        if data["type"] in SOUND_FILES:
            self._call("sound", self.cs, path, WRITE if write else READ, None)
        else:
            self._call("file", self.cs, path, b"wb" if write else b"rb")

    def _call(self, part: str, *given: Any) -> None:
        function = self._functions.get(part)
        if function is not None:
            function(*given)


_HANDLERS: Final[dict[str, Callable[[Callbacks, Any], None]]] = {
    "outvalue": Callbacks._outvalue,  # noqa: SLF001 - these are its own
    "invalue": Callbacks._invalue,  # noqa: SLF001
    "midi": Callbacks._midi_event,  # noqa: SLF001
    "graphs": Callbacks._graph,  # noqa: SLF001
    "files": Callbacks._file,  # noqa: SLF001
}
"""What takes a frame of each topic."""
