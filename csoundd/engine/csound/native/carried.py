"""The Csound that the package cycsound carries: what is expected in it, and where it is.

The package is used as a box. Its Python code and its extension are never imported: they would bring a second Csound
into the process. Version 0.2.3 carries the official Csound 7.0.0, built by one author; so it is pinned, and what is
not exactly this is not loaded.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from csoundd.errors import EngineUnavailable

PACKAGE: Final = "cycsound"
PACKAGE_VERSION: Final = "0.2.3"
CSOUND_VERSION: Final = "7.0.0"
PLUGINS: Final = "cycsound/plugins"
INSTALL: Final = f"pip install --force-reinstall '{PACKAGE}=={PACKAGE_VERSION}'"


@dataclass(frozen=True, slots=True)
class Expected:
    """The contents of one platform's wheels, the same for Python 3.11 to 3.14.

    ``plugins_sha256`` is of the lines "name sha256" of all files in the plug-in folder, in order.
    """

    library: str
    sha256: str
    plugins: int
    plugins_sha256: str


EXPECTED: Final = {
    "linux-x86_64": Expected(
        library="cycsound.libs/libcsound64-e55a4e17.so.7.0",
        sha256="8e51bac772fdc0e6616b883fb780b0bde49c7120eb45ec0913efd4de5cf01734",
        plugins=92,
        plugins_sha256="9869ee97825310812f263f50f366f4b5c23bd86abd032398baa9c6cd5c719c86",
    ),
    "darwin-arm64": Expected(
        library="cycsound/.dylibs/CsoundLib64",
        sha256="66dd9dd511a3b8d5b72270d7fabaf761ec137061bcaf8da4e73bd5759c36f7c7",
        plugins=8,
        plugins_sha256="e6e88ead50ad78b5822a0115431ec62037398dce42f3d9f7730e62c38e4358c4",
    ),
    "darwin-x86_64": Expected(
        library="cycsound/.dylibs/CsoundLib64",
        sha256="0eb6b67701c2cfb1975611080b5b76497b31f2a6c9b9696ec7623a30c701fb85",
        plugins=8,
        plugins_sha256="b7992153b3d7f9c38da549dbd87eb3571a3d6c313aecec91d8c02bf4af7f442b",
    ),
    "win32-amd64": Expected(
        library="cycsound.libs/csound7_64-83128e2d1a1d42d4b0643553daee5709.dll",
        sha256="83128e2d1a1d42d4b0643553daee5709e2ba55145b9f522e8609660faefe96e4",
        plugins=8,
        plugins_sha256="5b2dea18d38766515e2c8ee3c3cac181a4c2ac633ce80e18b6d4840d5edb1013",
    ),
}
"""By ``sys.platform`` and machine. A new version of the package: the hashes of its wheels go here, and nowhere else."""


@dataclass(frozen=True, slots=True)
class Carried:
    """The paths of the library and of its plug-ins."""

    library: Path
    plugins: Path


def this_platform() -> str:
    """The key of this machine in EXPECTED."""
    return f"{sys.platform}-{platform.machine().lower()}"


def carried() -> Carried:
    """The library and the plug-ins of the installed package, found to be what is expected.

    Raises EngineUnavailable where the package is not there or is another one, with what to do about it.
    """
    expected = EXPECTED.get(this_platform())
    if expected is None:
        raise EngineUnavailable(
            f"{PACKAGE} carries no Csound for {this_platform()}",
            hint="install Csound 7 or 6.18 (Debian: libcsound64-6.0)",
        )
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError:
        raise EngineUnavailable(f"the package {PACKAGE} is not installed", hint=f"run {INSTALL}") from None
    return _checked(package, expected)


def _checked(package: Distribution, expected: Expected) -> Carried:
    if package.version != PACKAGE_VERSION:
        raise EngineUnavailable(
            f"{PACKAGE} {package.version} is installed, and csoundd knows what {PACKAGE_VERSION} holds",
            hint=f"run {INSTALL}",
        )
    library = Path(str(package.locate_file(expected.library)))
    plugins = Path(str(package.locate_file(PLUGINS)))
    if not library.is_file():
        raise EngineUnavailable(f"{PACKAGE} {package.version} holds no {expected.library}", hint=f"run {INSTALL}")
    if _sha256(library) != expected.sha256:
        raise EngineUnavailable(
            f"{library} is not the library that {PACKAGE} {PACKAGE_VERSION} holds", hint=f"run {INSTALL}"
        )
    found = sorted(path for path in plugins.glob("*") if path.is_file()) if plugins.is_dir() else []
    lines = "".join(f"{path.name} {_sha256(path)}\n" for path in found)
    if hashlib.sha256(lines.encode()).hexdigest() != expected.plugins_sha256:
        raise EngineUnavailable(
            f"the {len(found)} plug-ins in {plugins} are not the {expected.plugins} of {PACKAGE} {PACKAGE_VERSION}",
            hint=f"run {INSTALL}; plug-ins of your own belong into a folder of their own",
        )
    return Carried(library, plugins)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
