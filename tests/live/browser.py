"""A real browser without a window, and a site of another origin than the daemon's."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from time import monotonic
from typing import Any, Final

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""

PATIENCE = 60.0
"""Seconds that a page may take until it has said something."""

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript"}


class Site(ThreadingHTTPServer):
    """Serves one page and the folders of ``modules``, by the name that they have in the address; takes what it says."""

    daemon_threads = True

    def __init__(self, modules: Mapping[str, Path] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.page = ""
        self.modules = dict(modules or {})
        self.said: Queue[dict[str, Any]] = Queue()

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class Visit(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        content, kind = self._content()
        self.send_response(404 if content is None else 200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(content or b"")

    def do_POST(self) -> None:
        self.server.said.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass

    def _content(self) -> tuple[bytes | None, str]:
        if self.path == "/":
            return self.server.page.encode(), "text/html"
        for name, folder in self.server.modules.items():
            file = folder / self.path.removeprefix(f"/{name}/")
            if self.path.startswith(f"/{name}/") and file.is_file():
                return file.read_bytes(), _TYPES.get(file.suffix, "application/octet-stream")
        return None, "text/plain"


@contextmanager
def visiting(modules: Mapping[str, Path] | None = None) -> Iterator[Site]:
    """A site that is served for as long as the block lasts."""
    with Site(modules) as made:
        serving_it = Thread(target=made.serve_forever)
        serving_it.start()
        try:
            yield made
        finally:
            made.shutdown()
            serving_it.join()


@contextmanager
def browser(folder: Path, url: str) -> Iterator[None]:
    """Chromium without a window at ``url``."""
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
    command = [CHROMIUM, *flags, f"--user-data-dir={folder}", "--remote-debugging-port=0", url]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


FLAGS: Final = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync")
PHONE: Final = {"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": True}
"""The screen of a phone."""

DEEP: Final = """
globalThis.deep = (wanted, root = document) => {
  for (const each of root.querySelectorAll("*")) {
    if (wanted(each)) return each;
    const inside = each.shadowRoot && deep(wanted, each.shadowRoot);
    if (inside) return inside;
  }
};
globalThis.place = async wanted => {
  const middle = () => {
    const box = deep(wanted)?.getBoundingClientRect();
    return box && [box.x + box.width / 2, box.y + box.height / 2];
  };
  deep(wanted)?.scrollIntoView({ block: "center" });
  const before = middle();
  await new Promise(past => setTimeout(past, 100));
  const element = deep(wanted);
  const now = middle();
  if (!now || String(now) !== String(before)) return;
  return element.contains(element.getRootNode().elementFromPoint(...now)) && now;
};
"""
"""Finds an element, also inside of others, and its place, once it stays there and nothing is in front of it."""


class PhonePage:
    """A page in a browser, driven through the pipe of its developer tools, which needs no network."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = os.fdopen(to_browser, "wb"), os.fdopen(from_browser, "rb")
        self._calls = 0
        self._session: str | None = None
        targets = self._call("Target.getTargets")["targetInfos"]
        target = next(each["targetId"] for each in targets if each["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")
        self._call("Emulation.setDeviceMetricsOverride", **PHONE)
        self._call("Emulation.setTouchEmulationEnabled", enabled=True)
        self.before_each_page(DEEP)

    def before_each_page(self, script: str) -> None:
        """Run ``script`` before the scripts of each page."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url: str) -> None:
        """Go to ``url``. A certificate that is not trusted fails the test."""
        answer = self._call("Page.navigate", url=url)
        assert "errorText" not in answer, answer

    def value(self, expression: str) -> Any:
        """What ``expression`` is on the page, or what its promise brings."""
        answer = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression: str) -> Any:
        """What ``expression`` is as soon as it is true, over as many pages as it takes."""
        deadline, fault = monotonic() + PATIENCE, ""
        while monotonic() < deadline:
            try:
                found = self.value(
                    f"(async () => {{ await new Promise(requestAnimationFrame); return {expression} }})()"
                )
            except AssertionError as lost:
                # A page on its way to another has neither what is asked for nor an answer.
                found, fault = None, str(lost)
            if found:
                return found
        raise AssertionError(f"{expression} did not come true: {fault} {self.value('document.body.innerText')}")

    def tap(self, wanted: str) -> None:
        """Tap with a finger on the element of which the condition ``wanted`` is true, once it can be used."""
        x, y = self.wait(f"await place(each => !each.disabled && ({wanted}))")
        self._call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self._call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def close(self) -> None:
        """Let go of the pipe."""
        self._to.close()
        self._from.close()

    def _call(self, method: str, **params: object) -> dict[str, Any]:
        self._calls += 1
        session = {} if self._session is None else {"sessionId": self._session}
        self._to.write(json.dumps({"id": self._calls, "method": method, "params": params, **session}).encode() + b"\0")
        self._to.flush()
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._calls:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result

    def _message(self) -> bytes:
        message = b""
        while not message.endswith(b"\0"):
            byte = self._from.read(1)
            assert byte, "the browser is gone"
            message += byte
        return message[:-1]


@contextmanager
def phone_page(home: Path, authority: Path | None, prefix: Sequence[str] = ()) -> Iterator[PhonePage]:
    """A page of the size of a phone in a Chromium of its own, which trusts the certificates of ``authority``, if any.

    ``prefix`` are the words before its command.
    """
    if authority is not None:
        trusting(home, authority)
    to_browser, from_browser = os.pipe(), os.pipe()
    flags = [*FLAGS, "--remote-debugging-pipe", f"--user-data-dir={home / 'profile'}", "about:blank"]
    # The pipe of the developer tools is where Chromium looks for it.
    redirect = f'exec "$@" 3<&{to_browser[0]} 4>&{from_browser[1]}'
    process = subprocess.Popen(
        ["bash", "-c", redirect, "bash", *prefix, CHROMIUM, *flags],
        env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / ".local" / "share")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(to_browser[0], from_browser[1]),
        start_new_session=True,
    )
    os.close(to_browser[0])
    os.close(from_browser[1])
    try:
        page = PhonePage(to_browser[1], from_browser[0])
        try:
            yield page
        finally:
            page.close()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def trusting(home: Path, authority: Path) -> None:
    """Have a Chromium with the home folder ``home`` trust ``authority``, as a phone is told to in its settings."""
    for folder in (home / ".pki" / "nssdb", home / ".local" / "share" / "pki" / "nssdb"):
        folder.mkdir(parents=True)
        place = ["-d", f"sql:{folder}"]
        subprocess.run(["certutil", *place, "-N", "--empty-password"], check=True, timeout=60)
        added = ["certutil", *place, "-A", "-t", "C,,", "-n", "csoundd", "-i", str(authority)]
        subprocess.run(added, check=True, timeout=60)
