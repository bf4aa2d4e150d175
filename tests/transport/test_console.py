"""The page at ``/``: its headers, its copies in caches, who may read it, and that it is the one its sources make."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from csoundd.access import AuthMode
from csoundd.transport.console import BUILT, ConsoleEndpoint
from tests.transport.serving import Front, Settings, serving
from tests.transport.test_http import fetch

CLIENTS = Path(__file__).parents[2] / "clients"
GZIP = "Accept-Encoding: gzip, br"


def sources() -> list[str]:
    """What the page is made of, as clients/console/vite.config.ts has it."""
    own = ["index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"]
    folders = [CLIENTS / "console/src", CLIENTS / "javascript/src"]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    names = [f"console/{name}" for name in own] + [path.relative_to(CLIENTS).as_posix() for path in files]
    names += [f"../examples/{path.name}" for path in (CLIENTS.parent / "examples").glob("*.csd")]
    return sorted(name for name in names if not name.startswith("javascript/src/generated/"))


def test_the_built_page_is_the_one_that_its_sources_make() -> None:
    digest = sha256()
    for name in sources():
        digest.update(f"{name}\0".encode() + (CLIENTS / name).read_bytes() + b"\0")
    assert (BUILT / "sources.sha256").read_text().strip() == digest.hexdigest(), "run make console, and commit it"


def test_the_page_names_no_other_host() -> None:
    page = (BUILT / "index.html").read_text()
    assert re.findall(r'(?:src|href)="(?!\./)', page) == []
    assert re.findall(r"<script(?![^>]* src=)|<style| style=| on\w+=", page) == []


@asynccontextmanager
async def page(folder: Path, mode: AuthMode = "auto", built: Path = BUILT) -> AsyncIterator[Front]:
    console = ConsoleEndpoint(built)
    settings = Settings(routes=console.routes(), readable=console.paths, state=folder, auth=mode)
    async with serving(settings) as front:
        yield front


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with page(tmp_path) as running:
        yield running


def asset(suffix: str) -> str:
    return f"/assets/{next((BUILT / 'assets').glob(f'*-*{suffix}')).name}"


async def test_the_page_may_reach_nothing_but_its_daemon(front: Front) -> None:
    answer = await fetch(front, "GET", "/")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = dict(each.strip().partition(" ")[::2] for each in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {source for value in policy.values() for source in value.split()} <= {"'none'", "'self'", "data:", "blob:"}
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_name_with_a_hash_is_kept_for_ever_and_the_others_are_asked_for_again(front: Front) -> None:
    assert (await fetch(front, "GET", asset(".js"))).headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/assets/elements.js"):
        assert (await fetch(front, "GET", path)).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/assets/elements.js"])
async def test_what_a_browser_has_is_not_sent_again(front: Front, path: str) -> None:
    plain, packed = await fetch(front, "GET", path), await fetch(front, "GET", path, GZIP)
    tags = {answer.headers["etag"] for answer in (plain, packed)}
    assert len(tags) == 2
    for tag in tags:
        again = await fetch(front, "GET", path, f"If-None-Match: {tag}", GZIP)
        assert again.status == (304 if tag == packed.headers["etag"] else 200)
    assert (await fetch(front, "GET", path, f"If-None-Match: {packed.headers['etag']}", GZIP)).body == b""


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "gzip"), ("br;q=1, gzip;q=0.5", "gzip"), ("*", "gzip"), ("br", None), ("gzip;q=0", None), ("", None)],
)
async def test_it_is_compressed_for_who_takes_it_so(front: Front, accepted: str, coding: str | None) -> None:
    answer = await fetch(front, "GET", asset(".js"), f"Accept-Encoding: {accepted}")
    assert answer.headers.get("content-encoding") == coding
    assert "accept-encoding" in answer.headers["vary"]
    body = gzip.decompress(answer.body) if coding else answer.body
    assert body == (BUILT / asset(".js").removeprefix("/")).read_bytes()


async def test_head_tells_what_get_does(front: Front) -> None:
    head, get = await fetch(front, "HEAD", "/", GZIP), await fetch(front, "GET", "/", GZIP)
    assert head.body == b""
    same = ("etag", "content-length", "content-type", "content-encoding", "content-security-policy")
    assert [head.headers[name] for name in same] == [get.headers[name] for name in same]


async def test_it_is_read_without_a_token_and_nothing_else_is(tmp_path: Path) -> None:
    async with page(tmp_path, "required") as front:
        for path in ("/", asset(".js"), asset(".css")):
            assert (await fetch(front, "GET", path)).status == 200
            for verb in ("POST", "PUT", "DELETE", "OPTIONS"):
                assert (await fetch(front, verb, path)).status == 401
        for path in ("/assets/", "/assets/../openrpc.json", "/openrpc.json", "/assets/nothing.js", "//"):
            assert (await fetch(front, "GET", path)).status == 401


async def test_without_a_built_page_it_says_so_in_words(tmp_path: Path) -> None:
    async with page(tmp_path, built=tmp_path / "nothing") as front:
        answer = await fetch(front, "GET", "/")
    assert answer.status == 404
    assert b"The page was not built" in answer.body


def packed(names: set[str]) -> int:
    return sum(len(gzip.compress((BUILT / "assets" / name).read_bytes(), 9)) for name in names)


def test_little_is_loaded_to_the_first_sound() -> None:
    scripts = {path.name for path in (BUILT / "assets").iterdir() if path.suffix in {".js", ".css", ".svg"}}
    named = set(re.findall(r"\./assets/([\w.-]+)", (BUILT / "index.html").read_text()))
    # What listening needs is loaded with the click for it, what draws levels and waves by its worker.
    first = named | {name for name in scripts if name.startswith(("listening-", "playout-", "painter_worker-"))}
    assert first <= scripts
    assert packed(first) + len(gzip.compress((BUILT / "index.html").read_bytes())) <= 70_000
    assert packed(scripts) <= 150_000
