"""The JavaScript client: its own tests, and as a page of another origin uses it in a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.live.browser import CHROMIUM, PATIENCE, browser, visiting
from tests.live.daemon import ROOT, environment, serving
from tests.live.foreign import JSON, connected
from tests.live.pieces import TONE

CLIENT = ROOT / "clients" / "javascript"
PACKAGES = CLIENT / "node_modules"

in_chromium = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

pytestmark = [
    pytest.mark.skipif(not PACKAGES.is_dir() or not shutil.which("npm"), reason="npm is not installed"),
    pytest.mark.timeout(300),
]

PAGE = """<!doctype html>
<script type="importmap">
  { "imports": { "csoundd-client": "/modules/csoundd-client/index.js",
                 "@msgpack/msgpack": "/modules/@msgpack/msgpack/index.mjs" } }
</script>
<script type="module">
  import { connect } from "csoundd-client";
  const said = {};
  try {
    const cs = await connect("URL");
    await cs.csound.setControlChannel("freq", 440);
    said.value = await cs.csound.controlChannel("freq");
    for await (const frame of cs.stream("spout", { block: 128 }).frames()) {
      said.shape = frame.data.shape;
      said.sounds = frame.data.data.some((sample) => sample !== 0);
      if (said.sounds) break;
    }
    said.streams = await cs.stream.list();
    cs.close();
  } catch (error) {
    said.error = String(error);
  }
  await fetch("/said", { method: "POST", body: JSON.stringify(said) });
</script>
"""


LISTENING = """<!doctype html>
<script type="importmap">
  { "imports": { "csoundd-client": "/modules/csoundd-client/index.js",
                 "@msgpack/msgpack": "/modules/@msgpack/msgpack/index.mjs" } }
</script>
<script type="module">
  import { connect } from "csoundd-client";

  // The frequency of the strongest bin, between bins by the parabola through its neighbours.
  function pitch(analyser) {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const top = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 1);
    const [below, at, above] = bins.slice(top - 1, top + 2);
    const between = (below - above) / (2 * (below - 2 * at + above));
    return { hertz: ((top + between) * analyser.context.sampleRate) / analyser.fftSize, level: at };
  }

  async function heard(cs, sampleRate) {
    const context = new AudioContext({ sampleRate });
    const analyser = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 });
    analyser.connect(context.destination);
    const sound = await cs.listen({ context, destination: analyser, safety: "safe" });
    const playing = new Promise((resolve) => (sound.onState = (state) => state === "playing" && resolve()));
    await playing;
    const began = context.currentTime;
    // The analyser's window must hold nothing but the tone.
    while (context.currentTime < began + SECONDS) await new Promise((resolve) => setTimeout(resolve, 100));
    const { underruns, missing, latency, rate } = sound.statistics;
    const outcome = { rate: context.sampleRate, ...pitch(analyser), underruns, missing, latency, bend: rate };
    await sound.close();
    await context.close();
    return outcome;
  }

  const said = { heard: [] };
  try {
    const cs = await connect("URL");
    for (const rate of [44100, 48000]) said.heard.push(await heard(cs, rate));
    said.streams = await cs.stream.list();
    cs.close();
  } catch (error) {
    said.error = String(error.stack ?? error);
  }
  await fetch("/said", { method: "POST", body: JSON.stringify(said) });
