"""One instance of Csound behind libcsound: what the native families share.

It keeps what costs to ask again (the pointer to spout, the rates), and reads messages from Csound's own
buffer, so that no Python code runs inside Csound while it prints.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from csoundd.engine.backends.backend import BackendOptions
from csoundd.engine.backends.commandline import checked
from csoundd.engine.backends.native.library import load
from csoundd.engine.backends.native.pinning import keep_loaded
from csoundd.messages import WARNING, Frames, Seconds

NO_SOUND_FILE: Final = "-n"
"""Neither a device nor a file: what comes out of spout is the output, and ours."""

MIDI_MODULE: Final = "rtmidi"
"""The option that chooses who does MIDI."""

CSOUND_7: Final = 7000


class Instance:
    """A Csound and the calls of its C library that the performance loop makes."""

    def __init__(self, options: BackendOptions) -> None:
        assert options.library is not None
        self.module = load(options.library.path)
        self.c: Any = self.module.libcsound
        self.options = options
        self.version: int = self.c.csoundGetVersion()
        self.wrapper: Any = self.module.Csound()
        keep_loaded()
        self.pointer = ctypes.c_void_p(self.wrapper.cs)
        self.started = False
        self.host_audio = options.drive != "device"
        self.host_midi = False
        self._spout: npt.NDArray[np.float64] | None = None
        self._spin: npt.NDArray[np.float64] | None = None
        self._last_words: list[tuple[str, int]] = []
        self.on_reset: list[Callable[[], None]] = []
        self.before_start: list[Callable[[], None]] = []
        self._preparations: list[Callable[[], object]] = []
        self._prepare()

    def _prepare(self) -> None:
        self.c.csoundCreateMessageBuffer(self.pointer, ctypes.c_int(0))
        if self.host_audio:
            self.take_audio()
        for option in self.options.options:
            for word in checked(option):
                self.set_option(word)
        self.host_midi = self.host_audio and not any(MIDI_MODULE in option for option in self.options.options)
        for preparation in self._preparations:
            preparation()

    def prepare_with(self, preparation: Callable[[], object]) -> None:
        """Call ``preparation`` now and again after every reset."""
        self._preparations.append(preparation)
        preparation()

    def take_audio(self) -> None:
        """Have audio go through spin and spout only."""
        if self.version >= CSOUND_7:
            self.c.csoundSetHostAudioIO(self.pointer)
        else:
            self.c.csoundSetHostImplementedAudioIO(self.pointer, 1, 0)

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""
        return int(self.wrapper.setOption(word))

    def start(self) -> int:
        """``csoundStart``, with the output taken from wherever the orchestra's options sent it."""
        if self.started:
            return 0
        if self.host_audio:
            self._refuse_output()
        self.about_to_start()
        code = int(self.c.csoundStart(self.pointer))
        self.started = code == 0
        return code

    def about_to_start(self) -> None:
        """Give Csound what it has to have before it starts."""
        for preparation in self.before_start:
            preparation()

    def _refuse_output(self) -> None:
        name = self.output_name()
        if name:
            self.warn(f"output to {name!r} is ignored: csoundd owns the audio in this drive\n")
        self.set_option(NO_SOUND_FILE)

    def output_name(self) -> str:
        """Where the options send the output, empty where they do not say."""
        if self.version >= CSOUND_7:
            return ""
        name: bytes | None = self.c.csoundGetOutputName(self.pointer)
        return (name or b"").decode(errors="replace")

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""
        self.c.csoundMessageS(self.pointer, WARNING, b"%s", f"WARNING: {text}".encode())

    @property
    def sr(self) -> float:
        return float(self.c.csoundGetSr(self.pointer))

    @property
    def ksmps(self) -> int:
        return int(self.c.csoundGetKsmps(self.pointer))

    @property
    def nchnls(self) -> int:
        if self.version >= CSOUND_7:
            return int(self.c.csoundGetChannels(self.pointer, 0))
        return int(self.c.csoundGetNchnls(self.pointer))

    @property
    def nchnls_input(self) -> int:
        if self.version >= CSOUND_7:
            return int(self.c.csoundGetChannels(self.pointer, 1))
        return int(self.c.csoundGetNchnlsInput(self.pointer))

    @property
    def zerodbfs(self) -> float:
        return float(self.c.csoundGet0dBFS(self.pointer))

    def score_time(self) -> Seconds:
        return Seconds(self.c.csoundGetScoreTime(self.pointer))

    def samples(self) -> Frames:
        return Frames(self.c.csoundGetCurrentTimeSamples(self.pointer))

    def spout(self) -> npt.NDArray[np.float64]:
        """The output buffer as ``[ksmps, nchnls]``, a view on Csound's own memory."""
        if self._spout is None:
            address = ctypes.cast(self.c.csoundGetSpout(self.pointer), ctypes.POINTER(ctypes.c_double))
            self._spout = np.ctypeslib.as_array(address, shape=(self.ksmps, self.nchnls))
        return self._spout

    def spin(self) -> npt.NDArray[np.float64]:
        """The input buffer as ``[ksmps, nchnls_i]``, a view on Csound's own memory."""
        if self._spin is None:
            address = ctypes.cast(self.c.csoundGetSpin(self.pointer), ctypes.POINTER(ctypes.c_double))
            self._spin = np.ctypeslib.as_array(address, shape=(self.ksmps, self.nchnls_input))
        return self._spin

    def printed(self) -> list[tuple[str, int]]:
        """What was printed since the last call, fragments of one line joined."""
        c, pointer = self.c, self.pointer
        waiting = c.csoundGetMessageCnt(pointer)
        if not waiting and not self._last_words:
            return []
        lines, self._last_words = self._last_words, []
        text, attr = "", 0
        for _ in range(waiting):
            fragment = (c.csoundGetFirstMessage(pointer) or b"").decode(errors="replace")
            if not text:
                attr = c.csoundGetFirstMessageAttr(pointer)
            text += fragment
            c.csoundPopFirstMessage(pointer)
            if text.endswith("\n"):
                lines.append((text, attr))
                text = ""
        if text:
            lines.append((text, attr))
        return lines

    def reset(self) -> None:
        """``csoundReset``, and what it takes away put back."""
        self._end_performance()
        for forget in self.on_reset:
            forget()
        self.c.csoundReset(self.pointer)
        self._prepare()

    def close(self) -> None:
        """Write out what the orchestra holds open, and free Csound."""
        self._end_performance()
        del self.wrapper

    def _end_performance(self) -> None:
        self._spout = self._spin = None
        self.started = False
        if self.version < CSOUND_7:
            self.c.csoundCleanup(self.pointer)
        self._last_words = self.printed()
        self.c.csoundDestroyMessageBuffer(self.pointer)
