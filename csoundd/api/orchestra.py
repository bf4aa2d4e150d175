"""Code: compiling it, trying it out, and opcodes that come from outside Csound.

A return code of 0 is success. Why something did not compile stands on the stream ``messages``; ``orc.compile`` answers
with diagnostics instead.

A remote opcode is a user-defined opcode over ``outvalue`` and ``invalue``. Its inputs arrive on the topic ``outvalue``
as ``<name>.in.1`` and so on; its outputs are what clients last pushed to the topic ``invalue`` as ``<name>.out.1``, and
0 or an empty text before that. The engine waits for nobody, so an answer is at least one network trip behind.
"""

from __future__ import annotations

from typing import ClassVar, Final

from csoundd.api.declare import COMPILE_DEADLINE, Call, Example, MethodGroup, method
from csoundd.api.values import Callback, CInt, CompileReport, Finite, InstrumentInfo, OpcodeInfo, RemoteOpcode

CSD: Final = """\
<CsoundSynthesizer>
<CsInstruments>
instr 3
  asig oscili 0.1, 330, 1
  out asig, asig
endin
</CsInstruments>
<CsScore>
i 3 0 1
</CsScore>
</CsoundSynthesizer>
"""


class Compiling(MethodGroup):
    """Code into instruments, tables and score events."""

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(
            Example({"orc": "instr 2\n  asig pluck p4, p5, p5, 0, 1\n  out asig, asig\nendin\n"}, 0),
            Example({"orc": "instr 2\n  asig nosuchopcode 1\nendin\n"}, -1),
        ),
    )
    def compileOrc(self, orc: str, block: bool = True) -> int:
        """Compile orchestra code and merge it: new instruments are added, those of the same number or name replaced.

        Code outside instruments runs at once; with ``block`` false it runs at one of the next cycles, and the
        answer says only that the code is well-formed. Notes that sound keep the instrument they began with.
        """
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"orc": "giwave ftgen 2, 0, 1024, 7, -1, 1024, 1\n"}, 0),),
    )
    def compileOrcAsync(self, orc: str) -> int:
        """Compile orchestra code to be merged at one of the next cycles: compileOrc with ``block`` false."""
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"sr": 48000, "ksmps": 32}, None, fresh=True),),
    )
    def compileOrcHeader(
        self,
        sr: CInt | None = None,
        nchnls: CInt = 2,
        nchnls_i: CInt | None = None,
        zerodbfs: Finite = 1.0,
        ksmps: CInt = 64,
        a4: Finite | None = None,
    ) -> None:
        """Set the orchestra's header, before the start: sample rate, cycle size, channels, full scale and tuning.

        What is null is left as it is, and options win over all of it. Raises InvalidParams for a value that is not
        above 0.
        """
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"path": "no such piece.csd"}, -1),),
    )
    def compileCsd(self, path: str, block: bool = True) -> int:
        """Compile a CSD of the workspace.

        Before the start its options count and its score is a score, with an end. Afterwards its options are
        ignored and its score's events are played as if they came from outside, and nothing ends. ``block``
        false does not wait for the compiler, where the engine can do that.

        Raises Forbidden for a path outside the workspace.
        """
        ...

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"code": CSD}, 0, fresh=True), Example({"code": CSD}, 0)),
    )
    def compileCsdText(self, code: str, block: bool = True) -> int:
        """Compile the text of a CSD, in all else as compileCsd does. Each of its tags stands on a line of its own."""
        ...

    @method(
        scope="compile",
        states=("ready",),
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"args": ["csound", "no such piece.csd"]}, -1, fresh=True),),
    )
    def compileCommandLine(self, *args: str) -> int:
        """Do what the command ``csound`` does with these arguments, the command's name first, up to performing.

        Csound is started with it. Raises Forbidden for options that the daemon keeps for itself.
        """
        ...

    @method(
        scope="compile",
        started=True,
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(
            Example({"code": "return 2 + 2"}, 4.0),
            Example({"code": "return gkdepth"}, {"$float": "nan"}, exact=False),
            Example({"code": "return gisize"}, 512.0, after=(Call("csound.compileOrc", ("gisize = 512",)),)),
        ),
    )
    def evalCode(self, code: str) -> float:
        """Run code at init time, as if outside any instrument, and answer with what its ``return`` returns.

        Not a number where the code does not compile.
        """
        ...


