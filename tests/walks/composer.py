"""The composer: hears the demo, plays a piece, edits it, and keeps what sounded."""

from __future__ import annotations

import json
import signal

from tests.walks.walk import BUILDING, ROOT, Started, Walk, needed, piece, serving, started
from tests.waves import samples_of


def composer(walk: Walk) -> None:
    """Walk."""
    with walk.step("make run: the demo plays, and the greeting has three things to try"):
        demo = Started(walk, "make", "-C", ROOT, "run", "ARGS=--port 0 --no-mdns")
        try:
            url, name, value = demo.until(r"csoundd set --url (\S+) (\S+) (\S+)\n", BUILDING).groups()
            demo.until(r"listen --url \S+ --seconds 10 heard\.wav")
            walk.csoundd("set", name, value, url=url)
            assert json.loads(walk.csoundd("get", "--json", name, url=url)) == {name: float(value)}
        finally:
            demo.end(signal.SIGINT)

    (walk.folder / "piece.csd").write_text(piece(440))
    with serving(walk, "piece.csd") as (_, url, _, _):
        with walk.step("a player opens listen.wav and hears the piece"):
            address = f"http://{url}/listen.wav"
            player = needed("ffmpeg", "mplayer", "sox", package="ffmpeg")
            match player.rpartition("/")[2]:
                case "ffmpeg":
                    walk.run(player, "-v", "error", "-t", "2", "-i", address, "-bitexact", "player.wav")
                case "mplayer":
                    walk.run(player, "-really-quiet", "-ao", "pcm:file=player.wav", "-endpos", "2", address)
                case _:
                    walk.run(player, "-t", "wav", address, "player.wav", "trim", "0", "2")
            assert abs(samples_of(walk.folder / "player.wav")[1]).max() > 0.1
        with walk.step("a fault is told with its line, and what plays goes on"):
            broken = piece(440).replace("oscili(0.3, kpitch)", "oscilly(0.3, kpitch)")
            line = broken[: broken.index("oscilly")].count("\n") + 1
            (walk.folder / "piece.csd").write_text(broken)
            assert f"piece.csd:{line}:" in walk.csoundd("play", "piece.csd", url=url, status=1)
            assert "playing" in walk.csoundd("call", "engine.info", url=url)
        with walk.step("csoundd play plays the mended piece"):
            (walk.folder / "piece.csd").write_text(piece(550))
            walk.csoundd("play", "piece.csd", url=url)
            assert json.loads(walk.csoundd("get", "--json", "pitch", url=url)) == {"pitch": 550}
        with (
            walk.step("csoundd play --watch plays it again at a save"),
            started(walk, "csoundd", "play", "--watch", "piece.csd", extra={"CSOUNDD_URL": url}) as watching,
        ):
            watching.until("watching piece.csd")
            (walk.folder / "piece.csd").write_text(piece(1660))
            watching.until("(?s)watching.*piece.csd plays")
            assert json.loads(walk.csoundd("get", "--json", "pitch", url=url)) == {"pitch": 1660}
        with walk.step("csoundd listen keeps two seconds of it"):
            walk.csoundd("listen", "--seconds", "2", "heard.wav", url=url)
            sr, frames = samples_of(walk.folder / "heard.wav")
            assert len(frames) == 2 * sr
            assert abs(frames).max() > 0.2
