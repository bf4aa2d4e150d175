"""A few deaths of an engine under the load of a few clients; ``make deaths`` has hundreds, of more kinds."""

from __future__ import annotations

from pathlib import Path

from tests.survival.engine_deaths import outlived


def test_an_engine_that_dies_under_load_costs_nobody_a_connection_an_answer_or_a_change(tmp_path: Path) -> None:
    outliving = outlived(tmp_path, "native", deaths=3, clients=3, seed=7, kinds=("SIGKILL", "trap", "SIGSEGV"))
    assert outliving.wrong == []
    assert sum(len(times) for times in outliving.deaths.values()) == 3
    assert outliving.acknowledged > 20
    assert outliving.looked_at > 20
