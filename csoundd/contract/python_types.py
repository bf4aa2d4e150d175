"""The types of the declared signatures in the client's words, with the structs and imports that they need.

What a caller gives may be any sequence or array; what comes back is what the signature says. The text is as the
formatter would have it, within the width of a line.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, field, fields
from textwrap import wrap
from types import NoneType
from typing import Any, Final, get_type_hints

from csoundd.api.annotations import (
    Annotation,
    Anything,
    ArrayOf,
    Choice,
    Constrained,
    Declared,
    DictOf,
    Either,
    ListOf,
    Plain,
    Ranged,
    Reference,
    Struct,
    TupleOf,
    declared,
)
from csoundd.api.declare import MethodGroup

NOTICE: Final = "Generated from csoundd's declared API by ``make protocol``; not to be edited."

WIDTH: Final = 120


def call(start: str, arguments: list[str], end: str, indent: int) -> list[str]:
    """A call or signature, in one line where it fits, else with the arguments in one or in a line each."""
    joined, inner = ", ".join(arguments), " " * (indent + 4)
    if len(start + joined + end) <= WIDTH:
        return [start + joined + end]
    if len(inner + joined) <= WIDTH:
        return [start, inner + joined, " " * indent + end]
    lines = [line for argument in arguments for line in _on_lines(argument, indent + 4)]
    return [start, *lines, " " * indent + end]


def _on_lines(argument: str, indent: int) -> list[str]:
    """An argument in a line of its own; a list that does not fit there has its items in a line each."""
    margin = " " * indent
    if len(f"{margin}{argument},") <= WIDTH or not argument.startswith("["):
        return [f"{margin}{argument},"]
    return [f"{margin}[", *(f"{margin}    {item}," for item in argument[1:-1].split(", ")), f"{margin}],"]


def docstring(text: str, indent: int) -> list[str]:
    """The lines of a docstring."""
    margin = " " * indent
    lines = [f"{margin}{line}".rstrip() for line in text.splitlines()]
    lines[0] = f'{margin}"""{lines[0].lstrip()}'
    return [*lines, f'{margin}"""'] if len(lines) > 1 else [f'{lines[0]}"""']


def summarised(summary: str, *paragraphs: str, indent: int) -> str:
    """The text of a docstring: the summary's first sentence in a line of its own, the rest wrapped."""
    first, _, rest = summary.partition(". ")
    wrapped = ["\n".join(wrap(part, WIDTH - indent)) for part in (rest, *paragraphs) if part]
    return "\n\n".join([first.rstrip(".") + ".", *wrapped])


def module_head(text: str) -> list[str]:
    """The first lines of every generated module."""
    return [*docstring(f"{text}\n\n{NOTICE}", 0), "", "from __future__ import annotations", ""]


_CLIENT: Final = "csoundd_client"
_VALUES: Final = f"{_CLIENT}.values"
_STRUCTS: Final = f"{_CLIENT}.structs"


def needs_reading(annotation: Annotation) -> bool:
    """Whether what comes over the wire has to be changed to be such a value: to a struct or a tuple."""
    return _needs_reading(declared(annotation))


def _needs_reading(type_: Declared) -> bool:
    match type_:
        case Struct() | TupleOf():
            return True
        case Either(options):
            return any(map(_needs_reading, options))
        case ListOf(item) | Ranged(item):
            return _needs_reading(item)
        case DictOf(key, value):
            return _needs_reading(key) or _needs_reading(value)
        case _:
            return False


