"""Pages of other origins, as browsers let them ask: every endpoint, or none."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from csoundd.transport.origin import OriginPolicy
from tests.transport.serving import Front
from tests.transport.test_conditions import CALL, JSON, READ, ask, everything
from tests.transport.test_http import fetch

PAGE, OTHER = "https://synth.example", "https://other.example"


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with everything(tmp_path, OriginPolicy(origins=frozenset({PAGE, "null"}))) as running:
        yield running


@pytest.mark.parametrize("origin", [PAGE, "null"])
@pytest.mark.parametrize("path", READ)
async def test_an_allowed_page_reads_everything(front: Front, path: str, origin: str) -> None:
    answer = await ask(front, "GET", path, f"Origin: {origin}")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert "origin" in answer.headers["vary"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/rpc"), ("PUT", "/files/a.orc"), ("DELETE", "/files/a.orc")])
async def test_an_allowed_page_asks_first_and_then_does(front: Front, method: str, path: str) -> None:
    asked = (
        f"Access-Control-Request-Method: {method}",
        "Access-Control-Request-Headers: content-type,if-match",
        "Access-Control-Request-Private-Network: true",
    )
    may = await fetch(front, "OPTIONS", path, f"Origin: {PAGE}", *asked)
    assert (may.status, may.headers["access-control-allow-origin"]) == (200, PAGE)
    assert method.lower() in may.headers["access-control-allow-methods"]
    assert may.headers["access-control-allow-headers"] == "content-type,if-match"
    assert may.headers["access-control-allow-private-network"] == "true"
    done = await ask(front, method, path, f"Origin: {PAGE}")
    assert (done.status in {200, 204}, done.headers["access-control-allow-origin"]) == (True, PAGE)


async def test_an_allowed_page_reads_why_it_failed(front: Front) -> None:
    answer = await fetch(front, "GET", "/files/nothing.orc", f"Origin: {PAGE}")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (404, PAGE)


async def test_an_allowed_page_reads_the_headers_of_a_file(front: Front) -> None:
    answer = await ask(front, "GET", "/files/a.orc", f"Origin: {PAGE}", "Range: bytes=2-4")
    exposed = answer.headers["access-control-expose-headers"].split(", ")
    assert {"etag", "content-range", "accept-ranges", "last-modified"} <= set(exposed)


async def test_a_page_that_knows_a_file_is_told_so(front: Front) -> None:
    etag = (await ask(front, "GET", "/files/a.orc")).headers["etag"]
    answer = await ask(front, "GET", "/files/a.orc", f"Origin: {PAGE}", f"If-None-Match: {etag}")
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (304, PAGE)


@pytest.mark.parametrize("path", READ)
async def test_no_other_page_reads_anything(front: Front, path: str) -> None:
    answer = await ask(front, "GET", path, f"Origin: {OTHER}")
    assert "access-control-allow-origin" not in answer.headers


async def test_what_is_refused_is_logged_once_with_what_would_let_it_in(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "csoundd.transport"):
        for _ in range(3):
            await fetch(front, "OPTIONS", "/rpc", f"Origin: {OTHER}", "Access-Control-Request-Method: POST")
            assert (await fetch(front, "POST", "/rpc", JSON, f"Origin: {OTHER}", body=CALL)).status == 403
            assert (await fetch(front, "POST", "/rpc", JSON, "Host: synth.example", body=CALL)).status == 403
    origin, host = (record.getMessage() for record in caplog.records if record.name == "csoundd.transport")
    assert f"--allowed-origin {OTHER}" in origin
    assert "--allowed-host synth.example" in host


async def test_names_that_are_made_up_do_not_fill_the_log(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "csoundd.transport"):
        for number in range(110):
            await fetch(front, "POST", "/rpc", JSON, f"Origin: http://{number}.example", body=CALL)
    assert sum(record.name == "csoundd.transport" for record in caplog.records) == 100
    assert sum(record.name == "csoundd.audit" for record in caplog.records) < 110
