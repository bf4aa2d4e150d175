"""The spec of an engine, before one runs: its names, its capabilities, where it is found, and what makes it.

A package brings an engine of its own by an entry point in the group ``csoundd.engines`` that names an instance of
:class:`EngineSpec`; ``--engine package.module:NAME`` takes one that is not installed. The module is imported by the
front too, which never touches a Csound: what loads an engine is imported inside ``backend`` and ``preload``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from csoundd.engine.csound.library import NativeLibrary
from csoundd.errors import EngineUnavailable

if TYPE_CHECKING:
    from csoundd.engine.csound.backend import Backend, BackendContext, BackendOptions

AUTO: Final = "auto"
"""The name that means the first built-in engine that can be used here."""

Say = Callable[[str], None]
"""Tells the user of a step that takes a while."""


@dataclass(frozen=True, slots=True)
class EngineFound:
    """One engine of this machine: ``version`` is empty where it cannot be used, ``note`` says what there is to say.

    ``plugin_folders`` are all that Csound searches, the user's too; ``library`` is what it loads, None for one that
    loads no Csound library.
    """

    engine: str
    version: str
    path: str = ""
    plugin_folders: tuple[str, ...] = ()
    auto: bool = False
    note: str = ""
    library: NativeLibrary | None = None

    @property
    def installed(self) -> bool:
        """Whether it can be used."""
        return bool(self.version)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """An engine's capabilities, by which the rest of csoundd goes in place of its name.

    Whether an engine can be interrupted, and whether it opens the sound card itself, depends on its options and its
    system: :class:`~csoundd.engine.csound.backend.Backend` says so.
    """

    installable: bool = False
    """``csoundd engine install`` makes it; others come with a package or with the system."""

    traps_by_signals: bool = False
    """Its machine code reports faults by the signals of a crash, and survives them: nobody else in the process may
    block or await them, and a signal that ends the process was sent from outside.
    """

    writes_output: bool = False
    """Csound writes its output to a file by itself, in drive ``free``; of others csoundd writes what they put out."""

    confinable: bool = False
    """Its process reads and writes files by itself, and can be confined to those it needs (``host/confinement.py``)."""

    isolating_module: str = ""
    """What asks drivers and runs utilities, which may hang or crash: a module that the front runs in a process of its
    own for each such call. Empty for an engine that serves these calls itself, or not at all.
    """


class EngineSpec(ABC):
    """A kind of engine, as ``--engine`` names it."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities] = Capabilities()

    def means(self, name: str) -> bool:
        """Whether ``name``, as given to ``--engine``, is one of this kind."""
        return name == self.name

    def chosen(self, name: str) -> NativeLibrary | None:
        """The library that ``name`` means, None for an engine that loads none.

        Raises EngineUnavailable where it cannot be used; for AUTO also where it is not there.
        """
        del name
        return None

    def insists(self) -> bool:
        """Whether the environment names this kind of engine: then AUTO takes it, or nothing."""
        return False

    def offer(self) -> str:
        """A hint for those who cannot have another engine: how to use this one. Empty for none."""
        return ""

    @abstractmethod
    def found(self) -> list[EngineFound]:
        """The engines of this kind that this machine has, or could have, the preferred one first."""

    def lacks(self, found: EngineFound) -> Mapping[str, str]:
        """The methods that an engine of this kind cannot serve, and why."""
        del found
        return {}

    def install(self, say: Say) -> EngineFound:
        """Install it, if it is not there. Raises EngineUnavailable where that does not work."""
        del say
        raise EngineUnavailable(f"{self.name} is not installed by csoundd")

    def environment(self, library: NativeLibrary, given: Mapping[str, str], opcode_dir: str) -> dict[str, str]:
        """Variables for a process that loads ``library``, beside those ``given``."""
        del library, given, opcode_dir
        return {}

    def lists_opcodes_by(self) -> list[str]:
        """The module, with its arguments, that writes the names of all opcodes to its standard output as JSON.

        It runs in a process of its own. Empty for an engine that cannot tell.
        """
        return []

    def preload(self, library: str) -> None:  # noqa: B027 - most engines have nothing to load
        """Load what an engine is made of, before one is wanted. ``library`` is the path of its library, or empty."""

    @abstractmethod
    def backend(self, options: BackendOptions, context: BackendContext) -> Backend:
        """An engine in this process, which is a host. Raises EngineUnavailable where it cannot run here."""
