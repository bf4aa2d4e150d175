"""Compiling, the same on every engine: code that is looked through first, a CSD whose options are judged.

Whichever way code comes in, it passes :meth:`SharedCompiling.orchestra_passes` before a Csound gets it.
"""

from __future__ import annotations

import os
import re
from abc import abstractmethod
from base64 import b64decode
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import nan
from pathlib import Path
from typing import Final

from csoundd.api.orchestra import Compiling
from csoundd.engine.csound.commandline import judged, prepared
from csoundd.engine.csound.instance import CsoundInstance
from csoundd.engine.csound.limits import CODE_LINES, OPERATORS, PFIELDS_OF_FILE, WORD, most_fields
from csoundd.engine.workspace import SEPARATOR, Workspace
from csoundd.errors import CsounddError, InvalidParams, LimitExceeded
from csoundd.limits import FILE_NAME_BYTES
from csoundd.messages import ERROR
from csoundd.syntax import UNDECODED
from csoundd.syntax.csd import Csd, Section, SectionKind, base64_fault, ends_hidden, parse, unmet_version
from csoundd.syntax.faults import MOST_CHANNELS, CodeRules, Fault, orchestra_fault
from csoundd.syntax.includes import sources
from csoundd.syntax.score_lines import file_fault
from csoundd.syntax.settings import FILE, Setting

FAILED: Final = -1
NO_INCLUDED_FILE: Final = "Cannot open #include'd file"
"""How Csound begins to say that a file is not there, which it does not count among its errors."""

FILES: Final = {SectionKind.MIDI_FILE, SectionKind.SAMPLE, SectionKind.BINARY_FILE, SectionKind.TEXT_FILE}
"""Sections that become files: docs/upstream-faults.md#csound-csd-files."""

SAMPLE: Final = re.compile(r"[0-9]{1,9}")
"""The number that a ``<CsSampleB>`` has for its name."""

SEARCHED: Final = ("SADIR", "SSDIR", "INCDIR", "MFDIR")
"""Where Csound looks for what a piece reads: the command puts the piece's folder there."""


