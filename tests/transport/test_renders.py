"""The files of jobs over HTTP, through real sockets: what is put for them to read, and what came of them."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette

from csoundd.metrics import Counts
from csoundd.transport.http import HttpServer
from csoundd.transport.renders import RendersEndpoint
from csoundd.transport.uploads import PART, WorkspaceRoom
from tests.transport.gate import authenticator_of, gate
from tests.transport.test_files import LIMIT, Answer, FilesClient


class FakeFiles:
    """One job with a mix and a stem, and a folder for inputs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sounds = [folder / "tone.wav", folder / "tone-1.wav"]
        for path in self.sounds:
            path.write_text(path.name)
        self.removed: list[str] = []

    async def find(self, _job: str) -> list[Path]:
        return self.sounds

    async def entries(self) -> list[dict[str, object]]:
        return []

    async def remove(self, job: str) -> None:
        self.removed.append(job)

    async def inputs(self) -> Path:
        inputs = self._folder / "inputs"
        inputs.mkdir(exist_ok=True)
        return inputs


@asynccontextmanager
async def renders_client(
    files: FakeFiles, folder: Path, most_files: int = 100, total: int = 1 << 20
) -> AsyncIterator[FilesClient]:
    endpoint = RendersEndpoint(files, LIMIT, lambda inputs: WorkspaceRoom(inputs, most_files, total), Counts())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        async with HttpServer(
            gate(Starlette(routes=endpoint.routes()), authenticator_of()), [listening], max_frame=1000
        ):
            yield FilesClient(listening.getsockname()[1], folder)


@pytest.fixture
def files(tmp_path: Path) -> FakeFiles:
    return FakeFiles(tmp_path)


async def put(client: FilesClient, data: bytes) -> Answer:
    return await client("PUT", f"/renders/inputs/{hashlib.sha256(data).hexdigest()}", body=data)


async def test_an_input_is_there_whole_under_its_digest_and_is_put_once(files: FakeFiles, tmp_path: Path) -> None:
    async with renders_client(files, tmp_path) as client:
        assert [(await put(client, bytes(LIMIT))).status for _ in range(2)] == [201, 204]
        assert (tmp_path / "inputs" / hashlib.sha256(bytes(LIMIT)).hexdigest()).read_bytes() == bytes(LIMIT)
        wrong = await client("PUT", f"/renders/inputs/{'0' * 64}", body=b"something else")
        assert (wrong.status, wrong.code) == (400, -32602)
        assert len([*(tmp_path / "inputs").iterdir()]) == 1


@pytest.mark.parametrize(
    ("most_files", "total", "data", "status", "name"),
    [
        (100, 1 << 20, bytes(LIMIT + 1), 413, "file"),
        (100, 100, b"x" * 101, 507, "workspace"),
        (0, 1 << 20, b"x", 507, "files"),
    ],
    ids=["too large", "no room", "too many"],
)
async def test_an_input_that_is_too_much_is_refused_as_any_file_is(
    files: FakeFiles, tmp_path: Path, most_files: int, total: int, data: bytes, status: int, name: str
) -> None:
    async with renders_client(files, tmp_path, most_files, total) as client:
        refused = await put(client, data)
    assert (refused.status, json.loads(refused.body)["error"]["data"]["name"]) == (status, name)
    assert list((tmp_path / "inputs").glob(f"{PART}*")) == []


async def test_the_files_of_a_job_are_got_by_name_and_go_together(files: FakeFiles, tmp_path: Path) -> None:
    async with renders_client(files, tmp_path) as client:
        got = [(await client("GET", f"/renders/7{path}")).body for path in ("", "/tone.wav", "/tone-1.wav")]
        assert got == [b"tone.wav", b"tone.wav", b"tone-1.wav"]
        lacking = await client("GET", "/renders/7/tone-2.wav")
        assert (lacking.status, b"tone.wav, tone-1.wav" in lacking.body) == (404, True)
        told = [
            (await client("DELETE", f"/renders/7{path}")).status
            for path in ("/tone-1.wav", "/tone-2.wav", "", "/tone.wav")
        ]
        assert (told, files.removed) == ([409, 404, 204, 204], ["7", "7"])
