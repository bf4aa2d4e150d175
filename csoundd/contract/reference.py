"""The reference pages: each group's methods with signature, meaning, conditions and examples, and the page on OSC."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from csoundd.api import METHOD_GROUPS, METHODS, UNSUPPORTED_BY_ENGINE
from csoundd.api.declare import Example, Method, MethodGroup, filled, methods_of
from csoundd.contract.documents import Schemas, doc, errors_of, markdown, served_by, signature, summary
from csoundd.limits import LIMITS
from csoundd.metrics import METRICS
from csoundd.states import ANY
from csoundd.streams.topics import TOPICS
from csoundd.streams.topics.topic import Topic
from csoundd.transport.osc import GROUPS
from csoundd.transport.osc.addresses import OscCommand, commands_of, has_address, path_of

_MADE: Final = "<!-- Made from the declared API; `make protocol` writes it anew. -->\n"


def reference() -> dict[str, str]:
    """The pages by file name."""
    pages = {_file(group): _page(group) for group in METHOD_GROUPS}
    return {"README.md": _index(), **pages, "topics.md": _topics(), "observing.md": _observing()}


def _file(group: type[MethodGroup]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", group.__name__).lower() + ".md"


def _title(group: type[MethodGroup]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", group.__name__).capitalize()


def _index() -> str:
    rows = [f"- [{_title(group)}]({_file(group)}): {summary(doc(group))}" for group in METHOD_GROUPS]
    rows += [
        "- [Topics](topics.md): what can be subscribed to.",
        "- [Observing](observing.md): the limits, and the figures of `/metrics`.",
    ]
    return "\n".join([_MADE, "# Reference", "", "Every method by group, and the streams.", "", *rows, ""])


def _observing() -> str:
    """The page on limits and metrics."""
    limits = [
        f"| `{name}` | {limit.what} | {_number(limit.value)} | {limit.setting or ''} |"
        for name, limit in LIMITS.items()
    ]
    metrics = [
        f"| `{name}` | {metric.kind} | {' '.join(f'`{label}`' for label in metric.labels)} | {metric.about} |"
        for name, metric in METRICS.items()
    ]
    return "\n".join(
        [
            _MADE,
            "# Observing",
            "",
            "`server.status` tells how the daemon is, `csoundd doctor` looks at it and at its machine.",
            "",
            "## Limits",
            "",
            "What exceeds one is answered LimitExceeded, whose `error.data` has its `name`, or over HTTP with 408,",
            "413, 429, 431, 503 or 507; packets of OSC over UDP are left out. Nobody is disconnected for too many",
            "requests: `retryAfter` says when the next is answered. `csoundd serve --limit NAME=NUMBER`,",
            '`CSOUNDD_LIMITS="NAME=NUMBER …"` and `[limits]` in the TOML file change those of `limits`.',
            "",
            "| name | what | without settings | setting |",
            "|---|---|---|---|",
            *limits,
            "",
            "## Metrics",
            "",
            "`GET /metrics` needs the scope `read`. It is in the form of Prometheus, or of OpenMetrics where that is",
            "asked for. Beside these there are the `process_` figures of the front.",
            "",
            "| name | kind | labels | what |",
            "|---|---|---|---|",
            *metrics,
            "",
        ]
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.15g}"


def _page(group: type[MethodGroup]) -> str:
    sections = [_section(method) for method in methods_of(group)]
    return "\n".join([_MADE, f"# {_title(group)}", "", doc(group), "", *sections])


def _section(method: Method) -> str:
    lines = [f"## {method.name}", "", "```python", signature(method), "```", "", doc(method.function), ""]
    lines += [
        _conditions(method),
        "",
        _engines(method),
        "",
        f"Errors: {', '.join(error.__name__ for error in errors_of(method))}.",
        "",
    ]
    for example in method.spec.examples:
        lines += _example(method, example)
    return "\n".join(lines)


def _conditions(method: Method) -> str:
    spec = method.spec
    states = "any" if spec.states == ANY else ", ".join(spec.states)
    started = {True: ", Csound started", False: ", Csound not started", None: ""}[spec.started]
    deadline = "none" if spec.deadline is None else f"{spec.deadline:g} s"
    served = f"answered by the {served_by(method)}"
    return f"Scope `{spec.scope}` · states: {states}{started} · deadline: {deadline} · {served}"


def _engines(method: Method) -> str:
    """The engines that serve a method, and why the others do not."""
    lacking = {name: reasons[method.name] for name, reasons in UNSUPPORTED_BY_ENGINE.items() if method.name in reasons}
    if not lacking:
        return "Engines: all."
    serving = ", ".join(name for name in UNSUPPORTED_BY_ENGINE if name not in lacking) or "none"
    return "\n".join(
        [f"Engines: {serving}. Not served by:", "", *(f"- {name}: {why}" for name, why in lacking.items())]
    )


def _example(method: Method, example: Example) -> list[str]:
    request = {"jsonrpc": "2.0", "id": 1, "method": method.name, "params": filled(example.params)}
    reply = {"jsonrpc": "2.0", "id": 1, "result": filled(example.result)}
    return ["```json", _compact(request), _compact(reply), "```", ""]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _topics() -> str:
    about = "`stream.subscribe {topic, …options}` begins one; its frames are `stream.data` notifications."
    return "\n".join([_MADE, "# Topics", "", about, "", *map(_topic, TOPICS.values())])


def _topic(topic: type[Topic]) -> str:
    schemas = Schemas()
    data = schemas.of(topic.data)
    options = schemas.of(topic.options)
    name = str(options["$ref"]).rpartition("/")[2]
    rows = _rows(schemas.components[name]["properties"])
    return "\n".join([f"## {topic.name}", "", markdown(topic.about), "", *rows, f"Data: {_shape(data, schemas)}", ""])


def _rows(properties: object) -> list[str]:
    if not isinstance(properties, dict) or not properties:
        return ["It has no options.", ""]
    rows = [
        f"| `{name}` | {_default(schema)} | {schema.get('description', '')} |" for name, schema in properties.items()
    ]
    return ["| option | default | meaning |", "|---|---|---|", *rows, ""]


def _default(schema: dict[str, object]) -> str:
    return f"`{_compact(schema['default'])}`" if "default" in schema else "needed"


def _shape(data: dict[str, object], schemas: Schemas) -> str:
    name = str(data.get("$ref", "")).rpartition("/")[2]
    component = schemas.components.get(name, data)
    properties = component.get("properties")
    if name == "Array":
        return "an array."
    if not isinstance(properties, dict):
        return "an object `{name: value}`."
    return f"an object `{{{', '.join(properties)}}}`. {component['description']}"


_HEAD: Final = """<!-- Made from the declared API; `make protocol` writes it anew. -->
# OSC

