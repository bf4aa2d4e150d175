"""A page that came over plain http from another machine: it has no AudioWorklet, says so, and is heard all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from csoundd.access import TokenStore
from tests.live.browser import CHROMIUM, phone_page
from tests.live.daemon import serving
from tests.live.network import two_machines, why_not
from tests.live.pieces import TONE

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.timeout(240),
]

PLAYER = """
const { Audio: Player } = globalThis;
globalThis.Audio = class extends Player {
  constructor(...source) {
    super(...source);
    globalThis.player = this;
  }
};
globalThis.pitch = () => {
  globalThis.heard ??= (() => {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 16384, smoothingTimeConstant: 0 });
    context.createMediaElementSource(player).connect(analyser).connect(context.destination);
    return analyser;
  })();
  const bins = new Float32Array(heard.frequencyBinCount);
  heard.getFloatFrequencyData(bins);
  const top = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 1);
  return bins[top] > -60 ? (top * heard.context.sampleRate) / heard.fftSize : 0;
};
"""
"""Keeps hold of what plays, and listens to it."""


def test_a_page_over_plain_http_says_why_it_is_late_and_is_heard(tmp_path: Path) -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    workspace, state = tmp_path / "workspace", tmp_path / "state"
    workspace.mkdir()
    (workspace / "tone.orc").write_text(TONE + 'chnset 440, "freq"\n')
    token, _ = TokenStore(state).create("page", "control")
    beyond = ("--host", "0.0.0.0", "--insecure", "--state", state)
    with (
        two_machines() as (studio, phone),
        serving(workspace, "tone.orc", *beyond, prefix=studio.prefix) as daemon,
        phone_page(tmp_path / "phone", None, phone.prefix) as page,
    ):
        page.before_each_page(PLAYER)
        page.before_each_page(f"localStorage.setItem('csoundd token /', '{token}')")
        page.open(f"http://{studio.address}:{daemon.port}/")
        assert page.value("'audioWorklet' in AudioContext.prototype") is False
        page.tap("each.localName === 'button' && /^\\s*listen/i.test(each.innerText)")
        page.wait("!!deep(each => /seconds late,\\s+since not over https/.test(each.innerText) && each.title)")
        assert page.wait("player.currentSrc").endswith("/listen.wav")
        page.wait("player.currentTime > 0.5")
        page.wait("Math.abs(pitch() - 440) < 5")