class SharedCompiling(Compiling):
    """Code into the instance: an engine compiles an orchestra, the text of a CSD and a score."""

    rules = CodeRules(word=WORD, operators=OPERATORS)

    def __init__(self, instance: CsoundInstance, workspace: Workspace, before: Callable[[str], None]) -> None:
        """``before`` is called with code that is about to be compiled."""
        self._instance, self._workspace, self._before = instance, workspace, before

    def compileOrc(self, orc: str, block: bool = True) -> int:
        if not self.orchestra_passes(orc):
            return FAILED
        # Before the start nothing performs that would be held up, and 7.0.0 may refuse what is to be merged later.
        code = self._compile_orc(orc, later=not block and self._instance.started)
        self._instance.check_channels()
        return code

    def compileOrcAsync(self, orc: str) -> int:
        return self.compileOrc(orc, block=False)

    def evalCode(self, code: str) -> float:
        return self._evaluated(code) if self.orchestra_passes(code) else nan

    def orchestra_passes(self, code: str, above: int = 0) -> bool:
        """Whether a Csound gets an orchestra, which it is prepared for; where not, the reason is printed.

        ``above`` lines stand before it in its file. Raises LimitExceeded where something in it is too long:
        docs/upstream-faults.md#csound-fixed-buffers.
        """
        if code.count("\n") > CODE_LINES:
            raise LimitExceeded(f"an orchestra has at most {CODE_LINES} lines", name="code", limit=CODE_LINES)
        fault = orchestra_fault(code, self.read_included, self.rules)
        if fault is not None:
            self._refuse(fault, above)
            return False
        for source in sources(code, self.read_included):
            self._before(source.text)
        return True

    def _refuse(self, fault: Fault, above: int = 0) -> None:
        """Print what is wrong as Csound tells of an error.

        Raises LimitExceeded for what is too long in the code itself; what it includes may be nobody's who calls.
        """
        line = fault.line if fault.file else fault.line + above
        where = f"line {line}{' of ' + fault.file if fault.file else ''}"
        if fault.limit is not None and not fault.file:
            raise LimitExceeded(f"{fault.reason}, {where}", name="code", limit=fault.limit)
        self._instance.say(f"error: {fault.reason}, {where}\n", ERROR)

    def _compile_orc(self, orc: str, *, later: bool) -> int:
        """``csoundCompileOrc``: its code."""
        return self._instance.c.compile_orc(orc, later=later)

    @abstractmethod
    def _evaluated(self, code: str) -> float:
        """``csoundEvalCode``: what the code returns, not-a-number where it does not compile."""

    @abstractmethod
    def _compile_csd(self, text: str, *, block: bool) -> int:
        """``csoundCompileCSD`` of a text: its code."""

    @abstractmethod
    def _read_score(self, text: str) -> None:
        """Take the text of a score, before the start."""

    @abstractmethod
    def _named(self, folder: Path) -> str | None:
        """Csound's name for ``folder``, None where it does not see it."""

    def compileOrcHeader(
        self,
        sr: int | None = None,
        nchnls: int = 2,
        nchnls_i: int | None = None,
        zerodbfs: float = 1.0,
        ksmps: int = 64,
        a4: float | None = None,
    ) -> None:
        header = {"sr": sr, "ksmps": ksmps, "nchnls": nchnls, "nchnls_i": nchnls_i, "0dbfs": zerodbfs, "A4": a4}
        for name, value in header.items():
            if value is not None and not (value > 0 or (name == "nchnls_i" and value == 0)):
                raise InvalidParams(f"{name} is above 0, and this is {value}")
        if max(nchnls, nchnls_i or 0) > MOST_CHANNELS:
            raise LimitExceeded(f"Csound has room for {MOST_CHANNELS} channels", name="csound", limit=MOST_CHANNELS)
        self.compileOrc("\n".join(f"{name} = {value}" for name, value in header.items() if value is not None))

    def compileCsd(self, path: str, block: bool = True) -> int:
        return self._compile_file(path, (), block=block)

    def _compile_file(self, path: str, stronger: Sequence[Setting], *, block: bool) -> int:
        text = self._text_of(path)
        if text is None:
            return FAILED
        self.search_beside(path)
        return self._compile_text(text, stronger, block=block)

    def compileCsdText(self, code: str, block: bool = True) -> int:
        return self._compile_text(code, (), block=block)

    def _compile_text(self, code: str, stronger: Sequence[Setting], *, block: bool) -> int:
        code = ends_hidden(code)
        parsed = parse(code)
        if not self._csd_passes(code, parsed):
            return FAILED
        try:
            code = self._with_files(code, parsed)
        except CsounddError as error:
            self._instance.say(f"error: {error.message}\n", ERROR)
            return FAILED
        if self._instance.started:  # Csound passes over <CsOptions> then, whatever stands there
            return self._compile_csd(code, block=block)
        csd = prepared(code, self._instance.option_policy, stronger)
        for warning in csd.warnings:
            self._instance.warn(warning)
        if csd.error is not None:
            self._instance.say(f"error: {csd.error.message}\n", ERROR)
            return FAILED
        code_of_csound = self._compile_csd(csd.text, block=block)
        self._instance.check_channels()
        if code_of_csound == 0:
            self._instance.has_read_score()
        return code_of_csound

    def _csd_passes(self, code: str, csd: Csd) -> bool:
        """Whether a Csound gets what a CSD holds; where not, the reason is printed, with its line in the CSD."""
        if "\0" in code:
            self._refuse(Fault(code.count("\n", 0, code.index("\0")) + 1, "a NUL character"))
            return False
        orchestra = csd.last(SectionKind.INSTRUMENTS)
        if orchestra is not None and not self.orchestra_passes(orchestra.text, orchestra.line - 1):
            return False
        scores = [section for section in csd.sections if section.kind is SectionKind.SCORE]
        # A score that a program makes is not known.
        return any(section.attribute for section in scores) or self._score_passes(csd.score, scores)

    def _with_files(self, code: str, csd: Csd) -> str:
        """A CSD without the files in it that are there already, which a host has left behind that died.

        Raises CsounddError for what Csound would never come to the end of, or give up on: where it is given a text,
        6.18 gives up by a jump to a place that is gone (docs/upstream-faults.md#csound-csd-files).
        """
        if unmet := unmet_version(csd, self._instance.version):
            raise InvalidParams(f"this CSD is for another version of Csound: {unmet}")
        made: set[Path] = set()
        for section in reversed([section for section in csd.sections if section.kind in FILES]):
            path = _file_of(section)
            if path is None or not (path in made or path.exists()):
                made |= set() if path is None else {path}
                continue
            with suppress(OSError, ValueError):
                if path not in made and path.read_bytes() == b64decode("".join(section.text.split())):
                    begin, end = code.rindex("<", 0, section.start), code.index(">", section.end) + 1
                    code = code[:begin] + "\n" * code.count("\n", begin, end) + code[end:]
                    continue
            raise InvalidParams(f"the file {path.name!r} of <{section.kind}> exists already, line {section.line - 1}")
        # Behind a carriage return at its very end a CSD is read for ever.
        return code + "\n" if code.endswith("\r") else code

    def compileCommandLine(self, *args: str) -> int:
        """As the command does it, step by step, so that no file of options is read that nobody named."""
        words = args[1:] if args and not args[0].startswith("-") else args
        line = judged(words, self._instance.option_policy)
        pieces = [setting.value for setting in line.settings if setting.name == FILE]
        options = [setting for setting in line.settings if setting.name != FILE]
        if not pieces:
            self._instance.say("error: no orchestra name\n", ERROR)
            return FAILED
        for warning in line.warnings:
            self._instance.warn(warning)
        for setting in options:
            self._instance.set_option(setting.word)
        is_csd = len(pieces) == 1 and not any(setting.name == "orc" for setting in options)
        if is_csd:
            # What stands on the command line wins over what a piece says of itself.
            is_compiled = self._compile_file(pieces[0], options, block=True) == 0
        else:
            is_compiled = self._compiled_pair(*pieces)
        return self._instance.start() if is_compiled else FAILED

    def compile_as_command(self, text: str, words: Sequence[str], folder: Path) -> int:
        """Compile the text of a CSD that lies in ``folder`` as the command does with options; it is not started.

        Raises InvalidParams for an option that there is not, and Forbidden for one that may not be.
        """
        line = judged(words, self._instance.option_policy)
        for warning in line.warnings:
            self._instance.warn(warning)
        for setting in line.settings:
            self._instance.set_option(setting.word)
        self._search(folder)
        return self._compile_text(text, line.settings, block=True)

    def _compiled_pair(self, orchestra: str, score: str = "") -> bool:
        """Compile an orchestra and read a score, each being a file."""
        code, events = self._text_of(orchestra), self._text_of(score) if score else ""
        if code is None or events is None:
            return False
        for piece in filter(None, (orchestra, score)):
            self.search_beside(piece)
        if (score and not self._score_passes(events)) or self.compileOrc(code) != 0:
            return False
        if score:
            self._read_score(events)
            self._instance.has_read_score()
        return True

    def _text_of(self, path: str) -> str | None:
        try:
            return self._workspace.resolve(path).read_bytes().decode(errors=UNDECODED)
        except OSError as error:
            self._instance.say(f"error: cannot read {path!r}: {error.strerror}\n", ERROR)
            return None

    def search_beside(self, piece: str) -> None:
        """Have Csound look beside ``piece`` for what it reads, as the command does."""
        if not self._instance.started:
            self._search(self._workspace.resolve(piece).parent)

    def _search(self, folder: Path) -> None:
        name = self._named(folder)
        if name is None:
            return
        for variable in SEARCHED:
            self._instance.set_option(f"--env:{variable}+={name}")

    def read_included(self, name: str) -> str | None:
        """The text of the file that code includes as ``name``, None where Csound finds none."""
        folders = SEPARATOR.split(self._instance.c.text(self._instance.c.csoundGetEnv("INCDIR")) or "")
        for path in (name, *(f"{folder}/{name}" for folder in folders if folder)):
            with suppress(CsounddError, OSError, ValueError):
                return self._real(path).read_bytes().decode(errors=UNDECODED)
        return None

    @abstractmethod
    def _real(self, path: str) -> Path:
        """What Csound means by ``path``. Raises Forbidden where it sees nothing there."""

    def _score_passes(self, score: str, sections: Sequence[Section] = ()) -> bool:
        """Whether a Csound gets the score of a file, which stands in these ``sections``; if not, why is printed."""
        fault = file_fault(score, self.read_included)
        if fault is None and most_fields(score) > PFIELDS_OF_FILE:
            long = next(n for n, line in enumerate(score.split("\n"), 1) if most_fields(line) > PFIELDS_OF_FILE)
            fault = Fault(long, f"a line of more than {PFIELDS_OF_FILE} p-fields", limit=PFIELDS_OF_FILE)
        if fault is not None:
            # Several sections are read as one, in which a line's place in the file is not known.
            self._refuse(fault, sections[0].line - 1 if len(sections) == 1 else 0)
        return fault is None


def _file_of(section: Section) -> Path | None:
    """The file that Csound makes of a section, None for one that has a name of Csound's own.

    Raises CsounddError where it would not come to the end of that, or could not.
    """
    line, name = section.line - 1, section.attribute
    if section.kind is SectionKind.TEXT_FILE:
        # 6.18 and 7.0.0 write to it for ever.
        raise InvalidParams(f"Csound never comes to the end of a <CsFile>, line {line}: use <CsFileB>")
    if not section.is_closed:
        raise InvalidParams(f"<{section.kind}> has no end, line {line}")
    if fault := base64_fault(section.text):
        raise InvalidParams(f"<{section.kind}>, line {line}: {fault}")
    if section.kind is SectionKind.SAMPLE:
        number = SAMPLE.match(name)
        name = f"soundin.{int(number[0])}" if number else ""
    elif section.kind is SectionKind.BINARY_FILE:
        is_possible = 0 < len(os.fsencode(name)) <= FILE_NAME_BYTES
        if not is_possible or not os.access(Workspace(Path.cwd()).resolve(name).parent, os.W_OK | os.X_OK):
            raise InvalidParams(f"the file {name!r} of <{section.kind}> cannot be made, line {line}")
    return Workspace(Path.cwd()).resolve(name) if name else None
