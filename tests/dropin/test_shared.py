"""Arrays that libcsound shares with the engine: when changes go there, and when they come."""

from __future__ import annotations

import gc
from time import monotonic

import numpy as np
import pytest

from csoundd_client import Csound
from tests.live.daemon import PATIENCE, Daemon

pytestmark = [pytest.mark.live, pytest.mark.native]


def test_a_table_is_written_before_the_next_cycle(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    started.scoreEvent("i", [1, 0, -1])
    table[0] = 50.0
    started.performKsmps()
    assert started.controlChannel("read") == (50.0, 0)


def test_a_table_is_written_before_the_next_call_of_any_kind(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    table[3:5] = [-1.0, -2.0]
    assert started.evalCode("return tab_i(3, 1) + tab_i(4, 1)") == -3.0


def test_a_pointer_is_written_while_the_thread_plays_though_nothing_is_called(daemon: Daemon, started: Csound) -> None:
    level, _ = started.channelPtr("level", "control", "w")
    assert isinstance(level, np.ndarray)
    thread = started.performanceThread()
    thread.play()
    level[0] = 7.0
    with Csound(url=daemon.url, attach=True) as other:
        end = monotonic() + PATIENCE
        while other.controlChannel("level")[0] != 7.0 and monotonic() < end:
            pass
        assert other.controlChannel("level")[0] == 7.0
    thread.stop()


def test_a_table_in_hand_has_what_a_cycle_wrote(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    started.scoreEvent("i", [1, 0, -1])
    started.performKsmps()
    started.performKsmps()
    assert table.tolist() == [101.0, 102.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


def test_only_what_the_script_changed_is_written(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    started.evalCode("tabw_i 77, 0, 1\nreturn 0")
    table[1] = 5.0
    assert started.evalCode("return tab_i(0, 1)") == 77.0


def test_a_view_keeps_its_table_level(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    half = table[:4]
    del table
    half *= 2.0
    assert started.evalCode("return tab_i(3, 1)") == 8.0


def test_the_same_table_is_the_same_array(started: Csound) -> None:
    table = started.table(1)
    assert started.table(1) is table


def test_a_table_that_nobody_holds_costs_nothing(started: Csound) -> None:
    table = started.table(1)
    assert len(started.link.shared.fetches()) == 1
    del table
    gc.collect()
    assert started.link.shared.fetches() == []


def test_not_a_number_is_no_change(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    table[0] = np.nan
    assert started.evalCode("return tab_i(1, 1)") == 2.0
    assert started.link.shared.changes() == []


def test_there_is_no_table_without_one(started: Csound) -> None:
    assert started.table(99) is None


def test_spin_is_heard_in_the_next_cycle_and_stays(started: Csound) -> None:
    started.scoreEvent("i", [2, 0, -1])
    spin, spout = started.spin(), started.spout()
    spin[0::2], spin[1::2] = 0.1, 0.2
    for _ in range(2):
        started.performKsmps()
        assert spout[:4] == pytest.approx([0.2, 0.6, 0.2, 0.6])
    spin[:] = 0.0
    started.performKsmps()
    assert not spout.any()


def test_spin_is_the_scripts_own(started: Csound) -> None:
    spin = started.spin()
    spin[:] = 0.5
    assert started.spin() is spin
    assert spin.all()


def test_spout_is_that_of_the_last_cycle(started: Csound) -> None:
    spout = started.spout()
    assert spout.shape == (128,)
    assert not spout.any()


def test_a_control_channel_is_an_array_of_one(started: Csound) -> None:
    pointer, problem = started.channelPtr("level", "control", "rw")
    assert isinstance(pointer, np.ndarray)
    assert problem == ""
    started.scoreEvent("i", [1, 0, -1])
    pointer[0] = 21.0
    started.performKsmps()
    assert started.controlChannel("doubled") == (42.0, 0)
    started.setControlChannel("level", 3.0)
    assert pointer.tolist() == [3.0]


def test_an_audio_channel_is_an_array_of_a_cycle(started: Csound) -> None:
    pointer, _ = started.channelPtr("bus", "audio", "rw")
    assert isinstance(pointer, np.ndarray)
    pointer[:] = np.arange(64.0)
    assert started.audioChannel("bus").tolist() == list(range(64))


def test_a_string_channel_is_a_handle_for_its_text(started: Csound) -> None:
    handle, problem = started.channelPtr("title", "string", "rw")
    assert problem == ""
    started.setStringData(handle, "Nocturne")  # type: ignore[arg-type]
    assert started.stringData(handle) == "Nocturne"  # type: ignore[arg-type]


def test_a_pointer_of_another_kind_says_what_is_wrong(started: Csound) -> None:
    pointer, problem = started.channelPtr("level", "audio")
    assert pointer is None
    assert problem


def test_after_a_reset_an_array_is_the_scripts_alone(started: Csound) -> None:
    table = started.table(1)
    assert table is not None
    started.reset()
    table[0] = 1000.0
    assert started.tableLength(1) == -1


def test_samples_fill_the_array_that_is_given(started: Csound) -> None:
    started.setAudioChannel("bus", np.full(64, 0.25))
    room = np.zeros(100)
    assert started.audioChannel("bus", room) is room
    assert room.sum() == 16.0


@pytest.mark.parametrize("shape", [(8,), (64, 2)], ids=["too few", "two rows"])
def test_samples_that_do_not_fit_are_refused(started: Csound, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="array"):
        started.setAudioChannel("bus", np.zeros(shape))


def test_a_circular_buffer_fills_the_array_that_is_given(cs: Csound) -> None:
    buffer, room = cs.createCircularBuffer(8), np.zeros(8)
    assert cs.writeCircularBuffer(buffer, np.arange(1.0, 6.0), 5) == 5
    assert cs.peekCircularBuffer(buffer, room, 2) == 2
    assert room.tolist() == [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    assert cs.readCircularBuffer(buffer, room, 8) == 5
    assert room[:5].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert cs.readCircularBuffer(buffer, room, 9) == 0
    cs.destroyCircularBuffer(buffer)
