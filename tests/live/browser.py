"""A real browser without a window, and a site of another origin than the daemon's."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

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
