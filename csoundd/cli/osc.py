"""``csoundd osc``: send one OSC message, and print every message that comes to a port. Both speak to any program."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from time import time
from typing import Annotated, Any, Final

import numpy as np
import typer
from pythonosc import slip
from pythonosc.parsing import osc_types

from csoundd.cli import TakesNumbers
from csoundd.cli.osc_packets import BadPacketError, BadWordError, Message, guessed, messages_in, packet_of, typed
from csoundd.cli.program import FAILED, plain, refuse, run_to_end, value_of
from csoundd.codec.osc import framing_of
from csoundd.errors import CsounddError
from csoundd.limits import DUMPED_PACKET_BYTES, PORTS_TRIED
from csoundd.transport.sockets import authority

Framing = StrEnum("Framing", ["slip", "length"])

Address = Annotated[str, typer.Argument(help="the OSC address, such as /chan/cutoff")]
Args = Annotated[
    list[str] | None,
    typer.Argument(metavar="ARGS", help="numbers, texts, true, false, null, JSON lists; @FILE is the text of a file"),
]
Tags = Annotated[
    str | None,
    typer.Option(
        help="the type tags, such as ,sif. Without them a whole number is i (large: h), a fraction f (large: d), "
        "a list an array, a text s. b, m and r take hexadecimal digits (b also @FILE), t takes now or Unix seconds, "
        "T F N I take nothing"
    ),
]
Host = Annotated[str, typer.Option(help="the host to send to")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="the port to send to (default 7700, with --tcp 7701)")]
Tcp = Annotated[bool, typer.Option("--tcp", help="send over TCP, not UDP")]
Frames = Annotated[Framing, typer.Option(help="how TCP tells packets apart: slip (OSC 1.1) or length (OSC 1.0)")]
Wait = Annotated[float, typer.Option(min=0.0, help="wait so many seconds for a reply")]
Replies = Annotated[int, typer.Option(min=1, help="wait for so many replies")]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, one message a line")]
Listened = Annotated[int, typer.Argument(metavar="PORT", min=0, max=65535, help="the port; 0 picks a free one")]
ListenHost = Annotated[str, typer.Option("--host", help="the address to listen on; 0.0.0.0 is the whole network")]
Count = Annotated[int | None, typer.Option(min=1, help="stop after so many messages")]

app = typer.Typer(
    name="osc",
    help="OSC by hand: send one message, or print those that come to a port.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes from another program, and when they came, in Unix seconds."""

    packet: bytes
    source: str
    at: float


Inbox = asyncio.Queue[Received | Exception]


@app.command(cls=TakesNumbers)
def send(
    address: Address,
    args: Args = None,
    tags: Tags = None,
    host: Host = "127.0.0.1",
    port: Port = None,
    tcp: Tcp = False,
    framing: Frames = Framing.slip,
    wait: Wait = 0.5,
    replies: Replies = 1,
    as_json: AsJson = False,
) -> None:
    """Send one message, and print the reply if one comes. The exit status is 1 where the reply is an /error."""
    packet = _packet(address, args or [], tags)
    number = port or (7701 if tcp else 7700)

    async def run() -> None:
        inbox = Inbox()
        async with _sent_tcp(packet, host, number, framing, inbox) if tcp else _sent_udp(packet, host, number, inbox):
            await _show_replies(inbox, wait, replies, as_json=as_json)

    try:
        run_to_end(run())
    except ConnectionRefusedError:
        refuse(f"nobody listens on {'tcp' if tcp else 'udp'}:{_where((host, number))}", FAILED)


def _packet(address: str, words: list[str], tags: str | None) -> bytes:
    if not address.startswith("/") or "\0" in address:
        refuse(f"an OSC address begins with a slash, and {address!r} does not")
    try:
        if tags is None:
            pairs = [guessed(value_of(word)) for word in words]
            return packet_of(address, [value for _, values in pairs for value in values], "".join(t for t, _ in pairs))
        tags = tags.removeprefix(",")
        return packet_of(address, typed(words, tags), tags)
    except (BadWordError, osc_types.BuildError) as error:
        refuse(str(error))


async def _show_replies(inbox: Inbox, wait: float, replies: int, *, as_json: bool) -> None:
    seen = 0
    try:
        async with asyncio.timeout(wait):
            while seen < replies:
                for message, received in _messages(await inbox.get()):
                    _show(message, received, as_json=as_json, timed=False)
                    seen += 1
                    if message.address == "/error":
                        raise typer.Exit(FAILED)
    except TimeoutError:
        pass


@app.command()
def dump(port: Listened, host: ListenHost = "127.0.0.1", count: Count = None, as_json: AsJson = False) -> None:
    """Print what comes to a port over UDP and TCP until interrupted: time, address, type tags and values."""

    async def run() -> None:
        inbox = Inbox()
        async with _listening(host, port, inbox) as where:
            typer.echo(f"csoundd: listening on {where}", err=True)
            left = count
            while left is None or left > 0:
                for message, received in islice(_messages(await inbox.get()), left):
                    _show(message, received, as_json=as_json)
                    left = None if left is None else left - 1

    run_to_end(run())


