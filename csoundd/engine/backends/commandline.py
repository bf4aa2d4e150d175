"""Options before they reach Csound.

Csound 6 crashes on a long option that it does not know, and Csound 7 lets it pass
(docs/upstream-faults.md#csound6-unknown-option). ``--port`` is never let through
(docs/upstream-faults.md#csound-udp-port).
"""

from __future__ import annotations

from typing import Final

from csoundd.errors import Forbidden, InvalidParams

LONG_OPTIONS: Final = frozenset(
    """
    0dbfs aft-zero aiff asciidisplay au control-rate cscore csd-line-nums daemon defer-gen1 devices displays
    dither dither-triangular dither-uniform expression-opt extract-score fftlib format get-system-sr
    hardwarebufsamps heartbeat i-only ignore_csopts input iobufsamps ircam keep-sorted-score ksmps limiter logfile
    m-amps m-benchmarks m-colours m-dB m-range m-raw m-warnings max_str_len messagelevel messageolevel midi-device
    midi-devices midi-key midi-key-cps midi-key-oct midi-key-pch midi-velocity midi-velocity-amp midifile
    midioutfile mpeg nchnls nchnls_i no-default-paths nodisplays no-expression-opt noheader nopeaks nosound notify
    num-threads ogg opcode-dir opcode-lib opcode-omit orc output port postscriptdisplay realtime rewrite rtaudio
    rtmidi sample-accurate sample-rate sched score-in simple-sorted-score sinesize syntax-check-only tempo
    terminate-on-midi udp-echo use-system-sr vbr vbr-quality verbose wave
    """.split()  # noqa: SIM905 - a hundred names read better so
)
PREFIXES: Final = ("env:", "omacro:", "smacro:", "strset", "list-opcodes")
ENDING: Final = frozenset({"help", "version", "utility"})
"""What makes Csound print something and end: of no use in an engine, and it crashes on some of them."""

NEED_VALUE: Final = frozenset({"-o", "-i", "-b", "-B", "-k", "-r", "-j", "-F", "-M", "-Q", "-L", "-t", "-x", "-T"})


def checked(option: str) -> list[str]:
    """``option`` as the words that Csound takes one by one.

    Raises InvalidParams for an option that there is not, or that lacks its value, and Forbidden for one that
    opens Csound's own network port.
    """
    words: list[str] = []
    for word in option.split():
        if words and words[-1] in NEED_VALUE:
            words[-1] += word
        else:
            words.append(word)
    for word in words:
        _check(word)
    return words


def _check(word: str) -> None:
    name = word.removeprefix("--").partition("=")[0]
    if word in NEED_VALUE:
        raise InvalidParams(f"the option {word} needs a value")
    if not word.startswith("--"):
        return
    if name == "port":
        raise Forbidden(
            "csoundd never opens Csound's own network port: anybody who reaches it can run code",
            hint="clients compile over csoundd's own connections",
        )
    if name in ENDING or (name not in LONG_OPTIONS and not name.startswith(PREFIXES)):
        raise InvalidParams(f"there is no option {word.partition('=')[0]}", hint="csound --help lists the options")
