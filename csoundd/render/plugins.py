"""Plug-ins: which of a library's a piece needs, as to load them all takes longer than many a piece.

Each plug-in brings opcodes, whose names are found out once for each installation and kept in the user's cache folder. A
piece whose text cannot name an opcode has no use for it. Whatever is not known for sure is loaded: plug-ins that bring
anything but opcodes, and all of them for a piece that puts names together or compiles code while it plays.

Of 6.18 as Debian has it, an instance takes 1.2 ms of CPU time with no plug-ins and 10 ms with all 25.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from platformdirs import user_cache_path

from csoundd.syntax.csd import parse
from csoundd.whole_file import write_whole

FORMAT: Final = 2
"""The version of what is kept."""

ENDING: Final = ".so"
NO_HANDLERS: Final = 3
"""``csoundInitialize``: neither signal handlers nor anything at the end of the process."""

CSOUND_7: Final = 7000
OPERATORS: Final = b"##"
"""How the names of operators begin, which the list of opcodes leaves out: what brings them is always loaded."""

GENERATORS: Final = b"csound_fgen_init"
"""What a plug-in exports that brings GEN routines. A score names these by numbers: what brings them is always loaded.

Csound 7's ``libmp3in.so`` brings opcodes and GEN49.
"""

DEVICES: Final = re.compile(r"lib(rt\w+|\w*midi)\.so")
"""Plug-ins that bring no opcodes, but drivers: what renders to a file has no use for them unless options name one."""

_WORD: Final = re.compile(r"[A-Za-z_]\w*")
_UNSURE: Final = re.compile(
    r"[#]\s*include|\w\$|\$\w+\.[\w$]|\$\w+\([^)\n]*\)\.?[\w$]|\w\\[ \t]*\n"
    r"|\b(?:\w*compile\w*|eval\w*|py\w+|lua\w*|create|bin)\b",
    re.IGNORECASE,
)
"""Names from elsewhere, names that are put together, and code that is made while the piece plays."""

_DRIVERS: Final = re.compile(r"-[MQ]|midi|\+rt|rtaudio|adc", re.IGNORECASE)


class _Opcode(Structure):
    _fields_ = (("name", c_char_p), ("outputs", c_char_p), ("inputs", c_char_p), ("flags", c_int))


@dataclass(frozen=True, slots=True)
class Plugins:
    """The plug-ins in a folder, each with the names of its opcodes; with none for one that is always loaded."""

    folder: Path
    place: Path
    """Where folders with some of them are made, which hold links."""

    opcodes: Mapping[str, frozenset[str]]

    @classmethod
    def known(cls, library: str, folder: str) -> Self | None:
        """Those of a library, None where they have not been looked through yet."""
        place = _place(library, folder)
        try:
            found = json.loads((place / "opcodes.json").read_bytes())
            return cls(Path(folder), place, {name: frozenset(opcodes) for name, opcodes in found.items()})
        except (OSError, ValueError, AttributeError, TypeError):
            return None

    def needed(self, text: str, words: tuple[str, ...]) -> list[str] | None:
        """The names of those that a CSD with these options may need; None where that cannot be told."""
        if _UNSURE.search(text) or any(map(_UNSURE.search, words)):
            return None
        used = {*_WORD.findall(text), *(word for option in words for word in _WORD.findall(option))}
        silent = not any(map(_DRIVERS.search, (parse(text).options, *words)))
        return sorted(
            name
            for name, opcodes in self.opcodes.items()
            if not opcodes.isdisjoint(used) or not (opcodes or (silent and DEVICES.fullmatch(name)))
        )

    def chosen(self, text: str, words: tuple[str, ...]) -> Path:
        """The folder with what a piece needs, or that with all of them."""
        names = self.needed(text, words)
        if names is None:
            return self.folder
        folder = self.place / hashlib.sha256("/".join(names).encode()).hexdigest()[:16]
        if folder.is_dir():
            return folder
        try:
            made = Path(tempfile.mkdtemp(prefix=".", dir=self.place))
            for name in names:
                (made / name).symlink_to(self.folder / name)
            with suppress(OSError):
                # Another process may have made it meanwhile.
                made.rename(folder)
        except OSError:
            return self.folder
        return folder if folder.is_dir() else self.folder


def _place(library: str, folder: str) -> Path:
    """Where is kept what is known of these files, as they are now."""
    files = [library, *sorted(str(path) for path in Path(folder).glob(f"*{ENDING}"))]
    told = [FORMAT, folder]
    for file in files:
        status = os.stat(file)  # noqa: PTH116 - a path as the loader is given it
        told.append([file, status.st_size, status.st_mtime_ns])
    name = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
    return user_cache_path("csoundd", appauthor=False) / "plugins" / name


def learn(library: str, folder: str) -> None:
    """Find out which opcodes the plug-ins in a folder bring, and keep it. For a process that ends afterwards."""
    place = _place(library, folder)
    place.mkdir(parents=True, exist_ok=True)
    write_whole(place / "opcodes.json", json.dumps(_opcodes_of(library, folder)).encode("ascii"))


def _opcodes_of(library: str, folder: str) -> dict[str, list[str]]:
    with tempfile.TemporaryDirectory() as made:
        empty = Path(made, "none")
        empty.mkdir()
        for major in (6, 7):
            os.environ[f"OPCODE{major}DIR64"] = str(empty)
        os.environ["CS_USER_PLUGINDIR"] = str(empty)
        csound = ctypes.CDLL(library)
        csound.csoundInitialize(NO_HANDLERS)
        csound.csoundCreate.restype = c_void_p
        new = csound.csoundGetVersion() >= CSOUND_7
        instance = c_void_p(csound.csoundCreate(None, None) if new else csound.csoundCreate(None))
        before = _listed(csound, instance)
        found: dict[str, list[str]] = {}
        for path in sorted(Path(folder).glob(f"*{ENDING}")):
            alone = Path(made, path.stem)
            alone.mkdir()
            (alone / path.name).symlink_to(path)
            csound.csoundLoadPlugins(instance, os.fsencode(alone))
            after = _listed(csound, instance)
            # One that brings what there was already may stand in its place: which of the two, is for Csound to say.
            twice = any(after[each] > 1 for each in after - before)
            always = twice or any(mark in path.read_bytes() for mark in (OPERATORS, GENERATORS))
            found[path.name] = [] if always else sorted({name for name, _, _ in after - before})
            before = after
    return found


def _listed(csound: ctypes.CDLL, instance: c_void_p) -> Counter[tuple[str, str, str]]:
    entries = POINTER(_Opcode)()
    count = csound.csoundNewOpcodeList(instance, byref(entries))
    texts = [(entries[n].name, entries[n].outputs, entries[n].inputs) for n in range(count)]
    csound.csoundDisposeOpcodeList(instance, entries)
    return Counter(tuple((text or b"").decode(errors="replace") for text in each) for each in texts)  # type: ignore[misc]
