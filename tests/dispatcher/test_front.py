"""Answers of the front itself about the engine and the contract."""

from __future__ import annotations

from dataclasses import replace

from csoundd.api.engine import EngineControl
from csoundd.api.session import Rpc
from csoundd.dispatcher import Dispatcher, EngineService, RpcService
from csoundd.messages import Drive, Reply, Request, Response
from csoundd.values import EngineInfo
from tests.dispatcher.fakes import Desktop, HeldEngine, NoClaims, NoLoader, Somebody

INFO = EngineInfo("fake", None, "ready", 3, None, "clock", {}, "", {})


class Manager:
    """An engine that remembers how it was restarted."""

    def __init__(self) -> None:
        self.restarted: list[tuple[list[str], str, Drive | None]] = []
        self.paced: list[Drive | None] = []

    def info(self) -> EngineInfo:
        return replace(INFO, epoch=3 + len(self.restarted))

    async def restart(self, options: list[str], opcode_dir: str, drive: Drive | None, *, by: str | None) -> None:
        del by
        self.restarted.append((options, opcode_dir, drive))

    async def pace(self, drive: Drive | None, *, by: str | None) -> None:
        del by
        self.paced.append(drive)


async def test_info_is_the_engines() -> None:
    info = await EngineService(Manager(), NoLoader(), NoClaims()).info()
    assert (info.backend, info.epoch) == ("fake", 3)


async def test_restart_tells_of_the_new_engine() -> None:
    manager = Manager()
    info = await EngineService(manager, NoLoader(), NoClaims()).restart(["--realtime"], "/opcodes", "step")
    assert manager.restarted == [(["--realtime"], "/opcodes", "step")]
    assert info.epoch == 4


async def test_restart_without_options_takes_those_of_the_daemon() -> None:
    manager = Manager()
    service = EngineService(manager, NoLoader(), NoClaims(), ["--realtime"])
    await service.restart()
    await service.restart([])
    assert manager.restarted == [(["--realtime"], "", None), ([], "", None)]


async def test_a_drive_goes_to_the_engine() -> None:
    manager = Manager()
    info = await EngineService(manager, NoLoader(), NoClaims()).drive("step")
    assert (manager.paced, info.backend) == (["step"], "fake")


async def test_the_real_methods_go_to_the_services() -> None:
    desk, manager = Desktop(), Manager()
    document: dict[str, object] = {"openrpc": "1.3.2"}
    engine = HeldEngine()
    dispatcher = Dispatcher(
        engine,
        {
            EngineControl: lambda _: EngineService(manager, NoLoader(), NoClaims()),
            Rpc: lambda _: RpcService(lambda: document),
        },
    )

    def answer(response: Response | list[Response]) -> None:
        desk.answers.append(response)
        desk.arrived.set()

    dispatcher.dispatch(Somebody(), Request("rpc.discover", [], 1), answer)
    dispatcher.dispatch(Somebody(), Request("engine.info", {}, 2), answer)
    dispatcher.dispatch(Somebody(), Request("engine.batch", [[{"method": "csound.sr"}]], 3), answer)
    await desk.answered(2)
    answers = {response.id: response for response in desk.answers if isinstance(response, Reply)}
    assert answers == {1: Reply(1, document), 2: Reply(2, INFO)}
    assert engine.commands[0].args == [[["csound.sr", []]]]
