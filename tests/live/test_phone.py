"""A phone that is another machine: paired by the link of a QR code, it plays what it may, until it is cut off."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from csoundd.access import TokenStore
from tests.live.browser import CHROMIUM, PhonePage, phone_page
from tests.live.daemon import PATIENCE, command, environment, serving
from tests.live.network import Machine, two_machines, why_not
from tests.live.pieces import TONE

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(shutil.which("certutil") is None, reason="certutil, of NSS, is not installed"),
    pytest.mark.timeout(240),
]

PIECE = TONE + 'chnset 440, "freq"\nchnset 0.5, "fx/room"\n'

HEARING = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
  if (to instanceof AudioDestinationNode) {
    globalThis.heard ??= new AnalyserNode(this.context, { fftSize: 16384, smoothingTimeConstant: 0 });
    connect.call(this, heard);
  }
  return connect.call(this, to, ...rest);
};
globalThis.pitch = () => {
  if (globalThis.heard === undefined) return 0;
  const bins = new Float32Array(heard.frequencyBinCount);
  heard.getFloatFrequencyData(bins);
  const top = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 1);
  return bins[top] > -60 ? (top * heard.context.sampleRate) / heard.fftSize : 0;
};
"""
"""Listens to whatever a page plays."""

CALLING = """new Promise((opened, failed) => {
  const token = localStorage.getItem("csoundd token /");
  const bearer = "csoundd.bearer." + btoa(token).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const socket = new WebSocket(`wss://${location.host}/ws`, ["csoundd.json", bearer]);
  const waiting = new Map();
  let calls = 0;
  socket.onmessage = message => {
    const answer = JSON.parse(message.data);
    waiting.get(answer.id)?.(answer.error?.code ?? answer.result);
  };
  globalThis.call = (method, ...params) => new Promise(answered => {
    waiting.set(++calls, answered);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: calls, method, params }));
  });
  globalThis.cut = new Promise(ended => { socket.onclose = close => ended(close.code); });
  socket.onopen = () => opened(socket.protocol);
  socket.onerror = () => failed(new Error("no connection"));
})"""
"""Connects by itself, without the client of the page."""

FORBIDDEN = -32002


@contextmanager
def pairing(studio: Machine, state: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``csoundd pair`` in the studio, with the link that it shows."""
    words = command("pair", "--state", state, "--name", "sofa", "--channels", "fx/*")
    with subprocess.Popen(
        [*studio.prefix, *words], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process
        finally:
            process.kill()


def channels(studio: Machine, state: Path) -> object:
    """The channels and their values, as a command in the studio tells them."""
    ended = subprocess.run(
        [*studio.prefix, *command("get", "--state", state, "freq", "fx/room", "--json")],
        env=environment(),
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    return json.loads(ended.stdout)


def test_a_phone_is_paired_plays_and_is_cut_off(tmp_path: Path) -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    workspace, state, home = tmp_path / "workspace", tmp_path / "state", tmp_path / "phone"
    workspace.mkdir()
    (workspace / "tone.orc").write_text(PIECE)
    beyond = ("--host", "0.0.0.0", "--tls", "auto", "--state", state)
    with (
        two_machines() as (studio, phone),
        serving(workspace, "tone.orc", *beyond, prefix=studio.prefix) as daemon,
        phone_page(home, state / "tls" / "authority.crt", phone.prefix) as page,
    ):
        page.before_each_page(HEARING)
        with pairing(studio, state) as (link, process):
            assert link.startswith(f"https://{studio.address}:{daemon.port}/pair#")
            paired(page, link)
            assert "sofa is paired" in process.communicate(timeout=PATIENCE)[1]
        (record,) = TokenStore(state).records()
        assert (record.name, record.channels) == ("sofa", ("fx/*",))

        # It hears what plays, and another client has the same rights as the page.
        page.tap("each.localName === 'button' && /^\\s*listen/i.test(each.innerText)")
        assert page.wait("Math.abs(pitch() - 440) < 5")
        assert page.value(CALLING) == "csoundd.json"
        assert page.value("call('channel.set', {'fx/room': 0.25})") is None
        for refused in (
            "'channel.set', {'freq': 880}",
            "'csound.setControlChannel', 'freq', 880",
            "'channel.get', ['freq']",
            "'csound.eventString', 'i 1 0 1'",
            "'csound.compileOrc', 'giopen = 1'",
            "'token.list'",
        ):
            assert page.value(f"call({refused})") == FORBIDDEN, refused
        assert channels(studio, state) == {"freq": 440.0, "fx/room": 0.25}

        TokenStore(state).revoke("sofa")
        assert page.value("cut") == 4003
        assert page.wait("pitch() === 0")
        assert page.value("fetch('/files').then(answer => answer.status)") == 401
        said = daemon.errors()
        assert "allowed 10.77.0.2: pairing as sofa" in said
        assert link.partition("#")[2] not in said
        assert "csd_" not in said


def paired(page: PhonePage, link: str) -> None:
    """Follow ``link`` on a phone, on which the page that it leads to is open already, and press the button."""
    page.open(link.partition("#")[0])
    page.wait("document.querySelector('form')?.hidden === true")
    page.open(link)
    page.wait("document.querySelector('form')?.hidden === false")
    assert page.value("isSecureContext") is True
    assert page.value("location.hash") == ""
    page.tap("each.localName === 'button'")
    page.wait("location.pathname === '/' && document.readyState === 'complete'")
    assert page.value("isSecureContext && 'audioWorklet' in AudioContext.prototype") is True
    assert page.value("document.cookie") == ""
    assert page.value("localStorage.getItem('csoundd token /')?.startsWith('csd_')") is True
