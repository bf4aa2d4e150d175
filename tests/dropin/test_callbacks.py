"""Functions of the script are called, with what libcsound gives them."""

from __future__ import annotations

import ctypes
import logging
import threading
from typing import Any

import pytest

from csoundd_client import CSOUND_CALLBACK_KBD_TEXT, Csound
from tests.live.daemon import PATIENCE

TALKING = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

instr Numbers
  knumber invalue "asked"
  outvalue "told", knumber + 1
  if knumber > 0 then
    chnset knumber, "answered"
  endif
endin

instr Texts
  outvalue "title", "Nocturne"
endin

instr Keys
  kkey sensekey
  if kkey > 0 then
    chnset kkey, "key"
  endif
endin

instr Midi
  midiout_i 144, 1, 60, 100
endin

instr Heard
  knote init 0
  kstatus, kchannel, kdata1, kdata2 midiin
  if kstatus == 144 then
    chnset kdata1, "note"
  endif
endin
"""

pytestmark = [pytest.mark.live, pytest.mark.native]


@pytest.fixture
def talking(cs: Csound) -> Csound:
    assert cs.compileOrc(TALKING) == 0
    return cs


def number_at(address: int) -> Any:
    return ctypes.cast(address, ctypes.POINTER(ctypes.c_double)).contents


def test_an_outvalue_is_told_within_its_cycle(talking: Csound) -> None:
    told: list[tuple[bytes, float]] = []
    talking.setOutputChannelCallback(lambda _, name, value, kind: told.append((name, number_at(value).value)))
    talking.start()
    talking.scoreEvent("i", [1, 0, -1])
    talking.performKsmps()
    assert told[-1] == (b"told", 1.0)


def test_a_text_comes_with_its_type(talking: Csound) -> None:
    told: list[tuple[bytes, bytes]] = []

    def tell(_: object, name: bytes, value: int, kind: int) -> None:
        type_name = ctypes.cast(kind, ctypes.POINTER(ctypes.c_char_p)).contents.value or b""
        told.append((type_name, ctypes.string_at(value)))

    talking.setOutputChannelCallback(tell)
    talking.start()
    talking.scoreEvent("i", [2, 0, -1])
    talking.performKsmps()
    assert told == [(b"S", b"Nocturne")]


def test_an_invalue_is_what_the_function_writes(talking: Csound) -> None:
    asked: list[bytes] = []

    def answer(_: object, name: bytes, value: int, kind: int) -> None:
        asked.append(name)
        number_at(value).value = 7.5

    talking.setInputChannelCallback(answer)
    talking.start()
    talking.scoreEvent("i", [1, 0, -1])
    talking.performKsmps()
    talking.performKsmps()
    assert talking.controlChannel("answered") == (7.5, 0)
    assert set(asked) == {b"asked"}


def test_a_key_is_what_the_function_writes(talking: Csound) -> None:
    keys = [ord("k")]

    def press(data: object, key: int, kind: int) -> int:
        assert (data, kind) == ("mine", CSOUND_CALLBACK_KBD_TEXT)
        ctypes.cast(key, ctypes.POINTER(ctypes.c_int)).contents.value = keys.pop() if keys else 0
        return 0

    assert talking.registerKeyboardCallback(press, "mine", CSOUND_CALLBACK_KBD_TEXT) == 0
    talking.start()
    talking.scoreEvent("i", [3, 0, -1])
    talking.performKsmps()
    assert talking.controlChannel("key") == (float(ord("k")), 0)
    talking.removeKeyboardCallback(press)
    assert not talking.link.polls


def test_midi_of_the_orchestra_is_told(talking: Csound) -> None:
    sent: list[tuple[bytes, int]] = []
    talking.setExternalMidiWriteCallback(lambda _, data, message, size: sent.append((message, size)))
    talking.setHostMidiIO()
    talking.start()
    talking.scoreEvent("i", [4, 0, -1])
    talking.performKsmps()
    assert sent == [(b"\x90<d", 3)]


def test_midi_that_the_function_writes_is_received(talking: Csound) -> None:
    messages = [b"\x90\x3e\x64"]

    def read(_: object, data: object, buffer: Any, size: int) -> int:
        message = messages.pop() if messages else b""
        buffer[: len(message)] = message
        return len(message)

    talking.setExternalMidiReadCallback(read)
    talking.setHostMidiIO()
    talking.start()
    talking.scoreEvent("i", [5, 0, -1])
    for _ in range(4):
        talking.performKsmps()
    assert talking.controlChannel("note") == (62.0, 0)


def test_a_graph_is_made_and_drawn(cs: Csound) -> None:
    graphs: list[tuple[str, int]] = []
    cs.setIsGraphable(True)
    cs.setMakeGraphCallback(lambda _, windat, caption: graphs.append((caption.decode(), windat.contents.npts)))
    cs.setDrawGraphCallback(lambda _, windat: graphs.append((windat.contents.caption.decode(), windat.contents.npts)))
    cs.compileOrc("gitable ftgen 1, 0, 64, 10, 1\n")
    cs.start()
    cs.link.dispatcher.drain(PATIENCE)
    assert [npts for _, npts in graphs][-1] == 64
    assert "ftable 1" in graphs[0][0]


def test_a_message_is_told(cs: Csound) -> None:
    heard = threading.Event()

    def hear(_: object, attr: int, text: bytes) -> None:
        if text == b"good evening\n":
            heard.set()

    cs.setMessageStringCallback(0, hear)
    cs.message("good evening\n")
    assert heard.wait(PATIENCE)


def test_a_function_may_call_the_engine(talking: Csound) -> None:
    times: list[int] = []
    talking.setOutputChannelCallback(lambda *_: times.append(talking.currentTimeSamples()))
    talking.start()
    talking.scoreEvent("i", [1, 0, -1])
    talking.performKsmps()
    assert set(times) == {64}


def test_a_function_that_fails_keeps_nothing_from_going_on(talking: Csound, caplog: pytest.LogCaptureFixture) -> None:
    talking.setOutputChannelCallback(lambda *_: 1 / 0)
    talking.start()
    talking.scoreEvent("i", [1, 0, -1])
    with caplog.at_level(logging.ERROR):
        assert talking.performKsmps() is False
    assert "ZeroDivisionError" in caplog.text


def test_none_takes_a_function_away(talking: Csound) -> None:
    told: list[object] = []
    talking.setOutputChannelCallback(told.append)
    talking.setOutputChannelCallback(None)
    talking.start()
    talking.scoreEvent("i", [1, 0, -1])
    talking.performKsmps()
    assert told == []
