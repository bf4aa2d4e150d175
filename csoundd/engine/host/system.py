"""Calls of the operating system for the host; all of them where they exist, none of them required."""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from csoundd.messages import Drive

log = logging.getLogger("csoundd.engine.host")

DEFAULT: Final = "default"
PACED: Final = frozenset({"clock", "device"})
"""The drives in which the performance has a time to keep."""

FIFO_PRIORITY: Final = 50
NICENESS: Final = -15
PR_SET_PDEATHSIG: Final = 1
SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}
"""The number of that system call, which few C libraries wrap yet."""

SLICE_NS: Final = 100_000
"""The shortest slice that Linux gives."""

FLUSH_AND_ZERO_DENORMALS: Final = 0x8040
"""The bits of the SSE control register that make denormal numbers zero."""

MXCSR_OFFSET: Final = 28
"""Where glibc's ``fenv_t`` keeps that register on x86-64."""

FENV_BYTES: Final = 64
FAULTS: Final = (
    (
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
        signal.SIGABRT,
        signal.SIGTRAP,
        signal.SIGSYS,
    )
    if sys.platform != "win32"
    else ()
)


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process when the daemon ends: a host in an endless loop hears nothing else.

    docs/upstream-faults.md#csound-endless-code
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform != "win32" and os.getppid() != parent:
        sys.exit("csoundd: the daemon ended while its engine host was starting")


class Scheduling:
    """The scheduling of this process: prompt while its work is paced, that of any other process while it is not.

    Work that nothing paces takes all the time there is: at real-time priority it would take it from everybody
    (a load of 34 was seen on two cores).
    """

    def __init__(self, *, realtime: bool) -> None:
        self.granted = DEFAULT
        self._realtime = realtime

    def follow(self, drive: Drive) -> str:
        """Suit a performance in ``drive``, as far as the system grants that. Returns the scheduling granted."""
        if drive not in PACED:
            if self.granted != DEFAULT:
                _become_ordinary()
            self.granted = DEFAULT
        elif self.granted == DEFAULT:
            self.granted = be_prompt(realtime=self._realtime)
        return self.granted


def be_prompt(*, realtime: bool) -> str:
    """Have this process run soon after it wakes, as far as the system grants that. Returns the scheduling granted.

    ``realtime`` asks for real-time scheduling, else a better nice value; short slices are asked for in any case.
    """
    granted = _become_realtime() if realtime else None
    if granted is None:
        granted = _become_nicer() if realtime else DEFAULT
        _shorten_slices()
    return granted


def _become_ordinary() -> None:
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)


def _become_realtime() -> str | None:
    try:
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(0, policy, os.sched_param(FIFO_PRIORITY))
    except (AttributeError, OSError):
        return None
    return f"fifo {FIFO_PRIORITY}"


def _become_nicer() -> str:
    try:
        return f"nice {os.nice(NICENESS)}"
    except (AttributeError, OSError):
        return DEFAULT


class SchedAttr(ctypes.Structure):
    """``struct sched_attr`` of Linux."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def _shorten_slices() -> None:
    """Ask for short slices: from Linux 6.12 on they let a process in soon after it wakes, without any privilege."""
    number = SCHED_SETATTR.get(platform.machine())
    if sys.platform != "linux" or number is None:
        return
    attributes = SchedAttr(size=ctypes.sizeof(SchedAttr), nice=os.getpriority(os.PRIO_PROCESS, 0), runtime=SLICE_NS)
    ctypes.CDLL(None).syscall(number, 0, ctypes.byref(attributes), 0)


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


def watch_outside_signals(on_signal: Callable[[int], None]) -> None:
    """Tell ``on_signal`` of a fault signal that another process sent, then die of it.

    A real fault ends the process at once, blocked or not, and so does ``abort``; one that was sent waits for the thread
    that asks for it. That is how the front can tell a crash from a kill, and drop no command for a kill.
    """
    if not hasattr(signal, "sigwaitinfo") or not FAULTS:
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, FAULTS)

    def wait() -> None:
        sent = signal.sigwaitinfo(FAULTS)
        on_signal(sent.si_signo)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="outside-signals", daemon=True).start()


def block(number: int) -> None:
    """Keep the signal ``number`` from this thread and from those that it starts: it waits for :func:`answer`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})


def answer(number: int, call: Callable[[], None]) -> None:
    """Have the blocked signal ``number`` make a call, on a thread of its own: that of the performance may be stuck."""

    def wait() -> None:
        while True:
            signal.sigwait({number})
            call()

    threading.Thread(target=wait, name=f"signal-{number}", daemon=True).start()


def ignore_terminal() -> None:
    """Leave an interrupt from the terminal to the daemon, which ends this process in good order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
