"""``csoundd call``, ``watch`` and ``listen``: a daemon that runs, from the command line."""

from __future__ import annotations

import json
import sys
from math import inf
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from rich.console import Console

from csoundd.cli.program import plain, printed, refuse, run_to_end, terminal, value_of
from csoundd.daemon import noted_url
from csoundd.wav import WavWriter
from csoundd_client import Client, connect

USUAL_FORMAT: Final = (48_000, 2)

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
Method = Annotated[str, typer.Argument(help="the method, such as engine.info or csound.controlChannel")]
Topic = Annotated[str, typer.Argument(help="the topic, such as messages, channels or meters")]
Pairs = Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="options of the topic")]
Args = Annotated[
    list[str] | None,
    typer.Argument(metavar="ARGS", help="JSON values, or plain text; NAME=VALUE gives them by name"),
]
Count = Annotated[int | None, typer.Option(min=1, help="stop after so many frames")]
Output = Annotated[str, typer.Argument(metavar="FILE.wav|-", help="where the sound goes; - for standard output")]
For = Annotated[float | None, typer.Option("--seconds", min=0.0, help="stop after so many seconds of sound")]


def call(method: Method, args: Args = None, url: Url = None, state: State = None, as_json: AsJson = False) -> None:
    """Call one method and print its result."""
    positional, named = _arguments(args or [])
    if positional and named:
        refuse("give the arguments all by position or all as NAME=VALUE")

    async def run() -> None:
        async with connect(url_of(url, state), name="csoundd call", reconnect=False) as daemon:
            reply = await daemon.call(method, *positional, **named)
            printed(terminal(), reply.result, as_json=as_json)

    run_to_end(run())


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
            connect(url_of(url, state), name="csoundd watch") as daemon,
            daemon.subscribe(topic, **named) as frames,
        ):
            async for frame in frames:
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
    """Record what the engine plays to a WAV file, or to standard output as WAV."""

    async def run() -> None:
        async with (
            connect(url_of(url, state), name="csoundd listen", reconnect=False) as daemon,
            daemon.subscribe("spout", format="f32", queue=4096) as frames,
        ):
            await _record(daemon, frames, output, seconds)

    run_to_end(run())


async def _record(daemon: Client, frames: Any, output: str, seconds: float | None) -> None:
    with WavWriter(sys.stdout.buffer if output == "-" else Path(output)) as wav:
        try:
            await _write(daemon, frames, wav, inf if seconds is None else seconds)
        finally:
            # Where nothing was heard this is an empty sound, not an empty file.
            wav.begin(*USUAL_FORMAT)


async def _write(daemon: Client, frames: Any, wav: WavWriter, seconds: float) -> None:
    expected, sr, wanted = None, 0.0, inf
    async for frame in frames:
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
