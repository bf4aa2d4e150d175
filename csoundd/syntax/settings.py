"""Words of options as the settings they make, read as Csound's own reader of its command line reads them.

``-dm0 -o take.wav`` are three settings: ``nodisplays``, ``messagelevel`` 0 and ``output`` take.wav. What that reader
ends with an error at is a setting with a ``problem``; what it merely warns of, or reads as 0, is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from csoundd.syntax.faults import CYCLE_SAMPLES, MOST_CHANNELS, MOST_RATE
from csoundd.syntax.options import QUOTE_MARK

FILE: Final = "file"
"""The name of the setting that a word without a dash makes: an orchestra, a score or a CSD."""

OPTION_FILE: Final = "option file"
"""``-@ FILE``: further options are in a file."""

UNKNOWN: Final = "unknown"
PORT: Final = "port"
"""Csound's own network port. Without a value it is an error to Csound, but it is this that is meant."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its long name, its value, and the one word that makes it."""

    name: str
    value: str
    word: str
    problem: str = ""
    is_fatal: bool = False
    """Whether Csound reads wherever it comes to over this problem, so that not even its words can be asked for."""


_FLAGS: Final = {
    "C": "cscore",
    "I": "i-only",
    "n": "nosound",
    "A": "aiff",
    "J": "ircam",
    "W": "wave",
    "h": "noheader",
    **dict.fromkeys("cau8s3lf", "format"),
    "v": "verbose",
    "d": "nodisplays",
    "g": "asciidisplay",
    "G": "postscriptdisplay",
    "R": "rewrite",
    "N": "notify",
    "T": "terminate-on-midi",
    "D": "defer-gen1",
    "K": "nopeaks",
}
_TEXTS: Final = {
    "U": "utility",
    "i": "input",
    "o": "output",
    "r": "sample-rate",
    "k": "control-rate",
    "x": "extract-score",
    "L": "score-in",
    "M": "midi-device",
    "F": "midifile",
    "Q": "midi-output-device",
    "@": OPTION_FILE,
    "O": "logfile",
}
_NUMBERS: Final = {"b": "iobufsamps", "B": "hardwarebufsamps", "m": "messagelevel", "t": "tempo", "j": "num-threads"}
_DIGITS: Final = {"H": "heartbeat", "z": "list-opcodes", "Z": "dither"}
_NUMBER: Final = {"t": re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")}
_INTEGER: Final = re.compile(r"\s*[-+]?\d+")

_LONG_FLAGS: Final = frozenset(
    """
    aft-zero aiff asciidisplay au cscore daemon default-paths defer-gen1 displays dither dither-triangular
    dither-uniform expression-opt help i-only ircam keep-sorted-score limiter mpeg new-parser no-default-paths
    no-expression-opt nodisplays noheader nopeaks nosound notify ogg old-parser orc postscriptdisplay print_version
    realtime rewrite sample-accurate sched sco-parser simple-sorted-score syntax-check-only terminate-on-midi vbr
    verbose version wave
    """.split()  # noqa: SIM905 - they read better so
)
_LONG_VALUES: Final = frozenset(
    """
    0dbfs control-rate csd-line-nums default-ksmps extract-score fftlib format hardwarebufsamps heartbeat input
    iobufsamps keep-sorted-score ksmps limiter logfile m-amps m-benchmarks m-colours m-dB m-range m-raw
    m-warnings messagelevel messageolevel midi-device midi-key midi-key-cps midi-key-oct midi-key-pch midi-velocity
    midi-velocity-amp midifile midioutfile nchnls nchnls_i num-threads opcode-dir opcode-lib output port sample-rate
    sched score-in simple-sorted-score sinesize tempo udp-console udp-mirror-console utility vbr-quality
    """.split()  # noqa: SIM905 - they read better so
)
"""Written ``--name=value``."""

_LONG_PREFIXES: Final = (
    "omacro:",
    "smacro:",
    "env:",
    "strset",
    "list-opcodes",
    "devices",
    "midi-devices",
    "get-system-sr",
    "use-system-sr",
    "udp-echo",
)
"""Whatever begins so is taken for it."""

_MUST_HAVE_VALUE: Final = frozenset(
    """
    control-rate csd-line-nums extract-score hardwarebufsamps input iobufsamps ksmps logfile m-amps m-benchmarks
    m-colours m-dB m-range m-raw m-warnings messagelevel messageolevel midi-device midifile midioutfile output score-in
    utility
    """.split()  # noqa: SIM905 - they read better so
)
_FORMATS: Final = frozenset(
    """
    wav aiff au raw paf svx nist voc ircam w64 mat4 mat5 pvf xi htk sds avr wavex sd2 mpeg flac caf wve ogg mpc2k rf64
    alaw schar uchar float double long short ulaw 24bit vorbis
    """.split()  # noqa: SIM905 - they read better so
)
_ASSIGNED: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_MACRO: Final = re.compile(r"[^=]")
MOST_THREADS: Final = 128
"""7.0.0 did not come to the end of a cycle with 1,000 on two processors."""

MOST_BUFFERED: Final = 1 << 20
"""Frames of a buffer. 7.0.0 counts its samples in 32 bits: it hung or died of what came to more with all channels."""

MOST_CYCLES_BUFFERED: Final = 1 << 10
"""Cycles of a buffer, where its size is given in cycles, as a negative number."""

MOST_STRINGS: Final = 1_000_000
"""The highest number of a string: Csound makes a table with room for all below it, and 6.18 died of 2 to the 31st."""

_DIGITS_OF_THREADS: Final = 9
MOST_FILES: Final = 2
"""An orchestra and a score."""


def settings(words: Sequence[str]) -> list[Setting]:
    """The settings that ``words`` make, in order; never raises. After one with a problem Csound reads no further."""
    return list(_Reader([word.replace(QUOTE_MARK, "") for word in words]).settings())


class _Reader:
    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0
        self._found: list[Setting] = []

    def settings(self) -> list[Setting]:
        while self._at < len(self._words):
            word = self._words[self._at]
            self._at += 1
            if not word.startswith("-"):
                files = sum(setting.name == FILE for setting in self._found)
                self._add(FILE, word, word, "" if files < MOST_FILES else f"too many arguments: {word!r}")
            else:
                self._flags(word[1:])
            if self._found and self._found[-1].problem:
                break
        return self._found

    def _add(self, name: str, value: str, word: str, problem: str = "") -> None:
        self._found.append(Setting(name, value, word, problem))

    def _flags(self, rest: str) -> None:
        """The flags of one word, which stand one after the other; the last may have its value in the next word."""
        while rest:
            mark, rest = rest[0], rest[1:]
            if mark == "-":
                self._found.append(_long(rest))
                return
            if mark == "+":
                name, _, value = rest.partition("=")
                self._add(f"+{name}", value, f"-+{rest}")
                return
            if mark in _FLAGS:
                self._add(_FLAGS[mark], mark if _FLAGS[mark] == "format" else "", f"-{mark}")
            elif mark in _DIGITS:
                digit = rest[: len(rest) - len(rest.lstrip("0123456789"))] if mark == "H" else rest[:1]
                digit = digit if digit.isdecimal() else ""
                self._add(_DIGITS[mark], digit, f"-{mark}{digit}")
                rest = rest[len(digit) :]
            elif mark in _TEXTS or mark in _NUMBERS:
                rest = self._valued(mark, rest)
                if self._found[-1].problem:
                    return
            else:
                self._add(UNKNOWN, mark, f"-{mark}", f"there is no option -{mark}")
                return

    def _valued(self, mark: str, rest: str) -> str:
        """Read the value of ``mark``, from the next word where ``rest`` is empty: what further flags are behind it."""
        name = _TEXTS.get(mark) or _NUMBERS[mark]
        if not rest:
            following = self._words[self._at] if self._at < len(self._words) else "-"
            if following.startswith("-"):
                self._add(name, "", f"-{mark}", f"the option -{mark} needs a value")
                return ""
            rest = following
            self._at += 1
        if mark in _TEXTS:
            self._add(name, rest, f"-{mark}{rest}", _impossible(name, rest))
            return ""
        number = _NUMBER.get(mark, _INTEGER).match(rest)
        if not number:
            problem = f"the option -{mark} needs a number, not {rest!r}"
            self._found.append(Setting(name, rest, f"-{mark}{rest}", problem, is_fatal=True))
            return ""
        is_impossible = mark == "t" and float(number[0]) < 0
        problem = "a tempo is not negative" if is_impossible else _impossible(name, number[0].strip())
        self._add(name, number[0].strip(), f"-{mark}{number[0]}", problem)
        return rest[number.end() :]


def _long(text: str) -> Setting:
    word = f"--{text}"
    name, found, value = text.partition("=")
    if name == PORT or (name in _LONG_VALUES and found):
        problem = f"the option --{name} needs a value" if not value and name in _MUST_HAVE_VALUE else ""
        return Setting(name, value, word, problem or _impossible(name, value))
    if text in _LONG_FLAGS:
        return Setting(text, "", word)
    for prefix in _LONG_PREFIXES:
        if text.startswith(prefix):
            name, value = prefix.rstrip(":"), text.removeprefix(prefix)
            return Setting(name, value, word, _impossible(name, value))
    return Setting(UNKNOWN, text, word, f"there is no option --{name}")


def _impossible(name: str, value: str) -> str:  # noqa: C901, PLR0911, PLR0912 - a case for each setting
    """Why ``name`` cannot be ``value``, empty where it can."""
    match name:
        case "input" if value == "stdout":
            return "input cannot be stdout"
        case "output" if value == "stdin":
            return "output cannot be stdin"
        case "sample-rate" | "control-rate" if value.startswith("-") and value.strip("-0."):
            return "a rate is not negative"
        case "sample-rate" | "control-rate" if (number := _NUMBER["t"].match(value)) and float(number[0]) > MOST_RATE:
            return f"a rate is at most {MOST_RATE:g} a second"
        case "strset" if (number := _INTEGER.match(value)) and int(number[0][:20]) > MOST_STRINGS:
            return f"strings have numbers up to {MOST_STRINGS}"
        case "num-threads" if value.isdecimal() and (len(value) > _DIGITS_OF_THREADS or int(value) > MOST_THREADS):
            return f"at most {MOST_THREADS} threads"
        case "nchnls" | "nchnls_i" if (number := _INTEGER.match(value)) and int(number[0][:20]) > MOST_CHANNELS:
            return f"at most {MOST_CHANNELS} channels"
        case "ksmps" | "default-ksmps" if (number := _INTEGER.match(value)) and not 0 <= int(
            number[0][:20]
        ) <= CYCLE_SAMPLES:
            return f"a cycle has 1 to {CYCLE_SAMPLES} frames"
        case "iobufsamps" | "hardwarebufsamps" if (
            number := _INTEGER.match(value)
        ) and not -MOST_CYCLES_BUFFERED <= int(number[0][:20]) <= MOST_BUFFERED:
            return (
                f"a buffer has at most {MOST_BUFFERED} frames, or {MOST_CYCLES_BUFFERED} cycles (as a negative number)"
            )
        case "format" if unknown := [part for part in value.split(":") if part not in _FORMATS]:
            return f"there is no output format {unknown[0]!r}"
        case "env" if not _ASSIGNED.match(value):
            return "--env: takes NAME=value or NAME+=value"
        case "omacro" | "smacro" if not _MACRO.match(value):
            return f"--{name}: takes NAME or NAME=value"
        case _:
            return ""
