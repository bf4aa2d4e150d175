"""The JavaScript client: its own tests, and as a page of another origin uses it in a real browser."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.live.browser import CHROMIUM, PATIENCE, browser, visiting
from tests.live.daemon import ROOT, environment, serving
from tests.live.foreign import JSON, connected
from tests.live.pieces import TONE

CLIENT = ROOT / "clients" / "javascript"
PACKAGES = CLIENT / "node_modules"

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
    const cs = await connect("%s");
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


def test_the_package_plays_from_node_without_anything_else(tmp_path: Path) -> None:
    built = npm("pack", "--pack-destination", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (package,) = tmp_path.glob("csoundd-client-*.tgz")
    own = tmp_path / "program" / "node_modules"
    own.mkdir(parents=True)
    shutil.unpack_archive(package, own)
    (own / "package").rename(own / "csoundd-client")
    (own / "@msgpack").symlink_to(PACKAGES / "@msgpack")
    program = own.parent / "program.mjs"
    program.write_text(
        'import { connect } from "csoundd-client";\n'
        "const cs = await connect(process.argv[2]);\n"
        "console.log(await cs.csound.sr(), (await cs.stream.list()).length);\n"
        "cs.close();\n"
    )
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with serving(workspace) as daemon:
        outcome = subprocess.run(
            ["node", str(program), daemon.url], capture_output=True, text=True, check=False, env=dict(os.environ)
        )
    assert (outcome.stdout, outcome.stderr) == ("44100 0\n", "")


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
async def test_a_page_of_another_origin_plays(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    built = await asyncio.to_thread(npm, "run", "build", "--", "--outDir", str(dist))
    assert built.returncode == 0, built.stdout
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    modules = {
        "modules/csoundd-client": dist,
        "modules/@msgpack/msgpack": PACKAGES / "@msgpack" / "msgpack" / "dist.esm",
    }
    with visiting(modules) as site, serving(workspace, "--allowed-origin", site.origin) as daemon:
        async with connected(daemon.url, JSON) as client:
            assert await client.call("csound.compileOrc", TONE) == 0
            assert await client.call("thread.play") is None
            site.page = PAGE % daemon.url
            with browser(tmp_path / "profile", f"{site.origin}/"):
                said = await asyncio.to_thread(site.said.get, timeout=PATIENCE)
    assert said == {"value": [440, 0], "shape": [128, 2], "sounds": True, "streams": []}
