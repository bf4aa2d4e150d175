"""Every public call of libcsound's classes in every state of an instance, on libcsound and on the drop-in.

    python -m tests.dropin.states [--only PATTERN] [--all]

Each call is made in a process of its own: libcsound ends some of them. What is compared is the kind of the outcome
(type, shape, code, exception, death), since values of time differ. Each difference has to be one of those declared in
``differences.py``; the exit status is 1 where one is not.
"""

from __future__ import annotations

import argparse
import builtins
import ctypes
import fnmatch
import importlib
import inspect
import json
import os
import select
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

import numpy as np

from tests.dropin.differences import reason
from tests.dropin.local import prepare
from tests.live.daemon import serving

STATES: Final = ("fresh", "options", "compiled", "started", "playing", "ended")
ENGINE: Final = "native:7"
"""libcsound has the names of the API 7 over this library alone."""

PATIENCE: Final = {"local": 4.0, "remote": 30.0}
"""Seconds after which a call that has not come back hangs."""

NEWER: Final = ("getTypePool", "varTypePointer")
"""What libcsound has only in its version 1.0, and is called as long as that is not the one that is here."""

ORCHESTRA: Final = """
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
giTable ftgen 1, 0, 8, -2, 1, 2, 3, 4, 5, 6, 7, 8
chn_k "level", 3
chn_a "bus", 3
chn_S "title", 3
instr 1
  out oscili:a(0.1, 440)
endin
"""
CSD: Final = "<CsoundSynthesizer>\n<CsInstruments>\ninstr 2\nendin\n</CsInstruments>\n</CsoundSynthesizer>\n"


def _ignore(*_given: object) -> int:
    return 0


BY_NAME: Final[dict[str, Any]] = {
    "absolute": False, "abstime": False, "attr": 0, "bufSize": 0, "c": 97, "callback": _ignore, "channel": "level",
    "code": "giOther = 3", "data": 3, "debug": False, "directory": ".", "dtype": "k", "fftsize": 1024, "func": _ignore,
    "function": _ignore, "instr": 1, "isGraphable": True, "isOutput": True, "kind": "i", "message": "i 1 0 0.1",
    "messageLevel": 0, "milliseconds": 1, "mode": 0, "module": "null", "name": "level", "number": 0, "numelem": 16,
    "option": "-m0", "orc": "giOther = 3", "overlap": 256, "path": "nowhere.csd", "pending": True,
    "pfields": [1, 0, 0.1], "s": "i 1 0 0.1", "size": 4, "state": True, "string": "text", "table": 1, "time": 1.0,
    "typemask": 1, "userdata": None, "val": 0.5, "value": "x", "winsize": 1024, "wintype": 1,
}  # fmt: skip
"""What a call is given, by the name of the parameter."""

GIVEN: Final[dict[str, tuple[Any, ...]]] = {
    "Csound.UDPServerStart": (0,),
    "Csound.appendOpcode": ("mine", 64, 0, "k", "k", _ignore, _ignore),
    "Csound.audioChannel": ("bus",),
    "Csound.channelPtr": ("level", "control", "rw"),
    "Csound.compileCommandLine": ("csound", "-n", "nowhere.csd"),
    "Csound.compileCsdText": (CSD,),
    "Csound.env": ("SSDIR",),
    "Csound.evalCode": ("return 2 + 3",),
    "Csound.keyPress": ("a",),
    "Csound.runUtility": ("nowhere", ["nowhere"]),
    "Csound.setAudioChannel": ("bus", np.ones(64)),
    "Csound.setGlobalEnv": ("SSDIR", "."),
    "Csound.setInput": ("null",),
    "Csound.setMidiInput": ("0",),
    "Csound.setMidiModule": ("null",),
    "Csound.setOutput": ("null",),
    "Csound.setStringChannel": ("title", "text"),
    "Csound.stringChannel": ("title",),
    "Csound.varTypePointer": ("k",),
    "PerformanceThread.evalCode": ("return 2 + 3",),
    "PerformanceThread.flushProcessQueue": (1.0,),
    "PerformanceThread.record": ("recorded.wav", 16, 4),
    "PerformanceThread.scoreEvent": (False, "i", [1, 0, 0.1]),
}
LEFT_OUT: Final = frozenset({"pace", "link", "ugenFactory", "channelCallbackValue"})
"""What is no call of the API, is said in the manual not to be there, or takes addresses that only a callback has."""

