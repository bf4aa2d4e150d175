"""The command line and the environment of a host."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.options import HostOptions


def command_line(options: HostOptions, link: int, memory: int, *, standby: bool) -> list[str]:
    """The host's command line, with the descriptors of the link and of the shared memory.

    One that is to stand by is told only which engine to load, and which library.
    """
    descriptors = map(str, (link, memory, os.getpid()))
    library = "" if options.library is None else options.library.path
    told = json.dumps([options.place, library]) if standby else options.to_json()
    return [sys.executable, "-m", "csoundd.engine.host", *descriptors, told]


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
    return spec_at(options.place).environment(options.library, own, options.opcode_dir)


def _search_paths(options: HostOptions, own: dict[str, str]) -> dict[str, str]:
    """Where Csound looks for what it reads and, in a host outside the workspace, puts what it writes."""
    workspace = [options.workspace] if options.folder else []
    searched = {name: [*workspace, own.get(name, "")] for name in ("INCDIR", "SADIR", "SSDIR")}
    searched["SSDIR"] += [own.get("SFDIR", "") if options.folder else "", *options.samples]
    paths = {name: ";".join(filter(None, folders)) for name, folders in searched.items() if any(folders)}
    return paths | ({"SFDIR": options.folder} if options.folder else {})
