"""What the host asks of the operating system; all of it where it exists, none of it required."""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

log = logging.getLogger("csoundd.engine.host")

FIFO_PRIORITY: Final = 50
NICENESS: Final = -15
PR_SET_PDEATHSIG: Final = 1
FLUSH_AND_ZERO_DENORMALS: Final = 0x8040
"""The bits of the SSE control register that make denormal numbers zero."""

MXCSR_OFFSET: Final = 28
"""Where glibc's ``fenv_t`` keeps that register on x86-64."""

FENV_BYTES: Final = 64
FAULTS: Final = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL) if sys.platform != "win32" else ()


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process when the daemon ends: a host in an endless loop hears nothing else."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform != "win32" and os.getppid() != parent:
        sys.exit("csoundd: the daemon ended while its engine host was starting")


def become_realtime() -> str:
    """Ask for real-time scheduling, else a better nice value. Returns what was granted."""
    try:
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(FIFO_PRIORITY))
    except (AttributeError, OSError):
        return _become_nicer()
    return f"fifo {FIFO_PRIORITY}"


def _become_nicer() -> str:
    try:
        return f"nice {os.nice(NICENESS)}"
    except (AttributeError, OSError):
        return "default"


def flush_denormals() -> bool:
    """Treat numbers near 1e-308 as zero on this thread, which reverb tails would otherwise crawl through."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    libm = ctypes.CDLL("libm.so.6")
    environment = ctypes.create_string_buffer(FENV_BYTES)
    if libm.fegetenv(environment) != 0:
        return False
    register = ctypes.c_uint32.from_buffer(environment, MXCSR_OFFSET)
    register.value |= FLUSH_AND_ZERO_DENORMALS
    return bool(libm.fesetenv(environment) == 0)


def watch_outside_signals(heard: Callable[[int], None]) -> None:
    """Tell ``heard`` of a fault signal that another process sent, then die of it.

    A real fault ends the process at once, blocked or not; one that was sent waits for the thread that
    asks for it. That is how the front can tell a crash from a kill, and drop no command for a kill.
    """
    if not hasattr(signal, "sigwaitinfo") or not FAULTS:
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, FAULTS)

    def wait() -> None:
        sent = signal.sigwaitinfo(FAULTS)
        heard(sent.si_signo)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="outside-signals", daemon=True).start()


def ignore_terminal() -> None:
    """Leave an interrupt from the terminal to the daemon, which ends this process in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
