"""A page of another origin in a real browser: everything is open to one that is allowed, nothing to any other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.browser import CHROMIUM, PATIENCE, Site, browser, visiting
from tests.live.daemon import serving
from tests.live.foreign import JSON, connected
from tests.live.pieces import TONE

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

PAGE = """<!doctype html><script type="module">
const base = "http://%s", said = {};
const call = {jsonrpc: "2.0", id: 1, method: "csound.ksmps", params: null};
async function tell(name, act) {
  try { said[name] = await act(); } catch (error) { said[name] = "refused"; }
}
const file = (method, headers = {}, body) => fetch(base + "/files/page.txt", {method, headers, body});
await tell("rpc", async () => (await (await fetch(base + "/rpc", {
  method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(call)})).json()).result);
await tell("document", async () => (await (await fetch(base + "/openrpc.json")).json()).openrpc.split(".")[0]);
await tell("put", async () => (await file("PUT", {"if-none-match": "*"}, "hello")).status);
await tell("known", async () => (await file("GET")).headers.get("etag") !== null);
await tell("part", async () => (await file("GET", {range: "bytes=1-3"})).headers.get("content-range"));
await tell("delete", async () => (await file("DELETE")).status);
await tell("audio", () => new Promise((heard, refused) => {
  const audio = new Audio();
  [audio.crossOrigin, audio.muted, audio.onplaying, audio.onerror] = ["anonymous", true, () => heard("plays"), refused];
  audio.src = base + "/listen.wav";
  audio.play().catch(refused);
}));
await tell("websocket", () => new Promise((answered, refused) => {
  const socket = new WebSocket(base.replace("http", "ws") + "/ws");
  socket.onopen = () => socket.send(JSON.stringify(call));
  socket.onmessage = message => answered(JSON.parse(message.data).result);
  socket.onerror = refused;
}));
await fetch("/said", {method: "POST", body: JSON.stringify(said)});
</script>
"""

OPEN = {
    "rpc": 64,
    "document": "1",
    "put": 201,
    "known": True,
    "part": "bytes 1-3/5",
    "delete": 204,
    "audio": "plays",
    "websocket": 64,
}


@pytest.fixture
def site() -> Iterator[Site]:
    with visiting() as made:
        yield made


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_a_page_of_another_origin(tmp_path: Path, site: Site, is_allowed: bool) -> None:
    workspace, profile = tmp_path / "workspace", tmp_path / "profile"
    workspace.mkdir()
    origin = site.origin if is_allowed else "http://localhost:1"
    with serving(workspace, "--allowed-origin", origin) as daemon:
        async with connected(daemon.url, JSON) as client:
            assert await client.call("csound.compileOrc", TONE) == 0
            assert await client.call("thread.play") is None
            site.page = PAGE % daemon.http
            with browser(profile, f"{site.origin}/"):
                said = await asyncio.to_thread(site.said.get, timeout=PATIENCE)
        refused = f"{site.origin} was refused: --allowed-origin {site.origin}" in daemon.errors()
    assert said == (OPEN if is_allowed else dict.fromkeys(OPEN, "refused"))
    assert refused == (not is_allowed)
