"""Stage 3, parameters: what came under ``params`` to the arguments of a declared signature, checked and complete."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final, get_args, get_type_hints

from pydantic_core import ErrorDetails, SchemaValidator, ValidationError
from pydantic_core import core_schema as cs

from csoundd.api.callbacks import CALLBACKS, EVAL
from csoundd.api.declare import Method
from csoundd.api.values import CallRequest
from csoundd.dispatcher.annotations import CHOICE, schema_of
from csoundd.errors import InvalidParams
from csoundd.messages import Malformed, StreamRef

Params = list[object] | dict[str, object]

_MISSING: Final = inspect.Parameter.empty
_SHOULD: Final = "Input should "
_REASONS: Final = {
    "extra_forbidden": "there is no such member",
    "missing": "is missing",
    "string_pattern_mismatch": "Input should be a text without NUL",
    "string_unicode": "Input should be a text of whole characters",
}


class Check:
    """The check of one signature: binds by position or by name, fills defaults in, and tests every type.

    ``spread`` says that the last argument is a list to spread (``*args``), ``options`` that it is an object of
    further named members (``**options``), ``calls`` which argument holds requests to check in turn, ``callback``
    which stands for a function that is told of the outcome.
    """

    def __init__(self, method: Method) -> None:
        parameters = list(method.signature.parameters.values())
        hints = get_type_hints(method.function, include_extras=True)
        self.label = _label(method.name, parameters)
        self.spread = any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters)
        self.options = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
        self._names = [parameter.name for parameter in parameters]
        self._named = [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        self.calls = next((i for i, name in enumerate(self._names) if _holds_calls(hints[name])), None)
        promising = CALLBACKS.get(method.name) == EVAL
        self.callback = next(
            (i for i, name in enumerate(self._names) if promising and StreamRef in get_args(hints[name])), None
        )
        schemas = [schema_of(_declared(parameter, hints[parameter.name])) for parameter in parameters]
        self._validate: Callable[[Any], tuple[Any, ...]] = SchemaValidator(cs.tuple_schema(schemas)).validate_python

    def __call__(self, params: Params) -> list[object]:
        """The arguments in the order of the signature.

        Raises InvalidParams, naming the parameter, for whatever does not fit.
        """
        values = self._by_position(params) if isinstance(params, list) else self._by_name(params)
        try:
            arguments: list[object] = list(self._validate(values))
        except ValidationError as error:
            raise self._refusal(error, values) from None
        if self.spread:
            arguments[-1:] = arguments[-1]  # type: ignore[call-overload]
        return arguments

    def _by_position(self, params: list[object]) -> list[object]:
        named, given = self._named, len(params)
        if given == len(self._names) == len(named):
            return params
        if given > len(named) and not self.spread:
            raise self._unfit(f"takes at most {len(named)} parameters by position, and {given} came")
        values = params[: len(named)]
        values += [self._default(name, default) for name, default in named[given:]]
        if self.spread:
            values.append(params[len(named) :])
        elif self.options:
            values.append({})
        return values

    def _by_name(self, params: dict[str, object]) -> list[object]:
        values: list[object] = []
        taken = 0
        for name, default in self._named:
            if name in params:
                values.append(params[name])
                taken += 1
            else:
                values.append(self._default(name, default))
        if self.spread:
            name = self._names[-1]
            values.append(params.get(name, []))
            taken += name in params
        elif self.options:
            named = dict(self._named)
            values.append({key: value for key, value in params.items() if key not in named})
            return values
        if taken != len(params):
            raise self._unfit(f"has no parameter {_quoted(next(key for key in params if key not in self._names))}")
        return values

    def _default(self, name: str, default: object) -> object:
        if default is _MISSING:
            raise self._unfit(f"needs the parameter {name}", parameter=name)
        return default

    def _unfit(self, what: str, **details: object) -> InvalidParams:
        error = InvalidParams(f"{self.label.partition('(')[0]} {what}", hint=self.label)
        error.details |= details
        return error

    def _refusal(self, error: ValidationError, values: list[object]) -> InvalidParams:
        index, place, text = _first_fault(error)
        given, name = values[int(index)], self._names[int(index)]
        if isinstance(given, Malformed):
            text = given.reason
        return InvalidParams(f"{name}{place}: {text}", hint=self.label, parameter=name)


class StructCheck:
    """The check of an object that has the members of ``struct``, some of which may be left out."""

    def __init__(self, struct: type) -> None:
        self._validate: Callable[[object], object] = SchemaValidator(schema_of(struct)).validate_python

    def __call__(self, members: dict[str, object]) -> object:
        """An instance of the struct.

        Raises InvalidParams, naming the member, for whatever does not fit.
        """
        try:
            return self._validate(members)
        except ValidationError as error:
            name, place, text = _first_fault(error)
            raise InvalidParams(f"{name}{place}: {text}", parameter=str(name)) from None


def _first_fault(error: ValidationError) -> tuple[int | str, str, str]:
    """The first member that failed, the place inside it, and what it should have been."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    member = faults[0]["loc"][0]
    places = [(_steps(fault["loc"]), _reason(fault)) for fault in faults if fault["loc"][0] == member]
    # Of the branches of a union the one that came furthest is the one that was meant.
    deepest = max((steps for steps, _ in places), key=len)
    return member, "".join(deepest), _sentence([reason for steps, reason in places if steps == deepest])


def _steps(location: tuple[int | str, ...]) -> list[str]:
    return list(filter(None, map(_step, location[1:])))


def _reason(fault: ErrorDetails) -> str:
    return _REASONS.get(fault["type"], fault["msg"])


def _declared(parameter: inspect.Parameter, hint: object) -> object:
    """The type of the one value that stands for ``parameter`` while it is checked."""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return list[hint]  # type: ignore[valid-type]
    if parameter.kind is parameter.VAR_KEYWORD:
        return dict[str, hint]  # type: ignore[valid-type]
    if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
        return hint
    raise TypeError(f"{parameter} cannot be given both by position and by name")


def _holds_calls(hint: object) -> bool:
    return hint == list[CallRequest] or list[CallRequest] in get_args(hint)


def _label(name: str, parameters: list[inspect.Parameter]) -> str:
    """The signature as a person reads it."""
    return f"{name}({', '.join(str(parameter).replace(chr(39), '') for parameter in parameters)})"


def _step(step: int | str) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return "" if step == CHOICE else f".{step[:80]}"


def _sentence(reasons: list[str]) -> str:
    """One sentence for the reasons of all the branches of a union."""
    wanted = [reason.removeprefix(_SHOULD) for reason in dict.fromkeys(reasons)]
    if all(reason.startswith(_SHOULD) for reason in reasons):
        return f"should {' or '.join(wanted)}".replace(" or be ", " or ")
    return "; ".join(wanted)


def _quoted(name: object) -> str:
    return repr(name if len(str(name)) <= 80 else f"{str(name)[:80]}…")  # noqa: PLR2004 - enough to know it by
