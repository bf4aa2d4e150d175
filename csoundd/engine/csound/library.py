"""A Csound library of this machine, as it is found before one is loaded.

It stands apart from what an engine is: what only chooses one imports neither numpy nor the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Origin = Literal["LIBCSOUNDPATH", "cycsound", "system", "path"]


@dataclass(frozen=True, slots=True)
class NativeLibrary:
    """A library that loads. ``name`` chooses it: ``native:7`` for the first of a major version, else its path.

    ``plugin_folders`` are those that come with it.
    """

    name: str
    path: str
    version: str
    plugin_folders: tuple[str, ...]
    origin: Origin

    @property
    def number(self) -> tuple[int, ...]:
        """The version, to be compared."""
        return tuple(map(int, self.version.split(".")))

    @property
    def major(self) -> int:
        """6 or 7."""
        return self.number[0]

    @property
    def plugin_variable(self) -> str:
        """The variable that names the folder of its plug-ins, where that is another one."""
        return f"OPCODE{self.major}DIR64"

    def described(self) -> str:
        """Its name in a sentence."""
        where = "carried by cycsound" if self.origin == "cycsound" else self.path
        return f"Csound {self.version} ({where})"
