"""Csound's callbacks while it performs: values, keys, files, graphs.

Each callback is one permanent function; the host says of which topics anybody hears. Csound tells a value of
``outvalue`` twice at a note's beginning (docs/upstream-faults.md#csound-outvalue-twice), and reads a text for
``invalue`` into a buffer of its own size (docs/upstream-faults.md#csound-invalue-size).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from csoundd.api.callbacks import Graphs
from csoundd.engine.csound.backend import BackendContext
from csoundd.engine.csound.binding import Binding
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.limits import INVALUE_TEXT_BYTES
from csoundd.values import is_same

TYPES: Final = tuple(
    """
    unknown csd orchestra score orc_include sco_include score_out scot options extract_parms raw_audio ircam aiff aifc
    wave au sd2 w64 wavex flac caf wve ogg mpc2k rf64 avr htk mat4 mat5 nist paf pvf sds svx voc xi mpeg unknown_audio
    soundfont midi midi_sysex hetro hetrot pvc pvcex cvanal lpc ats loris sdif hrtf unused ladspa_plugin snapshot
    ftables_text ftables_binary xscanu_matrix floats_text floats_binary integer_text integer_binary png postscript
    script_text other_text other_binary
    """.split()  # noqa: SIM905 - sixty names read better so
)
"""Csound's kinds of file, by their numbers."""

UNKNOWN: Final = TYPES[0]


def type_name(number: int) -> str:
    """The name of a kind of file that Csound gives by its number."""
    return TYPES[number] if 0 <= number < len(TYPES) else UNKNOWN


def tell_opened(context: BackendContext, path: str, kind: str, *, write: bool, temp: bool) -> None:
    """Tell who listens to ``files`` of one; of a file outside the workspace only its last name is told."""
    if not write and not temp:
        for read in context.on_read:
            read(path)
    if "files" not in context.followed or path == os.devnull:
        # The empty file is what Csound 6.18 is given in place of files of options that nobody named.
        return
    name = context.workspace.name(path)
    data = {"path": Path(path).name if name is None else name, "type": kind, "write": write, "temp": temp}
    if context.tells_paths:
        data["opened"] = path
    context.tell("files", data | {"outside": name is None})


class Outvalues:
    """Tells of values, but not of one that is said again in the same cycle or in the next."""

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._instance, self._context = instance, context
        self._last: dict[str, tuple[object, int]] = {}
        instance.on_reset.append(self._last.clear)

    @property
    def is_followed(self) -> bool:
        """Whether somebody subscribes to it."""
        return "outvalue" in self._context.followed

    def tell(self, name: str, value: float | str) -> None:
        """Tell that ``name`` has this value now."""
        sample = self._instance.samples()
        last = self._last.get(name)
        self._last[name] = (value, sample)
        if last is None or not is_same(last[0], value) or not 0 <= sample - last[1] <= self._instance.ksmps:
            self._context.tell("outvalue", {"name": name, "value": value})


def fitting(text: str) -> bytes:
    """The beginning of ``text`` that fits into an ``invalue``, no character cut through."""
    encoded = text.encode()
    return (
        encoded if len(encoded) <= INVALUE_TEXT_BYTES else encoded[:INVALUE_TEXT_BYTES].decode(errors="ignore").encode()
    )


EVENT: Final = 1
TEXT: Final = 2
NO_KEY: Final = 0


class ValueCallbacks:
    """Answers ``invalue`` from what clients have pushed, and tells of ``outvalue``."""

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._c, self._invalues = instance.c, context.inputs.invalues
        self._outvalues = Outvalues(instance, context)
        instance.call_back("csoundSetInputChannelCallback", self._asked, "aaaa")
        instance.call_back("csoundSetOutputChannelCallback", self._said, "aaaa")

    def _is_text(self, kind: int) -> bool:
        """Whether a type of Csound's, whose structure begins with its name, is that of texts."""
        return self._c.text_at(self._c.pointer_at(kind)) == "S"

    def _asked(self, _csound: int, name: int, value: int, kind: int) -> None:
        if self._is_text(kind):
            self._c.write(value, fitting(self._invalues.text(self._c.text_at(name))) + b"\0")
        else:
            self._c.double(value).value = self._invalues.number(self._c.text_at(name))

    def _said(self, _csound: int, name: int, value: int, kind: int) -> None:
        if self._outvalues.is_followed:
            given = self._c.text_at(value) if self._is_text(kind) else self._c.double(value).value
            self._outvalues.tell(self._c.text_at(name), given)


