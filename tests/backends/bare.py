"""The getters of a Csound library, called by ctypes alone: ``python bare.py LIBRARY MAJOR`` prints what they answer.

Nothing of csoundd's is in this process. For each state there is an object of answers, each under the name of the
method of the API that asks for the same.
"""

from __future__ import annotations

import ctypes as c
import json
import sys
from typing import Any

ORCHESTRA = b"""
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
chn_k "level", 3
chn_a "side", 2
chn_S "title", 1
gisine ftgen 1, 0, 1024, 10, 1
gitiny ftgen 5, 0, 4, -2, 1, 2, 3, 4
instr 1
endin
instr Bell
endin
instr Spectrum
  asig oscili 0.5, 3000
  fsig pvsanal asig, 64, 16, 64, 1
  pvsout fsig, 7
endin
"""
SPECTRUM = "7"
GRID = ("grid", (2, 3))
VARIABLES = ("SSDIR", "SFDIR", "INCDIR")
SWITCHES_6 = 26
"""The whole numbers that ``CSOUND_PARAMS`` begins with."""

SWITCHES_7 = 25
"""Those of ``OPARMS``."""
NAMES = ("level", "title", "side", "missing", "")
TABLES = (1, 5, 99, 0, -1)


OF_MIDI = 16
"""Where ``OPARMS`` says that there are events in real time and MIDI."""


class Hints(c.Structure):
    _fields_ = (
        ("behav", c.c_int),
        *((name, c.c_double) for name in ("dflt", "min", "max")),
        *((name, c.c_int) for name in ("x", "y", "width", "height")),
        ("attributes", c.c_char_p),
    )


class Pvs(c.Structure):
    """``PVSDATEXT`` of 6.18."""

    _fields_ = (
        *((name, c.c_int32) for name in ("N", "sliding", "NB", "overlap", "winsize", "wintype", "format")),
        ("framecount", c.c_uint32),
        ("frame", c.POINTER(c.c_float)),
    )


class Entry(c.Structure):
    _fields_ = (("name", c.c_char_p), ("type", c.c_int), ("hints", Hints))


