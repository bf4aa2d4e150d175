"""The operator: the image as the Dockerfile makes it, or its installation without one, health, and a clean end."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.walks.walk import ROOT, Skipped, Started, Walk, needed, serving

BUILDER = ("buildah",)


def service_operator(walk: Walk) -> None:
    """Walk."""
    command = json.loads(
        "".join(re.findall(r"^CMD (\[\"serve\".*?\])$", _dockerfile(), flags=re.MULTILINE | re.DOTALL))
    )
    # The container's own address is everybody's; here it is this machine's.
    flags = ["127.0.0.1" if word == "0.0.0.0" else word for word in command[1:]]
    flags = [str(walk.folder / "workspace") if word == "/workspace" else word for word in flags]
    shutil.copytree(ROOT / "examples", walk.folder / "workspace" / "examples")

    with walk.step("compose.yaml publishes each port of the image to this machine only"):
        exposed = re.findall(r"\d+/(?:tcp|udp)", "".join(re.findall(r"^EXPOSE (.*)$", _dockerfile(), re.MULTILINE)))
        published = re.findall(r'- "127\.0\.0\.1:(\d+):(\d+/(?:tcp|udp))"', (ROOT / "compose.yaml").read_text())
        assert [inside for _, inside in published] == exposed
        assert all(outside == inside.partition("/")[0] for outside, inside in published)
    with walk.step("pip installs csoundd alone, as the image does"):
        walk.run(sys.executable, "-m", "venv", "venv")
        walk.run(
            walk.folder / "venv" / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            ROOT / "clients" / "python",
            ROOT,
        )
        program = walk.folder / "venv" / "bin" / "csoundd"
        walk.run(program, "--version")
    with serving(walk, *flags) as (daemon, url, _, query):
        with walk.step("it starts with the flags of the image, and is healthy"):
            needed("curl", package="curl")
            assert json.loads(walk.run("curl", "-fsS", f"http://{url}/healthz")) == {"status": "ok"}
            assert json.loads(walk.run("curl", "-fsS", f"http://{url}/readyz"))["state"] == "ready"
            walk.run("curl", "-fsS", f"http://{query}/?HOST_INFO")
        with walk.step("an example of the image plays"):
            walk.csoundd("call", "engine.load", "path=examples/lantern.csd", url=url)
            assert "playing" in walk.csoundd("call", "engine.info", url=url)
        with walk.step("the engine is killed, and comes back"):
            before = json.loads(walk.csoundd("call", "--json", "engine.info", url=url))
            walk.run("kill", "-9", str(before["pid"]))
            while (now := json.loads(walk.csoundd("call", "--json", "engine.info", url=url)))["pid"] == before["pid"]:
                pass
            assert now["epoch"] > before["epoch"]
        with walk.step("SIGTERM ends it, with status 0"):
            assert daemon.end(signal.SIGTERM) == 0
    with walk.step("the image is built, and csoundd runs in it"), _image() as image:
        _in_image(walk, image, flags)


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text().replace("\\\n", "")


@contextmanager
def _image() -> Iterator[str]:
    """The image, built by buildah: that needs no service of its own, but the image that ours begins with."""
    needed("buildah", package="buildah")
    (base,) = set(re.findall(r"^FROM (debian\S+)", _dockerfile(), re.MULTILINE))
    if subprocess.run([*BUILDER, "inspect", "--type", "image", base], capture_output=True, check=False).returncode:
        pulled = subprocess.run([*BUILDER, "pull", base], capture_output=True, text=True, timeout=60, check=False)
        if pulled.returncode:
            raise Skipped(f"the image {base} cannot be had: {pulled.stderr.strip().splitlines()[-1]}")
    yield base


def _in_image(walk: Walk, base: str, flags: list[str]) -> None:
    build = [*BUILDER, "build", "--isolation", "chroot", "--layers", "--pull=never", "-t", "csoundd-walk", str(ROOT)]
    print(f"    (on {base})", flush=True)
    walk.run(*build)
    container = walk.run(*BUILDER, "from", "csoundd-walk").strip().splitlines()[-1]
    try:
        inside = [word.replace(str(walk.folder / "workspace"), "/workspace") for word in flags]
        daemon = Started(
            walk, *BUILDER, "run", "--isolation", "chroot", container, "--", "csoundd", "serve", "--port", "0", *inside
        )
        try:
            url = daemon.until(r"csoundd ready http=(\S+)")[1]
            walk.run("curl", "-fsS", f"http://{url}/healthz")
            walk.csoundd("call", "engine.load", "path=examples/lantern.csd", url=url)
            listed = walk.run(*BUILDER, "run", "--isolation", "chroot", container, "--", "csoundd", "engine", "list")
            assert "wasm" in listed
        finally:
            daemon.end(signal.SIGTERM)
    finally:
        walk.run(*BUILDER, "rm", container)
