"""Whether a piece sounds the same each time: what in it depends on the clock, on chance, or on what is around it.

It is found in the text, before anything runs, after macros and includes are resolved. What cannot be told counts as not
repeatable. The seeds are those of Csound's sources, 6.18 and 7.0: its generators begin the same each time, and a few
opcodes take the time where their seed says so, or where none is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from csoundd.syntax.csd import Csd, SectionKind
from csoundd.syntax.includes import Read
from csoundd.syntax.lexer import Kind, Macro, Token, significant
from csoundd.syntax.options import lines_of
from csoundd.syntax.orchestra import expanded_tokens

_NAMES: Final = {
    "reads the clock": "rtclock date dates readclock clockon clockoff cpumeter cpumeter.i",
    "takes its seed from the clock": "partikkel lfsr midiarp",
    # Of 6.18: two renders in the same second differ as well.
    "is never the same twice": "fractalnoise",
    "takes random numbers from the system": "urandom urd_system",
    "runs a program": "system system_i",
    "uses the network": "OSClisten OSCraw OSCsend OSCsend_lo OSCbundle OSCcount OSCinit OSCinitM sockrecv sockrecvs"
    " socksend socksends socksend_k strecv stsend stecv websocket httpserver insremot insglobal midremot midglobal"
    " remoteport link_create link_enable link_tempo_get link_beat_get",
    "reads a device": "sensekey xyin joystick wiiconnect wiidata wiirange wiisend p5gconnect p5gdata serialBegin"
    " serialRead serialWrite serialWrite_i serialEnd serialFlush serialPrint arduinoStart arduinoRead arduinoReadF"
    " arduinoStop mouse keyboard",
    "depends on the folder or on which files there are": "directory filevalid pwd cd",
    "reads a file that Csound does not tell of": "readf readfi compilecsd mp3in mp3len mp3sr mp3nchnls mp3bitrate"
    " mp3scal mp3scal_check mp3scal_load mp3scal_load2 mp3scal_play mp3scal_play2 fluidLoad imageload imagecreate"
    " hdf5read jsonload",
    "writes a file": "fout fouti foutk foutir fiopen fprints fprintks dumpk dumpk2 dumpk3 dumpk4 soundout soundouts"
    " soundoutcombined ftsave ftsavek ftaudio hdf5write pvsfwrite imagesave",
}
_REASONS: Final = {name: reason for reason, names in _NAMES.items() for name in names.split()}
_FAMILIES: Final = (
    (re.compile("FL[a-z]|FLsetV|FLsetS"), "reads a device"),
    (re.compile("(?:py|lua_)[a-z]"), "runs code of another language"),
    (re.compile("(?:vst|vst3|dssi|faust|jacko|Jacko)[a-zA-Z]"), "runs a program of others"),
    (re.compile("STK[A-Z]"), "takes its seed from the clock"),
)

_ACTS: Final = frozenset(
    {
        "runs a program",
        "uses the network",
        "reads a device",
        "runs code of another language",
        "runs a program of others",
        "writes a file",
    }
)
_DONE_BY_CLIENTS: Final = frozenset({"reads a device", "reads a file that Csound does not tell of", "writes a file"})
"""What a live session says of itself: its keys are pressed by clients, its files are there."""

_LATER: Final = frozenset(
    """
    event schedulek schedkwhen schedkwhennamed scoreline trigger reinit rireturn timout compilestr compileorc evalstr
    massign ftgenk ftloadk sprintfk strcatk strcpyk
    """.split()  # noqa: SIM905 - they read better so
)
"""Opcodes that begin notes while others play, or a part of one again, and those that make a name meanwhile."""

COMPILES: Final = frozenset({"compilestr", "compileorc", "evalstr"})
"""With one of these in a piece, its strings may be code."""


class _Seed(NamedTuple):
    """Where an opcode has its seed, counted from 0, what stands for one that is left out, and which take the time."""

    place: int
    default: float
    is_time: str


_AT_ZERO, _UP_TO_ZERO, _ABOVE_ONE, _ANY = "at 0", "up to 0", "above 1", "any"
_SEEDS: Final = {
    "seed": _Seed(0, 0, _AT_ZERO),
    "rand": _Seed(1, 0.5, _ABOVE_ONE),
    **dict.fromkeys(("randh", "randi", "randc"), _Seed(2, 0.5, _ABOVE_ONE)),
    **dict.fromkeys(("vrandh", "vrandi"), _Seed(5, 0.5, _ABOVE_ONE)),
    "rnd31": _Seed(2, 0, _UP_TO_ZERO),
    "oscbnk": _Seed(5, 0, _UP_TO_ZERO),
    "grain2": _Seed(7, 0, _UP_TO_ZERO),
    "grain3": _Seed(11, 0, _UP_TO_ZERO),
    "pinkish": _Seed(3, 0, _AT_ZERO),
    # Here a table of settings is meant, in which one may ask for the time.
    **dict.fromkeys(("spat3d", "spat3di", "spat3dt"), _Seed(5, 0, _ANY)),
}

_OPTIONS: Final = (
    (re.compile(r"-j([02-9]|1\d)|--num-threads=([02-9]|1\d)"), "several threads add up in any order"),
    (re.compile(r"--realtime"), "notes begin when a second thread is done with them"),
    (re.compile(r"--env:"), "an option says where files are looked for"),
    # Without it MIDI is csoundd's own, and silent in a render, as a sound card is.
    (re.compile(r"-\+rtmidi=(?!null)"), "MIDI comes from a device"),
    (
        re.compile(r"-L|--port=|--udp|-i(?:stdin|-)$|--input=(?:stdin|-)$"),
        "something comes from outside while it plays",
    ),
)
_WITH_VALUE: Final = frozenset({"-j", "-i", "-L"})
_REMOTE: Final = re.compile(r"(?:https?|ftps?|gopher|tftp)://")
_UNSEEDED_SCORE: Final = re.compile(r"(?m)^[ \t]*y[ \t]*(?:;.*)?$")


def why_not_repeatable(
    csd: Csd, words: Sequence[str], macros: Mapping[str, str], read: Read, included: Iterable[str] = ()
) -> str | None:
    """Why a piece may sound different each time, None where nothing in it says so. Never raises.

    ``words`` are the options beside its own, ``macros`` those of the command line, and ``included`` further texts that
    may be code, as the files that it has read.
    """
    own = [word for line in lines_of(csd.options) for word in line.words]
    if (reason := of_options([*own, *words])) is not None:
        return reason
    score = csd.last(SectionKind.SCORE)
    if score is not None and score.attribute:
        return "its score is made by a program"
    if _UNSEEDED_SCORE.search(csd.score):
        return "its score takes a seed from the clock (y)"
    found = list(_joined(expanded_tokens(csd.orchestra, _given(macros), read)))
    return next(_reasons(found, compiles=any(token.text in COMPILES for token in found)), None) or next(
        (reason for text in included if (reason := next(_reasons(list(significant(text)), compiles=True), None))), None
    )


def of_the_clock(code: str) -> Iterator[str]:
    """What in code may be another thing each time although all that a client does is the same. Never raises."""
    for reason in _reasons(list(significant(code)), compiles=True):
        if reason.partition(" ")[2] not in _DONE_BY_CLIENTS:
            yield reason


def why_not_tried(csd: Csd, macros: Mapping[str, str], read: Read) -> str | None:
    """What the notes of a piece do beside sounding, so that they are not begun to see what they read. Never raises."""
    found = list(_joined(expanded_tokens(csd.orchestra, _given(macros), read)))
    reasons = _reasons(found, compiles=any(token.text in COMPILES for token in found))
    return next((reason for reason in reasons if reason.partition(" ")[2] in _ACTS), None)


def what_begins_later(csd: Csd, macros: Mapping[str, str], read: Read) -> str | None:
    """An opcode of a piece by which notes and names come up only while it plays, None where it has none."""
    found = _joined(expanded_tokens(csd.orchestra, _given(macros), read))
    return next((token.text for token in found if token.kind is Kind.NAME and token.text in _LATER), None)


def _joined(found: Iterable[Token]) -> Iterator[Token]:
    """The tokens, those that make one name together joined: part of it may come from a macro."""
    last: Token | None = None
    for token in found:
        if last is not None and token.kind is last.kind is Kind.NAME and token.start == last.end:
            last = last._replace(text=last.text + token.text, end=token.end)
            continue
        if last is not None:
            yield last
        last = token
    if last is not None:
        yield last


def _given(macros: Mapping[str, str]) -> dict[str, Macro]:
    return {name: Macro(name, (), value) for name, value in macros.items()}


def of_options(words: Sequence[str]) -> str | None:
    """What in Csound's options may make another thing of the same piece each time, None for nothing."""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in _WITH_VALUE and at < len(words):
            word += words[at]
            at += 1
        for pattern, reason in _OPTIONS:
            if pattern.match(word):
                return f"{reason} ({word})"
    return None


