"""The MIDI bridge, with a controller that is not there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import typer

from csoundd.cli.controllers import bridge, opened


class FakeInput:
    """Two ports, and what was asked of them."""

    def __init__(self) -> None:
        self.opened: list[object] = []
        self.callback: Callable[[tuple[list[int], float], object], None] | None = None

    def get_ports(self) -> list[str]:
        return ["Midi Through 14:0", "Launchkey Mini 20:0"]

    def open_port(self, port: int, name: str) -> None:
        self.opened.append(port)

    def open_virtual_port(self, name: str) -> None:
        self.opened.append(name)

    def ignore_types(self, *, sysex: bool, timing: bool, active_sense: bool) -> None:
        assert timing

    def set_callback(self, callback: Callable[[tuple[list[int], float], object], None]) -> None:
        self.callback = callback

    def close_port(self) -> None:
        pass


class FakeDaemon:
    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()

    async def notify(self, *said: Any) -> None:
        await self.heard.put(said)


@pytest.mark.parametrize(("port", "asked"), [("launchkey", 1), ("", "csoundd")])
def test_a_port_is_found_by_a_part_of_its_name(port: str, asked: object) -> None:
    source = FakeInput()
    opened(source, port)

    assert source.opened == [asked]


def test_a_port_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(typer.Exit) as caught:
        opened(FakeInput(), "piano")

    assert caught.value.exit_code == 2


async def test_messages_are_pushed_to_the_daemon() -> None:
    source, daemon = FakeInput(), FakeDaemon()
    task = asyncio.create_task(bridge(source, daemon))
    await asyncio.sleep(0)
    assert source.callback is not None
    await asyncio.to_thread(source.callback, ([144, 60, 100], 0.0), None)

    async with asyncio.timeout(5.0):
        assert await daemon.heard.get() == ("stream.push", "midi", [144, 60, 100])
    task.cancel()
