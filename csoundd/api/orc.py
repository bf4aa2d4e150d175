"""Orchestra code with diagnostics: what is wrong, and in which line and column."""

from __future__ import annotations

from typing import ClassVar, Final

from csoundd.api.declare import COMPILE_DEADLINE, Example, MethodGroup, method
from csoundd.api.values import CompileReport

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