class KeyCallbacks:
    """Gives ``sensekey`` the keys that clients press, which keeps it from the terminal."""

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._c, keys = instance.c, context.inputs.keys
        self._pair = ((EVENT, _sense(self._c, keys.moves)), (TEXT, _sense(self._c, keys.text)))
        instance.prepare_with(self._install)

    def _install(self) -> None:
        # Until the first key was pressed 6.18 reads the process's own input, whatever a callback answers; Csound 7
        # takes what a callback found only while a key of its own is 0: docs/upstream-faults.md#csound-sensekey-stdin.
        self._c.csoundKeyPress(NO_KEY)
        for kind, sense in self._pair:
            # A reset may leave them in place: what is registered twice is asked twice.
            self._c.csoundRemoveKeyboardCallback(sense)
            self._c.csoundRegisterKeyboardCallback(sense, None, kind)


def _sense(c: Binding, next_key: Callable[[], int]) -> int:
    def sense(_data: int, code: int, _kind: int) -> int:
        c.write(code, struct.pack("<i", next_key()))
        return 0

    return c.function(sense, "aai", "i")


class FileCallbacks:
    """Hears of every file, by the callback that Csound 7 no longer documents and still calls with the file's kind."""

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._instance, self._context = instance, context
        instance.call_back("csoundSetFileOpenCallback", self._opened, "aaiii")

    def _opened(self, _csound: int, path: int, kind: int, write: int, temp: int) -> None:
        name = self._instance.path_at(path)
        tell_opened(self._context, name, type_name(kind), write=bool(write), temp=bool(temp))


class GraphMethods(Graphs):
    """Has Csound draw by callbacks, from the beginning, so that it is enough to subscribe to the topic."""

    def __init__(self, instance: CsoundInstance, context: BackendContext) -> None:
        self._context, self._c = context, instance.c
        self._made = 0
        self._alive: set[int] = set()
        instance.on_reset.append(self._end)
        instance.call_back("csoundSetMakeGraphCallback", self._make, "aaa")
        instance.call_back("csoundSetDrawGraphCallback", self._draw, "aa")
        instance.call_back("csoundSetKillGraphCallback", self._kill, "aa")
        instance.call_back("csoundSetExitGraphCallback", self._exit, "a", "i")
        instance.prepare_with(lambda: self.setIsGraphable(isGraphable=True))

    def setIsGraphable(self, isGraphable: bool) -> bool:
        return bool(self._c.csoundSetIsGraphable(int(isGraphable)))

    def _graph(self, window: int) -> Any:
        """The graph of a window, where it lies."""
        return self._c.structure(self._c.layouts.graph, window)

    def _tell(self, event: str, **members: object) -> None:
        self._context.tell("graphs", {"event": event} | members)

    def _make(self, _csound: int, window: int, _name: int) -> None:
        self._made += 1
        graph = self._graph(window)
        graph.id = self._made
        self._alive.add(self._made)
        self._tell("make", id=self._made, caption=_caption(graph), npts=max(0, graph.npts))

    def _draw(self, _csound: int, window: int) -> None:
        if "graphs" not in self._context.followed:
            return
        graph = self._graph(window)
        size = max(0, graph.npts)
        self._tell(
            "draw",
            id=graph.id,
            caption=_caption(graph),
            npts=size,
            data=np.array(self._c.view(graph.data, (size,))),
            min=graph.min,
            max=graph.max,
            absmax=graph.absmax,
            oabsmax=graph.oabsmax,
            polarity=graph.polarity,
        )

    def _kill(self, _csound: int, window: int) -> None:
        self._over(self._graph(window).id)

    def _over(self, graph: int) -> None:
        if graph in self._alive:
            self._alive.discard(graph)
            self._tell("kill", id=graph)

    def _exit(self, _csound: int) -> int:
        self._end()
        return 0

    def _end(self) -> None:
        """End what is still there; Csound 6 says nothing of it (docs/upstream-faults.md#csound6-graph-end)."""
        if self._alive:
            for graph in sorted(self._alive):
                self._over(graph)
            self._tell("exit")


def _caption(graph: Any) -> str:
    return str(graph.caption.decode(errors="replace"))
