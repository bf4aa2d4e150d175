"""A daemon for all tests of the drop-in, and an engine of it for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from csoundd_client import Csound
from tests.backends.engines import NATIVE
from tests.live.daemon import Daemon, serving

ORCHESTRA = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

giRamp ftgen 1, 0, -8, -2, 1, 2, 3, 4, 5, 6, 7, 8
chn_k "level", 3
chn_a "bus", 3

instr Reader
  kindex init 0
  kvalue table kindex, 1
  chnset kvalue, "read"
  tablew kvalue + 100, kindex, 1
  kindex = (kindex + 1) % 8
  klevel chnget "level"
  chnset klevel * 2, "doubled"
endin

instr Through
  aleft, aright ins
  outs aleft * 2, aright * 3
endin
"""


@pytest.fixture(scope="module", params=NATIVE)
def engine(request: pytest.FixtureRequest) -> str:
    """What ``--engine`` calls the native engine that both sides run on."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def daemon(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with serving(tmp_path_factory.mktemp("daemon"), "--drive", "free", "--engine", engine) as running:
        yield running


@pytest.fixture
def folder(daemon: Daemon) -> Path:
    """The daemon's workspace."""
    return daemon.folder


@pytest.fixture
def cs(daemon: Daemon) -> Iterator[Csound]:
    """A clean engine."""
    with Csound(url=daemon.url) as csound:
        yield csound


@pytest.fixture
def started(cs: Csound) -> Csound:
    """An engine with an orchestra, stepped."""
    assert cs.compileOrc(ORCHESTRA) == 0
    cs.start()
    return cs
