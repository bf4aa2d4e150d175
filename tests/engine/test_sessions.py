"""The session of a caller: what belongs to one is asked for by a method that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args, get_type_hints

import pytest

from csoundd.api import METHODS
from csoundd.api.declare import Method, MethodGroup
from csoundd.api.values import Handle
from csoundd.engine.csound.native import backend as native
from csoundd.engine.csound.wasm import backend as wasm
from csoundd.engine.host import build
from csoundd.engine.host.calls import takes_session

ENGINES = (native, wasm, build)
"""They bring every class that implements methods."""


def parts(type_: object) -> Iterator[object]:
    yield type_
    for part in get_args(type_):
        yield from parts(part)


def takes_a_handle(method: Method) -> bool:
    hints = get_type_hints(method.function, include_extras=True)
    return any(part is Handle for name, type_ in hints.items() if name != "return" for part in parts(type_))


def implementations(group: type[MethodGroup], name: str) -> Iterator[Callable[..., object]]:
    for implementation in group.__subclasses__():
        if implementation.__module__.startswith("csoundd.engine.") and name in vars(implementation):
            yield vars(implementation)[name]
        yield from implementations(implementation, name)


TAKING = [method for method in METHODS.values() if method.spec.served == "engine" and takes_a_handle(method)]


def test_there_are_methods_that_take_handles() -> None:
    names = {method.name for method in TAKING}
    assert {"csound.readCircularBuffer", "csound.stringData", "channel.write", "csound.setPvsData"} <= names


@pytest.mark.parametrize("method", TAKING, ids=lambda method: method.name)
def test_a_method_that_takes_a_handle_is_told_whose_call_it_is(method: Method) -> None:
    found = list(implementations(method.group, method.function.__name__))
    assert found
    assert all(map(takes_session, found))
