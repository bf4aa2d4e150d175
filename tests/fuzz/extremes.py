"""Values that are legal by the declared types and that nobody in his senses sends.

A text too long for a log is written ``{"$repeat": [text, times]}`` there, and made when it is sent.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from random import Random
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from csoundd.api import METHODS
from csoundd.api.declare import Method
from csoundd.api.values import CallRequest
from csoundd.messages import Handle, StreamRef
from csoundd.streams.topics import TOPICS

ORCHESTRA: Final = """\
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
chn_k "level", 3
chn_a "side", 3
chn_S "title", 3
gisine ftgen 1, 0, 1024, 10, 1
gitiny ftgen 5, 0, 4, -2, 1, 2, 3, 4
instr 1
  klevel chnget "level"
  asig oscili p4 * 0.1, p5, 1
  chnset asig, "side"
  kkey, kdown sensekey
  outs asig, asig
endin
instr Bell
  Stext strget p4
  chnset Stext, "title"
  kvalue invalue "asked"
  outvalue "told", kvalue
  asig oscili 0.2, 880, 1
  outs asig, asig
endin
instr Quoted
  Stext = p4
  printf_i "%s\\n", 1, Stext
endin
"""

NAMES: Final = ("level", "side", "title", "spectrum", "grid", "mix.dry", "new", "1", "Bell", "Quoted", "wave", "k")
CODE: Final = (
    "instr 2\n  asig oscili 0.1, 440, 1\n  outs asig, asig\nendin\n",
    "return 2 + 2",
    "gisize = 512",
    "instr 3\n  asig oscili\nendin\n",
    "/*",
    "*/",
    "/* endin",
    '"',
    'Sa = "',
    "{{",
    "}}",
    "instr",
    "endin",
    "instr 1",
    "instr +Bell\nendin",
    "#define A #",
    "#define A(B #$B#",
    "$A",
    "$A(",
    "#include",
    '#include "',
    '#include "no such file"',
    "#if",
    "#ifdef A",
    "#end",
    "#undef",
    "opcode x",
    "opcode x, k, k\nendop",
    "if 1 then",
    "goto nowhere",
    "= 1",
    "gi = ((((((((((",
    "gi = 1e999",
    "gi = 0x",
    "gi = 1/0",
    ";",
    "\\",
    "\n" * 40,
    "0dbfs",
    "sr = -1",
    "ksmps = 0",
    "nchnls = 99999",
    "gi ftgen 7, 0, -5, 10, 1",
    'gS strcpy "%n%n%s"',
    "kr = 0",
    "schedule 1, 0",
    "return",
)
SCORES: Final = (
    "i 1 0 0.01 0.1 440",
    'i "Bell" 0 0.01 "x"',
    'i "Quoted" 0 0.01 "a text"',
    'i "Quoted" 0 0.01 "a {brace}"',
    "a 0 0 1e9",
    'i "No such" 0 1',
    "i 1 0 -1",
    "i -1 0 0",
    "i 1.5 0 0.01 . . .",
    "i . + . . .",
    "f 9 0 16 10 1",
    "f 9 0 -1 10 1",
    "f 0 1",
    'f 1 0 1024 1 "nothing.wav" 0 0 0',
    "e",
    "e 0",
    "s",
    "a 0 0 1",
    "q 1 0 0",
    "d 1",
    "b 1",
    "t 0 0",
    "t 0 60 1 1e9",
    "v 0",
    "x",
    "r 3",
    "{ 2 N",
    "}",
    "m mark",
    "n mark",
    "C 0",
    '"',
    'i "',
    "/*",
    "i 1 0 1 [",
    "i 1 0 1 [1/0]",
    "i 1 0 1 [~*9]",
    "i 1 0 1 $X",
    "i 1 0 1 np5",
    "i 1 ^+1 1",
    "i 1 0 1 <",
    "i 1 0 1 !",
    "i 1 0 1e999",
    "i 1 nan 1",
    "i 99999999999 0 1",
    "i",
    "i 1",
    "\n\n\n",
    ";",
    "#include",
)
CSDS: Final = (
    (
        "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nendin\n</CsInstruments>\n<CsScore>\ni1 0 0.01\n</CsScore>\n"
        "</CsoundSynthesizer>"
    ),
    "<CsoundSynthesizer>",
    "</CsoundSynthesizer>",
    "<CsoundSynthesizer>\n</CsoundSynthesizer>",
    "<CsoundSynthesizer>\n<CsInstruments>\n",
    "<CsoundSynthesizer>\n<CsInstruments>\n</CsInstruments>\n</CsoundSynthesizer>",
    "<CsoundSynthesizer>\n<CsScore>\ni 1 0\n</CsScore>\n</CsoundSynthesizer>",
    (
        "<CsoundSynthesizer>\n<CsOptions>\n--nothing -o\n</CsOptions>\n<CsInstruments>\n</CsInstruments>\n"
        "</CsoundSynthesizer>"
    ),
    "<CsoundSynthesizer>\n<CsFileB filename=x>\n%%%\n</CsFileB>\n</CsoundSynthesizer>",
)
SCORE_PARTS: Final = (
    *("i", "i 1 0 .01 ", "f", "r", "m", "n", "s", "e", "{", "}", "{ 2 N", "{ 3", "r 2 ", "m a\n", "n a\n", "\n", "\n"),
    *("[", "]", "(", ")", "1", "2.5", "1e3", ".", "+", "-", "*", "/", "%", "^", "&", "|", "#", "~", "@8", "@@4", "[1]"),
    *(
        " ",
        " ",
        " ",
        "\t",
        "$N",
        "$N.",
        "$X",
        "$N(",
        '"',
        '"a"',
        "\\",
        "\\\n",
        '"{"',
        '"}"',
        "a 0 0 ",
        "c",
        ";",
        "//",
        "/*",
        "*/",
        "np4",
        "pp3",
    ),
    *("<", ">", "!", "z", "0", "-1", "1" * 100, "1^" * 9, "(" * 9, ")" * 9, "1*1^" * 5, "x" * 60, "{ 1 N\n" * 9),
)
"""What lines of a score are put together of."""

OPTIONS: Final = (
    "",
    " ",
    "-",
    "--",
    "-o",
    "-n",
    "-d",
    "-m0",
    "--nosuchoption",
    "stray",
    "-+",
    "-+rtaudio=",
    "--omacro:",
    "--omacro:A",
    "--smacro:A=1",
    "--env:",
    "--env:A",
    "--strset",
    "--strset1",
    "--strset1=x",
    "--ksmps=",
    "--ksmps=-1",
    "--ksmps=99999999999",
    "--sample-rate=0",
    "-r-1",
    "-k0",
    "-b-1",
    "-B0",
    "-j0",
    "-z",
    "-t0",
    "-L",
    "-F",
    "-Fnothing.mid",
    "-Q",
    "-M",
    "-3 -s -f",
    "@nothing",
    "nothing.csd",
    "--midi-key=0",
    "--max_str_len=0",
    "--sinesize=0",
    "--opcode-lib=nothing",
    "-U",
    "-C",
    "--format=",
    "--format=nothing",
    "--iobufsamps=-5",
)
PATHS: Final = (
    "",
    ".",
    "..",
    "/",
    "//",
    "a/b",
    "nothing.wav",
    "../x",
    "/etc/passwd",
    "x" * 300,
    "a" * 255,
    "é",
    "\t\n",
    "-o",
    "con.wav",
)
ODD: Final = (
    "",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\x01\x02\x07\x1b[31m",
    "\x7f",
    "\u0000",
    "a\u0000b",
    "\u0000" * 9,
    "é",
    "\U0001f3b5",
    "\u202eabc",
    "\ufeff",
    "\ufffe",
    "\ud800",
    "e\u0301" * 20,
    "%s",
    "%n%n%n",
    "%99999999d",
    '"',
    '\\"',
    "'",
    "`",
    "$HOME",
    "${",
    "{{",
    "}}",
    "/*",
    "*",
    "?",
    "[",
    "a*" * 30,
    ";",
    "//",
    "<",
    "&",
    "nan",
    "1e999",
)
INTEGERS: Final = (
    0,
    1,
    2,
    3,
    5,
    7,
    16,
    64,
    97,
    255,
    256,
    1024,
    4096,
    16384,
    65535,
    65536,
    999_999,
    2**24,
    2**31 - 1,
    2**31,
)
LARGE: Final = (2**32, 2**32 + 1, 2**53, 2**63 - 1)
FLOATS: Final = (
    0.0,
    0.01,
    0.5,
    1.0,
    1.5,
    60.0,
    440.0,
    1e6,
    1e9,
    1e15,
    1e18,
    1e38,
    1e300,
    5e-324,
    1.7976931348623157e308,
)
EVEN, MOSTLY, DEEPEST = 0.5, 0.8, 3
ENORMOUS: Final = (200, 1_000, 5_000, 20_000, 70_000, 300_000)
TOPIC_NAMES: Final = (*TOPICS, "eval", "nothing")
BLOCKING: Final = frozenset(name for name, method in METHODS.items() if method.spec.deadline is None)

KINDS_OF_TEXT: Final = {
    "orc": CODE,
    "code": (*CODE, *CSDS),
    "message": SCORES,
    "s": SCORES,
    "option": OPTIONS,
    "options": OPTIONS,
    "path": PATHS,
    "filename": PATHS,
    "directory": PATHS,
    "opcodeDir": PATHS,
    "args": (*OPTIONS, *PATHS, "csound", "sndinfo"),
    "kind": ("i", "f", "e", "a", "q", "d", "b", "x", "s", "z"),
    "dtype": ("k", "a", "S", "i"),
    "wintype": ("hann", "hamming", "nothing"),
    "topic": TOPIC_NAMES,
    "module": ("null", "hostbased", "pa_cb", "alsa", "jack", "nothing"),
    "filetype": ("wav", "aiff", "nothing"),
    "format": ("short", "float", "nothing"),
    "outputs": ("k", "S", "kS", "k" * 8),
    "inputs": ("k", "S", "kS"),
}


class Extremes:
    """Draws values; ``handles`` are those that the engine has given out."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.handles: list[str] = []
        self._hints = {name: get_type_hints(method.function) for name, method in METHODS.items()}

    def params(self, method: Method) -> list[object] | dict[str, object]:
        """What to send as ``params``, mostly all of them, by name or by position."""
        random, hints = self._random, self._hints[method.name]
        named: dict[str, object] = {}
        for parameter in method.signature.parameters.values():
            if parameter.kind is parameter.VAR_POSITIONAL:
                return [self.value(hints[parameter.name], parameter.name) for _ in range(random.randrange(5))]
            if parameter.kind is parameter.VAR_KEYWORD:
                named |= self._options(str(named.get("topic", "")))
            elif parameter.default is inspect.Parameter.empty or random.random() < 0.7:
                named[parameter.name] = self.value(hints[parameter.name], parameter.name)
        return named

    def _options(self, topic: str) -> dict[str, object]:
        declared = TOPICS.get(topic)
        return {} if declared is None else self._members(declared.options)

    def value(self, hint: Any, name: str = "", depth: int = 0) -> object:
        """A value of the declared type ``hint``, for a parameter of this name."""
        hint = getattr(hint, "__supertype__", hint)
        plain: dict[object, Callable[[], object]] = {
            str: lambda: self.text(name),
            bool: lambda: self._random.random() < EVEN,
            int: self.integer,
            float: self.number,
            NoneType: lambda: None,
            Any: lambda: self._anything(depth),
            object: lambda: self._anything(depth),
            Handle: lambda: {"$handle": self._random.choice([*self.handles, "cbuf:1.1"])},
            StreamRef: lambda: {"$stream": self._random.choice(TOPIC_NAMES)},
            CallRequest: lambda: self._call(depth),
        }
        if hint in plain:
            return plain[hint]()
        if is_dataclass(hint):
            return self._members(hint, depth)
        return self._composed(get_origin(hint), get_args(hint), name, depth)

    def _members(self, struct: Any, depth: int = 0) -> dict[str, object]:
        """Some of the members of a struct."""
        hints, random = get_type_hints(struct), self._random
        given = [field.name for field in fields(struct) if random.random() < MOSTLY]
        return {member: self.value(hints[member], member, depth + 1) for member in given}

    def _composed(self, origin: object, inner: tuple[Any, ...], name: str, depth: int) -> object:
        random = self._random
        if origin is np.ndarray:
            return self.array()
        if origin is Literal:
            return random.choice(inner)
        if origin in {Union, UnionType}:
            return self.value(random.choice(inner), name, depth)
        if origin is list:
            length = random.randrange(4) if inner[0] is CallRequest else self._length()
            return [self.value(inner[0], name, depth + 1) for _ in range(length)]
        if origin is dict:
            keys = [random.choice((*NAMES, *ODD)) for _ in range(random.randrange(4))]
            return {key: self.value(inner[1], name, depth + 1) for key in keys}
        raise TypeError(origin)

    def text(self, name: str) -> object:
        """A text such as a parameter of this name may get."""
        random = self._random
        chance = random.random()
        if chance < 0.3 and KINDS_OF_TEXT.get(name) is SCORES:
            return "".join(random.choices(SCORE_PARTS, k=random.randrange(1, 20)))
        if chance < 0.6:
            return random.choice(KINDS_OF_TEXT.get(name, NAMES))
        if chance < 0.85:
            return random.choice(ODD)
        if chance < 0.9:
            return random.choice(KINDS_OF_TEXT.get(name, NAMES)) + random.choice(ODD)
        if chance < 0.95:
            return random.choice((*CODE, *SCORES, *OPTIONS, *PATHS, *CSDS))
        return {
            "$repeat": [
                random.choice(("x", "1 ", "é", " ", "/", "(", "i 1 0 1\n", '"', ";", "\n")),
                random.choice(ENORMOUS),
            ]
        }

    def integer(self) -> int:
        """A whole number of at most 64 bits."""
        random = self._random
        chance = random.random()
        if chance < 0.5:
            return random.choice(INTEGERS[:12])
        value = random.choice(INTEGERS if chance < 0.85 else LARGE)
        return -value if random.random() < 0.4 else value

    def number(self) -> object:
        """A float, not-a-number and infinities among them."""
        random = self._random
        if random.random() < 0.1:
            return {"$float": random.choice(("nan", "inf", "-inf"))}
        value = random.choice(FLOATS[:7] if random.random() < 0.5 else FLOATS)
        return -value if random.random() < 0.25 else value

    def _length(self) -> int:
        random = self._random
        return (
            random.choice((0, 1, 2, 3, 3, 4, 5, 6)) if random.random() < 0.93 else random.choice((64, 500, 2100, 5000))
        )

    def array(self) -> object:
        """Numbers in a special form or in plain lists, of none to many dimensions."""
        random = self._random
        if random.random() < 0.4:
            return [self.number() for _ in range(self._length())]
        dtype = random.choice(("<f8", "<f4", "<i4", "|u1", "|b1", "<i8"))
        shape = random.choice(
            ([], [0], [1], [4], [18], [64], [64], [128], [64, 2], [2, 2], [0, 3], [1, 1, 1, 1], [5000])
        )
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        data = bytes(size) if random.random() < 0.5 else random.randbytes(size)
        return {"$array": {"dtype": dtype, "shape": shape, "data": base64.b64encode(data).decode()}}

    def _anything(self, depth: int) -> object:
        random = self._random
        choices: list[Callable[[], object]] = [
            lambda: self.text("name"),
            self.integer,
            self.number,
            self.array,
            lambda: None,
            lambda: {"$bytes": base64.b64encode(random.randbytes(random.choice((0, 1, 3, 300)))).decode()},
        ]
        if depth < DEEPEST:
            choices += [
                lambda: [self._anything(depth + 1) for _ in range(random.randrange(4))],
                lambda: {random.choice(NAMES): self._anything(depth + 1) for _ in range(random.randrange(4))},
            ]
        return random.choice(choices)()

    def _call(self, depth: int) -> object:
        names = [name for name, method in METHODS.items() if method.spec.served == "engine" and name not in BLOCKING]
        method = METHODS[self._random.choice(names)]
        return {"method": method.name, "params": [] if depth > 1 else self.params(method)}

    def at(self) -> dict[str, object] | None:
        """Mostly no time; else one that is near, or one that nobody lives to see."""
        random = self._random
        if random.random() < 0.9:
            return None
        clock = random.choice(("sample", "score", "delay", "wall"))
        return {clock: random.choice((-1e300, -1e18, -1e9, -1.0, 1e15, 1e18, 1e100, 1e300))}


def expanded(value: Any) -> Any:
    """``value`` with every ``$repeat`` in it written out."""
    if isinstance(value, dict):
        if value.keys() == {"$repeat"}:
            text, times = value["$repeat"]
            return text * times
        return {key: expanded(inner) for key, inner in value.items()}
    return [expanded(inner) for inner in value] if isinstance(value, list) else value
