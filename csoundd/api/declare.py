"""The declaration of a method: one typed signature with a docstring, and its other properties.

Everything else about a method (parameter checks, dispatch, OpenRPC, client stubs, OSC addresses,
reference pages) is made from what this module collects.

The orchestra that the examples of the reference run on.
"""

from __future__ import annotations

import inspect
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Final, Literal, TypeVar

from csoundd.messages import Drive, Scope, Seconds, State
from csoundd.states import LIVE

F = TypeVar("F", bound=Callable[..., object])

Served = Literal["engine", "front"]
Journal = Literal["no", "option", "code", "channel", "hints", "table", "event", "value"]
"""What the journal keeps of a call that succeeded, so that a new host can be brought to the same point."""

ChannelUse = Literal["reads", "finds", "sets", "lists", "tells", "beyond"]
"""What a method does with channels, for callers that are limited to some.

Its first parameter is the name of one that is read (``reads``); names and patterns of those that are read (``finds``);
a name or an object of values by name, which are set (``sets``). Or it returns entries with the names of channels
(``lists``), or ``tells`` of any of them, and is not for callers that may not read all. Or it is about what lies
``beyond`` the channels of the engine that plays, and is for no caller that is limited to some.
"""

DEFAULT_DEADLINE: Final = Seconds(10.0)
COMPILE_DEADLINE: Final = Seconds(30.0)


@dataclass(frozen=True)
class Result:
    """Stands in an example for what its ``call``-th preparing call answered, such as a handle.

    ``shown`` is what the reference prints in its place.
    """

    call: int
    shown: object


@dataclass(frozen=True)
class Call:
    """A call that an example needs before its own, for instance the channel that it reads."""

    method: str
    params: tuple[object, ...] = ()


@dataclass(frozen=True)
class Example:
    """One call and its answer, run by a test against every engine and shown in ``rpc.discover``.

    ``params`` are by name, as JSON values, with a Result where an earlier answer belongs. The call finds the
    orchestra of ``api.examples`` compiled and started in ``drive``, with ``fresh`` an engine that has been
    reset and not been started. ``exact`` is false where the answer depends on the machine or the version:
    then only its type is compared.
    """

    params: dict[str, object]
    result: object
    after: tuple[Call, ...] = ()
    exact: bool = True
    fresh: bool = False
    drive: Drive = "step"


def zeros(dtype: str, *shape: int) -> dict[str, object]:
    """An array of zeros in the form that JSON has for it, for an example to show."""
    size = prod(shape) * int(dtype[-1])
    return {"$array": {"dtype": dtype, "shape": list(shape), "data": b64encode(bytes(size)).decode()}}


def filled(value: object, results: Sequence[object] | None = None) -> object:
    """``value`` with every Result in it replaced: by its answer in ``results``, without them by what is shown."""
    if isinstance(value, Result):
        return value.shown if results is None else results[value.call]
    if isinstance(value, dict):
        return {key: filled(inner, results) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [filled(inner, results) for inner in value]
    return value


@dataclass(frozen=True)
class MethodSpec:
    """The properties of a method beside its signature."""

    scope: Scope
    states: tuple[State, ...]
    started: bool | None
    deadline: Seconds | None
    journal: Journal
    served: Served
    examples: tuple[Example, ...]
    channels: ChannelUse | None = None
    tokenless: bool = False


@dataclass(frozen=True)
class Method:
    """A declared method: its name on the wire, its signature and the spec about it."""

    name: str
    group: type[MethodGroup]
    function: Callable[..., object]
    spec: MethodSpec

    @property
    def signature(self) -> inspect.Signature:
        """The signature without ``self``, in the words of a reader: what bounds a number is the check's business."""
        signature = inspect.signature(self.function)
        parameters = list(signature.parameters.values())[1:]
        return signature.replace(parameters=[p.replace(annotation=_plain(p.annotation)) for p in parameters])

    @property
    def doc(self) -> str:
        """The docstring without its indentation."""
        return inspect.getdoc(self.function) or ""


_PLAIN: Final = {"CInt": "int", "Finite": "float", "Time": "float"}
"""The types of numbers in a range (``csoundd.api.values``), as a signature shows them."""


def _plain(annotation: str) -> str:
    return re.sub(r"\w+", lambda word: _PLAIN.get(word[0], word[0]), annotation)


class MethodGroup:
    """A group of methods that belong together; its subclasses declare, backends override."""

    namespace: ClassVar[str] = "csound"


def method(
    *,
    scope: Scope = "control",
    states: tuple[State, ...] = LIVE,
    started: bool | None = None,
    deadline: Seconds | None = DEFAULT_DEADLINE,
    journal: Journal = "no",
    served: Served = "engine",
    examples: tuple[Example, ...] = (),
    channels: ChannelUse | None = None,
    tokenless: bool = False,
) -> Callable[[F], F]:
    """Declare the decorated signature as a method of the API.

    ``states`` are those in which it may be called (anything else answers WrongState), ``started`` says that
    Csound must have been started, or with false that it must not have been, ``deadline`` None that it may
    block for as long as it takes. ``channels`` is what it does with channels: a caller that is limited to some may call
    it with those, and of other methods only those of the scope ``read``. ``tokenless`` says that it may be called by
    those, too, who have not shown the token yet that they need.
    """
    spec = MethodSpec(scope, states, started, deadline, journal, served, examples, channels, tokenless)

    def declare(function: F) -> F:
        function.__dict__["spec"] = spec
        return function

    return declare


def methods_of(group: type[MethodGroup]) -> Iterator[Method]:
    """The methods that ``group`` declares, in the order of its text."""
    for name, function in vars(group).items():
        spec = getattr(function, "spec", None)
        if isinstance(spec, MethodSpec):
            yield Method(f"{group.namespace}.{name}", group, function, spec)


def overridden(group: type[MethodGroup], implementation: MethodGroup) -> Iterator[str]:
    """The wire names of the methods of ``group`` that ``implementation`` really implements."""
    for declared in methods_of(group):
        own = getattr(type(implementation), declared.function.__name__)
        if own is not declared.function:
            yield declared.name


ORCHESTRA: Final = """\
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

gisine ftgen 1, 0, 1024, 10, 1

instr 1
  asig oscili p4, p5, 1
  out asig, asig
endin

instr Bell
  asig oscili 0.2, 880, 1
  out asig, asig
endin
"""
"""A table, a numbered and a named instrument; 48 kHz, 64 samples a cycle, two channels."""
