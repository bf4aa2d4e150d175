"""What is done to the text of a CSD before Csound reads it.

Csound finds a section only where its tag stands alone on a line, and an option in a CSD could open Csound's
own network port, which compiles whatever anybody sends it. Both are put right here.
"""

from __future__ import annotations

import re
from typing import Final

PORT_OPTION: Final = re.compile(r"(?<!\S)--?port(?:=|\s+)?\S*", re.IGNORECASE)
OPTIONS_SECTION: Final = re.compile(r"(<CsOptions>)(.*?)(</CsOptions>)", re.DOTALL)
TAG: Final = r"</?(?:CsoundSynthesi[sz]er|CsOptions|CsInstruments|CsScore)(?:\s[^>\n]*)?>"
TEXT_BEFORE_TAG: Final = re.compile(rf"(?<=[^\s])[ \t]*({TAG})")
TEXT_AFTER_TAG: Final = re.compile(rf"({TAG})[ \t]*(?=[^\s])")


def prepared(text: str) -> tuple[str, list[str]]:
    """``text`` as Csound is to read it, and warnings about what was taken out."""
    warnings: list[str] = []

    def without_ports(section: re.Match[str]) -> str:
        options, removed = PORT_OPTION.subn(" ", section[2])
        if removed:
            warnings.append("--port is ignored: csoundd never opens Csound's own network port\n")
        return section[1] + options + section[3]

    text = OPTIONS_SECTION.sub(without_ports, text)
    return TEXT_AFTER_TAG.sub(r"\1\n", TEXT_BEFORE_TAG.sub(r"\n\1", text)), warnings
