"""The files that events read, by who sends them: outside of the workspace they are for who may compile."""

from __future__ import annotations

from typing import Any

import pytest

from csoundd.access import EVERYTHING, Grant
from csoundd.access.grants import grant_up_to
from csoundd.api import METHODS
from csoundd.dispatcher.dispatch import Table
from csoundd.dispatcher.reach import EventReach
from csoundd.errors import Forbidden

TABLE = Table(METHODS.values())
CONTROL, COMPILE = Grant(grant_up_to("control")), Grant(grant_up_to("compile"))

EVENTS = [name for name, method in METHODS.items() if method.spec.journal == "event"]
TEXTS = [name for name in EVENTS if {"message", "s"} & METHODS[name].signature.parameters.keys()]
FIELDS = [name for name in EVENTS if "pfields" in METHODS[name].signature.parameters]

OUTSIDE = [
    'f 1 0 0 -23 "/etc/passwd"',
    'f1 0 0 -23 "../outside.txt"',
    'f 1 0 0 1 "sub/../../outside.wav" 0 0 0',
    'i 1 0 1\nf 1 0 0 -23 "/etc/passwd"',
    'i 1 0 1 { 2 N\nf 1 0 0 -23 "/etc/passwd"\n}',
    '#define FILE #"/etc/passwd"#\nf 1 0 0 -23 $FILE',
    '#define MAKE #f 1 0 0 -23#\n$MAKE "/etc/passwd"',
    '/* */ f 1 0 0 -23 "/etc/passwd"',
    'f 1 0 0 -23 "C:\\\\secret.txt"',
    'f 1 0 0 -23 "..\\\\secret.txt"',
    'f 1 0 0 -23 "~/secret.txt"',
    '#include "/etc/passwd"',
    '# include "inside.sco"',
]
INSIDE = ['f 1 0 0 -23 "numbers.txt"', 'f 1 0 0 1 "sub/beat.wav" 0 0 0', "f 1 0 1024 10 1", 'i "..fine" 0 1 "/a/text"']


def test_every_method_that_sends_events_is_looked_at() -> None:
    looked_at = {name for name in EVENTS if EventReach(METHODS[name]).sends_events}
    assert looked_at == {*TEXTS, *FIELDS} == set(EVENTS) - {"csound.setEndMarker", "thread.setEndMarker"}


@pytest.mark.parametrize("method", TEXTS)
@pytest.mark.parametrize("score", OUTSIDE)
def test_lines_that_read_a_file_outside_are_for_who_may_compile(method: str, score: str) -> None:
    with pytest.raises(Forbidden):
        TABLE.checked(method, [score], CONTROL)
    for grant in (COMPILE, EVERYTHING):
        TABLE.checked(method, [score], grant)


@pytest.mark.parametrize("method", TEXTS)
@pytest.mark.parametrize("score", INSIDE)
def test_other_lines_are_for_who_may_control(method: str, score: str) -> None:
    TABLE.checked(method, [score], CONTROL)


@pytest.mark.parametrize("method", FIELDS)
@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "C:\\x", "..\\x", "~/x"])
def test_an_event_of_fields_is_no_way_around_it(method: str, name: str) -> None:
    params: dict[str, Any] = {"kind": "f", "pfields": [1, 0, 0, -23, name]}
    if method.startswith("thread."):
        params["abstime"] = False
    with pytest.raises(Forbidden):
        TABLE.checked(method, params, CONTROL)
    TABLE.checked(method, params, COMPILE)
    TABLE.checked(method, params | {"pfields": [1, 0, 0, -23, "numbers.txt"]}, CONTROL)
    TABLE.checked(method, params | {"kind": "i", "pfields": [1, 0, 1, name]}, CONTROL)


@pytest.mark.parametrize("around", ["engine.batch", "thread.requestCallback", "thread.processQueueTask"])
def test_a_list_of_calls_is_no_way_around_it(around: str) -> None:
    call = {"method": "csound.eventString", "params": ['f 1 0 0 -23 "/etc/passwd"']}
    parameter = next(iter(METHODS[around].signature.parameters))
    with pytest.raises(Forbidden):
        TABLE.checked(around, {parameter: [call]}, CONTROL)
    TABLE.checked(around, {parameter: [call]}, COMPILE)
