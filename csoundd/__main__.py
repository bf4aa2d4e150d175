"""``csoundd`` and ``python -m csoundd``: the command line."""

from __future__ import annotations

import gc
import os
import signal


def main() -> None:
    """Run the command line.

    Until it has been imported an interrupt ends the program as the system does, without a word: numpy and others make
    an ImportError of Python's own KeyboardInterrupt. A program that ignores interrupts goes on doing so.
    """
    # Nothing here multiplies matrices, and a process that forks had better have one thread.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Importing makes many objects and hardly any garbage; LazyGroup looks for it again.
    gc.disable()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from csoundd.cli import app  # noqa: PLC0415 - the import is what may be interrupted

    app()


if __name__ == "__main__":
    main()
