"""``csoundd set``, ``get``, ``call``, ``watch`` and ``listen``: a daemon that runs, from the command line.

And what a shell completes for these commands: methods, topics, and the channels of that daemon.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import ssl
import sys
from collections.abc import Iterator
from importlib import import_module
from math import inf
from os import environ
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from rich.console import Console

from csoundd.cli.program import FAILED, plain, printed, refuse, run_to_end, say, terminal, value_of
from csoundd.limits import COMPLETION_SECONDS, LAST_SOUND_SECONDS
from csoundd.note import noted_url
from csoundd.wav import WavWriter
from csoundd_client import Client, connect
from csoundd_client.client import Connecting


def methods(incomplete: str) -> Iterator[tuple[str, str]]:
    """Every method that begins so, each with the first sentence about it."""
    for method in import_module("csoundd.api").METHODS.values():
        if method.name.startswith(incomplete):
            yield method.name, method.doc.partition("\n")[0]


def topics(incomplete: str) -> list[str]:
    """Every topic that begins so."""
    return [topic for topic in import_module("csoundd.streams.topics").TOPICS if topic.startswith(incomplete)]


def channels(ctx: Any, incomplete: str) -> list[str]:
    """The channels that begin so, of the daemon that the command would speak to; none where there is no daemon."""
    try:
        names = asyncio.run(_channels(_url_typed(ctx.params)))
    except Exception:  # noqa: BLE001 - a key that was pressed is no place to complain
        return []
    return [name for name in names if name.startswith(incomplete)]


def _url_typed(given: dict[str, Any]) -> str:
    """The address of the daemon, by what has been typed of a command so far and by the environment."""
    state = given.get("state") or environ.get("CSOUNDD_STATE")
    return url_of(given.get("url") or environ.get("CSOUNDD_URL"), Path(state) if state else None)


async def _channels(url: str) -> list[str]:
    async with (
        asyncio.timeout(COMPLETION_SECONDS),
        connect(url, token=shown_token(), name="csoundd", reconnect=False) as daemon,
    ):
        found: list[str] = [channel["name"] for channel in (await daemon.call("channel.list")).result]
        return found


USUAL_FORMAT: Final = (48_000, 2)

CODES: Final = frozenset(
    f"csound.{name}"
    for name in (
        *("compileOrc", "compileOrcAsync", "compileCsd", "compileCsdText", "compileCommandLine", "start"),
        *("setOption", "setGlobalEnv", "scoreEvent", "runUtility", "loadPlugins", "setControlChannelHints"),
    )
)
"""The methods that answer an error code of Csound's, 0 being none."""

PATHS: Final = frozenset({"csound.compileCsd", "csound.compileCommandLine"})
"""The methods that are given files to read, which whoever types their names has before him."""

LOOPBACK: Final = re.compile(r"^(\w+://)?(127\.|localhost|\[::1\])")
"""The addresses of a daemon that has the same files."""

LASTING: Final = frozenset({"csound.perform", "thread.join", "thread.status"})
"""Those that answer less than 0 for a performance that an error ended."""

Url = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="CSOUNDD_URL", help="the daemon (default: what --state notes, else this machine's port 7700)"
    ),
]
State = Annotated[
    Path | None, typer.Option(envvar="CSOUNDD_STATE", help="the folder that the daemon was given as --state")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON, one value a line")]
Method = Annotated[
    str, typer.Argument(help="the method, such as engine.info or csound.controlChannel", autocompletion=methods)
]
Topic = Annotated[str, typer.Argument(help="the topic, such as messages, channels or meters", autocompletion=topics)]
Pairs = Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="options of the topic")]
Args = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARGS",
        help="JSON values, or plain text; @FILE is the text of a file; NAME=VALUE gives them by name",
        autocompletion=channels,
    ),
]
Settings = Annotated[
    list[str],
    typer.Argument(metavar="NAME VALUE", help="a channel and its value; may be repeated", autocompletion=channels),
]
Patterns = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="channels, or globs such as 'mix.*'; all without one", autocompletion=channels),
]
Count = Annotated[int | None, typer.Option(min=1, help="stop after so many frames")]
Output = Annotated[str, typer.Argument(metavar="FILE.wav|-", help="where the sound goes; - for standard output")]
For = Annotated[float | None, typer.Option("--seconds", min=0.0, help="stop after so many seconds of sound")]


