"""``/``, the page that plays csoundd in a browser, and ``/assets/…``, the modules it is made of.

They are built from ``clients/console`` into ``csoundd/console``, and are in the wheel. They hold no secret, so they
need no token; the page asks for one where the daemon does.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from csoundd.transport.conditions import conditional

BUILT: Final = Path(__file__).parents[1] / "console"
"""The folder of the built page."""

PAGE: Final = "/"
ASSETS: Final = "/assets/"

POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data: blob:; "
    "font-src 'self'; "
    "media-src 'self' blob:; "
    "connect-src 'self'; "
    "worker-src 'self'; "
    "manifest-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)
"""What the page may load and reach: this daemon alone. Its code is in files; none of it stands in the page."""

SAFE: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}

NOT_BUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>csoundd</title>
<h1>csoundd runs, without its page</h1>
<p>The page was not built: <code>make console</code> in a checkout builds it, with Node.js 20 or later.</p>
<p><a href="layout/html">The channels of the piece</a>, <a href="listen.wav">what it plays</a> and
<a href="openrpc.json">the methods of the API</a> are there.</p>
</html>
"""

_HASHED: Final = re.compile(r"-[\w-]{8}\.\w+$")
"""The end of a name that changes with what the file holds."""

_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".csd": "text/plain",
}
"""What the page is made of. The system's own table of types differs from machine to machine."""


@dataclass(frozen=True)
class BuiltFile:
    """A file of the built page. What it holds is read when it is first asked for, and kept."""

    path: Path

    @cached_property
    def content(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()

    @cached_property
    def compressed(self) -> bytes | None:
        """Its bytes as gzip, None for what that would not make smaller."""
        return gzip.compress(self.content, 9, mtime=0) if self.path.suffix in _TYPES else None

    @cached_property
    def tag(self) -> str:
        """What names these bytes and no others."""
        return blake2b(self.content, digest_size=12).hexdigest()

    def answer(self, request: Request) -> Response:
        """The file, compressed for who takes it so, and short where the client has it already."""
        body, tag = self.content, self.tag
        kind = _TYPES.get(self.path.suffix, "application/octet-stream")
        cached = "public, max-age=31536000, immutable" if _HASHED.search(self.path.name) else "no-cache"
        headers = {**SAFE, "cache-control": cached, "vary": "Accept-Encoding"}
        if self.compressed is not None and takes_gzip(request.headers):
            body, tag = self.compressed, f"{tag}-gzip"
            headers["content-encoding"] = "gzip"
        headers["etag"] = f'"{tag}"'
        return conditional(request, Response(body, media_type=kind, headers=headers))


class ConsoleEndpoint:
    """Answers for the page that was built into ``folder``; says so in words where there is none."""

    def __init__(self, folder: Path = BUILT) -> None:
        page, assets = folder / "index.html", folder / "assets"
        self._page = BuiltFile(page) if page.is_file() else None
        there = sorted(assets.iterdir()) if self._page is not None and assets.is_dir() else []
        self._files = {f"{ASSETS}{path.name}": BuiltFile(path) for path in there}

    @property
    def paths(self) -> frozenset[str]:
        """Every path that is served: they may be read without a token."""
        return frozenset({PAGE, *self._files})

    def routes(self) -> list[BaseRoute]:
        """The routes that the HTTP server adds."""
        return [
            Route(PAGE, self._answer, methods=["GET"]),
            *(Route(path, self._answer, methods=["GET"]) for path in self._files),
        ]

    async def _answer(self, request: Request) -> Response:
        file = self._page if request.url.path == PAGE else self._files[request.url.path]
        if file is None:
            return Response(NOT_BUILT, HTTPStatus.NOT_FOUND, SAFE, media_type="text/html")
        return file.answer(request)


def takes_gzip(headers: Headers) -> bool:
    """Whether a client takes a body as gzip (RFC 9110, 12.5.3)."""
    for each in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return re.fullmatch(r"\s*q=0(\.0*)?\s*", weight) is None
    return False
