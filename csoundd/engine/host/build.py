"""The parts of a host, made one after the other, each with what it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from csoundd.api.score import Score
from csoundd.engine.csound.backend import Backend, BackendContext, BackendOptions, SandboxLimits
from csoundd.engine.csound.compiling import SharedCompiling
from csoundd.engine.csound.handles import Handles
from csoundd.engine.csound.registry import spec_at
from csoundd.engine.csound.score import ScoreMethods
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.channel_methods import HostChannels
from csoundd.engine.host.input import Input, SpinQueue
from csoundd.engine.host.locks import ChannelLocks, HostLocks
from csoundd.engine.host.loop import Loop
from csoundd.engine.host.methods import (
    HostEngine,
    HostInstance,
    HostKeyboard,
    HostOrc,
    HostPerformance,
    HostRemoteOpcodes,
    HostScore,
    HostTables,
    HostTasks,
    HostThreadMessages,
    HostTransport,
)
from csoundd.engine.host.output import CallbackOutput, Dropped, Output
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.played import PlayedLog
from csoundd.engine.host.pollers import Pollers, SharedChannels
from csoundd.engine.host.restoring import Restoring
from csoundd.engine.host.snapshots import Snapshots
from csoundd.engine.host.soundcard import SoundCard
from csoundd.engine.host.system import Scheduling
from csoundd.engine.link.memory import Ring
from csoundd.engine.link.protocol import BESIDE, CLOSE, HostEnd
from csoundd.engine.options import HostOptions
from csoundd.engine.workspace import Workspace
from csoundd.messages import Drive


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that is ready to be served, and what surrounds it."""

    context: BackendContext
    backend: Backend
    output: Output
    performer: Performer


def build_engine(options: HostOptions, link: HostEnd, ring: Ring) -> Engine:
    """The engine that the options ask for. Raises EngineUnavailable where it cannot run here."""
    dropped = Dropped()
    callbacks = CallbackOutput(link, ring, dropped)
    context = BackendContext(
        Workspace(options.workspace),
        Handles(options.epoch, options.max_handles),
        callbacks.tell,
        max_tables=options.max_tables,
    )
    sandbox = SandboxLimits(options.max_memory, options.max_written, tuple(map(Path, options.samples)))
    backend = spec_at(options.place).backend(
        BackendOptions(options.drive, options.options, options.library, sandbox, writes_output=options.folder == ""),
        context,
    )
    context.paced(options.drive)
    output = Output(link, ring, backend, dropped)
    performer = Performer(backend, options.drive, ring, output, block=options.block, epoch=options.epoch)
    return Engine(context, backend, output, performer)


@contextmanager
def build_loop(
    engine: Engine, link: HostEnd, ring: Ring, scheduling: Scheduling, options: HostOptions
) -> Iterator[tuple[Loop, Calls]]:
    """The loop over an engine, and the table of all that it serves.

    While it lasts, a sound card paces the performance, if the drive says so and the engine opens none itself.
    """
    performer, backend, output = engine.performer, engine.backend, engine.output
    context, handles = engine.context, engine.context.handles
    locks = ChannelLocks(handles)
    compiling = next((group for group in backend.groups if isinstance(group, SharedCompiling)), None)
    read = compiling.read_included if compiling is not None else _no_file
    played = PlayedLog(performer, context, options)
    performer.on_start.add(played.started)
    performer.on_over.add(played.over)
    calls = Calls(performer, locks, played)
    pollers = Pollers(performer, output.poll_result)
    shared = SharedChannels(performer)
    snapshots = Snapshots(performer, link)
    loop = Loop(link, ring, performer, output, calls, pollers, shared, snapshots)
    spin = SpinQueue(backend, performer.before_cycle)
    input_ = Input(performer, context, spin)
    events = next((group for group in backend.groups if isinstance(group, ScoreMethods)), None)
    restoring = Restoring(performer, calls, snapshots, _count_nothing if events is None else events.count_tables)
    card = _own_card(performer, calls, played)

    def reset() -> None:
        """Csound forgets everything; the pollers stay and find what is made from now on."""
        loop.cancel_scheduled()
        performer.reset()
        handles.clear(performer.epoch)
        pollers.forget()
        snapshots.forget()
        spin.clear()
        locks.clear()
        shared.forget()
        restoring.forget()
        played.forget()
        if card is not None:
            card.close()

    def release(session: str) -> None:
        """A session is over."""
        handles.release(session)
        locks.release(session)
        loop.release(session)

    commands: dict[str, Callable[..., object]] = {
        "engine.batch": calls.batch,
        "host.poll": pollers.add,
        "host.unpoll": pollers.remove,
        "host.show": shared.show,
        "host.capture": performer.capture,
        "host.pace": partial(_pace, context, performer, scheduling, running=False),
        "host.run_in": partial(_pace, context, performer, scheduling, running=True),
        "host.forget": context.inputs.clear,
        "host.restore": restoring.restore,
        "host.replace": context.replace,
        "host.follow": input_.follow,
        "host.push": input_.push,
        "host.release": release,
        "host.handles": handles.__len__,
        "host.underruns": lambda: spin.underruns,
        "host.modules": backend.modules,
        "host.cancel": loop.cancel,
        "host.played": played.told,
        "host.played_part": played.part,
        BESIDE: compiling.search_beside if compiling is not None else _no_file,
        CLOSE: loop.close,
    }
    score = next(group for group in backend.groups if isinstance(group, Score))
    own = [
        HostInstance(performer),
        HostPerformance(loop, performer, reset),
        HostTransport(performer),
        HostThreadMessages(performer, calls),
        HostTasks(calls),
        HostScore(performer, score, restoring),
        HostEngine(performer),
        HostChannels(backend, calls, handles),
        HostOrc(calls, output, read),
        HostTables(backend, calls),
        HostLocks(backend, locks),
        HostRemoteOpcodes(calls),
        HostKeyboard(context.inputs.keys),
    ]
    calls.serve(commands, [*own, *backend.groups])
    try:
        yield loop, calls
    finally:
        if card is not None:
            card.close()


def _own_card(performer: Performer, calls: Calls, played: PlayedLog) -> SoundCard | None:
    """The sound card that the host opens, None where nothing or the engine itself does."""
    if performer.drive != "device" or performer.backend.opens_devices:
        return None
    card = SoundCard(performer, calls, played.heard)
    performer.on_play.add(card.begin)
    performer.before_cycle.add(card.take_input)
    performer.after_cycle.add(card.put_output)
    performer.on_halt.add(card.halt)
    return card


def _pace(context: BackendContext, performer: Performer, scheduling: Scheduling, drive: Drive, *, running: bool) -> str:
    """Perform in another drive; the scheduling that this process has then."""
    performer.pace(drive, running=running)
    context.paced(performer.drive)
    return scheduling.follow(drive)


def _count_nothing(_points: object) -> None:
    """Count no tables: an engine with a score of its own bounds them itself."""


def _no_file(_name: str) -> None:
    """Give no file: an engine that brings a compiler of its own reads them itself."""