UDP port 7700, and TCP port 7701 in SLIP (OSC 1.1) or behind a length in four bytes (OSC 1.0): the first byte of
a connection tells which. All type tags of OSC 1.0 and 1.1 are read: `i f s b h t d S c r m T F N I [ ]`.

## Calls

`/csound/<method>` and its kin take the parameters in order, csoundd's own addresses (at the end of this page) their
arguments, by one rule. Any number fits where a number is wanted: a whole float for an integer, 0 and 1 for a boolean,
`T` and `F` for a number. A list is an array `[ ]`, or simply all that follows. An array may also be a blob of 32-bit
big-endian floats. An object is a text of JSON, or names and values in turn. A handle or a topic is a text, null is `N`,
and a blob where a text is wanted is UTF-8.

An address that needs no argument can be that of a button: controllers send a value with each. `I`, `T` or any number
but 0 presses it; 0 or `F`, which they send when it is let go, does nothing and is not answered.

The answer is `/reply ,s… <address> results…`, without results where there are none: numbers `d`, texts and handles
`s`, `T`, `F` and `N`, bytes `b`, lists and arrays one element after another, objects as a text of JSON. Or it is
`/error ,sis <address> <code> <text>`, with the codes of `errors.json`. Answers are never answered.

Some programs read only `i f s b` (Pure Data, Max and most controllers). `/replyTypes ,s standard` has this sender
answered in those: numbers as `f`, whole ones that fit as `i`, true and false as 1 and 0, nothing as an empty text.
`full` undoes it.

## Channels

`/chan/<name>` with one number sets a control channel, with a text a string channel, with many numbers or a blob an
audio or array channel; only what fails is answered. Without arguments it answers `/chan/<name> value`, with numbers
as `f`. In a name `/ # * , ? [ ] { } %` and space are percent-encoded. The slashes of a name may also stay as they are,
where there is something on both sides of each: `/chan/synth/cutoff` is the channel `synth/cutoff`, in patterns and
subscriptions too, and who asks so is told so. Values that come faster than the engine takes them are set together, the
latest of each channel.

## Notes

`/note` begins a note under an id, a number or a text, that is the same for all who speak OSC. Without p-fields it is
held (p3 is -1). `/note/release` ends it, with its release phase. `/note/set <id> <p> <value>…` gives a held note new
p-fields from p4 on: Csound initializes it again as a tied note. `/note/set <id> <name> <value>…` sets channels
`note.<n>.<name>`; n is the fraction of p1 times 10000, which is the id itself where that is 1 to 9999, so an
instrument finds them with `sprintf "note.%d.name", round(frac(p1) * 10000)`. Notes with ids are forgotten at a reset.

## Patterns

`? * [a-z] [!a-z] {a,b}` within one part of an address, and `//` for any number of parts, mean every method and
channel there is. A packet holds at most 16 patterns and comes to at most 1024 messages.

## Bundles

