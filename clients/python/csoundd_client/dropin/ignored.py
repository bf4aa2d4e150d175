"""Whether a program ignores what a call returns: then nobody has to wait for it."""

from __future__ import annotations

import dis
from functools import lru_cache
from types import CodeType, FrameType


def is_ignored(caller: FrameType) -> bool:
    """Whether the function of ``caller`` throws away the result of the call that it is making.

    Seen in its byte code: the instruction behind the call takes the result off the stack. Whatever else stands there
    counts as a use of it.
    """
    return _is_followed_by_pop(caller.f_code, caller.f_lasti)


@lru_cache(maxsize=1024)
def _is_followed_by_pop(code: CodeType, call: int) -> bool:
    behind = (instruction for instruction in dis.get_instructions(code) if instruction.offset > call)
    following = next(behind, None)
    return following is not None and following.opname == "POP_TOP"
