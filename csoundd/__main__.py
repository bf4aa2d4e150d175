"""``csoundd`` and ``python -m csoundd``: the command line."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys


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
    _open_standard()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # The name of a file need not be UTF-8: it is printed as it is.
            stream.reconfigure(errors="surrogateescape")
    from csoundd.cli import app  # noqa: PLC0415 - the import is what may be interrupted

    app()


def _open_standard() -> None:
    """Have standard input, output and error be there where they were closed: the next file would be taken for one.

    Python has none of them then, and whoever prints, flushes or reads came to grief.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is the one that is given.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 - it lasts as long as the program


if __name__ == "__main__":
    main()