CLOCKS: Final = frozenset({"currentTimeSamples", "scoreTime"})
"""What goes on meanwhile: zero or not is all that can be compared, and not even that while the thread plays."""


def calls(module: Any) -> Iterator[str]:
    """The calls of both classes, in order."""
    for name in ("Csound", "PerformanceThread"):
        kind = getattr(module, name)
        for method in sorted(dir(kind)):
            if not method.startswith("_") and callable(getattr(kind, method)) and method not in LEFT_OUT:
                yield f"{name}.{method}"


def arguments(call: str, function: Callable[..., Any], cs: Any) -> tuple[Any, ...]:  # noqa: PLR0911 - a table
    """What a call is given; buffers and channels that it is about are made."""
    method = call.partition(".")[2]
    if call in GIVEN:
        return GIVEN[call]
    if method.endswith("CircularBuffer") and method != "createCircularBuffer":
        buffer = cs.createCircularBuffer(16, 8)
        return (buffer,) if method[:5] in {"flush", "destr"} else (buffer, np.zeros(4), 4)
    if "PvsData" in method or method.startswith("pvsData"):
        channel = cs.initPvsChannel("bins", 1024, 256, 1024, 1)
        return (channel, channel) if method.startswith("set") else (channel,)
    if method in {"arrayData", "arrayDataDimensions", "arrayDataSizes", "arrayDataType", "setArrayData"}:
        array = cs.initArrayChannel("values", "k", 4)
        return (array, np.ones(4)) if method.startswith("set") else (array,)
    if method in {"stringData", "setStringData"}:
        text, _ = cs.channelPtr("title", "string", "rw")
        return (text, "text") if method.startswith("set") else (text,)
    if method == "deleteChannelList":
        return (cs.listChannels()[0],)
    if method == "setMessageStringCallback":
        return (0, _ignore)
    parameters = list(inspect.signature(function).parameters.values())
    return tuple(
        BY_NAME[each.name]
        for each in parameters
        if each.default is each.empty and each.kind not in {each.VAR_POSITIONAL, each.VAR_KEYWORD}
    )


def brought(cs: Any, state: str) -> Any:
    """The thread of an instance that is brought to a state, None where it does not perform by itself."""
    at = STATES.index(state)
    if at >= STATES.index("options"):
        for option in ("-n", "-d", "-m0"):
            cs.setOption(option)
    if at >= STATES.index("compiled"):
        assert cs.compileOrc(ORCHESTRA) == 0
    if at >= STATES.index("started"):
        cs.start()
    if state == "ended":
        cs.setEndMarker(0.01)
        while not cs.performKsmps():
            pass
    if state == "playing":
        thread = cs.performanceThread()
        thread.play()
        return thread
    return None


def kind_of(value: Any) -> str:  # noqa: PLR0911 - a table
    """What an outcome is: small values themselves, of others the type and the shape."""
    if value is None or isinstance(value, bool | str):
        return repr(value)
    if isinstance(value, int | np.integer):
        return str(int(value)) if abs(int(value)) < 10_000 else "int"
    if isinstance(value, float):
        return "float" if value else "0.0"
    if isinstance(value, np.ndarray):
        return f"array {value.dtype}{list(value.shape)}"
    if isinstance(value, tuple):
        return f"({', '.join(map(kind_of, value))})"
    if isinstance(value, list):
        return f"list of {sorted({type(each).__name__ for each in value})}" if value else "[]"
    if isinstance(value, ctypes.Array):
        return f"list of {[type(value[0]).__name__]}" if len(value) else "[]"
    if inspect.isgenerator(value):
        return f"iterator of {sorted({type(each).__name__ for each in value})}"
    if isinstance(value, ctypes._Pointer | ctypes.c_void_p | ctypes.c_char_p) or type(value).__name__ == "Handle":
        return "pointer"
    return type(value).__name__


