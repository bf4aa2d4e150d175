"""Fetches pinned packages through npm, checks them against the lock file, and takes single files out of them.

npm is only asked for the two archives: what they depend on in a browser is never installed, and nothing of theirs runs
but binaryen's converter.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Final

from csoundd.engine.csound.wasm.build.pins import Package
from csoundd.errors import EngineUnavailable

FETCH_LIMIT: Final = 300.0
"""Seconds for 28 MB over a slow line."""


def program(name: str) -> str:
    """The path of one of Node.js's programs. Raises EngineUnavailable where it is not installed."""
    path = shutil.which(name)
    if path is None:
        raise EngineUnavailable(
            f"the embedded engine is made with {name}, which was not found",
            hint="install Node.js 20 or later with npm (Debian: apt-get install nodejs npm), "
            "then run csoundd engine install wasm",
        )
    return path


def fetched(package: Package, folder: Path) -> Path:
    """The archive of ``package``, in ``folder``.

    Raises EngineUnavailable where npm cannot get it, or where it is not what the lock file says.
    """
    options = ["--loglevel=error", "--ignore-scripts", "--pack-destination", str(folder)]
    command = [program("npm"), "pack", package.spec, *options]
    try:
        result = subprocess.run(  # noqa: S603 - npm, with a name and a version of our own
            command, cwd=folder, capture_output=True, text=True, timeout=FETCH_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(f"npm did not fetch {package.spec} within {FETCH_LIMIT:g} s") from None
    if result.returncode != 0:
        raise EngineUnavailable(f"npm could not fetch {package.spec}", hint=_last_lines(result.stderr))
    archive = folder / result.stdout.split()[-1]
    _check(archive, package)
    return archive


def _last_lines(text: str) -> str:
    return " ".join(text.strip().splitlines()[-3:]) or "npm gave no reason"


def _check(archive: Path, package: Package) -> None:
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{found}" != package.integrity:
        archive.unlink()
        raise EngineUnavailable(f"npm's {package.spec} is not the one that the lock file pins: it was not used")


def extracted(archive: Path, member: str, folder: Path) -> Path:
    """One file of an archive, written to ``folder`` under its own name."""
    with tarfile.open(archive) as opened:
        source = opened.extractfile(f"package/{member}")
        if source is None:
            raise EngineUnavailable(f"{archive.name} has no {member}")
        target = folder / Path(member).name
        target.write_bytes(source.read())
    return target
