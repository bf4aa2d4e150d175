"""A host's parts put together: the backend, the loop over it, and the table of what it serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from csoundd.engine.csound.backend import Backend, BackendOptions, SandboxLimits
from csoundd.engine.csound.registry import spec_at
from csoundd.engine.csound.surroundings import Surroundings
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.ergonomics import HostChannels, HostOrc
from csoundd.engine.host.families import host_families
from csoundd.engine.host.feeding import Feeding, HostKeyboard
from csoundd.engine.host.leases import HostLocks, Leases
from csoundd.engine.host.loop import Loop
from csoundd.engine.host.remote_opcodes import HostRemoteOpcodes
from csoundd.engine.host.restoring import Restoring
from csoundd.engine.host.soundcard import SoundCard
from csoundd.engine.host.spin import SpinFeed
from csoundd.engine.host.tables import HostTables
from csoundd.engine.link.frames import CLOSE
from csoundd.engine.options import HostOptions


def backend_for(told: HostOptions, surroundings: Surroundings) -> Backend:
    """The backend that the options ask for. Raises EngineUnavailable where it cannot run here."""
    box = SandboxLimits(told.max_memory, told.max_written, tuple(map(Path, told.samples)))
    options = BackendOptions(told.drive, told.options, told.library, box)
    return spec_at(told.place).backend(options, surroundings)


def made_calls(loop: Loop, surroundings: Surroundings) -> Calls:
    """The table of everything this host serves."""
    performer, backend, handles = loop.performer, loop.backend, surroundings.handles
    feeding = Feeding(loop, surroundings)
    spin = SpinFeed(backend, performer.before_cycle)
    feeding.feeders["spin"] = spin.push
    leases = Leases(handles, lambda guard: setattr(loop.calls, "guard", guard))
    loop.on_reset += [spin.clear, leases.clear, loop.mirroring.forget]

    def release(session: str) -> None:
        handles.release(session)
        leases.release(session)
        loop.release(session)

    commands: dict[str, Callable[..., object]] = {}
    calls = Calls(performer, handles, commands, backend.reasons)
    restoring = Restoring(performer, calls, loop.snapshots)
    loop.on_reset.append(restoring.forget)
    commands |= {
        "engine.batch": lambda calls: loop.calls.batch(calls),  # noqa: PLW0108 - loop.calls is made below
        "host.poll": loop.taps.add,
        "host.unpoll": loop.taps.remove,
        "host.show": loop.mirroring.show,
        "host.capture": performer.capture,
        "host.pace": performer.pace,
        "host.restore": restoring.restore,
        "host.follow": feeding.hear,
        "host.push": feeding.push,
        "host.release": release,
        "host.handles": handles.__len__,
        "host.underruns": lambda: spin.underruns,
        "host.modules": backend.modules,
        "host.cancel": loop.cancel,
        CLOSE: loop.close,
    }
    own = [
        *host_families(loop, calls, restoring),
        HostChannels(backend, calls, handles),
        HostOrc(backend, calls, loop.reports.tell_printed),
    ]
    own += [HostTables(backend, calls), HostLocks(backend, leases), HostRemoteOpcodes(calls)]
    calls.serve([*own, HostKeyboard(surroundings), *backend.families])
    return calls


@contextmanager
def sound_card(loop: Loop) -> Iterator[None]:
    """While it lasts, a sound card paces the performance, if the drive says so and the engine opens none itself."""
    if loop.performer.drive != "device" or loop.backend.opens_devices:
        yield
        return
    card = SoundCard(loop.performer, lambda: loop.calls.invoke("csound.params", []))
    loop.on_reset.append(card.close)
    try:
        yield
    finally:
        card.close()
