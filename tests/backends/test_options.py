"""The options that an engine was given are among its parameters."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import cast

import pytest

from csoundd.errors import Forbidden
from csoundd.messages import MessagePrinted
from tests.backends.engines import EngineIn, native_only
from tests.engine.listening import Heard, do

SHOWN = [
    ("--midi-key=4", "midi_key", 4),
    ("--midi-velocity-amp=5", "midi_velocity_amp", 5),
    ("--sample-accurate", "sample_accurate", 1),
    ("--0dbfs=2", "e0dbfs_override", 2.0),
    ("--ksmps=9", "ksmps_override", 9),
    ("--nchnls=3", "nchnls_override", 3),
]


@pytest.mark.parametrize(("option", "name", "value"), SHOWN, ids=[option for option, _, _ in SHOWN])
async def test_an_option_is_seen_in_its_parameter_alone(
    engine_in: EngineIn, tmp_path: Path, option: str, name: str, value: float
) -> None:
    async with engine_in(tmp_path, "step") as engine:
        before = cast("dict[str, object]", await do(engine, "csound.params", None))
        assert await do(engine, "csound.setOption", option) == 0
        after = cast("dict[str, object]", await do(engine, "csound.params", None))
        assert {key: shown for key, shown in after.items() if shown != before[key]} == {name: value}


@native_only  # the embedded engine plays on one thread, and says so
async def test_threads_are_seen_in_their_parameter(engine_in: EngineIn, tmp_path: Path) -> None:
    async with engine_in(tmp_path, "step", options=("-j3",)) as engine:
        params = cast("dict[str, object]", await do(engine, "csound.params", None))
        assert params["number_of_threads"] == 3


@pytest.mark.parametrize("option", ["--port=7799", "--port 7799"])
async def test_csounds_network_port_is_never_opened(engine_in: EngineIn, tmp_path: Path, option: str) -> None:
    piece = f"<CsoundSynthesizer>\n<CsOptions>\n{option}\n</CsOptions>\n<CsInstruments>\nksmps = 64\n</CsInstruments>\n"
    async with engine_in(tmp_path, "step") as engine:
        heard = Heard(engine)
        with pytest.raises(Forbidden, match="network port"):
            await do(engine, "csound.setOption", option)
        assert await do(engine, "csound.compileCsdText", piece + "</CsoundSynthesizer>\n", True) == 0
        assert await do(engine, "csound.start") == 0
        assert "--port is ignored" in "".join(event.text for event in heard.of(MessagePrinted))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("0.0.0.0", 7799))