class Bare:
    """One instance of one library."""

    def __init__(self, path: str, major: int) -> None:
        self.lib, self.major = c.CDLL(path), major
        self.lib.csoundInitialize(3)
        self.lib.csoundCreate.restype = c.c_void_p
        self.cs = c.c_void_p(self.lib.csoundCreate(None, None))
        self.call("csoundCreateMessageBuffer", 0)
        self.call("csoundSetOption", b"-n")

    def call(self, name: str, *args: object, of: Any = c.c_int) -> Any:
        function = getattr(self.lib, name)
        function.restype = of
        return function(self.cs, *args)

    def compile(self) -> None:
        self.call("csoundCompileOrc", ORCHESTRA, *([0] if self.major >= 7 else []))
        self.call("csoundSetControlChannel", b"level", c.c_double(0.25))
        self.call("csoundSetStringChannel", b"title", b"Nocturne")

    def numbers(self, method: str, table: int) -> list[float] | None:
        pointer = c.POINTER(c.c_double)()
        size = self.call(f"csound{method}", c.byref(pointer), table)
        return None if size < 0 else pointer[:size]

    def params(self) -> list[int]:
        """The whole numbers that the parameters begin with."""
        if self.major >= 7:
            given = list(self.call("csoundGetParams", of=c.POINTER(c.c_int32 * SWITCHES_7)).contents)
            return given[:OF_MIDI] + given[OF_MIDI + 2 :]
        numbers = (c.c_int32 * 256)()
        self.call("csoundGetParams", c.byref(numbers), of=None)
        return list(numbers[:SWITCHES_6])

    def text(self, name: str) -> str:
        size = self.call("csoundGetChannelDatasize", name.encode())
        text = c.create_string_buffer(max(size, 1))
        self.call("csoundGetStringChannel", name.encode(), text, of=None)
        return text.value.decode()

    def buffer(self, function: str, channels: int) -> list[float]:
        size = self.call("csoundGetKsmps") * channels
        return list(self.call(function, of=c.POINTER(c.c_double * size)).contents)

    def spectrum(self) -> list[int]:
        """Size, overlap, window, format, and how many numbers a frame has."""
        if self.major < 7:
            members = Pvs()
            self.call("csoundGetPvsChannel", c.byref(members), SPECTRUM.encode())
            return [members.N, members.overlap, members.winsize, members.format]
        pointer = c.c_void_p()
        self.call("csoundGetChannelPtr", c.byref(pointer), SPECTRUM.encode(), 0x20 | 4)
        names = ("FFTSize", "Overlap", "WindowSize", "Format")
        return [int(getattr(self.lib, f"csoundPvsData{name}")(pointer)) for name in names]

    def array(self) -> dict[str, Any]:
        name, sizes = GRID
        lengths = (c.c_int32 * len(sizes))(*sizes)
        array = self.call("csoundInitArrayChannel", name.encode(), b"k", len(sizes), lengths, of=c.c_void_p)
        again = self.call("csoundInitArrayChannel", b"level", b"k", len(sizes), lengths, of=c.c_void_p)

        def asked(function: str, of: Any) -> Any:
            called = getattr(self.lib, function)
            called.restype = of
            return called(c.c_void_p(array))

        count = sizes[0] * sizes[1]
        return {
            "arrayDataType": asked("csoundArrayDataType", c.c_char_p).decode(),
            "arrayDataDimensions": asked("csoundArrayDataDimensions", c.c_int),
            "arrayDataSizes": list(asked("csoundArrayDataSizes", c.POINTER(c.c_int32 * len(sizes))).contents),
            "arrayData": list(asked("csoundGetArrayData", c.POINTER(c.c_double * count)).contents),
            "of another kind": again is None,
        }

    def channel(self, name: str) -> dict[str, Any]:
        encoded, code, hints = name.encode(), c.c_int(0), Hints()
        bits = self.call("csoundGetChannelPtr", c.byref(c.c_void_p()), encoded, 0)
        asked = self.call("csoundGetControlChannelHints", encoded, c.byref(hints))
        # What is not there is not asked for its value: that would make it.
        there = bits > 0
        value = self.call("csoundGetControlChannel", encoded, c.byref(code), of=c.c_double) if there else 0.0
        size = self.call("csoundGetChannelDatasize", encoded) if there else 0
        return {
            "channelInfo": max(0, bits) & 15,
            "mode": max(0, bits) >> 4 & 3,
            "controlChannel": [value, code.value],
            "channelDatasize": size,
            "controlChannelHints": asked == 0,
        }

    def answers(self) -> dict[str, Any]:
        # Before any value is asked for: the library makes an output of a channel whose value it is asked.
        pointer = c.POINTER(Entry)()
        count = self.call("csoundListChannels", c.byref(pointer))
        listed = [(pointer[i].name.decode(), pointer[i].type & 15, pointer[i].type >> 4 & 3) for i in range(count)]
        found: dict[str, Any] = {
            "sr": self.call("csoundGetSr", of=c.c_double),
            "kr": self.call("csoundGetKr", of=c.c_double),
            "ksmps": self.call("csoundGetKsmps"),
            "nchnls": self.call("csoundGetChannels", 0) if self.major >= 7 else self.call("csoundGetNchnls"),
            "nchnlsInput": self.call("csoundGetChannels", 1) if self.major >= 7 else self.call("csoundGetNchnlsInput"),
            "get0dBFS": self.call("csoundGet0dBFS", of=c.c_double),
            "A4": self.call("csoundGetA4", of=c.c_double),
            "scoreTime": self.call("csoundGetScoreTime", of=c.c_double),
            "currentTimeSamples": self.call("csoundGetCurrentTimeSamples", of=c.c_int64),
            "isScorePending": bool(self.call("csoundIsScorePending")),
            "scoreOffsetSeconds": self.call("csoundGetScoreOffsetSeconds", of=c.c_double),
            "debug": bool(self.call("csoundGetDebug")),
            "version": self.lib.csoundGetVersion(),
            "sizeOfMYFLT": self.lib.csoundGetSizeOfMYFLT(),
            "messageLevel": self.call("csoundGetMessageLevel"),
            "params": self.params(),
            "env": [(self.call("csoundGetEnv", name.encode(), of=c.c_char_p) or b"").decode() for name in VARIABLES],
            "channels": {name: self.channel(name) for name in NAMES},
            "tableLength": [self.call("csoundTableLength", table) for table in TABLES],
        }
        if self.call("csoundTableLength", 1) > 0:
            found["table"] = [self.numbers("GetTable", table) for table in TABLES]
            found["tableArgs"] = [self.numbers("GetTableArgs", table) for table in TABLES]
        return found | {"allocatedChannels": sorted(list(entry) for entry in listed if entry[0] != SPECTRUM)}


def main() -> None:
    bare = Bare(sys.argv[1], int(sys.argv[2]))
    states = {"fresh": bare.answers()}
    bare.compile()
    states["compiled"] = bare.answers()
    bare.call("csoundStart")
    states["ready"] = bare.answers()
    if bare.major >= 7:
        states["array"] = bare.array()
    bare.call("csoundEvalCode", b'schedule "Spectrum", 0, 1\n', of=c.c_double)
    for _ in range(3):
        bare.call("csoundPerformKsmps")
    states["playing"] = bare.answers() | {
        "spout": bare.buffer("csoundGetSpout", 2),
        "spin": bare.buffer("csoundGetSpin", 2),
        "spectrum": bare.spectrum(),
        # Asked last: the library makes an output of the channel.
        "stringChannel": bare.text("title"),
    }
    print(json.dumps(states))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
