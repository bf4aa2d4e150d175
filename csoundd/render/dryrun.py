"""What a piece reads, before it is rendered: names are made at run time, so its notes are begun, and nothing is heard.

Csound's own ``-I`` begins and ends each note of the score at once. What a piece opens then is known with its content,
and what is missing with its name, in the time of some milliseconds however long the piece is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from csoundd.errors import CsounddError, EngineError
from csoundd.limits import RENDER_DRY_SECONDS
from csoundd.render.inputs import Hashes, SearchPath, where_to_look
from csoundd.render.messages import is_missing_file, missing_name
from csoundd.render.pool import Renderer
from csoundd.render.work import FILES, Work
from csoundd.syntax.csd import parse
from csoundd.syntax.repeatable import macros_of, what_begins_later, why_not_tried

_NAMES_FILES: Final = re.compile(
    r'"[^"\n]*\.[A-Za-z]\w{0,5}"|\b(?:soundin|diskin2?|loscilx|sndload)\b|^f[^"\n]*"', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Input:
    """A file that a piece reads: its name as Csound opened it, and its content."""

    name: str
    path: Path
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that a piece does not find: its name, and what Csound says of it."""

    name: str
    told: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a piece reads, as far as that is known before it is rendered."""

    read: tuple[str, ...]
    """The names of the files that it opens, as Csound does."""

    missing: tuple[Missing, ...]
    looked_in: tuple[str, ...]
    """Where it looks for files, in words: its own folder, and those of SSDIR and the like."""

    later: str = ""
    """Why it may read more while it plays; empty where it does not."""

    def check(self) -> None:
        """Raise EngineError where something is missing, with its name and where it was looked for."""
        if self.missing:
            names = list(dict.fromkeys(each.name for each in self.missing))
            verb = "is" if len(names) == 1 else "are"
            raise EngineError(f"{_listed(names)} {verb} missing", hint=f"looked for in {_listed(self.looked_in)}")


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def names_files(text: str) -> bool:
    """Whether a piece seems to read a file at all: where it does not, it need not be tried."""
    return _NAMES_FILES.search(text) is not None


async def inputs_of(pool: Renderer, work: Work) -> Inputs:
    """What a piece reads. Raises what :meth:`Pool.render` does for one that does not compile, or not in time.

    The notes of one that runs programs, writes files or sends something are not begun: its includes are known only.
    """
    search, csd, macros = SearchPath.of(work), parse(work.text), macros_of(work.words)
    acts = why_not_tried(csd, macros, search.text)
    opens = what_begins_later(csd, macros, search.text)
    read: list[str] = []
    missing: list[str] = []

    def hear(event: dict[str, Any]) -> None:
        if event["event"] == FILES:
            read[:], missing[:] = event["read"], event["missing"]

    try:
        await pool.render(replace(work, dry="code" if acts else "notes"), hear, timeout=RENDER_DRY_SECONDS)
    except CsounddError as failure:
        # An include that is not there is an error of the code, and no warning.
        told = [each for each in failure.message.split("; ") if is_missing_file(each)]
        if not told:
            raise
        missing[:] = told
    later = f"its notes are not begun before, as {acts}" if acts else f"{opens} begins more while it plays"
    return Inputs(
        read=tuple(dict.fromkeys(read)),
        missing=tuple(Missing(missing_name(line), line) for line in missing),
        looked_in=where_to_look(work),
        later=later if acts or opens else "",
    )


def hashed(work: Work, inputs: Inputs, hashes: Hashes) -> list[Input]:
    """The files that a piece reads, with their content; each once, and without one that is gone meanwhile."""
    found = {}
    for name in inputs.read:
        path = Path(os.path.normpath(Path(work.folder, name)))
        if path not in found and (digest := hashes.of(path)) is not None:
            found[path] = Input(name, path, digest, path.stat().st_size)
    return list(found.values())