def outcome(module: Any, call: str, state: str, options: dict[str, Any]) -> str:
    """What comes of a call in a state."""
    cs = module.Csound(**options)
    thread = brought(cs, state)
    owner = (thread or cs.performanceThread()) if call.startswith("Performance") else cs
    method = call.partition(".")[2]
    try:
        function = getattr(owner, method)
    except AttributeError:
        return "not there"
    try:
        given = arguments(call, function, cs)
    except Exception as error:  # noqa: BLE001 - what it takes cannot be had in this state
        return f"what it takes: {exception(error)}"
    try:
        found = function(*given)
        return type(found).__name__ if method in CLOCKS and state == "playing" else kind_of(found)
    except BaseException as error:  # noqa: BLE001 - that is the outcome
        return exception(error)


def exception(error: BaseException) -> str:
    """The kind of an exception as Python knows it: ours are such as well."""
    return next(str(kind.__name__) for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)


def alone(side: str, run: Callable[[], str]) -> str:
    """What a function returns in a process of its own, or how that ends."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            try:
                result = run()
            except BaseException:  # noqa: BLE001 - a fault of the harness
                result = "the state: " + traceback.format_exc().strip().splitlines()[-1]
            os.write(writing, result.encode())
        os._exit(0)
    os.close(writing)
    deadline, said = monotonic() + PATIENCE[side], b""
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - monotonic()))
        chunk = os.read(reading, 65536) if ready else b""
        said += chunk
        if not chunk or not ready:
            break
    os.close(reading)
    with suppress(ProcessLookupError):
        if not said:
            # What it was doing is over, or never is.
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done and monotonic() < deadline:
                done, status = os.waitpid(pid, 0)
            if done:
                return f"dies of {signal.Signals(status & 127).name}" if status & 127 else "ends the process"
        os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
    return said.decode() if said else "hangs"


def side(name: str, module: Any, pattern: str, options: dict[str, Any]) -> dict[str, str]:
    """The outcome of every call in every state on one side."""
    found = {}
    for call in sorted({*calls(module), *(f"Csound.{name}" for name in NEWER)}):
        for state in STATES:
            if fnmatch.fnmatch(f"{call} {state}", pattern):
                run = partial(outcome, module, call, state, options)
                found[f"{call} {state}"] = alone(name, run)
    return found


def measured(name: str, pattern: str, url: str) -> dict[str, str]:
    """One side, in a process that has loaded nothing of the other's."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            if name == "local":
                prepare(ENGINE)
            module = importlib.import_module("libcsound" if name == "local" else "csoundd_client")
            found = side(name, module, pattern, {"url": url} if name == "remote" else {})
            with os.fdopen(writing, "w", encoding="utf-8") as file:
                json.dump(found, file)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as file:
        received: dict[str, str] = json.load(file)
    os.waitpid(pid, 0)
    return received


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", default="*", help="a pattern of calls with their states: 'Csound.table *'")
    parser.add_argument("--all", action="store_true", help="show declared differences as well")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dropin-states-") as folder:
        os.environ["LIBCSOUND_INSTALL"] = "0"
        with serving(Path(folder), "--engine", ENGINE) as daemon:
            here = Path.cwd()
            os.chdir(folder)
            local = measured("local", given.only, daemon.url)
            remote = measured("remote", given.only, daemon.url)
            os.chdir(here)
    counts: Counter[str] = Counter()
    for case in sorted({*local, *remote}):
        ours, theirs = remote.get(case, "not there"), local.get(case, "not there")
        why = None if ours == theirs else reason(case, theirs, ours)
        state = "equal" if ours == theirs else "declared" if why else "DIFFERENT"
        counts[state] += 1
        if state == "DIFFERENT" or (given.all and state == "declared"):
            print(f"{state:10} {case}: libcsound {theirs}; the drop-in {ours}{f' ({why})' if why else ''}", flush=True)
    print(", ".join(f"{count} {state}" for state, count in sorted(counts.items())), "of", counts.total())
    sys.exit(1 if counts["DIFFERENT"] else 0)


if __name__ == "__main__":
    main()