def _reasons(found: Sequence[Token], *, compiles: bool) -> Iterator[str]:
    for at, token in enumerate(found):
        match token.kind:
            case Kind.NAME:
                if (reason := _of_name(found, at)) is not None:
                    yield f"{token.text} {reason}"
            case Kind.RAW_STRING:
                yield from _reasons(list(significant(token.value)), compiles=False)
            case Kind.STRING:
                if _REMOTE.match(token.value):
                    yield f"{token.value} comes over the network"
                if compiles:
                    yield from _reasons(list(significant(token.value.replace('\\"', '"'))), compiles=False)
            case Kind.INCLUDE:
                if _REMOTE.match(token.value):
                    yield f"{token.value} comes over the network"
            case _:
                pass


def _of_name(found: Sequence[Token], at: int) -> str | None:
    name = found[at].text
    if name in _REASONS:
        return _REASONS[name]
    if name in _SEEDS:
        return _of_seed(found, at, _SEEDS[name])
    return next((reason for pattern, reason in _FAMILIES if pattern.match(name)), None)


def _of_seed(found: Sequence[Token], at: int, seed: _Seed) -> str | None:
    # In ``ares rand (kamp) + 1, 2`` the parentheses are part of the first argument; ``outs rand(1, 2), 0`` is a call.
    follows_name = at > 0 and (found[at - 1].kind is Kind.NAME or found[at - 1].text == "]")
    ways = (True, False) if follows_name else (True,)
    return next((reason for way in ways if (reason := _of_arguments(_arguments(found, at + 1, call=way), seed))), None)


