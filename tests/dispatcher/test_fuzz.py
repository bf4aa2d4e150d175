"""Whatever is called with whatever parameters: a command or one answer, and never an exception."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from csoundd.api import METHODS
from csoundd.codec import JSON
from csoundd.dispatcher import Dispatcher
from csoundd.errors import InternalError
from csoundd.messages import Failure, Response
from tests.dispatcher.fakes import HeldEngine, Somebody

ENGINE = HeldEngine()
DISPATCHER = Dispatcher(ENGINE, {})
ENGINE_METHODS = sorted(name for name, method in METHODS.items() if method.spec.served == "engine")
NAMES = sorted({name for method in METHODS.values() for name in method.signature.parameters})

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(ENGINE_METHODS)
forms = st.fixed_dictionaries(
    {}, optional={"$array": scalars, "$handle": st.text(), "$float": st.sampled_from(["nan", 1])}
)
values = st.recursive(
    scalars | forms,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=10,
)
params = st.lists(values, max_size=4) | st.dictionaries(st.sampled_from(NAMES), values, max_size=4)


@settings(deadline=None, max_examples=400, derandomize=True)
@given(st.sampled_from(ENGINE_METHODS), params)
def test_a_call_is_a_command_or_is_refused(method: str, given_params: Any) -> None:
    answers: list[Response | list[Response]] = []
    ENGINE.held.clear()
    frame = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": given_params})
    DISPATCHER.dispatch(Somebody(), JSON.decode(frame), answers.append)
    assert len(ENGINE.commands) + len(answers) == 1
    for answer in answers:
        assert isinstance(answer, Failure)
        assert type(answer.error) is not InternalError
        assert JSON.encode(answer)
