"""A script shows its token where a daemon asks for one, over the socket and for its file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from csoundd.access import TokenStore
from csoundd_client import Csound
from csoundd_client.errors import Unauthorized
from tests.live.daemon import Daemon, serving

pytestmark = [pytest.mark.live, pytest.mark.native]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, str]]:
    """A daemon that asks for tokens, and one."""
    folder, state = tmp_path_factory.mktemp("guarded"), tmp_path_factory.mktemp("state")
    with serving(folder, "--state", str(state), "--auth", "required", "--engine", "native") as daemon:
        yield daemon, TokenStore(state).create("a script", "admin")[0]


def test_a_file_is_fetched_with_the_token_of_the_environment(
    guarded: tuple[Daemon, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon, token = guarded
    monkeypatch.setenv("CSOUNDD_TOKEN", token)
    with Csound(url=daemon.url) as cs:
        cs.setOption(f"-o{tmp_path / 'out.wav'}")
        assert cs.compileOrc("ksmps = 64\n0dbfs = 1\ninstr 1\n out(oscili:a(0.1, 440))\nendin\nschedule 1, 0, 1") == 0
        cs.start()
        for _ in range(100):
            cs.performKsmps()
    assert (tmp_path / "out.wav").stat().st_size > 44 + 2 * 6400 - 2


def test_a_token_may_be_given(guarded: tuple[Daemon, str]) -> None:
    daemon, token = guarded
    with Csound(url=daemon.url, token=token) as cs:
        assert cs.version() >= 6180


def test_without_one_there_is_no_csound(guarded: tuple[Daemon, str]) -> None:
    with pytest.raises(Unauthorized):
        Csound(url=guarded[0].url)
