"""The file that a script has Csound write to: the daemon writes it, and it is fetched to where the script asked."""

from __future__ import annotations

import logging
import os
import re
from itertools import count
from pathlib import Path
from typing import Final
from uuid import uuid4

from csoundd_client.dropin.workspace import Workspace
from csoundd_client.failures import CsounddError

_log = logging.getLogger("csoundd_client")

NO_FILES: Final = ("dac", "devaudio", "/dev/", "|", "-")
_WORD: Final = re.compile(r"(?:-[A-Zcau8s3lfvdghRNTDKn]*o|--output=)(.*)", re.DOTALL)


def names_file(name: str) -> bool:
    """Whether an output of this name is a file, and no device, pipe or nothing."""
    return bool(name) and name not in {"stdout", "null", "NULL"} and not name.startswith(NO_FILES)


def output_word(words: list[str]) -> tuple[int, int, str] | None:
    """Where a command line says the output: the first of its words, how many they are, and the name."""
    found = None
    for number, word in enumerate(words):
        match = _WORD.fullmatch(word)
        if match and match[1]:
            found = number, 1, match[1]
        elif match and not word.startswith("--") and number + 1 < len(words):
            found = number, 2, words[number + 1]
    return found


class OutputFile:
    """An output on its way: ``name`` is what the daemon calls it, under which nobody else has a file."""

    def __init__(self, workspace: Workspace, asked: str) -> None:
        self._workspace = workspace
        folder = os.environ.get("SFDIR", "") if "/" not in asked else ""
        self._place = Path(folder, asked).absolute()
        stem, suffix = (re.sub(r"[^\w.-]", "_", part) for part in (self._place.stem, self._place.suffix))
        self.name = f"{stem}-{uuid4().hex[:12]}{suffix}"

    def fetch(self) -> None:
        """Bring it to where the script asked for it. Raises CsounddError where there is none, OSError for the disk.

        Where the engine died while it wrote, what had been written until then is brought as well, under numbered names.
        """
        stem, dot, suffix = self.name.rpartition(".")
        for number in count(1):
            earlier = f"{stem}-{number}{dot}{suffix}" if dot else f"{self.name}-{number}"
            place = self._place.with_stem(f"{self._place.stem}-{number}")
            try:
                self._workspace.fetch(earlier, place)
            except CsounddError:
                break
            self._workspace.delete(earlier)
            _log.warning("the engine died while it wrote %r: what it had written is %r", str(self._place), str(place))
        try:
            self._workspace.fetch(self.name, self._place)
            self._workspace.delete(self.name)
        except CsounddError as error:
            raise CsounddError(f"the output {str(self._place)!r} was not written: {error}") from error
