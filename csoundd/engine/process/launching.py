"""How a host is launched: its command line and its environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from csoundd.engine.options import HostOptions


def command_line(options: HostOptions, link: int, memory: int) -> list[str]:
    """The host's command line, with the descriptors of the link and of the shared memory."""
    descriptors = map(str, (link, memory, os.getpid()))
    return [sys.executable, "-m", "csoundd.engine.host", *descriptors, options.told()]


def environment(options: HostOptions) -> dict[str, str]:
    """The host's environment. It starts in another folder, so this package must be found without it."""
    told = dict(options.environment)
    own = {name: value for name, value in (os.environ | told).items() if value is not None}
    root = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return (
        own
        | _search_paths(options, own)
        | {
            "LIBCSOUND_INSTALL": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": path,
            "PYTHONSAFEPATH": "1",
        }
    )


def _search_paths(options: HostOptions, own: dict[str, str]) -> dict[str, str]:
    """Where Csound looks for what it reads and, in a host outside the workspace, puts what it writes."""
    workspace = [options.workspace] if options.folder else []
    searched = {name: [*workspace, own.get(name, "")] for name in ("INCDIR", "SADIR", "SSDIR")}
    searched["SSDIR"] += [own.get("SFDIR", "") if options.folder else "", *options.samples]
    paths = {name: ";".join(filter(None, folders)) for name, folders in searched.items() if any(folders)}
    return paths | ({"SFDIR": options.folder} if options.folder else {})
