"""Where the drop-in answers otherwise than libcsound 0.18 over Csound 7.0.0, and why.

A call that ends the process, an exception out of a wrong declaration of its own and an endless loop are libcsound's
faults, which are mended here; the rest is decided.
"""

from __future__ import annotations

import fnmatch
from typing import Final

DIES: Final = "dies of *"
DECLARATION: Final = "a fault of libcsound's own: its call fails, or ends the process"
BEFORE_START: Final = (
    "there is no memory of a cycle before the start, which is said, where libcsound shows what is none"
)
PERFORMING: Final = "only one may perform an instance, which its thread does: libcsound lets both at it"

DECLARED: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("*CircularBuffer *", DIES, "*", DECLARATION),
    ("Csound.*pvs*", DIES, "*", DECLARATION),
    ("Csound.*Pvs*", DIES, "*", DECLARATION),
    ("Csound.pvsData *", "pointer", "array *", "the frame itself, in place of its address"),
    ("Csound.setPvsData *", "Exception", "ValueError", "each says that this is no frame"),
    ("Csound.messageLevel *", DIES, "*", DECLARATION),
    ("Csound.set*GraphCallback *", DIES, "None", DECLARATION),
    ("Csound.setIsGraphable *", DIES, "True", DECLARATION),
    ("Csound.setOpen*Callback *", DIES, "None", DECLARATION),
    ("Csound.setMessageStringCallback *", "Exception", "None", DECLARATION),
    ("Csound.sleep *", "Exception", "None", DECLARATION),
    ("Csound.keyPress *", "TypeError", "None", DECLARATION),
    ("Csound.arrayData *", "ValueError", "array *", DECLARATION),
    ("Csound.arrayDataSizes *", "(0.0)", "(4)", DECLARATION),
    ("Csound.setArrayData *", "Exception", "None", DECLARATION),
    ("Csound.lockChannel *", DIES, "LookupError", "there is no such channel yet"),
    ("Csound.unlockChannel *", DIES, "None", "there is no such channel yet"),
    ("Csound.firstMessage *", "TypeError", "''", "there is no message, and no buffer of them"),
    ("Csound.channelVarTypeName *", "KeyError", "'control'", "libcsound looks the type up by a name that is none"),
    ("PerformanceThread.togglePause *", "AttributeError", "None", "libcsound calls a method that it does not have"),
    ("Csound.csound *", "int", "pointer", "the address of an engine elsewhere means nothing: a handle stands for it"),
    ("PerformanceThread.csoundPtr *", "int", "pointer", "as csound()"),
    ("Csound.initArrayChannel *", "int", "pointer", "as csound()"),
    ("Csound.allocatedChannels *", "RuntimeError", "[[]]", "no channels are an empty list"),
    ("Csound.listChannels *", "(None, 'Unknown error')", "(None, '')", "no channels are no error"),
    ("Csound.UDPServerStart *", "0", "NotImplementedError", "a daemon opens no port that asks nobody who he is"),
    ("Csound.appendOpcode *", "0", "NotImplementedError", "functions of a script cannot run in the engine's process"),
    ("Csound.getTypePool *", "not there", "pointer", "what libcsound has from 1.0 on"),
    ("Csound.varTypePointer *", "not there", "int", "what libcsound has from 1.0 on"),
    ("Csound.audioChannel *", "array *", "RuntimeError", BEFORE_START),
    ("Csound.spin *", "ValueError", "RuntimeError", BEFORE_START),
    ("Csound.spout *", "ValueError", "RuntimeError", BEFORE_START),
    ("*.evalCode *", "float", "RuntimeError", "it would run code in an instance that no cycle has begun for"),
    ("Csound.setEndMarker *", "RuntimeError", "None", "it holds from the start on"),
    ("Csound.perform playing", "1", "RuntimeError", PERFORMING),
    ("Csound.performKsmps playing", "False", "RuntimeError", PERFORMING),
    ("Csound.perform ended", "hangs", "RuntimeError", "what is over is over, until rewindScore or reset"),
    ("Csound.performKsmps ended", "False", "True", "what is over is over, until rewindScore or reset"),
)
"""Patterns of a call with its state, of libcsound's outcome and of ours, and the reason."""


def reason(case: str, theirs: str, ours: str) -> str | None:
    """Why a call differs, None where nobody has said so."""
    for name, their, our, why in DECLARED:
        if fnmatch.fnmatchcase(case, name) and fnmatch.fnmatchcase(theirs, their) and fnmatch.fnmatchcase(ours, our):
            return why
    return None
