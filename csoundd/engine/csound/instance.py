"""One instance of Csound, as far as it is the same on every engine: its rates, its buffers, its start."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

from csoundd.engine.csound.backend import BackendOptions, Lost, Points, Printout, Wanted
from csoundd.engine.csound.binding import Binding
from csoundd.engine.csound.commandline import CARD, OptionPolicy, in_marks, judged
from csoundd.errors import EngineError, LimitExceeded
from csoundd.messages import WARNING, Frames, Seconds
from csoundd.syntax.faults import CYCLE_SAMPLES, MOST_CHANNELS, MOST_RATE

NO_SOUND_FILE: Final = "-n"
"""Neither a device nor a file: what comes out of spout is the output, and ours."""

MIDI_MODULE: Final = "+rtmidi"
"""The option that chooses who does MIDI."""


class CsoundInstance(ABC):
    """One Csound. It keeps what costs to ask again: the views on spin and spout.

    What is in ``on_reset`` is called before every reset, what is in ``before_start`` before every start; ``has_score``
    is true once a CSD or a file has brought a score, ``host_midi`` where MIDI goes through callbacks.
    """

    option_policy: OptionPolicy

    def __init__(self, options: BackendOptions, binding: Binding) -> None:
        self.options, self.c, self.version = options, binding, binding.version
        self.started = self.host_midi = self.has_score = False
        self.on_reset: list[Callable[[], None]] = []
        self.before_start: list[Callable[[], None]] = []
        self._early: list[Callable[[], None]] = []
        self._preparations: list[Callable[[], object]] = []
        self._spout: Points | None = None
        self._spin: Points | None = None

    @abstractmethod
    def start(self) -> int:
        """``csoundStart``, with the output taken from wherever the orchestra's options sent it."""

    @abstractmethod
    def reset(self) -> None:
        """``csoundReset``, and what it takes away put back."""

    @abstractmethod
    def close(self) -> None:
        """Write out what the orchestra holds open, and free Csound."""

    @abstractmethod
    def say(self, text: str, attr: int) -> None:
        """Print ``text`` among Csound's messages."""

    @abstractmethod
    def has_printed(self) -> bool:
        """Whether anything waits that was printed."""

    @abstractmethod
    def printed(self, wanted: Wanted) -> Printout:
        """As much as is wanted of what was printed since the last call, fragments of one line joined."""

    @abstractmethod
    def set_output(self, name: str, filetype: str, sample_format: str) -> None:
        """Send the output somewhere, in a drive in which Csound has it."""

    @abstractmethod
    def set_midi_module(self, name: str) -> None:
        """Have a module do MIDI in place of the callbacks."""

    @abstractmethod
    def set_audio_module(self, name: str) -> None:
        """Have a module do audio, where Csound does it."""

    @abstractmethod
    def shown_variable(self, name: str, value: str | None) -> str | None:
        """A variable of Csound's environment as clients see it: folders by their names in the workspace."""

    def warn(self, text: str) -> None:
        """Print a warning of ours among Csound's messages."""
        self.say(f"WARNING: {text}", WARNING)

    def set_option(self, word: str) -> int:
        """``csoundSetOption``."""
        return int(self.c.csoundSetOption(in_marks(word) if self.c.splits_options else word))

    def set_given_options(self) -> bool:
        """Set the options that the engine was made with. Returns whether they leave MIDI to callbacks."""
        leaves_midi = True
        for option in self.options.options:
            found = judged(option, self.option_policy)
            for warning in found.warnings:
                self.warn(warning)
            for setting in found.settings:
                self.set_option(setting.word)
                leaves_midi = leaves_midi and setting.name != MIDI_MODULE
        return leaves_midi

    def prepare_with(self, preparation: Callable[[], object]) -> None:
        """Call ``preparation`` now and again after every reset."""
        self._preparations.append(preparation)
        preparation()

    def call_back(self, setter: str, function: Callable[..., Any], params: str, result: str = "") -> None:
        """Let Csound call ``function``, which ``setter`` sets, now and after every reset.

        The types are letters, as :meth:`Binding.function` has them.
        """
        pointer = self.c.function(function, params, result)
        self.prepare_with(lambda: getattr(self.c, setter)(pointer))

    @abstractmethod
    def path_at(self, address: int) -> str:
        """The path that lies at an address, as this process would find it, or as seen from the workspace."""

    def prepare_again(self) -> None:
        """Call all preparations: Csound was reset."""
        for preparation in self._preparations:
            preparation()

    def refuse_output(self, name: str) -> None:
        """Take the output from ``name``, where an option sent it, with a warning unless that is the card in use.

        A render is told another file than the piece names, and so is nothing that one would not expect.
        """
        if name and not self.plays_on(name) and self.options.output_folder is None:
            way = f"; {CARD}" if name.startswith("dac") else ""
            self.warn(f"output to {name!r} is ignored: csoundd owns the audio in this drive{way}\n")
        self.set_option(NO_SOUND_FILE)

    def plays_on(self, name: str) -> bool:
        """Whether output to ``name`` is output to the sound card, and the drive is the card's."""
        return self.options.drive == "device" and name.startswith("dac")

    def has_read_score(self) -> None:
        """Take note that a CSD or a file has brought a score."""
        self.has_score = True

    def use_host_midi(self) -> None:
        """Have MIDI go through callbacks."""
        self.host_midi = True

    def about_to_start(self) -> None:
        """Give Csound what it has to have before it starts.

        Raises LimitExceeded for a cycle that is too large, and EngineError for rates that none can be performed at.
        """
        self._check_rates()
        samples = self.ksmps * max(self.nchnls, self.c.channels(of_input=True))
        if samples > CYCLE_SAMPLES:
            raise LimitExceeded(
                f"a cycle has at most {CYCLE_SAMPLES} samples of all channels, and this has {samples}",
                name="cycle",
                limit=CYCLE_SAMPLES,
            )
        for preparation in self.before_start:
            preparation()

    def _check_rates(self) -> None:
        """Csound refuses a header that makes no sense, ``sr = 0``, keeps its rates, and would start with them."""
        sr, ksmps = self.sr, self.ksmps
        if ksmps < 1 or not 0 < sr <= MOST_RATE:
            raise EngineError(
                f"Csound cannot perform with sr = {sr:g} and ksmps = {ksmps}",
                hint="the header of the orchestra says so, or an option does",
                returned=-1,
            )

    def check_channels(self) -> None:
        """Lose an engine whose code has made more channels than Csound has room for, before that writes there.

        Every reset and the end of it do: docs/upstream-faults.md#csound-channels. Where the code says how many in a way
        that can be read it is refused before.
        """
        if not self.started and self.nchnls > MOST_CHANNELS:
            raise Lost(f"its orchestra has {self.nchnls} channels, and Csound room for {MOST_CHANNELS}", self.discard)

    @abstractmethod
    def discard(self) -> None:
        """Free what can be freed of an engine that is lost."""

    def begin(self) -> None:
        """Take note that Csound has been started, and send it what it would have forgotten before.

        Raises EngineError for rates that nothing can be performed at.
        """
        self.started = False
        self._check_rates()
        self.started = True
        early, self._early = self._early, []
        for action in early:
            action()

    def when_started(self, action: Callable[[], None]) -> None:
        """Do ``action`` now, or as soon as Csound has been started."""
        if self.started:
            action()
        else:
            self._early.append(action)

    def forget_performance(self) -> None:
        """Take note that nothing is performed any more: the buffers will be others."""
        self._spin = self._spout = None
        self._early.clear()
        self.started = self.has_score = False

    @property
    def sr(self) -> float:
        return float(self.c.csoundGetSr())

    @property
    def ksmps(self) -> int:
        return int(self.c.csoundGetKsmps())

    @property
    def nchnls(self) -> int:
        return self.c.channels(of_input=False)

    @property
    def zerodbfs(self) -> float:
        return float(self.c.csoundGet0dBFS())

    def score_time(self) -> Seconds:
        """The score time, in seconds."""
        return Seconds(self.c.csoundGetScoreTime())

    def samples(self) -> Frames:
        """Csound's own count of performed samples."""
        return Frames(self.c.csoundGetCurrentTimeSamples())

    def spout(self) -> Points:
        """The output buffer as ``[ksmps, nchnls]``, a view on Csound's own memory."""
        if self._spout is None or not self.started:
            self._spout = self.c.view(self.c.csoundGetSpout(), (self.ksmps, self.nchnls))
        return self._spout

    def spin(self) -> Points:
        """The input buffer as ``[ksmps, nchnls_i]``, a view on Csound's own memory."""
        if self._spin is None or not self.started:
            self._spin = self.c.view(self.c.csoundGetSpin(), (self.ksmps, self.c.channels(of_input=True)))
        return self._spin
