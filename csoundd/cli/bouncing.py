"""``csoundd bounce``: what was played live becomes a sound file, rendered again by the daemon that played it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from csoundd.cli.program import FAILED, refuse, run_to_end
from csoundd.cli.remote import State, Url
from csoundd.cli.remote_renders import Away
from csoundd.cli.render_report import Report
from csoundd.cli.rendering import AsJson, Limit, format_named
from csoundd.errors import CsounddError
from csoundd.render.formats import FORMATS, SUFFIXES
from csoundd.render.piece import Piece, Render, Settings

USUAL: Final = "wav32f"
"""The format where neither an option nor the name of the file says one: that of the samples as they were heard."""

Output = Annotated[Path, typer.Argument(metavar="FILE", help="where the sound goes: OUT.wav, .flac, .ogg or .opus")]
Start = Annotated[float, typer.Option("--start", metavar="SECONDS", min=0.0, help="begin then")]
Until = Annotated[
    float | None,
    typer.Option("--until", metavar="SECONDS", min=0.0, help="end then, not now; later than now is how it would go on"),
]
FormatName = Annotated[
    str | None,
    typer.Option("--format", metavar="FORMAT", help=f"{', '.join(FORMATS)}; else what FILE says, {USUAL} for .wav"),
]


def bounce(
    output: Output = Path("bounce.wav"),
    start: Start = 0.0,
    until: Until = None,
    format_: FormatName = None,
    timeout: Limit = None,
    as_json: AsJson = False,
    url: Url = None,
    state: State = None,
) -> None:
    """Render again what was played live, to a sound file.

    That is all since the engine began or was last reset, offline and with the same samples. The file is under its name
    when it is whole, and not before. Exit status: 0 done, 1 failed, 2 usage, 130 interrupted.
    """
    if until is not None and until <= start:
        refuse(f"there is nothing from {start:g} s to {until:g} s")
    here, by_name = Path.cwd(), Settings(format=format_named(format_)).format_of(output)
    if by_name is None and output.suffix.lower() != ".wav":
        refuse(f"{output}: what is it to be? name it {', '.join(('.wav', *SUFFIXES))}, or say --format")
    settings = Settings(format=by_name or USUAL, max_seconds=None if until is None else until - start)
    render, report = (
        Render(Piece(output.name, "", here), here / output, settings),
        Report(as_json=as_json, to_stderr=False),
    )

    async def run() -> None:
        with report.shown():
            async with Away(url, state, caches=False).workshop("auto", here) as workshop:
                running = report.begin(render)
                try:
                    report.done(running, *await workshop.bounce(render, running.told, start, until, timeout))
                except CsounddError as failure:
                    report.failed(render, failure)
                finally:
                    report.end(running)

    run_to_end(run())
    if report.failures:
        raise typer.Exit(FAILED)
