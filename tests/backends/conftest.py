"""The engines that the suite runs on: a test that asks for one of these runs on each."""

from __future__ import annotations

from functools import partial

import pytest

from csoundd.engine.options import EngineName
from tests.backends import pushing
from tests.backends.engines import ENGINES, EngineIn
from tests.backends.pushing import Staged
from tests.engine import listening


@pytest.fixture(params=ENGINES, scope="module")
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    """What ``--engine`` calls it."""
    name: EngineName = request.param
    return name


@pytest.fixture
def engine_in(engine_name: EngineName) -> EngineIn:
    """Opens an engine in a folder."""
    return partial(listening.engine_in, engine=engine_name)


@pytest.fixture
def staged(engine_name: EngineName) -> Staged:
    """Opens an engine in a folder, with a hub over it."""
    return partial(pushing.staged, engine=engine_name)
