"""Options before they reach Csound, at every door that they come in by.

They are read as the settings they make, quotation marks, comments and files of options included, and judged as such:
what opens the network is refused, what an engine cannot do is left out with a warning, and what Csound would end with
an error at is refused before it does: 6.18 crashes of it where no command line is being read (docs/upstream-faults.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from csoundd.engine.workspace import Workspace
from csoundd.errors import CsounddError, Forbidden, InvalidParams
from csoundd.limits import OPTION_FILES_NESTED
from csoundd.syntax import UNDECODED
from csoundd.syntax.csd import LINE_CHARACTERS, Csd, Section, SectionKind, parse
from csoundd.syntax.options import MOST_WORDS, OptionLine, lines_of, words_of
from csoundd.syntax.settings import FILE, MOST_FILES, OPTION_FILE, PORT, UNKNOWN, Setting, settings

NETWORK: Final = frozenset({PORT, "udp-console", "udp-mirror-console", "udp-echo"})
"""They make Csound listen on the network or talk to it."""

ENDING: Final = frozenset(
    {"cscore", "help", "version", "print_version", "utility", "devices", "midi-devices", "get-system-sr"}
)
"""They make Csound print something or do another thing than play: of no use in an engine, which ends of some."""

LACKING: Final = {
    "use-system-sr": "csoundd owns the audio",
    "score-in": "an engine has no terminal, and csound.inputMessage takes lines of a score",
}
"""What no engine does, and why."""

NO_PORT: Final = "csoundd never opens Csound's own network port"

Explained = Callable[[str], str]
"""What Csound itself says over an option that it refuses, empty where it cannot be asked."""


def _nothing(_word: str) -> str:
    return ""


CARD: Final = "engine.restart with the drive device, or csoundd serve --drive device, uses the sound card"


@dataclass(frozen=True, slots=True)
class OptionPolicy:
    """An engine's policy for options: why it ignores what is ``lacking``, by name or ``name=value``.

    With ``warns_of_unknown`` Csound itself only warns of an option that it does not know. ``has_card`` says that it
    plays and listens on a sound card.
    """

    lacking: dict[str, str] = field(default_factory=dict)
    warns_of_unknown: bool = False
    explained: Explained = _nothing
    has_card: bool = False

    def remark(self, setting: Setting) -> str:
        """What is to be told of a setting that Csound gets and that does not do what it says, else nothing."""
        if setting.name == "input" and setting.value.startswith("adc") and not self.has_card:
            return f"{setting.word}: the input is silent in this drive; {CARD}, and stream.push feeds spin\n"
        return ""

    def lack_of(self, setting: Setting) -> str:
        """Why the engine ignores ``setting``, empty where it does not."""
        whole = f"{setting.name}={setting.value}"
        return self.lacking.get(setting.name) or self.lacking.get(whole) or LACKING.get(setting.name, "")


@dataclass(frozen=True, slots=True)
class Judged:
    """Options as Csound is to have them, and warnings about those that it does not get."""

    settings: tuple[Setting, ...]
    warnings: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """One word for each setting."""
        return [setting.word for setting in self.settings]


def judged(option: str | Sequence[str], policy: OptionPolicy | None = None) -> Judged:
    """The settings of one option, or of a command line's words, each as one word.

    Raises InvalidParams for an option that there is not or that lacks its value, with Csound's own words where there
    are any, and Forbidden for one that opens Csound's own network port.
    """
    policy = policy or OptionPolicy()
    words = words_of(option) if isinstance(option, str) else list(option)
    if isinstance(option, str) and option.count('"') % 2:
        raise InvalidParams("a quotation mark has no end")
    kept, warnings = [], []
    for setting in _whole(settings(words), 0):
        if setting.name in NETWORK:
            raise Forbidden(
                f"{NO_PORT}: anybody who reaches it can run code",
                hint="clients compile over csoundd's own connections",
            )
        if setting.problem:
            raise _refused(setting, policy)
        if setting.name in ENDING:
            raise InvalidParams(f"the option {setting.word} cannot be used here: Csound ends with it")
        if reason := policy.lack_of(setting):
            warnings.append(_ignored(setting, reason))
        else:
            kept.append(setting)
            warnings += filter(None, [policy.remark(setting)])
    return Judged(tuple(kept), tuple(warnings))


def _refused(setting: Setting, policy: OptionPolicy) -> InvalidParams:
    # 6.18 ends its process over an unknown option of 20,000 characters.
    is_asked = not setting.is_fatal and len(setting.word) < LINE_CHARACTERS
    said = policy.explained(setting.word) if is_asked else ""
    message = setting.problem + (f"; Csound says: {said}" if said else "")
    return InvalidParams(message, hint="csound --help lists the options", messages=[f"{said}\n"] if said else None)


def _ignored(setting: Setting, reason: str) -> str:
    return f"{setting.word.partition('=')[0]} is ignored: {reason}\n"


def _whole(given: Iterable[Setting], nesting: int) -> Iterator[Setting]:
    """``given`` with the settings in files of options in their place, which are in the workspace like all files."""
    for setting in given:
        if setting.name != OPTION_FILE or setting.problem:
            yield setting
        elif nesting >= OPTION_FILES_NESTED:
            yield replace(setting, problem=f"files of options lead to each other: {setting.value!r}")
        else:
            try:
                text = Workspace(Path.cwd()).resolve(setting.value).read_bytes().decode("latin-1")
            except OSError as error:
                yield replace(
                    setting, problem=f"the file of options {setting.value!r} cannot be read: {error.strerror}"
                )
                return
            for line in lines_of(text):
                if line.problem:
                    problem = f"{line.problem} in the file of options {setting.value!r}"
                    yield replace(setting, problem=problem, is_fatal=True)
                    return
                yield from _whole(settings(line.words), nesting + 1)


@dataclass(frozen=True, slots=True)
class Csds:
    """A CSD as Csound is to have it, warnings about what was taken out, and why it must not have it at all."""

    text: str
    parsed: Csd
    warnings: tuple[str, ...] = ()
    error: CsounddError | None = None


def prepared(text: str, policy: OptionPolicy | None = None, stronger: Sequence[Setting] = ()) -> Csds:
    """A CSD whose options have been judged: the same text, but for words of ``<CsOptions>`` that Csound must not have.

    The ``stronger`` settings, those of a command line, are put behind them. Nothing else is touched, no line moved. The
    text is read byte by byte, as Csound reads it: it cuts what is longer than 4,095 bytes into lines of its own.
    """
    policy = policy or OptionPolicy()
    data = text.encode(errors=UNDECODED).decode("latin-1")
    csd = parse(data)
    warnings: list[str] = []
    try:
        for section in reversed([s for s in csd.sections if s.kind is SectionKind.OPTIONS]):
            inside = _options(section, policy, stronger, warnings)
            data = data[: section.start] + inside + data[section.end :]
    except CsounddError as error:
        return Csds(text, csd, tuple(warnings), error)
    return Csds(data.encode("latin-1").decode(errors=UNDECODED), csd, tuple(warnings))


def _options(section: Section, policy: OptionPolicy, stronger: Sequence[Setting], warnings: list[str]) -> str:
    """The text of ``<CsOptions>``, with the lines rewritten that hold what Csound must not have."""
    files = 0
    rewritten: list[tuple[OptionLine, list[Setting]]] = []
    lines = lines_of(section.text)
    for line in lines:
        if line.problem:
            raise InvalidParams(f"{line.problem} in <CsOptions>: {line.text}")
        given = settings(line.words)
        kept: list[Setting] = []
        for setting in _whole(given, 0):
            reason = _reason(setting, policy)
            files += setting.name == FILE
            if reason:
                warnings.append(_ignored(setting, reason))
            elif files > MOST_FILES:
                raise _refused(replace(setting, problem=f"too many arguments: {setting.value!r}"), policy)
            elif setting.problem and not (policy.warns_of_unknown and setting.name == UNKNOWN):
                raise _refused(setting, policy)
            else:
                kept.append(setting)
                warnings += filter(None, [policy.remark(setting)])
        if line is lines[-1]:
            kept += stronger
        if kept != given:
            rewritten.append((line, [setting for setting in kept if setting.name != FILE]))
    text = section.text
    for line, kept in reversed(rewritten):
        words = _rewritten(line, kept)
        text = text[: line.start] + (words or ";") + text[line.start + len(line.text) :]
    return text


def _rewritten(line: OptionLine, kept: Sequence[Setting]) -> str:
    """A line with the settings that are left of it, and of its files of options.

    Raises InvalidParams where that is more than a line has room for: 6.18 crashes of it.
    """
    words = " ".join(_quoted(setting.word) for setting in kept)
    if len(kept) > MOST_WORDS or len(words) >= LINE_CHARACTERS:
        raise InvalidParams(f"with its files, a line of <CsOptions> has more than {MOST_WORDS} options: {line.text}")
    return words


def _reason(setting: Setting, policy: OptionPolicy) -> str:
    """Why Csound does not get ``setting``, empty where it does."""
    if setting.name in NETWORK:
        return NO_PORT
    if setting.problem:
        return ""
    if setting.name in ENDING:
        return "it cannot be used in an engine: Csound ends with it"
    return policy.lack_of(setting)


def in_marks(word: str) -> str:
    """``word`` as a Csound must have it that splits an option at spaces: with its value in quotation marks."""
    if " " not in word:
        return word
    at = word.index("=") + 1 if word.startswith(("--", "-+")) and "=" in word else 2
    return f'{word[:at]}"{word[at:]}"'


def _quoted(word: str) -> str:
    """``word`` as a line of options can hold it: a value with spaces in quotation marks."""
    if not any(mark in word for mark in ' \t";#'):
        return word
    at = word.index("=") + 1 if word.startswith("--") and "=" in word else 2
    escaped = word[at:].replace("\\", "\\\\").replace('"', '\\"')
    return f'{word[:at]} "{escaped}"' if at == 2 else f'{word[:at]}"{escaped}"'  # noqa: PLR2004 - a flag of one letter
