"""Each option of ``csoundd render`` has an effect where a daemon renders too, or is refused in words."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest
import typer
from typer.testing import CliRunner

from csoundd.api.renders import Renders
from csoundd.cli import app, remote_renders
from csoundd.cli.remote_renders import RemoteWorkshop
from csoundd.render.dryrun import Inputs
from csoundd_client.errors import ConnectionLost
from tests.live.pieces import csd
from tests.render.commands import LONG, SINE

BASE: Final = ("render", "a.csd", "b.csd", "-o", "out", "--url", "127.0.0.1:1")

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "pieces": ("c.csd",),
    "output": ("-o", "elsewhere"),
    "set_": ("--set", "level=0.5"),
    "macro": ("--macro", "HALF=0.5"),
    "option": ("--option=-b128",),
    "sweep": ("--sweep", "level=1,2"),
    "engine": ("--engine", "wasm"),
    "format_": ("--format", "flac"),
    "max_duration": ("--max-duration", "1"),
    "timeout": ("--timeout", "5"),
    "max_memory": ("--max-memory", "64"),
    "jobs": ("--jobs", "1"),
    "as_json": ("--json",),
    "strict": ("--strict",),
    "no_cache": ("--no-cache",),
    "cache": ("--cache", "kept"),
    "cache_size": ("--cache-size", "5"),
    "dry_run": ("--dry-run",),
    "from_": ("--from", "list.txt"),
    "shard": ("--shard", "1/2"),
    "url": ("--url", "127.0.0.1:2"),
    "state": ("--state", "state"),
    "stems": ("--stems", "1"),
}
"""For each option words that a daemon, or who reads what the command prints and writes, is to notice."""

REFUSED: Final = {"cache", "cache_size"}
"""Those that are about this machine's own cache."""

LEVELS: Final = {"peak": -6.0, "truePeak": -6.0, "rms": -9.0, "loudness": None, "clipped": 0, "notNumbers": 0}
ALONE: Final = {"jobs", "shard"}
"""Those with which one job is there at a time. With all others two are, and neither ends before."""