@dataclass
class Types:
    """Writes types down for one module and remembers what they need; ``structs`` is what all modules need."""

    structs: dict[str, type] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    shadowed: frozenset[str] = frozenset()
    readers: dict[str, str] = field(default_factory=dict)

    def module(self, methods: Iterable[str]) -> Types:
        """The types of another module, in whose class ``methods`` hide the builtins of the same names."""
        return Types(self.structs, shadowed=frozenset(methods))

    def parameter(self, hint: Annotation) -> str:
        """The type of a parameter, as wide as what can be sent for it."""
        return self._text(declared(hint), given=True)

    def signed(self, parameter: inspect.Parameter, hint: Annotation) -> str:
        """A parameter as a signature has it."""
        text = f"{self.argument(parameter)}: {self.parameter(hint)}"
        if parameter.default is not parameter.empty:
            text += f" = {self.literal(parameter.default)}"
        return text

    def argument(self, parameter: inspect.Parameter) -> str:
        """A parameter as a call hands it on."""
        return f"*{parameter.name}" if parameter.kind is parameter.VAR_POSITIONAL else parameter.name

    def result(self, hint: Annotation) -> str:
        """The type of a result."""
        return self._text(declared(hint), given=False)

    def reader(self, hint: Annotation) -> str:
        """The name of the constant that reads a ``hint``."""
        # The constants stand outside the class, where nothing is hidden.
        outside = Types(self.structs)
        text = outside.result(hint)
        self.used |= outside.used | {"typing.Final", "csoundd_client.shape.reader"}
        name = "_" + "_".join(re.findall(r"[A-Z]?[a-z]+|\.\.\.", text)).replace("...", "each").upper()
        self.readers[name] = text
        return name

    def literal(self, value: object) -> str:
        """A default in the formatter's spelling."""
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

    def imports(self) -> list[str]:
        """The import lines, sorted: the standard library, numpy, then the client."""
        plain = {name for name in self.used if "." not in name}
        modules: dict[str, list[str]] = {}
        for module, name in (entry.rsplit(".", 1) for entry in self.used - plain):
            modules.setdefault(module, []).append(name)
        own = [_import(module, names) for module, names in sorted(modules.items()) if module.startswith(_CLIENT)]
        others = [_import(module, names) for module, names in sorted(modules.items()) if not module.startswith(_CLIENT)]
        others = [f"import {name}" for name in sorted(plain)] + others
        return [*others, *([""] if others and own else []), *own]

    def constants(self) -> list[str]:
        """The readers that the module's methods use."""
        lines = [f"{name}: Final = reader({text})" for name, text in self.readers.items()]
        return ["", *lines] if lines else []

    def structs_text(self) -> str:
        """The module of every struct that was met, those first that others hold."""
        own = Types(self.structs)
        bodies: dict[str, list[str]] = {}
        while pending := self.structs.keys() - bodies.keys():
            bodies |= {name: own.struct(self.structs[name]) for name in pending}
        own.used = {entry for entry in own.used if not entry.startswith(_STRUCTS)} | {"dataclasses.dataclass"}
        lines = [*module_head("The structs of the contract, with the API's own field names."), *own.imports()]
        for name in sorted(bodies):
            lines += ["", "", *bodies[name]]
        return "\n".join(lines) + "\n"

    def struct(self, kind: type) -> list[str]:
        """The lines of a struct's class."""
        hints, members = get_type_hints(kind), fields(kind)
        lines = ["@dataclass(frozen=True, slots=True)", f"class {kind.__name__}:"]
        lines += docstring(inspect.getdoc(kind) or "", 4)
        return [*lines, "", *(self._field(each, hints[each.name]) for each in members)]

    def _field(self, each: Field[Any], hint: Annotation) -> str:
        text = f"    {each.name}: {self.result(hint)}"
        if each.default is not MISSING:
            return f"{text} = {self.literal(each.default)}"
        if each.default_factory is not MISSING:
            self.used.add("dataclasses.field")
            return f"{text} = field(default_factory={each.default_factory.__name__})"  # type: ignore[attr-defined]
        return text

    def _text(self, type_: Declared, *, given: bool) -> str:  # noqa: C901, PLR0911 - a case for each kind of type
        match type_:
            case Plain(plain):
                return "None" if plain is NoneType else self._builtin(plain.__name__)
            case Anything():
                return self._value("Json")
            case Reference(reference):
                return self._value(reference.__name__)
            case Struct():
                self.structs[type_.type.__name__] = type_.type
                return self._from(_STRUCTS, type_.type.__name__)
            case ArrayOf(samples):
                return self._value("ArrayLike" if given else "Samples" if samples else "Array")
            case Choice(values):
                return f"{self._from('typing', 'Literal')}[{', '.join(map(self.literal, values))}]"
            case Either(options):
                return " | ".join(dict.fromkeys(self._text(option, given=given) for option in options))
            case Ranged(of) | Constrained(of):
                return self._text(of, given=given)
            case ListOf(item):
                name = self._from("collections.abc", "Sequence") if given else self._builtin("list")
                return f"{name}[{self._text(item, given=given)}]"
            case DictOf(key, value):
                name = self._from("collections.abc", "Mapping") if given else self._builtin("dict")
                return f"{name}[{self._text(key, given=given)}, {self._text(value, given=given)}]"
            case TupleOf(items, repeated):
                parts = [*(self._text(item, given=given) for item in items), *(["..."] if repeated else [])]
                return f"{self._builtin('tuple')}[{', '.join(parts)}]"

    def _builtin(self, name: str) -> str:
        if name not in self.shadowed:
            return name
        self.used.add("builtins")
        return f"builtins.{name}"

    def _value(self, name: str) -> str:
        return self._from(_VALUES, name)

    def _from(self, module: str, name: str) -> str:
        self.used.add(f"{module}.{name}")
        return name


def _import(module: str, names: list[str]) -> str:
    ordered = sorted(names, key=_name_order)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])


def _name_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as the linter has them."""
    rank = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return rank, name


def module_of(group: type[MethodGroup]) -> str:
    """The name of the module that a group of methods is generated into."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", group.__name__).lower()


def group_text(group: type[MethodGroup], base: str, bodies: list[list[str]], own: Types) -> str:
    """The module of a group: a class derived from ``base``, with the lines of each method."""
    doc = inspect.getdoc(group) or ""
    lines = [*module_head(doc.splitlines()[0]), *own.imports(), *own.constants(), "", ""]
    lines += [f"class {group.__name__}({base}):", *docstring(doc, 4)]
    for body in bodies:
        lines += ["", *body]
    return "\n".join(lines) + "\n"
