from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.engines import needed
from tests.render.pools import Renders


@pytest.fixture(scope="session")
def renders7() -> Iterator[Renders]:
    """Renders on Csound 7."""
    with Renders(needed("native:7")) as running:
        yield running


@pytest.fixture(scope="session")
def renders6() -> Iterator[Renders]:
    """Renders on Csound 6.18."""
    with Renders(needed("native:6")) as running:
        yield running
