"""The generated part of the JavaScript client: TypeScript types of every method, topic, struct and error.

What comes out says in TypeScript what the declared signatures say; the only code in it are the names of methods, the
topics of callbacks and the error classes.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from dataclasses import MISSING, Field, dataclass, field, fields
from itertools import groupby
from textwrap import wrap
from types import NoneType
from typing import Any, Final, get_type_hints

from csoundd.api.annotations import (
    Anything,
    ArrayOf,
    Choice,
    Constrained,
    Declared,
    DictOf,
    Either,
    ListOf,
    Member,
    Plain,
    Ranged,
    Reference,
    Struct,
    TupleOf,
    declared,
    may_be,
)
from csoundd.api.callbacks import ANY_TOPIC, CALLBACK_EVENTS, CALLBACKS, EVAL
from csoundd.api.declare import Method
from csoundd.errors import ERRORS
from csoundd.messages import StreamRef
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.topic import Topic

FOLDER: Final = "clients/javascript/src/generated"
"""Where the modules are; all of them are generated, and the only ones there."""

KEPT: Final = frozenset({"session.hello", "stream.subscribe", "stream.unsubscribe"})
"""What the client calls by itself: it has something better for its user than the bare method."""

NOTICE: Final = "// Generated from csoundd's declared API by `make protocol`; not to be edited."
WIDTH: Final = 110

_PLAIN: Final = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    bytes: "Uint8Array",
    NoneType: "null",
    list: "Value[]",
}

_RESERVED: Final = frozenset(
    {"function", "in", "new", "delete", "default", "class", "with", "var", "arguments", "eval"}
)
"""Names of parameters that TypeScript does not take."""


@dataclass
class _Types:
    """Writes types down, and remembers the structs and values that were met."""

    structs: dict[str, Struct] = field(default_factory=dict)
    values: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)

    def given(self, hint: object) -> str:
        """The type of a parameter, as wide as what can be sent for it."""
        return self._text(declared(hint), given=True)

    def result(self, hint: object) -> str:
        """The type of a result."""
        return self._text(declared(hint), given=False)

    def member(self, member: Member) -> str:
        """The type of a struct's member, as it comes from the server."""
        return self._text(member.type, given=False)

    def imports(self, *, structs: bool = True) -> list[str]:
        """The import lines of a module that uses what was written."""
        lines = [_import(self.values, "../values.js")]
        return [line for line in [*lines, _import(self.used, "./structs.js") if structs else ""] if line]

    def _text(self, type_: Declared, *, given: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - a case for each kind of type
        match type_:
            case Plain(plain):
                if plain is list:
                    self.values.add("Value")
                return _PLAIN[plain]
            case Anything():
                return self._value("Value")
            case Reference(reference):
                return self._value(reference.__name__)
            case Struct():
                name = type_.type.__name__
                self.structs[name] = type_
                self.used.add(name)
                return self._given_struct(type_) if given else name
            case ArrayOf(samples):
                if given:
                    return self._value("ArrayLike")
                return f"{self._value('NdArray')}<Float64Array>" if samples else self._value("NdArray")
            case Choice(values):
                return " | ".join(json.dumps(value) for value in values)
            case Either(options):
                return " | ".join(dict.fromkeys(self._text(option, given=given) for option in options))
            case Ranged(of) | Constrained(of):
                return self._text(of, given=given)
            case ListOf(item):
                inner = self._text(item, given=given)
                return f"{'readonly ' if given else ''}{f'({inner})' if ' ' in inner else inner}[]"
            case DictOf(key, value):
                text = f"Record<{self._text(key, given=given)}, {self._text(value, given=given)}>"
                return f"Readonly<{text}>" if given else text
            case TupleOf(items, repeated):
                parts = [self._text(item, given=given) for item in items]
                if repeated:
                    return f"({parts[0]})[]" if " " in parts[0] else f"{parts[0]}[]"
                return f"[{', '.join(parts)}]"

    def _given_struct(self, struct: Struct) -> str:
        """A struct as a caller may leave it incomplete: members with a default may be absent."""
        optional = [member.field.name for member in struct.members if not member.is_needed]
        name = struct.type.__name__
        if len(optional) == len(struct.members):
            return f"Partial<{name}>"
        if not optional:
            return name
        absent = " | ".join(f'"{each}"' for each in optional)
        return f"Omit<{name}, {absent}> & Partial<Pick<{name}, {absent}>>"

    def _value(self, name: str) -> str:
        self.values.add(name)
        return name


def _import(names: Iterable[str], module: str) -> str:
    ordered = sorted(names)
    return f'import type {{ {", ".join(ordered)} }} from "{module}";' if ordered else ""


def render(methods: Iterable[Method]) -> dict[str, str]:
    """The text of every generated module of the client, by its path in the repository."""
    declared_methods = list(methods)
    offered = [method for method in declared_methods if method.name not in KEPT]
    structs: dict[str, Struct] = {}
    texts = {
        "methods.ts": _methods_text(offered, _Types(structs)),
        "topics.ts": _topics_text(TOPICS.values(), _Types(structs)),
        "errors.ts": _errors_text(),
    }
    for hint in (
        get_type_hints(method.function)["return"] for method in declared_methods if method.name == "session.hello"
    ):
        _Types(structs).result(hint)
    texts["structs.ts"] = _structs_text(structs)
    return {f"{FOLDER}/{name}": text for name, text in sorted(texts.items())}


def _methods_text(methods: list[Method], types: _Types) -> str:
    interfaces: list[str] = []
    names: dict[str, list[str]] = {}
    for namespace, group in groupby(methods, lambda method: method.group.namespace):
        for method in group:
            names.setdefault(namespace, []).append(method.function.__name__)
    for namespace in names:
        own = [method for method in methods if method.group.namespace == namespace]
        interfaces += ["", f"/** The methods `{namespace}.*`. */", f"export interface {_interface(namespace)} {{"]
        for index, method in enumerate(own):
            interfaces += [*([""] if index else []), *_method(method, types)]
        interfaces.append("}")
    body = [
        *interfaces,
        "",
        "/** Every method of the contract, by namespace. */",
        "export interface Methods {",
        *(f"  readonly {namespace}: {_interface(namespace)};" for namespace in names),
        "}",
        "",
        "/** The names of all methods, by namespace. */",
        "export const METHODS: { readonly [N in keyof Methods]: readonly (keyof Methods[N] & string)[] } = {",
        *(line for namespace, own in names.items() for line in _names(namespace, own)),
        "};",
        "",
        "/** The topic of each method that takes a function; the function gets the data of its frames. */",
        "export const CALLBACK_TOPICS: Readonly<Record<string, string>> = {",
        *(f'  "{name}": "{_callback_topic(topic)}",' for name, topic in CALLBACKS.items()),
        "};",
        "",
        "/** The one event of its topic that a method's function is for, where it is not for all. */",
        "export const CALLBACK_EVENTS: Readonly<Record<string, string>> = {",
        *(f'  "{name}": "{event}",' for name, event in CALLBACK_EVENTS.items()),
        "};",
    ]
    types.values |= {"Callback"}
    return "\n".join([NOTICE, "", *types.imports(), *body]) + "\n"


def _callback_topic(topic: str) -> str:
    return "transport" if topic == ANY_TOPIC else topic


def _names(namespace: str, names: list[str]) -> list[str]:
    listed = ", ".join(f'"{name}"' for name in names) + ","
    return [f"  {namespace}: [", *wrap(listed, WIDTH, initial_indent="    ", subsequent_indent="    "), "  ],"]


def _interface(namespace: str) -> str:
    return f"{namespace.capitalize()}Methods"


def _method(method: Method, types: _Types) -> list[str]:
    hints = get_type_hints(method.function, include_extras=True)
    parameters = list(method.signature.parameters.values())
    given = [_parameter(method, parameter, hints[parameter.name], types) for parameter in parameters]
    returned = types.result(hints["return"])
    returned = "void" if returned == "null" else returned
    defaults = [
        f"@param {_name(parameter)} {json.dumps(parameter.default)} by default"
        for parameter in parameters
        if parameter.default not in (parameter.empty, None)
    ]
    return [
        *_comment(method.doc, "  ", defaults),
        f"  {method.function.__name__}({', '.join(given)}): Promise<{returned}>;",
    ]


def _name(parameter: inspect.Parameter) -> str:
    return f"{parameter.name}_" if parameter.name in _RESERVED else parameter.name


def _parameter(method: Method, parameter: inspect.Parameter, hint: object, types: _Types) -> str:
    name = _name(parameter)
    if parameter.kind is parameter.VAR_POSITIONAL:
        item = types.given(hint)
        return f"...{name}: readonly {f'({item})' if ' ' in item else item}[]"
    if may_be(declared(hint), StreamRef):
        text = f"Callback<{_callback_data(CALLBACKS.get(method.name, EVAL), types)}>"
    else:
        text = types.given(hint)
    return f"{name}{'' if parameter.default is parameter.empty else '?'}: {text}"


def _callback_data(topic: str, types: _Types) -> str:
    if topic == EVAL:
        return "number"
    return types.result(TOPICS[_callback_topic(topic)].data)


def _topics_text(topics: Iterable[type[Topic]], types: _Types) -> str:
    options: list[str] = []
    data: list[str] = []
    for topic in topics:
        about = f"  /** {_one_line(topic.about)} */"
        hints = get_type_hints(topic.options, include_extras=True)
        options += [about, f'  "{topic.name}": {{']
        for option in fields(topic.options):
            optional = "" if option.default is MISSING else "?"
            options.append(f"    /** {_option_text(option)} */")
            options.append(f"    {option.name}{optional}: {types.given(hints[option.name])};")
        options.append("  };")
        data += [about, f'  "{topic.name}": {types.result(topic.data)};']
    body = [
        "",
        "/** What can be chosen for each topic. */",
        "export interface TopicOptions {",
        *options,
        "}",
        "",
        "/** What a frame of each topic holds. */",
        "export interface TopicData {",
        *data,
        "}",
    ]
    return "\n".join([NOTICE, "", *types.imports(), *body]) + "\n"


def _option_text(option: Field[Any]) -> str:
    text = _one_line(str(option.metadata["about"]))
    return text if option.default in (MISSING, None) else f"{text}; {json.dumps(option.default)} by default"


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _structs_text(structs: dict[str, Struct]) -> str:
    types = _Types(structs)
    bodies: dict[str, list[str]] = {}
    while pending := structs.keys() - bodies.keys():
        for name in pending:
            struct = structs[name]
            lines = [*_comment(inspect.getdoc(struct.type) or "", ""), f"export interface {name} {{"]
            lines += [f"  {member.field.name}: {types.member(member)};" for member in struct.members]
            bodies[name] = [*lines, "}"]
    text = [NOTICE, "", *types.imports(structs=False)]
    for name in sorted(bodies):
        text += ["", *bodies[name]]
    return "\n".join(text) + "\n"


def _errors_text() -> str:
    lines = [NOTICE, "", 'import { RemoteError } from "../failures.js";']
    for error in ERRORS:
        summary = error.summary[0].upper() + error.summary[1:]
        name = error.__name__
        lines += ["", f"/** {summary}. */", f"export class {name} extends RemoteError {{"]
        lines += [f"  static readonly code = {error.code};", f'  override readonly name = "{name}";', "}"]
    names = ", ".join(error.__name__ for error in ERRORS)
    kinds = wrap(f"{names},", WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines += [
        "",
        "/** The class of each error that the contract knows. */",
        "export const ERRORS = [",
        *kinds,
        "] as const;",
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str, indent: str, more: Iterable[str] = ()) -> list[str]:
    """The lines of a JSDoc comment."""
    plain = text.replace("``", "`").replace("*/", "*\\/")
    lines = [*plain.splitlines(), *more]
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]