GOOD: Final = "instr 2\n  asig pluck p4, p5, p5, 0, 1\n  out asig, asig\nendin\n"
BAD: Final = "instr 2\n  asig pluk p4, p5, p5, 0, 1\n  out asig, asig\nendin\n"
FINE: dict[str, object] = {"ok": True, "diagnostics": [], "messages": []}
WRONG: dict[str, object] = {
    "ok": False,
    "diagnostics": [{"line": 2, "column": 8, "message": "Unable to find opcode with name: pluk", "severity": "error"}],
    "messages": ["error: Unable to find opcode entry for 'pluk'\n"],
}


class OrcCheck(MethodGroup):
    """Trying code out."""

    namespace: ClassVar[str] = "orc"

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        served="front",
        examples=(Example({"code": GOOD}, FINE, exact=False), Example({"code": BAD}, WRONG, exact=False)),
    )
    async def check(self, code: str) -> CompileReport:
        """Compile code in a throw-away engine and say what is wrong with it. Nothing that plays is touched.

        That engine has compiled what the live one has, so code may refer to it; no note is played. Files that the
        code reads are found in the workspace, files with relative paths that it writes are not kept. Code that
        crashes Csound is reported as not ``ok``. Raises Timeout for code that does not come to an end.
        """
        ...


InstrumentInfos = list[InstrumentInfo]


class OrcInstruments(MethodGroup):
    """What can be played."""

    namespace: ClassVar[str] = "orc"

    @method(scope="read", served="front", examples=(Example({}, [{"name": "Bell", "number": 2}], exact=False),))
    async def instruments(self) -> InstrumentInfos:
        """Every instrument that was compiled, the numbered ones first: those of the piece and what came to it since.

        One that has a name and a number of its own stands there twice. Csound 6 gives names their numbers when it
        starts; until then they are null. An instrument that the orchestra compiles by itself, by ``compilestr`` and
        its like, is not known here.
        """
        ...


class OrcCompile(MethodGroup):
    """Compiling code into the engine."""

    namespace: ClassVar[str] = "orc"

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"code": GOOD}, FINE, exact=False), Example({"code": BAD}, WRONG, exact=False)),
    )
    def compile(self, code: str) -> CompileReport:
        """Compile code and merge it, as ``csound.compileOrc`` does, and say what is wrong with it.

        Of code that a library of Csound 6 refuses and the embedded engine accepts, a diagnostic says so.
        """
        ...


class Opcodes(MethodGroup):
    """Adding to the language."""

    @method(
        scope="admin",
        examples=(
            Example(
                {
                    "opname": "follow",
                    "dsblksiz": 64,
                    "flags": 0,
                    "outypes": "k",
                    "intypes": "k",
                    "initfunc": None,
                    "perffunc": None,
                },
                0,
                exact=False,
            ),
        ),
    )
    def appendOpcode(
        self,
        opname: str,
        dsblksiz: CInt,
        flags: CInt,
        outypes: str,
        intypes: str,
        initfunc: Callback,
        perffunc: Callback,
        deinitfunc: Callback = None,
    ) -> int:
        """Raises Unsupported on every engine: C functions cannot travel. In the API it returns 0 on success.

        What it is wanted for is done otherwise: an opcode written in Csound's own language (``opcode`` and
        ``endop`` in code that is compiled), or a plug-in with ``csound.loadPlugins``.
        """
        ...


SHAPER: dict[str, object] = {"name": "shaper", "outputs": ["shaper.out.1"], "inputs": ["shaper.in.1", "shaper.in.2"]}


class RemoteOpcodes(MethodGroup):
    """Opcodes that clients compute."""

    namespace: ClassVar[str] = "opcode"

    @method(
        scope="compile",
        deadline=COMPILE_DEADLINE,
        journal="code",
        examples=(Example({"name": "shaper", "outputs": "k", "inputs": "kS"}, SHAPER),),
    )
    def define(self, name: str, outputs: str = "k", inputs: str = "k") -> RemoteOpcode:
        """Define a remote opcode. ``outputs`` and ``inputs`` have one letter a value: ``k`` a number, ``S`` a text.

        Answers with the names of its values, to push and to hear. Raises InvalidParams for a name that no opcode
        can have or other letters, EngineError where Csound does not take it.
        """
        ...


OpcodeInfos = list[OpcodeInfo]

OSCIL: Final[dict[str, object]] = {"name": "oscil", "outputs": "a", "inputs": "kkjo", "flags": 8}


class OpcodeList(MethodGroup):
    """The opcodes that there are."""

    namespace: ClassVar[str] = "opcode"

    @method(scope="read", examples=(Example({}, [OSCIL], exact=False),))
    def list(self) -> OpcodeInfos:
        """Every opcode of this engine, in each of its forms: one that takes several types is there several times.

        Among them are those of plug-ins, which Csound 7 loads when it first compiles. Opcodes that an orchestra
        defines are not.
        """
        ...
