"""The Python client's synchronous methods: from the declared ones to classes whose calls block, as libcsound's do.

What libcsound shapes otherwise than the wire does (arrays shared with the engine, functions, its own structs) is
written by hand in the client; those methods are left out here.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final, get_type_hints

from csoundd.api.declare import Method, MethodGroup
from csoundd.contract.python_types import Types, call, docstring, group_text, module_head, module_of, needs_reading

FOLDER: Final = "dropin/methods"
NAMESPACES: Final = {"csound": "CsoundMethods", "thread": "ThreadMethods"}

BY_HAND: Final = frozenset(
    """
    csound.csound csound.performanceThread csound.hostData csound.setHostData csound.setOption csound.params
    csound.start csound.stop csound.reset csound.perform csound.performKsmps csound.compileCommandLine
    csound.compileCsd csound.event csound.scoreEvent csound.scoreEventAsync csound.spin csound.spout csound.table
    csound.channelPtr csound.channelInfo csound.allocatedChannels csound.listChannels csound.deleteChannelList
    csound.setControlChannelHints csound.controlChannelHints csound.audioChannel csound.setAudioChannel
    csound.setInputChannelCallback csound.setOutputChannelCallback csound.setMessageStringCallback
    csound.iterMessages csound.createMessageBuffer csound.destroyMessageBuffer
    csound.readCircularBuffer csound.peekCircularBuffer csound.writeCircularBuffer
    csound.registerKeyboardCallback csound.removeKeyboardCallback csound.setExternalMidiInOpenCallback
    csound.setExternalMidiReadCallback csound.setExternalMidiInCloseCallback
    csound.setExternalMidiOutOpenCallback csound.setExternalMidiWriteCallback
    csound.setExternalMidiOutCloseCallback csound.setExternalMidiErrorStringCallback
    csound.setMidiDeviceListCallback csound.setMakeGraphCallback csound.setDrawGraphCallback
    csound.setKillGraphCallback csound.setExitGraphCallback csound.setOpenFileCallback
    csound.setOpenSoundFileCallback csound.appendOpcode
    thread.play thread.pause thread.togglePause thread.stop thread.evalCode thread.requestCallback
    thread.setProcessCallback thread.processCallback thread.setProcessQueue thread.processQueueTask
    thread.flushProcessQueue thread.flushMessageQueue
    """.split()  # noqa: SIM905 - sixty names read better so
)
"""The methods that the client's ``dropin`` package has in its own words."""

TOLD: Final = frozenset(
    """
    csound.setControlChannel csound.setStringChannel csound.eventString csound.inputMessage csound.inputMessageAsync
    thread.scoreEvent thread.inputMessage
    """.split()  # noqa: SIM905 - as above
)
"""The methods whose answer says nothing and that programs call thousands of times: the client does not wait."""


def render(methods: Iterable[Method], types: Types) -> dict[str, str]:
    """The text of every generated module of the drop-in, by its path in the client's package."""
    made = [method for method in methods if method.group.namespace in NAMESPACES and method.name not in BY_HAND]
    groups = {group: list(own) for group, own in groupby(made, lambda method: method.group)}
    files = {f"{FOLDER}/{module_of(group)}.py": _group_text(group, own, types) for group, own in groups.items()}
    return {**files, f"{FOLDER}/__init__.py": _classes_text(list(groups))}


def _group_text(group: type[MethodGroup], methods: list[Method], types: Types) -> str:
    own = types.module(method.function.__name__ for method in methods)
    own.used.add("csoundd_client.dropin.blocking.Blocking")
    bodies = [_method(method, own) for method in methods]
    return group_text(group, "Blocking", bodies, own)


def _method(method: Method, types: Types) -> list[str]:
    hints = get_type_hints(method.function)
    parameters = list(method.signature.parameters.values())
    given = [types.signed(parameter, hints[parameter.name]) for parameter in parameters]
    names = [_given(method, types.argument(parameter), hints[parameter.name]) for parameter in parameters]
    arguments = [f'"{method.name}"', f"[{', '.join(names)}]"]
    if needs_reading(hints["return"]):
        arguments.append(types.reader(hints["return"]))
    start, end = f"self.{_way(method)}(", ")"
    if hints["return"] is not type(None):
        start = f"return {start}"
    return [
        *call(f"    def {method.function.__name__}(", ["self", *given], f") -> {types.result(hints['return'])}:", 4),
        *docstring(method.doc, 8),
        *call(f"        {start}", arguments, end, 8),
    ]


def _given(method: Method, name: str, hint: object) -> str:
    """An argument on its way: where nobody waits for the daemon's word, what is no number is told at once."""
    return f"float({name})" if method.name in TOLD and hint is float else name


def _way(method: Method) -> str:
    """The client's function for the call: one that waits, one that only reads, or one that may change anything."""
    if method.name in TOLD:
        return "_tell"
    if method.spec.deadline is None:
        return "_wait"
    return "_ask" if method.spec.scope == "read" else "_do"


def _classes_text(groups: list[type[MethodGroup]]) -> str:
    module = "csoundd_client.dropin.methods"
    imports = [f"from {module}.{module_of(group)} import {group.__name__}" for group in groups]
    lines = [*module_head("The methods that block and need nothing else."), *sorted(imports)]
    for namespace, name in NAMESPACES.items():
        own = [group.__name__ for group in groups if group.namespace == namespace]
        about = f'    """The methods ``{namespace}.*`` whose values are the same here and on the wire."""'
        lines += ["", "", *call(f"class {name}(", own, "):", 0), about]
    return "\n".join(lines) + "\n"
