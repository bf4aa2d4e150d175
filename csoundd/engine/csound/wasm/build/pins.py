"""What is installed: the packages that npm's lock file pins, and the hash of the module made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

CSOUND: Final = "@csound/browser"
BINARYEN: Final = "binaryen"

MODULE_SHA256: Final = "11414df6df7c3c44c4382cce4ffdd84b29beb44c48dc80ffcc4460ef6c74dc2e"
"""Of the converted module: the packages are pinned and every step is deterministic, so it is the same everywhere."""


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package as the lock file pins it; ``integrity`` is ``sha512-`` and the hash in base64."""

    name: str
    version: str
    integrity: str

    @property
    def spec(self) -> str:
        """How npm is asked for it."""
        return f"{self.name}@{self.version}"


def pinned(name: str) -> Package:
    """The package ``name`` of the lock file."""
    lock = json.loads((files(__package__) / "npm" / "package-lock.json").read_text(encoding="utf-8"))
    entry = lock["packages"][f"node_modules/{name}"]
    return Package(name, entry["version"], entry["integrity"])
