"""What the system gives to renders: memory and processors, in a container those of the container; names of files."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
UNKNOWN_BYTES: Final = 1 << 33


def sound_name(path: Path | str) -> str | bytes:
    """The name of a file for soundfile, which by itself takes none that is not UTF-8."""
    return os.fspath(path) if sys.platform == "win32" else os.fsencode(path)


def processors() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def memory_bytes() -> int:
    """The memory that there is, or that this container may take, in bytes."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        whole = UNKNOWN_BYTES
    for file in LIMITS:
        with suppress(OSError, ValueError):
            return min(whole, int(file.read_text(encoding="ascii")))
    return whole