</script>
"""


def npm(*words: str, folder: Path = CLIENT, **extra: str) -> subprocess.CompletedProcess[str]:
    """An npm command that has come to its end."""
    command = ["npm", *words]
    settings = environment(extra) | {"npm_config_update_notifier": "false"}
    return subprocess.run(
        command, cwd=folder, env=settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


@pytest.fixture
def daemon_command(tmp_path: Path) -> Path:
    script = tmp_path / "csoundd"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m csoundd "$@"\n')
    script.chmod(0o755)
    return script


def test_its_own_tests_pass(daemon_command: Path) -> None:
    outcome = npm("test", CSOUNDD=str(daemon_command))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A file of a program that has nothing but the package and what that depends on."""
    built = npm("pack", "--pack-destination", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (package,) = tmp_path.glob("csoundd-client-*.tgz")
    own = tmp_path / "program" / "node_modules"
    own.mkdir(parents=True)
    shutil.unpack_archive(package, own)
    (own / "package").rename(own / "csoundd-client")
    (own / "@msgpack").symlink_to(PACKAGES / "@msgpack")
    return own.parent / "program.mjs"


def test_the_package_plays_from_node_without_anything_else(tmp_path: Path, program: Path) -> None:
    program.write_text(
        'import { connect } from "csoundd-client";\n'
        "const cs = await connect(process.argv[2]);\n"
        "console.log(await cs.csound.sr(), (await cs.stream.list()).length);\n"
        "cs.close();\n"
    )
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with serving(workspace) as daemon:
        command = ["node", str(program), daemon.url]
        outcome = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert (outcome.stdout, outcome.stderr) == ("44100 0\n", "")


async def test_what_the_readme_shows_prints_levels(tmp_path: Path, program: Path) -> None:
    (shown,) = re.findall(r"```js\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with serving(workspace) as daemon:
        async with connected(daemon.url, JSON) as client:
            assert await client.call("csound.compileOrc", TONE) == 0
            assert await client.call("thread.play") is None
        await asyncio.to_thread(program.write_text, shown.replace("ws://127.0.0.1:7700", daemon.url))
        running = await asyncio.create_subprocess_exec("node", str(program), stdout=subprocess.PIPE)
        try:
            assert running.stdout is not None
            async with asyncio.timeout(PATIENCE):
                lines = [await running.stdout.readline() for _ in range(3)]
        finally:
            running.kill()
            await running.wait()
    assert lines == [b"[ 0, 0 ]\n"] * 3


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders that a page without a bundler imports the client from, by their names in the address."""
    dist = tmp_path_factory.mktemp("dist")
    built = npm("run", "build", "--", "--outDir", str(dist))
    assert built.returncode == 0, built.stdout
    return {
        "modules/csoundd-client": dist,
        "modules/@msgpack/msgpack": PACKAGES / "@msgpack" / "msgpack" / "dist.esm",
    }


async def said_by(page: str, modules: dict[str, Path], folder: Path) -> dict[str, Any]:
    """What a page of another origin says of a daemon that plays a tone of 440 Hz."""
    workspace = folder / "workspace"
    workspace.mkdir()
    with visiting(modules) as site, serving(workspace, "--allowed-origin", site.origin) as daemon:
        async with connected(daemon.url, JSON) as client:
            assert await client.call("csound.compileOrc", TONE) == 0
            assert await client.call("csound.setControlChannel", "freq", 440) is None
            assert await client.call("thread.play") is None
            site.page = page.replace("URL", daemon.url)
            with browser(folder / "profile", f"{site.origin}/"):
                return await asyncio.to_thread(site.said.get, timeout=PATIENCE)


@in_chromium
async def test_a_page_of_another_origin_plays(tmp_path: Path, modules: dict[str, Path]) -> None:
    said = await said_by(PAGE, modules, tmp_path)
    assert said == {"value": [440, 0], "shape": [128, 2], "sounds": True, "streams": []}


@in_chromium
async def test_a_page_hears_the_tone_that_plays_at_the_rate_of_its_own_context(
    tmp_path: Path, modules: dict[str, Path]
) -> None:
    said = await said_by(LISTENING.replace("SECONDS", "1.5"), modules, tmp_path)
    assert "error" not in said, said
    assert [outcome["rate"] for outcome in said["heard"]] == [44100, 48000]
    assert all(abs(outcome["hertz"] - 440) < 1 for outcome in said["heard"]), said
    assert all(outcome["level"] > -40 for outcome in said["heard"]), said
    assert said["streams"] == []