def _of_arguments(arguments: list[list[Token]], seed: _Seed) -> str | None:
    given = arguments[seed.place] if seed.place < len(arguments) else []
    value = _number(given) if given else seed.default
    if value is None:
        return "has a seed that is not known before"
    match seed.is_time:
        case "at 0":
            by_time = -0.5 <= value < 0.5  # noqa: PLR2004 - it is rounded
        case "up to 0":
            by_time = value < 0.5  # noqa: PLR2004 - it is rounded
        case "above 1":
            by_time = value > 1
        case _:
            by_time = value != 0
    return "takes its seed from the clock" if by_time else None


def _number(tokens: Sequence[Token]) -> float | None:
    text = "".join(token.text for token in tokens if token.text not in {"(", ")"})
    try:
        return float(int(text, 16)) if text.lower().startswith("0x") else float(text)
    except ValueError:
        return None


def _arguments(found: Sequence[Token], at: int, *, call: bool) -> list[list[Token]]:
    """The arguments of an opcode whose name is before ``at``: in a call's parentheses, else to the line's end."""
    if at + 1 < len(found) and found[at].text == ":":
        at += 2
    closed = call and at < len(found) and found[at].text == "("
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in found[at + 1 if closed else at :]:
        if token.text == ")" and depth == 0:
            break
        if token.kind is Kind.NEWLINE and not closed:
            break
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            arguments.append([])
        elif token.kind is not Kind.NEWLINE:
            arguments[-1].append(token)
    return [] if arguments == [[]] else arguments


def macros_of(words: Iterable[str]) -> dict[str, str]:
    """The macros of the orchestra that ``words`` of a command line define."""
    found = {}
    for word in words:
        _, is_macro, definition = word.partition("--omacro:")
        if is_macro:
            name, _, value = definition.partition("=")
            found[name] = value
    return found
