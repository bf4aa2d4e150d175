"""How a host is launched: the library that it loads, its command line and its environment."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from csoundd.engine.csound.native.libraries import chosen, named
from csoundd.engine.csound.native.plugins import plugin_variables
from csoundd.engine.csound.wasm.build.cache import place
from csoundd.engine.options import HostOptions
from csoundd.errors import EngineUnavailable


def placed(options: HostOptions) -> HostOptions:
    """``options`` with the library that its engine means, or without one for the embedded engine.

    ``auto`` is the newest native library that loads, else the embedded engine. Raises EngineUnavailable where there is
    none, or where what was named cannot be used, be it by LIBCSOUNDPATH.
    """
    if options.engine == "wasm":
        return replace(options, library=None)
    try:
        return replace(options, library=chosen(options.engine))
    except EngineUnavailable as no_library:
        embedded = place().module.exists()
        if embedded and options.engine == "auto" and not named():
            return replace(options, library=None)
        instead = "--engine wasm is Csound 7 in a sandbox" if embedded else "run csoundd engine install wasm"
        no_library.hint = f"{no_library.hint}; or {instead}" if no_library.hint else instead
        raise


def command_line(options: HostOptions, link: int, memory: int, *, standby: bool) -> list[str]:
    """The host's command line, with the descriptors of the link and of the shared memory.

    One that is to stand by is told only which library to load, none being the embedded engine.
    """
    descriptors = map(str, (link, memory, os.getpid()))
    library = "" if options.library is None else options.library.path
    return [sys.executable, "-m", "csoundd.engine.host", *descriptors, library if standby else options.told()]


def environment(options: HostOptions) -> dict[str, str]:
    """The host's environment. It starts in another folder, so this package must be found without it."""
    told = dict(options.environment)
    own = {name: value for name, value in (os.environ | told).items() if value is not None}
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return (
        own
        | _search_paths(options, own)
        | _library(options, own)
        | {
            "LIBCSOUND_INSTALL": "0",
            # Options that nobody gave csoundd: Csound reads an empty file in place of those of HOME.
            "CSOUND6RC": os.devnull,
            "CSOUND7RC": os.devnull,
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": path,
            "PYTHONSAFEPATH": "1",
        }
    )


def _library(options: HostOptions, own: dict[str, str]) -> dict[str, str]:
    """Which library it is and where its plug-ins are, for an engine that has one."""
    if options.library is None:
        return {}
    plugins = plugin_variables(options.library, own, options.opcode_dir)
    return plugins | {"LIBCSOUNDPATH": options.library.path}


def _search_paths(options: HostOptions, own: dict[str, str]) -> dict[str, str]:
    """Where Csound looks for what it reads and, in a host outside the workspace, puts what it writes."""
    workspace = [options.workspace] if options.folder else []
    searched = {name: [*workspace, own.get(name, "")] for name in ("INCDIR", "SADIR", "SSDIR")}
    searched["SSDIR"] += [own.get("SFDIR", "") if options.folder else "", *options.samples]
    paths = {name: ";".join(filter(None, folders)) for name, folders in searched.items() if any(folders)}
    return paths | ({"SFDIR": options.folder} if options.folder else {})