def _messages(received: Received | Exception) -> Iterator[tuple[Message, Received]]:
    """The messages in what came. Says on stderr what is no OSC; raises an error of the network."""
    if isinstance(received, Exception):
        raise received
    try:
        for message in messages_in(received.packet):
            yield message, received
    except BadPacketError as fault:
        size = len(received.packet)
        typer.echo(f"csoundd: {size} bytes from {received.source} are no OSC packet: {fault}", err=True)


def _show(message: Message, received: Received, *, as_json: bool, timed: bool = True) -> None:
    if as_json:
        values = {"tags": message.tags, "values": plain(message.values), "moment": message.moment}
        typer.echo(json.dumps({"time": received.at, "from": received.source, "address": message.address, **values}))
        return
    words = [_clock(received.at)] if timed else []
    words += [message.address if message.address.isprintable() else _quoted(message.address), message.tags]
    words += [_word(tag, value) for tag, value in _flat(message)]
    if message.moment is not None:
        words.append(f"(for {_clock(message.moment)})")
    typer.echo(" ".join(filter(None, words)))


def _clock(moment: float) -> str:
    try:
        return datetime.fromtimestamp(moment).astimezone().strftime("%H:%M:%S.%f")
    except (ValueError, OverflowError, OSError):
        return f"{moment:.6f}"


def _flat(message: Message) -> Iterator[tuple[str, Any]]:
    """Each type tag with its value, brackets with themselves."""
    lists = [iter(message.values)]
    for tag in message.tags:
        if tag == "[":
            lists.append(iter(next(lists[-1])))
            yield tag, tag
        elif tag == "]":
            lists.pop()
            yield tag, tag
        else:
            yield tag, next(lists[-1])


def _quoted(text: str) -> str:
    """A text as JSON has it, with all that a terminal would obey escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in quoted)


def _word(tag: str, value: Any) -> str:
    return _WORDS.get(tag, str)(value)


_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    # Read as doubles, 32-bit floats would show digits that they do not have.
    "f": lambda value: str(np.float32(value)),
    "s": _quoted,
    "S": _quoted,
    "c": _quoted,
    "b": lambda value: f"<{len(value)} bytes {value.hex()}>",
    "m": lambda value: bytes(value).hex(),
    "r": lambda value: f"{value:08x}",
    "T": lambda _: "true",
    "F": lambda _: "false",
    "N": lambda _: "null",
    "I": lambda _: "impulse",
}


class _Datagrams(asyncio.DatagramProtocol):
    """Puts datagrams into an inbox."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._inbox.put_nowait(Received(data, f"udp:{_where(addr)}", time()))

    def error_received(self, exc: Exception) -> None:
        self._inbox.put_nowait(exc)


async def _read(reader: asyncio.StreamReader, source: str, inbox: Inbox) -> None:
    """Put the packets of a stream into the inbox; its first byte says how they are told apart."""
    framing = None
    try:
        while data := await reader.read(1 << 16):
            framing = framing or framing_of(data[0], DUMPED_PACKET_BYTES)
            for packet in framing.feed(data):
                inbox.put_nowait(Received(packet, source, time()))
    except CsounddError as fault:
        typer.echo(f"csoundd: {source} does not speak OSC over TCP: {fault.message}", err=True)
    except ConnectionError:
        pass


def _where(address: tuple[Any, ...]) -> str:
    return authority(*address[:2])


@asynccontextmanager
async def _sent_udp(packet: bytes, host: str, port: int, inbox: Inbox) -> AsyncIterator[None]:
    """The packet is on its way as a datagram; what comes back goes to the inbox."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(inbox), remote_addr=(host, port))
    try:
        transport.sendto(packet)
        yield
    finally:
        transport.close()


@asynccontextmanager
async def _sent_tcp(packet: bytes, host: str, port: int, framing: Framing, inbox: Inbox) -> AsyncIterator[None]:
    """The packet is on its way over TCP; what comes back goes to the inbox."""
    reader, writer = await asyncio.open_connection(host, port)
    reading = asyncio.create_task(_read(reader, f"tcp:{_where(writer.get_extra_info('peername'))}", inbox))
    try:
        writer.write(slip.encode(packet) if framing is Framing.slip else struct.pack(">I", len(packet)) + packet)
        await writer.drain()
        yield
    finally:
        reading.cancel()
        writer.close()


@asynccontextmanager
async def _listening(host: str, port: int, inbox: Inbox) -> AsyncIterator[str]:
    """Listen over UDP and TCP on the same port; says where. Raises OSError where that cannot be."""
    loop = asyncio.get_running_loop()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read(reader, f"tcp:{_where(writer.get_extra_info('peername'))}", inbox)
        writer.close()

    # A port that is free over UDP may be taken over TCP: of those that the system picks, several are tried.
    for left in reversed(range(PORTS_TRIED if port == 0 else 1)):
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(inbox), local_addr=(host, port))
        address = transport.get_extra_info("sockname")
        try:
            server = await asyncio.start_server(accept, address[0], address[1])
            break
        except OSError:
            transport.close()
            if not left:
                raise
    try:
        yield f"udp:{_where(address)} tcp:{_where(address)}"
    finally:
        server.close()
        transport.close()
