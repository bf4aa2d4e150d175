"""The web developer: curl, and a page of an origin of its own in a real browser."""

from __future__ import annotations

import json

from tests.live.browser import browser, visiting
from tests.live.test_browser import OPEN, PAGE
from tests.walks.walk import PATIENCE, Walk, needed, piece, serving


def web_developer(walk: Walk) -> None:
    """Walk."""
    (walk.folder / "piece.csd").write_text(piece(440))
    with visiting() as site, serving(walk, "piece.csd", "--allowed-origin", site.origin) as (_, url, _, _):
        with walk.step("curl reads what can be called, and calls it"):
            needed("curl", package="curl")
            document = json.loads(walk.run("curl", "-fsS", f"http://{url}/openrpc.json"))
            assert "csound.compileOrc" in {method["name"] for method in document["methods"]}
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "csound.ksmps", "params": None})
            said = walk.run("curl", "-fsS", f"http://{url}/rpc", "-H", "content-type: application/json", "-d", body)
            assert json.loads(said)["result"] == 64
        with walk.step("curl puts a file, and is refused what would overwrite another's"):
            (walk.folder / "new.orc").write_text("instr 2\nendin\n")
            files = f"http://{url}/files/new-2.orc"
            walk.run("curl", "-fsS", "-T", "new.orc", files)
            told = walk.run("curl", "-sS", "-T", "new.orc", "-H", "if-none-match: *", "-w", "%{http_code}", files)
            assert told.endswith("412")
        with walk.step("a page of the allowed origin: fetch, files, audio and a WebSocket in Chromium"):
            needed("chromium", "chromium-browser", "google-chrome", package="chromium")
            site.page = PAGE % url
            with browser(walk.folder / "profile", f"{site.origin}/"):
                assert site.said.get(timeout=PATIENCE) == OPEN
