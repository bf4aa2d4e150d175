"""What a daemon keeps on disk for the one that comes after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.daemon import FREE_PORTS, Daemon, finished, serving
from tests.live.pieces import TONE
from tests.survival.daemon_deaths import survived
from tests.survival.load import Caller

LEFT_ON = {"CSOUNDD_NO_STATE": "0"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pieces"
    made.mkdir()
    for name in ("piece.orc", "other.orc"):
        (made / name).write_text(f"{TONE}\n; {name}\n")
    return made


def value_of(daemon: Daemon, channel: str = "freq") -> float:
    with Caller(daemon.port) as caller:
        value: float = caller.call("csound.controlChannel", channel)[0]
    return value


def left(daemon: Daemon, value: float = 523.0) -> None:
    """Have a daemon acknowledge a value."""
    with Caller(daemon.port) as caller:
        caller.call("csound.setControlChannel", "freq", value)


@contextmanager
def cut_off(folder: Path, *words: str | Path, extra: dict[str, str] | None = None) -> Iterator[Daemon]:
    """A daemon that is killed at the end."""
    daemon = Daemon(folder, *words, extra=extra)
    try:
        daemon.wait_until_ready()
        yield daemon
        daemon.process.kill()
        daemon.process.wait()
    finally:
        daemon.close()


@pytest.mark.timeout(240)
def test_all_that_was_acknowledged_under_load_is_there_after_each_of_four_kills(tmp_path: Path) -> None:
    result = survived(tmp_path, "native", kills=4, clients=3, seed=14)
    assert result.acknowledged > 0
    assert result.looked_at > 0
    assert result.missing == []


def test_the_performance_goes_on_after_a_daemon_that_was_killed_and_one_that_was_ended(
    folder: Path, tmp_path: Path
) -> None:
    words = ("piece.orc", "--state", tmp_path / "state")
    with cut_off(folder, *words) as daemon:
        left(daemon)
    with serving(folder, *words) as daemon:
        assert value_of(daemon) == 523.0
        assert "goes on where it was left" in daemon.errors()
        with Caller(daemon.port) as caller:
            assert caller.call("engine.info")["piece"] == "piece.orc"
    # It was ended by SIGTERM, as a service is at each update.
    with serving(folder, "--state", tmp_path / "state") as daemon:
        assert value_of(daemon) == 523.0


@pytest.mark.parametrize("change", ["another piece", "another version"])
def test_the_piece_that_is_named_plays_where_it_is_not_the_one_that_was_left(
    folder: Path, tmp_path: Path, change: str
) -> None:
    state = tmp_path / "state"
    with cut_off(folder, "piece.orc", "--state", state) as daemon:
        left(daemon)
    if change == "another version":
        (folder / "piece.orc").write_text(f"{TONE}\n; mended\n")
    with serving(folder, "other.orc" if change == "another piece" else "piece.orc", "--state", state) as daemon:
        assert value_of(daemon) == 0.0
        assert "the piece that was named plays" in daemon.errors()


def test_in_the_usual_place_only_what_was_cut_off_goes_on(folder: Path, tmp_path: Path) -> None:
    extra = LEFT_ON | {"XDG_STATE_HOME": str(tmp_path / "home")}
    with cut_off(folder, extra=extra) as daemon:
        left(daemon)
    with serving(folder, extra=extra) as daemon:
        assert value_of(daemon) == 523.0
    with serving(folder, extra=extra) as daemon:
        assert value_of(daemon) == 0.0


def test_a_second_daemon_leaves_the_state_of_the_first_alone(folder: Path, tmp_path: Path) -> None:
    extra = LEFT_ON | {"XDG_STATE_HOME": str(tmp_path / "home")}
    with serving(folder, "--state", tmp_path / "state") as _, cut_off(folder, extra=extra) as first:
        left(first)
        ended = finished("serve", *FREE_PORTS, "--state", tmp_path / "state", folder=folder)
        assert ended.returncode == 1
        assert "another csoundd keeps its state" in ended.stderr
        with serving(folder, extra=extra) as second:
            assert value_of(second) == 0.0
            assert "nothing is kept of this performance" in second.errors()
    with serving(folder, extra=extra) as daemon:
        assert value_of(daemon) == 523.0


def test_nothing_is_kept_where_nobody_wants_it_or_code_could_change_it(folder: Path, tmp_path: Path) -> None:
    for words in (("--no-state",), ("--no-state", "--state", tmp_path / "state"), ("--state", folder / "state")):
        with serving(folder, *words) as daemon:
            left(daemon)
    assert not list(tmp_path.rglob("journal*"))
