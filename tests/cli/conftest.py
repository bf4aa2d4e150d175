from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.cli.running import Cli
from tests.live.daemon import PATIENCE, Daemon, serving
from tests.live.pieces import TONE


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither this machine's settings nor its files."""
    for name in ("CSOUNDD_URL", "CSOUNDD_STATE", "CSOUNDD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that plays a sine of 440 Hz."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "tone.orc").write_text(TONE + 'chnset 440, "freq"\nginan = sqrt(-1)\n')
    with serving(folder, "tone.orc", "--state", "state") as running:
        yield running


def post(daemon: Daemon, method: str, *params: object) -> object:
    """The result of a call over HTTP."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = Request(f"http://{daemon.http}/rpc", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=PATIENCE) as answer:
        answered: dict[str, object] = json.load(answer)
    return answered["result"]


@pytest.fixture
def cli(daemon: Daemon) -> Cli:
    """Commands that find the daemon."""
    return Cli({"CSOUNDD_URL": daemon.url})


@pytest.fixture
def alone() -> Cli:
    """Commands that are told of no daemon."""
    return Cli({})


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"ws://127.0.0.1:{held.getsockname()[1]}/ws"
