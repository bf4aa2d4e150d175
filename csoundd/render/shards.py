"""One of several machines that share the renders of a list among them, without asking each other or anybody else.

Each machine is told which one it is, and of how many, and sees the same list. What is in it is dealt out by its
content, in whatever order it is listed.
"""

from __future__ import annotations

import glob
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from csoundd.errors import InvalidParams
from csoundd.render.piece import Render
from csoundd.syntax import UNDECODED

AUTO: Final = "auto"
LIST: Final = "@"
"""Before the name of a file that lists pieces."""


class _Source(NamedTuple):
    """The variables by which a system of jobs says which of them this is: its number, how many, the first number."""

    number: str
    total: str
    first: int
    system: str


_SOURCES: Final = (
    _Source("JOB_COMPLETION_INDEX", "JOB_COMPLETIONS", 0, "an Indexed Job of Kubernetes"),
    _Source("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", 0, "an array of AWS Batch"),
    _Source("CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT", 0, "a job of Cloud Run"),
    _Source("CI_NODE_INDEX", "CI_NODE_TOTAL", 1, "a parallel job of GitLab"),
)
_SLURM: Final = "SLURM_ARRAY_TASK_ID"
_WORD: Final = re.compile(r"(?P<index>\d{1,9})?/(?P<count>\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shard:
    """The ``index``-th of ``count`` machines, counted from 0."""

    index: int
    count: int

    @classmethod
    def named(cls, word: str, environment: Mapping[str, str]) -> Self:
        """The shard that ``word`` means: ``2/4`` the second of four, ``/4`` and ``auto`` what the environment says.

        Raises InvalidParams where that is none.
        """
        if word == AUTO:
            return cls(*_told(environment))
        found = _WORD.fullmatch(word)
        if found is None:
            raise InvalidParams(f"{word!r} is no shard", hint="it is I/N, as 2/4, or /N or auto in a job of an array")
        count = int(found["count"])
        if not count:
            raise InvalidParams(f"{word!r} is no shard", hint="there is one machine at least")
        if found["index"] is None:
            # The number itself: where only a part of an array is run again, its tasks are the same as before.
            return cls(_number(environment) % count, count)
        if not 1 <= int(found["index"]) <= count:
            raise InvalidParams(f"{word!r} is no shard", hint=f"they are 1/{count} to {count}/{count}")
        return cls(int(found["index"]) - 1, count)

    def __str__(self) -> str:
        return f"{self.index + 1}/{self.count}"

    def of_all(self, renders: Sequence[Render]) -> list[Render]:
        """Those of ``renders`` that are this machine's, in their order: as many as any other's, or one less.

        They are dealt out in the order of their content. What is the same is one machine's.
        """
        contents = [_content(each) for each in renders]
        own = set(sorted(set(contents))[self.index :: self.count])
        return [each for each, content in zip(renders, contents, strict=True) if content in own]

    def takes(self, name: str) -> bool:
        """Whether a piece that cannot be read is this machine's to tell of."""
        return (
            int.from_bytes(hashlib.sha256(name.encode(errors=UNDECODED)).digest()[:8], "big") % self.count == self.index
        )


def _content(render: Render) -> str:
    settings = asdict(render.settings)
    # How much memory it may take differs between machines.
    del settings["max_memory"]
    asked = json.dumps([render.piece.text, settings], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _integer(environment: Mapping[str, str], name: str) -> int:
    try:
        return int(environment[name])
    except KeyError:
        raise InvalidParams(f"{name} is not set", hint="--shard I/N says which shard it is") from None
    except ValueError:
        raise InvalidParams(f"{name} is no number, but {environment[name]!r}") from None


def _told(environment: Mapping[str, str]) -> tuple[int, int]:
    if _SLURM in environment:
        count, first, last = (_integer(environment, f"SLURM_ARRAY_TASK_{each}") for each in ("COUNT", "MIN", "MAX"))
        step = _integer(environment, "SLURM_ARRAY_TASK_STEP") if "SLURM_ARRAY_TASK_STEP" in environment else 1
        if step < 1 or count < 1 or last != first + (count - 1) * step:
            raise InvalidParams(
                "the numbers of this array are not evenly spaced", hint="--shard /N says how many shards there are"
            )
        return (_integer(environment, _SLURM) - first) // step, count
    for source in _SOURCES:
        if source.number in environment:
            index, count = _integer(environment, source.number) - source.first, _integer(environment, source.total)
            if not 0 <= index < count:
                raise InvalidParams(f"{source.number} is {environment[source.number]}, of {count} in {source.total}")
            return index, count
    raise _nobody()


def _number(environment: Mapping[str, str]) -> int:
    if _SLURM in environment:
        return _integer(environment, _SLURM)
    source = next((each for each in _SOURCES if each.number in environment), None)
    if source is None:
        raise _nobody()
    return _integer(environment, source.number) - source.first


def _nobody() -> InvalidParams:
    systems = ", ".join(each.system for each in _SOURCES)
    return InvalidParams(
        "nothing says which shard this is", hint=f"a task of a Slurm array does, {systems}; or --shard I/N"
    )


class Named(NamedTuple):
    """A piece that was asked for: its path, and the folder within that of the outputs where its own is to go.

    That is empty for one that was named itself.
    """

    path: str
    beneath: str


def pieces_of(words: Iterable[str], *, in_list: bool = False) -> Iterator[Named]:
    """The pieces that words of a command mean: files, folders with all in them, patterns, and lists in ``@FILE``.

    What is in a folder is in the order of the names, and its output under the same folders. A list has a word on each
    line, ``#`` begins a comment. Raises OSError for a list that cannot be read, and InvalidParams where nothing is
    found, or where a list names another.
    """
    for word in words:
        path = Path(word)
        if word.startswith(LIST) and not path.exists():
            if in_list:
                raise InvalidParams(f"a list names another one: {word}", hint="it names pieces and folders")
            text = Path(word[len(LIST) :]).read_text(encoding="utf-8", errors=UNDECODED)
            yield from pieces_of(listed(text), in_list=True)
        elif path.is_dir():
            found = sorted(each for each in path.rglob("*") if each.suffix.lower() == ".csd" and each.is_file())
            if not found:
                raise InvalidParams(f"there is no piece in {word}", hint="pieces are files whose names end in .csd")
            for each in found:
                yield Named(str(each), each.parent.relative_to(path).as_posix())
        elif glob.has_magic(word) and not path.exists():
            matched = [each for each in sorted(glob.glob(word, recursive=True)) if Path(each).is_file()]  # noqa: PTH207 - it takes whole paths
            if not matched:
                raise InvalidParams(f"no file is called {word}")
            yield from (Named(each, ".") for each in matched)
        else:
            yield Named(word, "." if in_list else "")


def listed(text: str) -> list[str]:
    """The words of a list: one on each line that is neither empty nor a comment."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