def set_channels(settings: Settings, url: Url = None, state: State = None) -> None:
    """Set channels: a number sets a control channel, a text a string channel."""
    if len(settings) % 2:
        refuse(f"there is no value for the channel {settings[-1]}")
    values = {name: value_of(word) for name, word in zip(settings[::2], settings[1::2], strict=True)}

    async def run() -> None:
        async with to_daemon(url, state, "csoundd set", reconnect=False) as daemon:
            await daemon.call("channel.set", values)

    run_to_end(run())


def get_channels(patterns: Patterns = None, url: Url = None, state: State = None, as_json: AsJson = False) -> None:
    """Print channels and their values."""

    async def run() -> None:
        async with to_daemon(url, state, "csoundd get", reconnect=False) as daemon:
            reply = await daemon.call("channel.get", patterns or ["*"])
            printed(terminal(), reply.result, as_json=as_json)

    run_to_end(run())


def call(method: Method, args: Args = None, url: Url = None, state: State = None, as_json: AsJson = False) -> None:
    """Call one method and print its result.

    The exit status is 1 where it fails, and where it answers that code did not compile.
    """
    positional, named = _arguments(args or [])
    if positional and named:
        refuse("give the arguments all by position or all as NAME=VALUE")

    address = url_of(url, state)
    if method in PATHS and LOOPBACK.search(address):
        positional, named = [*map(_of_this_shell, positional)], {k: _of_this_shell(v) for k, v in named.items()}

    if method == "engine.drive":
        # The session is over with the command, and the drive is not meant to be.
        positional, named = [], {**dict(zip(("drive", "lasting"), positional, strict=False)), "lasting": True, **named}

    async def run() -> None:
        async with to_daemon(address, state, "csoundd call", reconnect=False) as daemon:
            reply = await daemon.call(method, *positional, **named)
            printed(terminal(), reply.result, as_json=as_json)
        _fail_with(method, plain(reply.result))

    run_to_end(run())


def _of_this_shell(word: object) -> object:
    """The whole path of a file that there is here: the daemon may stand in another folder."""
    return str(Path(word).resolve()) if isinstance(word, str) and Path(word).is_file() else word


def _fail_with(method: str, result: Any) -> None:
    """End with an error where ``result`` says that there was one."""
    if isinstance(result, dict) and result.get("ok") is False:
        raise typer.Exit(FAILED)
    if (method in CODES and result != 0) or (method in LASTING and result < 0):
        hint = " (csoundd watch messages since=0 has what Csound said)"
        refuse(f"{method} failed: Csound answered {result}{hint}", FAILED)


def watch(
    topic: Topic,
    options: Pairs = None,
    url: Url = None,
    state: State = None,
    count: Count = None,
    as_json: AsJson = False,
) -> None:
    """Print what a topic delivers, until interrupted."""
    positional, named = _arguments(options or [])
    if positional:
        refuse(f"the options of a topic are given as NAME=VALUE, and {positional[0]} came")

    async def run() -> None:
        console, seen = terminal(), 0
        async with (
            to_daemon(url, state, "csoundd watch") as daemon,
            daemon.subscribe(topic, **named) as frames,
        ):
            async for frame in frames.across():
                _show_frame(console, topic, frame, as_json=as_json)
                seen += 1
                if seen == count:
                    return

    run_to_end(run())


def _show_frame(console: Console, topic: str, frame: Any, *, as_json: bool) -> None:
    if as_json:
        described = {"seq": frame.seq, "sample": frame.sample, "lost": frame.lost, "data": plain(frame.data)}
        typer.echo(json.dumps(described))
    elif topic == "messages":
        console.out(plain(frame.data)["text"].rstrip("\n"), highlight=False)
    else:
        printed(console, frame.data, as_json=False)


