"""The environment of a process that runs an engine, and what its exit status says.

It stands apart from the host's process and the link to it: what only starts renders needs neither, nor numpy.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.options import HostOptions


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


def temporary_folder(options: HostOptions) -> dict[str, str]:
    """Where a host that is confined has its temporary files: in a folder that no other user can reach.

    One for all: a daemon that is killed could not remove it.
    """
    if options.confine == "off" or sys.platform == "win32":
        return {}
    folder = Path(gettempdir()) / f"csoundd-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
            return {"TMPDIR": str(folder)}
    return {}


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


def cause_of(status: int) -> str:
    """What the exit status of a host says: negative is the signal that ended it."""
    if status >= 0:
        return f"it exited with status {status}"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