The messages of a bundle run in one cycle: at once, or in the cycle that holds its timetag. What is no call of the
engine (`/status`, `/subscribe`, `/engine/info`…) is done when the bundle arrives. A nested bundle with a later time
is a bundle of its own. A message that does not fit is answered with an error and the others run; with more than 8 of
those none does. One that cannot be read (an unknown type tag, a text that is no UTF-8) is left out, with an error to
its address, and the others run. A timetag within the first second of 1900 is "immediately", one more than 30 days ahead
is refused: it is of a clock that counts from elsewhere. A late bundle follows the sender's policy (`run`, `drop`,
`error`), and who asked by `/notify ,i 1` is told
`/late ,sdi <first address> <seconds> <1 if dropped>`. `/clearSched` forgets what waits; nothing answers for it.

With Csound's option `--sample-accurate` the notes of a bundle begin at the sample that holds the timetag, not at the
edge of the cycle. (On Csound 6 those with a text among their p-fields, and lines of score, may come up to half a
cycle early.)

## Subscriptions

`/subscribe` answers `/reply ,ssd /subscribe <pattern> <rate>` and sends the values there are, then each change, as
`/chan/<name> value`, at most `rate` times a second (30 without a rate, 1000 at most); to another `port` of the same
host if one is given. The pattern is held against addresses if it begins with a slash, else against names. Channels
that come later are found. Nobody is told what they sent themselves in the last second. Over UDP it lapses after 60 s
without any packet from who asked; asking again renews it. It survives a new engine. From beyond the networks that are
private (192.168.x.x and the like) only an address that has proved itself can subscribe over UDP (see below). There
are at most 64 subscriptions of one sender, 256 of one address beyond this machine, and 1024 of all.

Controllers that cannot ask are told in the settings, as `osc_targets` or `csoundd serve --osc-target`, which may be
repeated: `192.168.1.20:9000` for one whose address is known; `last` for whoever sent the last datagram, at the port it
came from; `last:9000` for the same at port 9000, where it listens. Each may end in a pattern, as `last:9000/mix.*`. Who
becomes the last sender is told, a tenth of a second later, every value that it has not heard, then each change; what
the one before it was told stops. With a port, what any program of that machine sends is no news to the controller
there. Who may not read is no last sender. These end with the daemon only.

## OSCQuery

Port 7702 tells over HTTP what there is at an address, and keeps a WebSocket on `/` open for `LISTEN`, `IGNORE`,
`PATH_ADDED`, `PATH_REMOVED`, `PATH_CHANGED` and OSC both ways. `LISTEN` takes patterns too. A channel's `ACCESS` is its
mode (1, which the orchestra reads, is 2; 2, which it writes, is 1), its `RANGE` comes from its hints, and the text of
the hints may say more: `unit=hz description="Cut-off" vals=0,1,2 tags=filter`. `_oscjson._tcp` and `_osc._udp` are
announced by mDNS unless `--no-mdns` is given.

## Status

`/status.reply ,sdiiddsis`: state, sample rate, ksmps, channels of output, score time in seconds, load of the
performance (1 is all of it), backend, Csound's version, csoundd's version.

## Who may do what

This machine may do everything; elsewhere the network decides (`--osc-allow CIDR=scope`). Over UDP an address that
is neither of this machine nor of a private network that was allowed is sent at most four times the bytes that it sent,
until it has proved itself by sending back the number that `/notify` answered: `/notify ,ii 1 <number>`. A datagram
has at most 65507 bytes; what is larger goes over TCP.

## Addresses

What csoundd adds to the API. Each argument stands behind its type tags, one of several with `|` between them; in
brackets, it may be left out.

| address | arguments | scope | meaning |
|---|---|---|---|
| `/chan/<name>` | a value, many numbers, or nothing | control; read for nothing | Set or tell a channel. |
"""

COMMANDS: Final = tuple(declared for group in GROUPS for declared in commands_of(group))
"""csoundd's own addresses."""


def osc(methods: Iterable[Method] = tuple(METHODS.values()), commands: Iterable[OscCommand] = COMMANDS) -> str:
    """The page."""
    own = [_command_row(declared) for declared in commands]
    table = ["", "The methods of the API:", "", "| address | declared as | scope | meaning |", "|---|---|---|---|"]
    return "\n".join([_HEAD + "\n".join(own), *table, *(_row(m) for m in methods if has_address(m.name)), ""])


def _command_row(declared: OscCommand) -> str:
    address, usage = declared.address, declared.usage.replace("|", "\\|")
    arguments = f"`{usage}`" if usage else ""
    meaning = " ".join(doc(declared.function).partition("\n\n")[0].split())
    return f"| `{address.path}` | {arguments} | {address.scope} | {meaning} |"


def _row(method: Method) -> str:
    declared, meaning = signature(method).replace("|", "\\|"), summary(doc(method.function)).replace("|", "\\|")
    return f"| `{path_of(method.name)}` | `{declared}` | {method.spec.scope} | {meaning} |"
