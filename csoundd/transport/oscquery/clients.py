"""OSCQuery clients: one WebSocket each, the commands on it, and the messages that it asked to hear."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import Final, Protocol

from websockets.frames import Opcode

from csoundd.codec.osc import Message, rebuilt
from csoundd.errors import CsounddError
from csoundd.limits import OSCQUERY_CHANGES, OSCQUERY_PATHS, OSCQUERY_UNREAD_BYTES
from csoundd.metrics import Counts
from csoundd.transport.connection import GOING_AWAY, WebSocketConnection, encode_frame
from csoundd.transport.osc.addresses import Address
from csoundd.transport.osc.patterns import Pattern, canonical, is_pattern
from csoundd.transport.osc.router import Observer, Router
from csoundd.transport.osc.senders import Deliver, Sender
from csoundd.transport.oscquery.tree import Changes

_POLICY: Final = 1008
_LATER: Final = 1013
"""IANA's registry of close codes: try again later."""


_numbers = count(1)


class Osc(Protocol):
    """The OSC server that is told about here."""

    @property
    def router(self) -> Router:
        """The router of its packets."""

    @property
    def addresses(self) -> Mapping[str, Address]:
        """Every address but those of channels."""

    def may_read(self, host: str) -> bool:
        """Whether somebody at the IP address ``host`` may know what there is."""

    def admit(self, name: str, host: str, deliver: Deliver, limit: int) -> Sender:
        """A sender that is connected by other means. Raises Forbidden for one that may do nothing."""

    def follow(self, sender: Sender, told: Deliver, failed: Callable[[CsounddError], None]) -> None:
        """Tell ``told`` of every channel's value, and of each change that ``sender`` did not make.

        ``failed`` is told why where that cannot be done.
        """

    def observe(self, observer: Observer) -> None:
        """Let ``observer`` hear of every message that is served and goes to no channel."""

    def dismiss(self, sender: Sender) -> None:
        """``sender`` is no more."""


class WebSocketClient:
    """A client on a WebSocket, as a sender of ``osc`` and the Receiver of its wire.

    It comes from ``peer``, an IP address and a port. ``exists`` says whether there is a path, ``gone`` is told of its
    end; a packet for it has at most ``limit`` bytes. Raises Forbidden for one that may do nothing here.
    """

    def __init__(  # noqa: PLR0913 - what a client has to do with
        self,
        osc: Osc,
        peer: tuple[str, int],
        exists: Callable[[str], bool],
        gone: Callable[[WebSocketClient], None],
        *,
        limit: int,
        counts: Counts,
    ) -> None:
        self._counts = counts
        self._router = osc.router
        self._exists = exists
        self._gone = gone
        self._wire: WebSocketConnection | None = None
        self._paths: set[str] = set()
        self._patterns: dict[str, Pattern] = {}
        self._latest: dict[str, bytes] = {}
        self._waiting: dict[str, bytes] = {}
        name = f"osc:ws:{peer[0]}:{peer[1]}:{next(_numbers)}"
        self.sender = osc.admit(name, peer[0], self._reply, limit)

    def open(self, wire: WebSocketConnection) -> None:
        """Speak over ``wire`` from now on."""
        self._wire = wire

    def message(self, data: bytes, *, text: bool) -> None:
        """Do what a frame says: text holds a command, anything else is OSC. What is neither is ignored."""
        if not text:
            self._router.route(data, self.sender)
            self._router.flush()
            return
        try:
            said = json.loads(data)
        except (ValueError, RecursionError):
            return
        match said:
            case {"COMMAND": "LISTEN", "DATA": str(path)}:
                self._listen(canonical(path))
            case {"COMMAND": "IGNORE", "DATA": str(path)}:
                self._paths.discard(canonical(path))
                self._patterns.pop(path, None)

    def oversized(self, limit: int) -> None:
        """A packet that is too large cannot be answered in any other way."""
        self.close(_POLICY, f"a message has at most {limit} bytes")

    def too_slow(self) -> None:
        """Nobody is told: the connection ends."""

    def writable(self) -> None:
        """Send the latest of what had to wait."""
        waiting, self._waiting = self._waiting, {}
        for packet in waiting.values():
            self._write(packet, Opcode.BINARY)

    def lost(self, code: int) -> None:  # noqa: ARG002 - it is over either way
        """The connection is gone, and with it all that was listened to."""
        self._gone(self)

    def close(self, code: int = GOING_AWAY, reason: str = "the server is going away") -> None:
        """End the connection."""
        if self._wire is not None:
            self._wire.close(code, reason)

    def unfed(self, error: CsounddError) -> None:
        """What is listened to cannot be told: a client that waits in vain is worse than one that is gone."""
        self.close(_LATER, error.message)

    def channel_changed(self, packet: bytes) -> None:
        """A channel's value: sent on if its address is listened to, the latest one only to who reads slowly."""
        address = packet[: packet.index(0)].decode()
        self._latest[address] = packet
        if not self.listens(address):
            return
        if self._wire is not None and self._wire.writable:
            self._write(packet, Opcode.BINARY)
        else:
            self._waiting[address] = packet

    def message_sent(self, message: Message, sender: Sender) -> None:
        """A message that somebody sent to a method."""
        if sender is not self.sender and self.listens(message.address):
            self._write(rebuilt(message), Opcode.BINARY)

    def listens(self, address: str) -> bool:
        """Whether this client wants to hear of ``address``."""
        return address in self._paths or any(pattern.matches(address) for pattern in self._patterns.values())

    def tell(self, changes: Changes, *, renewed: bool) -> None:
        """Send what became of the address space. In a ``renewed`` engine what went may come again, so it is kept."""
        for command, paths in (("PATH_ADDED", changes.added), ("PATH_REMOVED", changes.removed)):
            if len(paths) > OSCQUERY_CHANGES:
                self._say("PATH_CHANGED", paths[0].rpartition("/")[0])
            else:
                for path in paths:
                    self._say(command, path)
        for path in changes.changed[:OSCQUERY_CHANGES]:
            self._say("PATH_CHANGED", path)
        for path in changes.removed:
            self._latest.pop(path, None)
            if not renewed:
                self._paths.discard(path)

    def _reply(self, packet: bytes) -> None:
        self._write(packet, Opcode.BINARY)

    def _listen(self, path: str) -> None:
        if len(self._paths) + len(self._patterns) >= OSCQUERY_PATHS:
            self.close(_POLICY, f"at most {OSCQUERY_PATHS} paths can be listened to")
        elif is_pattern(path):
            self._listen_to_all(path)
        elif self._exists(path):
            self._paths.add(path)
            if path in self._latest:
                self._write(self._latest[path], Opcode.BINARY)

    def _listen_to_all(self, path: str) -> None:
        try:
            pattern = self._patterns[path] = Pattern(path)
        except CsounddError:
            return
        for address, packet in self._latest.items():
            if pattern.matches(address):
                self._write(packet, Opcode.BINARY)

    def _say(self, command: str, data: object) -> None:
        self._write(json.dumps({"COMMAND": command, "DATA": data}).encode(), Opcode.TEXT)

    def _write(self, payload: bytes, opcode: Opcode) -> None:
        if self._wire is None:
            return
        if self._wire.pending > OSCQUERY_UNREAD_BYTES:
            wire, self._wire = self._wire, None
            self._counts.stalled += 1
            wire.abort()
        else:
            self._wire.write(encode_frame(payload, opcode))
