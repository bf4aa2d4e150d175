"""Renders that are found as they were rendered before, and those that are not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from os import sched_yield
from pathlib import Path
from time import time
from typing import Any

import numpy as np
import pytest
import soundfile

from csoundd.limits import FILE_TIME_SECONDS
from csoundd.render.cache import Cache, Opened
from csoundd.render.engine import identity_of
from csoundd.render.inputs import Hashes
from csoundd.render.piece import Piece, Render, Settings
from csoundd.render.workshop import work_of
from tests.live.engines import needed
from tests.live.pieces import csd
from tests.render.commands import HEADER, render, same
from tests.render.pools import Done, Renders

PIECE = csd(
    HEADER + '#include "lib/outer.udo"\ninstr 1\n  asound diskin "tone.wav"\n  chnset(chnget:i("level"), "unused")\n'
    "  out(louder(asound), asound * $HALF)\nendin\n",
    "i1 0 0.1",
)
INNER = "#define LOUD #0.5#\n"
SETTINGS: dict[str, Any] = {"macros": {"HALF": "0.5"}, "channels": {"level": 1.0}}

pytestmark = pytest.mark.native


def settled(*written: Path) -> None:
    """Wait until files are older than the last tick of the clock: what changes while it is rendered is not kept."""
    last = max(each.stat().st_ctime for each in written)
    while time() < last + 2 * FILE_TIME_SECONDS:
        sched_yield()


def tone(path: Path, hz: float) -> None:
    soundfile.write(path, 0.5 * np.sin(np.arange(4800) * hz / 48000 * 2 * np.pi), 48000)
    settled(path)


def text(path: Path, value: str) -> None:
    path.write_text(value)
    settled(path)


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    folder = tmp_path / "piece"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib/outer.udo").write_text(
        '#include "inner.udo"\nopcode louder, a, a\n  ain xin\n  xout ain * $LOUD\nendop\n'
    )
    (folder / "lib/inner.udo").write_text(INNER)
    text(folder / "piece.csd", PIECE)
    tone(folder / "tone.wav", 440)
    return folder / "piece.csd"


@pytest.fixture
def cache(tmp_path: Path, renders7: Renders) -> Cache:
    made = Cache.of(tmp_path / "cache", renders7.pool.engine)
    assert made is not None
    return made


@pytest.fixture
def again(piece: Path, tmp_path: Path, renders7: Renders, cache: Cache) -> Callable[..., Done]:
    """Renders the piece, or another one, with the cache, each time to a file of its own."""
    numbers = iter(range(100))

    def once(path: Path = piece, **changed: Any) -> Done:
        (tmp_path / "out").mkdir(exist_ok=True)
        return renders7.render(path, tmp_path / f"out/{next(numbers)}.wav", cache=cache, **SETTINGS | changed)

    return once


def entries(folder: Path) -> list[Path]:
    return sorted(each for each in (folder / "cache/v2/outputs").rglob("*") if each.is_file())


def test_what_was_rendered_is_not_rendered_again(again: Callable[..., Done]) -> None:
    first, second = again(), again()
    assert (first.result.cached, first.result.not_kept, second.result.cached) == (False, "", True)
    assert first.output.read_bytes() == second.output.read_bytes()
    assert replace(second.result, cached=False) == first.result
    assert second.log == first.log


def test_a_copy_of_the_piece_under_another_name_is_the_same(piece: Path, again: Callable[..., Done]) -> None:
    first = again()
    moved = shutil.copytree(piece.parent, piece.parent.with_name("moved"))
    second = again((moved / "piece.csd").rename(moved / "other.csd"))
    assert second.result.cached
    assert first.output.read_bytes() == second.output.read_bytes()


def test_whoever_changes_a_file_changes_no_other(again: Callable[..., Done]) -> None:
    first, second = again(), again()
    with second.output.open("r+b") as file:
        file.write(b"changed")
    third = again()
    assert third.result.cached
    assert first.output.read_bytes() == third.output.read_bytes()


@pytest.mark.parametrize(
    "changed",
    [
        {"macros": {"HALF": "0.25"}},
        {"channels": {"level": 2.0}},
        {"channels": {"level": "2"}},
        {"options": ("-b", "128")},
        {"format": "wav24"},
        {"max_seconds": 0.05},
    ],
)
def test_what_is_asked_otherwise_is_rendered(again: Callable[..., Done], changed: dict[str, Any]) -> None:
    again()
    assert not again(**changed).result.cached
    assert again(**changed).result.cached


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: text(folder / "piece.csd", PIECE.replace("0.1", "0.2")),
        lambda folder: text(folder / "piece.csd", PIECE.replace("$HALF", "0.3")),
        lambda folder: text(folder / "lib/inner.udo", "#define LOUD #0.7#\n"),
        lambda folder: tone(folder / "tone.wav", 880),
    ],
    ids=["score", "orchestra", "include of an include", "sample"],
)
def test_what_reads_something_else_is_rendered(
    piece: Path, again: Callable[..., Done], change: Callable[[Path], None]
) -> None:
    before = again()
    change(piece.parent)
    after = again()
    assert not after.result.cached
    assert not same(before.output, after.output)
    assert again().result.cached


def test_a_sample_that_is_as_it_was_is_found_again(piece: Path, again: Callable[..., Done]) -> None:
    first = again()
    tone(piece.parent / "tone.wav", 880)
    again()
    tone(piece.parent / "tone.wav", 440)
    back = again()
    assert back.result.cached
    assert back.output.read_bytes() == first.output.read_bytes()


def test_a_sample_that_is_found_sooner_is_another(
    piece: Path, tmp_path: Path, again: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "samples").mkdir()
    (piece.parent / "tone.wav").rename(tmp_path / "samples/tone.wav")
    monkeypatch.setenv("SSDIR", str(tmp_path / "samples"))
    settled(tmp_path / "samples/tone.wav")
    again()
    assert again().result.cached
    tone(piece.parent / "tone.wav", 880)
    assert not again().result.cached


def test_an_include_beside_the_one_that_asks_is_another(piece: Path, again: Callable[..., Done]) -> None:
    text(piece.parent / "lib/outer.udo", (piece.parent / "lib/outer.udo").read_text().replace("inner", "../inner"))
    text(piece.parent / "inner.udo", INNER)
    first = again()
    text(piece.parent / "inner.udo", "#define LOUD #0.9#\n")
    second = again()
    assert not second.result.cached
    assert not same(first.output, second.output)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "spoil",
    [
        flip,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes()[:100]),
        lambda path: path.write_bytes(path.read_bytes().replace(b'"frames"', b'"flames"')),
        lambda path: path.write_bytes(b""),
    ],
    ids=["a bit", "cut", "cut in its head", "another result", "empty"],
)
def test_a_damaged_entry_is_rendered_anew(
    tmp_path: Path, again: Callable[..., Done], spoil: Callable[[Path], None]
) -> None:
    first = again()
    (entry,) = entries(tmp_path)
    spoil(entry)
    second = again()
    assert not second.result.cached
    assert same(first.output, second.output)
    assert again().result.cached


def stem_of(done: Done) -> bytes:
    return done.output.with_name(f"{done.output.stem}-1.wav").read_bytes()


def test_stems_are_found_together_with_their_mix(again: Callable[..., Done]) -> None:
    first, second = again(stems=("1",)), again(stems=("1",))
    assert (first.result.not_kept, second.result.cached) == ("", True)
    assert replace(second.result, cached=False) == first.result
    assert second.output.read_bytes() == first.output.read_bytes()
    assert stem_of(second) == stem_of(first)
    assert not again().result.cached


def test_where_a_stem_is_damaged_all_is_rendered_anew(tmp_path: Path, again: Callable[..., Done]) -> None:
    first = again(stems=("1",))
    (entry,) = entries(tmp_path)
    flip(entry)
    second = again(stems=("1",))
    assert not second.result.cached
    assert stem_of(second) == stem_of(first)
    assert again(stems=("1",)).result.cached


def test_stems_count_in_the_room_of_the_cache(
    tmp_path: Path, piece: Path, again: Callable[..., Done], renders7: Renders
) -> None:
    room = int(1.5 * again().output.stat().st_size)
    small = Cache.of(tmp_path / "cache", renders7.pool.engine, room)
    done = renders7.render(piece, tmp_path / "a.wav", cache=small, stems=("1",), **SETTINGS)
    assert done.result.not_kept == "it is larger than all that may be kept"


def test_what_another_version_has_kept_goes_when_the_room_is_needed(
    tmp_path: Path, piece: Path, again: Callable[..., Done], renders7: Renders
) -> None:
    old = tmp_path / "cache/v1/outputs/ab/ab00"
    old.parent.mkdir(parents=True)
    old.write_bytes(bytes(100_000))
    os.utime(old, (1.0, 1.0))
    small = Cache.of(tmp_path / "cache", renders7.pool.engine, 100_000)
    assert not renders7.render(piece, tmp_path / "a.wav", cache=small, **SETTINGS).result.cached
    assert not old.exists()
    assert again().result.cached


def test_a_damaged_list_of_inputs_is_written_anew(tmp_path: Path, again: Callable[..., Done]) -> None:
    again()
    (known,) = (each for each in (tmp_path / "cache/v2/inputs").rglob("*") if each.is_file())
    known.write_bytes(b'[[1, {"a')
    assert not again().result.cached
    assert again().result.cached


def test_another_engine_or_plug_in_is_another(piece: Path, again: Callable[..., Done], renders7: Renders) -> None:
    done = again()
    engine = renders7.pool.engine
    identity = identity_of(engine, Hashes())
    assert identity is not None
    asked = Render(Piece.read(piece), done.output, Settings(**SETTINGS))
    work = work_of(asked, done.output, engine, piece.parent)
    folder = done.output.parents[1] / "cache"
    assert Cache(folder, identity).find(work) is not None
    for other in (
        replace(identity, version="7.0.1"),
        replace(identity, library="0" * 64),
        replace(identity, plugins=(*identity.plugins, ("mine.so", "0" * 64))),
        replace(identity, csoundd=("another",)),
    ):
        assert Cache(folder, other).find(work) is None


@pytest.mark.parametrize(
    ("orchestra", "reason"),
    [
        ("seed 0\n", "seed takes its seed from the clock"),
        ("giwhen rtclock\n", "rtclock reads the clock"),
        ('gi1 ftgen 1, 0, 8, 2, 0\nftsave "tables.bin", 0, 1\n', "it writes tables.bin beside its output"),
    ],
)
def test_what_may_differ_is_never_kept(
    piece: Path, tmp_path: Path, again: Callable[..., Done], orchestra: str, reason: str
) -> None:
    text(piece, PIECE.replace("#include", orchestra + "#include"))
    assert again().result.not_kept == reason
    assert not again().result.cached
    assert not (tmp_path / "cache/v2/outputs").exists()


def test_what_is_changed_meanwhile_is_not_kept(
    piece: Path, tmp_path: Path, again: Callable[..., Done], cache: Cache, renders7: Renders
) -> None:
    done = again(channels={"level": 3.0})
    asked = Render(Piece.read(piece), done.output, Settings(**SETTINGS))
    work = work_of(asked, done.output, renders7.pool.engine, piece.parent)
    begun = (piece.parent / "tone.wav").stat().st_ctime
    reason = cache.keep(work, Opened(("tone.wav",)), begun, done.result, done.log)
    assert reason == "tone.wav was changed while it was rendered"
    assert cache.find(work) is None


def test_a_cache_that_cannot_be_written_is_told_and_does_no_harm(
    tmp_path: Path, piece: Path, again: Callable[..., Done], renders7: Renders
) -> None:
    (tmp_path / "file").write_text("no folder")
    made = Cache.of(tmp_path / "file", renders7.pool.engine)
    done = renders7.render(piece, tmp_path / "a.wav", cache=made, **SETTINGS)
    assert done.result.not_kept == "the cache cannot be written: not a directory"
    assert same(done.output, again().output)


def test_what_was_not_wanted_the_longest_goes_first(
    tmp_path: Path, piece: Path, again: Callable[..., Done], renders7: Renders
) -> None:
    again(channels={"level": 0.0})
    (entry,) = entries(tmp_path)
    room = 4 * entry.stat().st_size
    small = Cache.of(tmp_path / "cache", renders7.pool.engine, room)

    def is_kept(number: float) -> bool:
        """Whether the piece is kept with this level; it is now."""
        done = renders7.render(piece, tmp_path / "small.wav", cache=small, **SETTINGS | {"channels": {"level": number}})
        return done.result.cached

    assert [is_kept(number) for number in (1.0, 2.0, 0.0, 3.0)] == [False, False, True, False]
    assert [is_kept(number) for number in (0.0, 1.0)] == [True, False]
    assert sum(each.stat().st_size for each in entries(tmp_path)) <= room


def test_what_is_larger_than_the_cache_drives_nothing_out(
    tmp_path: Path, piece: Path, again: Callable[..., Done], renders7: Renders
) -> None:
    again()
    small = Cache.of(tmp_path / "cache", renders7.pool.engine, 1000)
    done = renders7.render(piece, tmp_path / "large.wav", cache=small, **SETTINGS | {"channels": {"level": 9.0}})
    assert done.result.not_kept == "it is larger than all that may be kept"
    assert again().result.cached


def test_many_at_once_get_whole_files(
    tmp_path: Path, piece: Path, again: Callable[..., Done], renders7: Renders
) -> None:
    done = again()
    asked = Render(Piece.read(piece), done.output, Settings(**SETTINGS))
    begun = time()

    def turn(number: int) -> bool:
        """Keep, find and clear out as a process of its own would; whether what was found was whole."""
        mine = Cache.of(tmp_path / "cache", renders7.pool.engine, 100_000)
        output = tmp_path / f"turn-{number}.wav"
        assert mine is not None
        for _ in range(5):
            own = work_of(asked, done.output, renders7.pool.engine, piece.parent)
            assert not mine.keep(own, Opened(tuple(done.result.inputs)), begun, done.result, done.log)
            found = mine.find(replace(own, output=str(output)))
            if found is not None and output.read_bytes() != done.output.read_bytes():
                return False
            mine.clear_out()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(turn, range(8)))
    assert not [each for each in (tmp_path / "cache").rglob("*.part") if each.is_file()]


def test_the_command_finds_its_own_in_the_cache_folder_of_the_user(piece: Path, tmp_path: Path) -> None:
    variables = {"CSOUNDD_NO_CACHE": "", "XDG_CACHE_HOME": str(tmp_path / "user")}
    words = ("piece.csd", "--macro", "HALF=0.5", "--json", "--engine", needed("native:7"))
    ended = [render(*words, "-o", f"{name}.wav", folder=piece.parent, extra=variables) for name in "ab"]
    assert [each.last["piece.csd"]["cached"] for each in ended] == [False, True]
    assert (piece.parent / "a.wav").read_bytes() == (piece.parent / "b.wav").read_bytes()
    assert (tmp_path / "user/csoundd/renders/CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f")