@dataclass
class Seen:
    """What a command did: its status, what it printed and wrote, and what it asked of which daemon."""

    status: int = 0
    printed: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    daemons: list[tuple[str | None, Path | None]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    at_once: int = 0


class FakeDaemon:
    """A daemon whose jobs are done, with a warning of Csound's, once ``together`` of them have been there at once."""

    def __init__(self, seen: Seen, together: int) -> None:
        self._seen, self._together = seen, together
        self._met = asyncio.Event()
        self._jobs: list[dict[str, Any]] = []
        self._running = 0

    async def call(self, method: str, *, deadline: float, **params: Any) -> SimpleNamespace:
        assert deadline > 0
        if method == "render.submit":
            assert params.keys() <= inspect.signature(Renders.submit).parameters.keys()
            del params["key"]
            self._seen.asked.append(params)
            self._jobs.append(params)
            self._running += 1
            self._seen.at_once = max(self._seen.at_once, self._running)
            if self._running >= self._together:
                self._met.set()
            return SimpleNamespace(result={"job": str(len(self._jobs) - 1)})
        await asyncio.wait_for(self._met.wait(), LONG)
        self._running -= 1
        return SimpleNamespace(result=self._ended(params["job"]))

    def _ended(self, job: str) -> dict[str, Any]:
        files = [
            {"stem": stem, "kind": kind, "path": f"/{stem}", "size": 1, "sha256": "0", "nchnls": 2, "levels": LEVELS}
            for stem, kind in ((None, "mix"), *((stem, "instrument") for stem in self._jobs[int(job)].get("stems", [])))
        ]
        result = {
            "frames": 1,
            "sr": 1.0,
            "nchnls": 2,
            "levels": LEVELS,
            "warnings": ["warning: loud"],
            "warningCount": 1,
        }
        result |= {"inputs": [], "cut": False, "files": files, "stemSum": None}
        return {"ended": 1.0, "state": "done", "cached": True, "history": [], "result": result}

    @contextmanager
    def subscribe(self, _topic: str, **_options: Any) -> Iterator[None]:
        raise ConnectionLost("this daemon tells nothing meanwhile")
        yield


def laid_out(folder: Path, patched: pytest.MonkeyPatch) -> Path:
    """``folder`` with pieces, where commands are called from now on, with nothing of csoundd's in the environment."""
    for number, name in enumerate("abc"):
        (folder / f"{name}.csd").write_text(csd(SINE, f"i1 0 {number + 1} 0.25"))
    (folder / "list.txt").write_text("c.csd\n")
    patched.chdir(folder)
    for name in ("CSOUNDD_URL", "CSOUNDD_STATE", "CSOUNDD_NO_CACHE", "CSOUNDD_RENDER_CACHE", "CSOUNDD_SHARD"):
        patched.delenv(name, raising=False)
    return folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return laid_out(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What the command does without any option."""
    with pytest.MonkeyPatch.context() as patched:
        return seen_of(BASE, laid_out(tmp_path_factory.mktemp("without"), patched), patched)


def seen_of(
    words: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch, *, together: int = 2, reads: bool = False
) -> Seen:
    """What a command does, with a daemon that is none; with ``reads`` it finds out what the pieces read."""
    seen = Seen()

    @asynccontextmanager
    async def to_daemon(url: str | None, state: Path | None, _who: str) -> AsyncIterator[FakeDaemon]:
        seen.daemons.append((url, state))
        yield FakeDaemon(seen, together)

    async def inputs(_workshop: RemoteWorkshop, _render: object) -> tuple[Inputs, list[object]]:
        return Inputs((), (), ()), []

    def get(_files: object, path: str, target: Path, _digest: str) -> None:
        target.write_text(path)

    monkeypatch.setattr(remote_renders, "to_daemon", to_daemon)
    if not reads:
        monkeypatch.setattr(RemoteWorkshop, "inputs", inputs)
    monkeypatch.setattr("csoundd.cli.remote_renders._Files.get", get)
    before = {path for path in folder.rglob("*") if path.is_file()}
    ended = CliRunner().invoke(app, list(words), catch_exceptions=False)
    # Which of two jobs is asked for first, and which is fetched, is a matter of chance.
    seen.asked.sort(key=lambda params: str(params["name"]))
    seen.status, seen.printed = ended.exit_code, "\n".join(sorted(ended.output.splitlines()))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in before:
            seen.files[str(path.relative_to(folder))] = path.read_bytes()
            path.unlink()
    return seen


def options() -> dict[str, str]:
    """The options of the command by the names of their parameters: the longest word for each."""
    group: Any = typer.main.get_command(app)
    command = group.get_command(None, "render")
    return {each.name: max(each.opts, key=len) for each in command.params if each.name != "help"}


def test_the_same_command_does_the_same_again(folder: Path, monkeypatch: pytest.MonkeyPatch, without: Seen) -> None:
    assert seen_of(BASE, folder, monkeypatch) == without
    assert (without.status, list(without.files), len(without.asked)) == (0, ["out/a.wav", "out/b.wav"], 2)


@pytest.mark.parametrize("name", options())
def test_an_option_has_an_effect_through_a_daemon_or_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, without: Seen, name: str
) -> None:
    assert name in WORDS, f"say what {name} does where a daemon renders, and refuse it if that is nothing"
    found = seen_of((*BASE, *WORDS[name]), folder, monkeypatch, together=1 if name in ALONE else 2)
    if name in REFUSED:
        assert (found.status, found.asked) == (2, [])
        assert options()[name] in found.printed
    else:
        assert found.status in {0, 3}, found.printed
        assert found != without


def test_what_bounds_a_job_comes_to_the_daemon_as_it_was_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, without: Seen
) -> None:
    words = ("--max-memory", "64", "--timeout", "5", "--max-duration", "2.5")
    for asked in seen_of((*BASE, *words), folder, monkeypatch).asked:
        assert (asked["maxMemory"], asked["timeout"], asked["maxDuration"]) == (64 << 20, 5.0, 2.5)
    for asked in without.asked:
        # An earlier daemon would refuse even the names of what it does not know.
        assert asked.keys() == {"csd", "name", "cache"}


def test_a_file_goes_to_the_daemon_by_each_name_that_may_be_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "lib").mkdir()
    (folder / "lib/one.inc").write_text("giunused = 1\n")
    (folder / "a.csd").write_text((folder / "a.csd").read_text().replace("instr", '#include "one.inc"\ninstr', 1))
    monkeypatch.setattr("csoundd.cli.remote_renders._Files.put", lambda *_: None)
    option = f"--option=--env:INCDIR={folder / 'lib'}"
    words = ("render", "a.csd", "--url", "127.0.0.1:1", option)
    (asked,) = seen_of(words, folder, monkeypatch, together=1, reads=True).asked
    assert asked["inputs"].keys() == {"lib/one.inc", "one.inc"}


@pytest.mark.parametrize("words", [("--set", "leve=1"), ("--macro", "leve=1"), ("--sweep", "$leve=1,2")])
def test_a_name_that_no_piece_has_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (folder / "b.csd").write_text((folder / "b.csd").read_text() + "; level\n")
    found = seen_of((*BASE, *words), folder, monkeypatch)
    assert "leve stands nowhere" in found.printed
    right = seen_of((*BASE, words[0], words[1].replace("leve", "level")), folder, monkeypatch)
    assert "stands nowhere" not in right.printed
