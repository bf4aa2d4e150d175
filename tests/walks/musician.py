"""The musician with a tablet: OSC there and back, a control surface, and programs that ask what there is."""

from __future__ import annotations

import json
import zlib

from tests.live.programs import free_port
from tests.walks.walk import PATIENCE, Walk, needed, piece, serving, started


def musician(walk: Walk) -> None:
    """Walk."""
    (walk.folder / "piece.csd").write_text(piece(440))
    with serving(walk, "piece.csd") as (_, url, port, query):

        def pitch() -> float:
            value: float = json.loads(walk.csoundd("get", "--json", "pitch", url=url))["pitch"]
            return value

        with walk.step("oscsend turns a channel"):
            needed("oscsend", package="liblo-tools")
            walk.run("oscsend", "127.0.0.1", str(port), "/chan/pitch", "f", "880")
            assert pitch() == 880
        with walk.step("oscdump, at another port, is told of what others turn"):
            needed("oscdump", package="liblo-tools")
            tablet = free_port()
            with started(walk, "oscdump", "-L", str(tablet)) as dump:
                # Nobody says when it listens.
                while "/chan/pitch f 880" not in dump.printed:
                    assert dump.process.poll() is None, dump.printed
                    walk.run("oscsend", "127.0.0.1", str(port), "/subscribe", "sfi", "*", "30", str(tablet))
                walk.csoundd("set", "pitch", "990", url=url)
                dump.until(r"/chan/pitch f 990\.0+")
        with walk.step("buttons and faders that send floats only"):
            for words in (["/note", "fff", "60", "1", "-1"], ["/note/release", "f", "60"], ["/engine/panic", "f", "1"]):
                walk.run("oscsend", "127.0.0.1", str(port), *words)
            assert "playing" in walk.csoundd("call", "engine.info", url=url)
        with walk.step("layouts for TouchOSC, Open Stage Control and a browser"):
            for program, name in (("touchosc", "a.tosc"), ("open-stage-control", "a.json"), ("html", "a.html")):
                walk.csoundd("layout", program, "-o", name, url=url)
            assert b"/chan/pitch" in zlib.decompress((walk.folder / "a.tosc").read_bytes())
            assert f'"target": "127.0.0.1:{port}"' in (walk.folder / "a.json").read_text()
        with walk.step("Chromium opens the page of controls"):
            browser = needed("chromium", "chromium-browser", "google-chrome", package="chromium")
            flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={walk.folder / 'profile'}"]
            shown = walk.run(
                browser, *flags, f"--timeout={int(PATIENCE) * 100}", "--dump-dom", f"http://{url}/layout/html"
            )
            assert "<span>pitch</span><output>990" in shown, shown[-2000:]
        with walk.step("an OSCQuery client asks what there is"):
            needed("curl", package="curl")
            host = json.loads(walk.run("curl", "-fsS", f"http://{query}/?HOST_INFO"))
            node = json.loads(walk.run("curl", "-fsS", f"http://{query}/chan/pitch"))
            assert (host["OSC_PORT"], node["TYPE"], node["VALUE"]) == (port, "f", [990.0])
