"""Starts an engine host: ``python -m csoundd.engine.host LINK MEMORY OPTIONS``, by the front only."""

from __future__ import annotations

import gc
import json
import logging
import socket
import sys
from collections.abc import Callable
from typing import cast

from csoundd.engine.backends.backend import Backend, BackendOptions
from csoundd.engine.backends.choice import chosen
from csoundd.engine.backends.surroundings import Surroundings
from csoundd.engine.handles import Handles
from csoundd.engine.host.calls import Calls
from csoundd.engine.host.ergonomics import HostChannels, HostOrc
from csoundd.engine.host.families import host_families
from csoundd.engine.host.feeding import Feeding, HostKeyboard
from csoundd.engine.host.leases import HostLocks, Leases
from csoundd.engine.host.loop import Loop
from csoundd.engine.host.performer import Performer
from csoundd.engine.host.remote_opcodes import HostRemoteOpcodes
from csoundd.engine.host.soundcard import SoundCard
from csoundd.engine.host.spin import SpinFeed
from csoundd.engine.host.system import (
    DEFAULT,
    be_prompt,
    die_with_parent,
    flush_denormals,
    ignore_terminal,
    watch_outside_signals,
)
from csoundd.engine.host.tables import HostTables
from csoundd.engine.link import HostEnd, Kind, frame
from csoundd.engine.ring import Field, Ring
from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError
from csoundd.messages import Drive, Frames

log = logging.getLogger("csoundd.engine.host")


def backend_for(told: dict[str, object], surroundings: Surroundings) -> Backend:
    """The backend that the options ask for. Raises EngineUnavailable where it cannot run here."""
    options = BackendOptions(
        cast("Drive", told["drive"]), tuple(cast("list[str]", told["options"])), cast("str", told["opcode_dir"])
    )
    return chosen(cast("str", told["engine"]), options, surroundings)


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

    commands: dict[str, Callable[..., object]] = {
        "engine.batch": lambda calls: loop.calls.batch(calls),  # noqa: PLW0108 - loop.calls is made below
        "host.tap": loop.taps.add,
        "host.untap": loop.taps.remove,
        "host.show": loop.mirroring.show,
        "host.capture": performer.capture,
        "host.pace": performer.pace,
        "host.hear": feeding.hear,
        "host.push": feeding.push,
        "host.release": release,
        "host.handles": handles.__len__,
        "host.underruns": lambda: spin.underruns,
        "host.modules": backend.modules,
        "host.cancel": loop.cancel,
        "host.close": loop.close,
    }
    calls = Calls(performer, handles, commands, backend.reasons)
    own = [
        *host_families(loop, calls),
        HostChannels(backend, calls, handles),
        HostOrc(backend, calls, loop.tell_printed),
    ]
    own += [HostTables(backend, calls), HostLocks(backend, leases), HostRemoteOpcodes(calls)]
    calls.serve([*own, HostKeyboard(surroundings), *backend.families])
    return calls


def a_card(loop: Loop) -> SoundCard:
    """The sound card that paces the loop's performance."""
    card = SoundCard(loop.performer, lambda: loop.calls.invoke("csound.params", []))
    loop.on_reset.append(card.close)
    return card


def main() -> None:
    """Serve one engine until the front says close or is gone."""
    told: dict[str, object] = json.loads(sys.argv[3])
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s")
    die_with_parent(cast("int", told["parent"]))
    ignore_terminal()
    link = HostEnd(socket.socket(fileno=int(sys.argv[1])))
    ring = Ring(int(sys.argv[2]))
    handles = Handles(cast("int", told["epoch"]))
    surroundings = Surroundings(Workspace(cast("str", told["workspace"])), handles)
    try:
        backend = backend_for(told, surroundings)
    except CsounddError as failure:
        link.send(frame([Kind.READY, None, failure.code, failure.message, failure.hint]))
        link.flush()
        return
    serve(told, link, ring, backend, surroundings)


def serve(told: dict[str, object], link: HostEnd, ring: Ring, backend: Backend, surroundings: Surroundings) -> None:
    """Run the loop over ``backend``, and close it in good order at the end."""
    drive, block = cast("Drive", told["drive"]), Frames(cast("int", told["block"]))
    if backend.name != "wasm":
        # There the same signals are how the machine code reports a trap.
        watch_outside_signals(lambda number: ring.header.__setitem__(Field.OUTSIDE_SIGNAL, number))
    paced = drive in {"clock", "device"}
    scheduling = be_prompt(realtime=bool(told["realtime"])) if paced else DEFAULT
    if paced:
        flush_denormals()
    loop = Loop(link, ring, Performer(backend, drive, ring, block, cast("int", told["epoch"])))
    surroundings.farewell = loop.farewell
    loop.on_reset.append(lambda: surroundings.handles.clear(loop.performer.epoch))
    loop.calls = made_calls(loop, surroundings)
    card = None if drive != "device" or backend.opens_devices else a_card(loop)
    gc.collect()
    gc.freeze()
    facts = {
        "backend": backend.name,
        "version": backend.version,
        "unsupported": loop.calls.unsupported,
        "scheduling": scheduling,
    }
    link.send(frame([Kind.READY, facts]))
    loop.run()
    if card is not None:
        card.close()
    backend.close()


if __name__ == "__main__":
    main()