def listen(output: Output, url: Url = None, state: State = None, seconds: For = None) -> None:
    """Record what the engine plays to a WAV file, or to standard output as WAV.

    Until interrupted, for so many seconds, or to the end of the performance. Where nothing plays yet it waits.
    """

    async def run() -> None:
        async with (
            to_daemon(url, state, "csoundd listen", reconnect=False) as daemon,
            daemon.subscribe("engine") as events,
            daemon.subscribe("spout", format="f32", queue=4096) as frames,
        ):
            found = (await daemon.call("engine.info")).result["state"]
            if found != "playing":
                say(f"nothing plays: the engine is {found}. This waits until something does")
            await _record(daemon, events, frames, output, seconds)

    run_to_end(run())


async def _record(daemon: Client, events: Any, frames: Any, output: str, seconds: float | None) -> None:
    with WavWriter(sys.stdout.buffer if output == "-" else Path(output)) as wav:
        try:
            async with asyncio.timeout(None) as patience:
                following = asyncio.create_task(_follow(events, patience))
                try:
                    await _write(daemon, frames, wav, inf if seconds is None else seconds)
                finally:
                    following.cancel()
        except TimeoutError:
            say("the performance is over")
        finally:
            if not wav.frames:
                say("nothing was heard: the recording is empty")
            # Where nothing was heard this is an empty sound, not an empty file.
            wav.begin(*USUAL_FORMAT)


async def _follow(events: Any, patience: asyncio.Timeout) -> None:
    """Let ``patience`` run out when the performance is over, unless another one begins."""
    async for event in events:
        over = plain(event.data)["state"] == "ended"
        patience.reschedule(asyncio.get_running_loop().time() + LAST_SOUND_SECONDS if over else None)


async def _write(daemon: Client, frames: Any, wav: WavWriter, seconds: float) -> None:
    expected, sr, wanted = None, 0.0, inf
    async for frame in frames.across():
        if expected is None:
            # Only a performance that has begun has a sample rate.
            sr = (await daemon.call("engine.info")).result["format"]["sr"]
            wanted = round(seconds * sr) if seconds < inf else inf
        silence = 0 if expected is None else max(0, frame.sample - expected)
        expected = frame.sample + len(frame.data)
        left = wanted - wav.frames
        heard = np.asarray(frame.data, np.float32)
        wav.write(heard[: int(min(len(heard), max(0, left - silence)))], sr, silence=int(min(silence, left)))
        if wav.frames >= wanted:
            return


def url_of(url: str | None, state: Path | None) -> str:
    """The address of the daemon: as given, else as noted in its state folder, else this machine's port 7700."""
    return url or noted_url(state) or "ws://127.0.0.1:7700/ws"


def to_daemon(
    url: str | None, state: Path | None, name: str, *, token: str | None = None, reconnect: bool = True
) -> Connecting:
    """A connection on its way to the daemon, under ``name``, with ``token`` or that of the environment."""
    shown = shown_token() if token is None else token
    return connect(url_of(url, state), token=shown, name=name, reconnect=reconnect, tls=trusting(state))


def trusting(state: Path | None) -> ssl.SSLContext | None:
    """What to encrypt with where the daemon with the state folder ``state`` has an authority of its own, else None."""
    authority = None if state is None else state / "tls" / "authority.crt"
    if authority is None or not authority.is_file():
        return None
    context = ssl.create_default_context()
    context.load_verify_locations(authority)
    return context


def shown_token() -> str | None:
    """The token of the commands. It is in the environment, as everybody on a machine sees what is on a command line."""
    return os.environ.get("CSOUNDD_TOKEN")


def _arguments(words: list[str]) -> tuple[list[object], dict[str, Any]]:
    positional: list[object] = []
    named: dict[str, Any] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if separator and name.isidentifier():
            named[name] = value_of(value)
        else:
            positional.append(value_of(word))
    return positional, named
