"""The native engine's spec: a Csound library of this machine, 7 or 6.18."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from csoundd.engine.csound.library import NativeLibrary, Origin
from csoundd.engine.csound.native.libraries import Refusal, chosen, found, named
from csoundd.engine.csound.native.plugins import plugin_variables, user_folders
from csoundd.engine.csound.spec import Capabilities, EngineFound, EngineSpec
from csoundd.errors import EngineUnavailable

if TYPE_CHECKING:
    from csoundd.engine.csound.backend import Backend, BackendContext, BackendOptions

ISOLATED: Final = "csoundd.engine.csound.native.isolated"
CSOUND_6_MAJOR: Final = 6
OF_A_MAJOR_VERSION: Final = re.compile(r"native:\d+")

ORIGINS: Final[dict[Origin, str]] = {
    "LIBCSOUNDPATH": "named by LIBCSOUNDPATH",
    "cycsound": "carried by the package cycsound",
    "system": "installed on this system",
    "path": "named by its path",
}


class NativeSpec(EngineSpec):
    """The libraries: ``native``, ``native:7``, ``native:6``, or the path of one."""

    name = "native"
    # docs/upstream-faults.md#csound-device-lists
    capabilities = Capabilities(confinable=True, isolating_module=ISOLATED, writes_output=True)

    def means(self, name: str) -> bool:
        is_path = "/" in name or "\\" in name
        return name == self.name or is_path or OF_A_MAJOR_VERSION.fullmatch(name) is not None

    def chosen(self, name: str) -> NativeLibrary:
        return chosen(name)

    def insists(self) -> bool:
        return named()

    def found(self) -> list[EngineFound]:
        try:
            best = chosen()
        except EngineUnavailable:
            best = None
        return [_found(each, best) for each in found()]

    def lacks(self, found: EngineFound) -> Mapping[str, str]:
        from csoundd.api import UNSUPPORTED, UNSUPPORTED_BY_CSOUND_6  # noqa: PLC0415 - to find a library takes no API

        if found.library is None:
            return {}
        return UNSUPPORTED_BY_CSOUND_6 if found.library.major == CSOUND_6_MAJOR else UNSUPPORTED

    def environment(self, library: NativeLibrary, given: Mapping[str, str], opcode_dir: str) -> dict[str, str]:
        return plugin_variables(library, given, opcode_dir) | {"LIBCSOUNDPATH": library.path}

    def lists_opcodes_by(self) -> list[str]:
        return [ISOLATED, json.dumps({"call": "opcodes", "args": [], "parent": os.getpid()})]

    def preload(self, library: str) -> None:
        with suppress(EngineUnavailable):
            from csoundd.engine.csound.native.backend import NativeBackend  # noqa: F401, PLC0415 - as below
            from csoundd.engine.csound.native.binding import open_library  # noqa: PLC0415

            open_library(library)

    def backend(self, options: BackendOptions, context: BackendContext) -> Backend:
        from csoundd.engine.csound.native.backend import NativeBackend  # noqa: PLC0415 - the front has no use for it

        return NativeBackend(options, context)


def _found(each: NativeLibrary | Refusal, best: NativeLibrary | None) -> EngineFound:
    if isinstance(each, Refusal):
        note = f"{each.reason}: {each.hint}" if each.hint else each.reason
        return EngineFound(NativeSpec.name, "", each.path, note=note)
    folders = (*each.plugin_folders, *user_folders(each, os.environ))
    return EngineFound(each.name, each.version, each.path, folders, each == best, ORIGINS[each.origin], each)


SPEC: Final = NativeSpec()
