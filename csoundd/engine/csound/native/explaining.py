"""What Csound itself says over an option that it refuses.

Only while it compiles a command line may Csound 6.18 find a mistake in an option: anywhere else it jumps to where
nobody waits, and crashes. So it is asked by that call, in an instance of its own that lives for this question.
"""

from __future__ import annotations

import re
from typing import Final

from csoundd.engine.csound.native.binding import NativeBinding

COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
AFTER_USAGE: Final = "flag defaults:"
"""The last line of the list of options that stands before most of these messages."""

BEFORE_WORDS: Final = re.compile(r"^Csound Command ERROR:\s*")
OF_ALL: Final = frozenset({"no orchestra name", "...failing to parse options"})
"""What it says of this command line whatever the option."""

GREETINGS: Final = ("--Csound version", "[commit", "libsndfile")


def words_on(csound: NativeBinding, option: str) -> str:
    """The message that ``option`` gets, on one line; ``csound`` is a new instance, which is freed with the answer."""
    try:
        csound.csoundCreateMessageBuffer(0)
        csound.compile("csound", option)
        said = ""
        while csound.csoundGetMessageCnt() > 0:
            said += (csound.csoundGetFirstMessage() or b"").decode(errors="replace")
            csound.csoundPopFirstMessage()
        csound.csoundDestroyMessageBuffer()
    finally:
        csound.destroy()
    return _essence(COLOURS.sub("", said))


def _essence(said: str) -> str:
    lines = [line.strip() for line in said.splitlines()]
    usage = max((number for number, line in enumerate(lines) if line.startswith(AFTER_USAGE)), default=-1)
    words = [BEFORE_WORDS.sub("", line) for line in lines[usage + 1 :] if line]
    return " ".join(word for word in words if not word.startswith(GREETINGS) and word not in OF_ALL)
