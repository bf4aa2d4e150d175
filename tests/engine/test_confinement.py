from __future__ import annotations

import pytest

from csoundd.engine.csound.registry import placed
from csoundd.engine.host import confinement
from csoundd.engine.options import HostOptions
from csoundd.errors import EngineUnavailable

pytestmark = pytest.mark.native


def options(confine: str) -> HostOptions:
    return placed(HostOptions.from_json(HostOptions(engine="native").to_json().replace('"off"', f'"{confine}"')))


def test_a_system_that_does_not_offer_it_is_refused_where_it_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_version", lambda: 0)
    with pytest.raises(EngineUnavailable, match="files, programs, tcp"):
        confinement.confine(options("strict"))


def test_elsewhere_it_runs_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confinement, "_version", lambda: 0)
    assert confinement.confine(options("auto")) == ()
    assert confinement.confine(options("off")) == ()
