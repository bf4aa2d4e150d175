"""Confines this process on Linux: to the files it needs, to no programs, to no connections over TCP.

Landlock can be asked for by any process, and asked once it holds for ever, also in what the process starts. It is asked
before Csound is opened, when everything of our own has been imported. What holds is tried out, not believed.

By system calls of our own: what PyPI has for Landlock are development versions (landlock 1.0.0.dev5, of 2025).
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from csoundd.engine.csound.registry import spec_at
from csoundd.engine.options import HostOptions
from csoundd.errors import EngineUnavailable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""The numbers of the system calls, which are the same on every processor."""

_VERSION, _PATH_BENEATH = 1, 1
_PR_SET_NO_NEW_PRIVS: Final = 38

_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_FIRST: Final = (1 << 13) - 1
"""The rights that the first version of Landlock knows."""

_SINCE: Final = {2: _REFER, 3: _TRUNCATE, 5: _IOCTL}
_OF_FILES: Final = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_TCP: Final = 1 << 0 | 1 << 1
"""To bind and to connect."""

_SIGNALS: Final = 1 << 1
_TCP_SINCE, _SCOPES_SINCE = 4, 6

SYSTEM: Final = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share",
    "/usr/local/share",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/alsa",
    "/etc/asound.conf",
    "/etc/pulse",
    "/sys/devices/system/cpu",
    "/proc/self",
    "/proc/cpuinfo",
    "/dev/urandom",
    "/dev/random",
)
"""What libraries read of the system."""

DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/snd", "/dev/midi", "/dev/shm")  # noqa: S108 - shared memory of JACK
READ_BY_NAME: Final = ("SSDIR", "SADIR", "INCDIR", "MFDIR", "OPCODE6DIR64", "OPCODE7DIR64", "CS_USER_PLUGINDIR")
WRITTEN_BY_NAME: Final = ("SFDIR", "TMPDIR")
"""Variables that name folders: whoever started the daemon has set them."""

DISCARD_PORT: Final = 9

FILES, PROGRAMS, TCP = "files", "programs", "tcp"
"""What may hold: no files but those that are named, no programs, no TCP."""


def confine(options: HostOptions) -> tuple[str, ...]:
    """Confine this process as far as ``options`` want it and the system offers it; returns what holds.

    Raises EngineUnavailable where they are strict and the system does not offer all of it.
    """
    if options.confine == "off" or not spec_at(options.place).capabilities.confinable:
        return ()
    version = _version()
    if version > 0:
        _forbid_core()
        _restrict(version, options)
    held = tuple(_held()) if version > 0 else ()
    if options.confine == "strict" and set(held) != {FILES, PROGRAMS, TCP}:
        lacking = ", ".join(sorted({FILES, PROGRAMS, TCP} - set(held)))
        raise EngineUnavailable(
            f"the engine cannot be confined here: the system does not hold it off from {lacking}",
            hint="Landlock of Linux 6.7 and later does; --confine auto takes what there is",
        )
    return held


def _version() -> int:
    """The version of Landlock, 0 where there is none."""
    if sys.platform != "linux":
        return 0
    return max(0, _called(_CREATE, None, 0, _VERSION))


def _called(number: int, *args: object) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    return int(library.syscall(ctypes.c_long(number), *args))


def _restrict(version: int, options: HostOptions) -> None:
    """Give up all rights but those to what is named here. Where a call fails, what holds is less, and is found so."""
    known = _FIRST
    for since, right in _SINCE.items():
        known |= right if version >= since else 0
    rules = [
        known,
        _TCP if version >= _TCP_SINCE else 0,
        _SIGNALS if version >= _SCOPES_SINCE else 0,
    ][: 1 if version < _TCP_SINCE else 2 if version < _SCOPES_SINCE else 3]
    attributes = struct.pack(f"={len(rules)}Q", *rules)
    ruleset = _called(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return
    try:
        reading, everything = _READ | _LIST, known & ~_EXECUTE
        for path in _read(options):
            _allow(ruleset, path, reading)
        for path in _written(options):
            _allow(ruleset, path, everything & ~_IOCTL)
        for path in DEVICES:
            _allow(ruleset, path, everything)
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _called(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str | Path, rights: int) -> None:
    """Allow ``rights`` beneath ``path``, if that is there."""
    with suppress(OSError):
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            allowed = rights if Path(path).is_dir() else rights & _OF_FILES
            _called(_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", allowed, file), 0)
        finally:
            os.close(file)


def _read(options: HostOptions) -> Iterator[str]:
    """What the process reads: the system's libraries, Python, Csound, and the folders that were named for it."""
    yield from SYSTEM
    yield from {sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)}
    yield from options.samples
    if options.library is not None:
        yield str(Path(options.library.path).resolve())
        yield str(Path(options.library.path).resolve().parent)
        yield from options.library.plugin_folders
    if options.opcode_dir:
        yield options.opcode_dir
    yield from _named(READ_BY_NAME)
    home = Path.home()
    yield from (str(home / name) for name in (".asoundrc", ".config/pulse", ".config/pipewire"))
    yield from (str(home / ".local/lib/csound"),)


def _written(options: HostOptions) -> Iterator[str]:
    """What it may change: the workspace, a folder of its own where it runs in one, and where sound is to go."""
    yield options.workspace
    if options.folder:
        yield options.folder
    yield from _named(WRITTEN_BY_NAME)


def _named(variables: Iterable[str]) -> Iterator[str]:
    for variable in variables:
        for folder in os.environ.get(variable, "").replace(os.pathsep, ";").split(";"):
            if folder and Path(folder).is_absolute():
                yield folder


def _forbid_core() -> None:
    """An engine that crashes leaves no image of its memory, which may be gigabytes, and takes no more than there is."""
    import resource  # noqa: PLC0415 - it does not exist everywhere

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    there_is = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (there_is if most < 0 else min(most, there_is), most))


def _held() -> Iterator[str]:
    """What the system holds this process off from, as it turns out."""
    try:
        next(Path("/").iterdir(), None)
    except PermissionError:
        yield FILES
    try:
        os.waitpid(os.posix_spawn("/bin/sh", ["/bin/sh", "-c", ":"], {}), 0)
    except PermissionError:
        yield PROGRAMS
    except OSError:
        pass
    with socket.socket() as tried:
        # Nobody is asked: where it is not held off, the port for what is thrown away refuses at once.
        if tried.connect_ex(("127.0.0.1", DISCARD_PORT)) in {errno.EACCES, errno.EPERM}:
            yield TCP
