"""Other people's programs, each run twice: on libcsound in its own process, and on the drop-in over a daemon.

    python -m tests.dropin.table [--engine native:7] [--from NAME=FOLDER ...] [--only PATTERN] [--shown]

What is not given by --from is fetched: repositories with git, csoundengine with pip. Of each program what it prints,
the files that it leaves (sound by its samples) and its end are compared, one row each. A difference has to be one of
those declared below, with its reason; the exit status is 1 where one is not.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Final

import numpy as np
import soundfile

from tests.live.daemon import ROOT, environment

REPOSITORIES: Final = {
    "examples": "https://github.com/csound/csoundAPI_examples",
    "libcsound": "https://github.com/csound-plugins/libcsound",
    "ctcsound": "https://github.com/csound/ctcsound",
}
PACKAGES: Final = {"csoundengine": "csoundengine"}
SOURCES: Final = {"csoundengine-source": "csoundengine"}
"""What comes with a package's source alone: its own tests."""

OWN: Final = ROOT / "tests" / "dropin" / "programs"
"""Programs of our own on packages that bring none."""


@dataclass(frozen=True)
class Program:
    """One program: where it is, with what words and lines of input it is run, and for how long at most.

    One that is ``live`` plays in time, to no device, and its sound is not compared; of the others what they would play
    is written to a file.
    """

    source: str
    path: str
    words: tuple[str, ...] = ()
    lines: str = ""
    live: bool = False
    seconds: float = 600.0
    package: str = ""
    """What it imports that is none of ours."""

    window: bool = False
    """Whether it opens one, with Tk."""

    @property
    def name(self) -> str:
        return f"{self.source}/{self.path}"


FILE: Final = ("-ooffline.wav",)
OLD: Final = "6.x/python/py3"
NEW: Final = "7.x/python"
PROGRAMS: Final = (
    Program("examples", f"{NEW}/example1.py", ("-ooffline.wav", "../../6.x/python/test1.csd")),
    *(Program("examples", f"{NEW}/example{number}.py", FILE) for number in (2, 3, 4, 5, 7, 8, 9, 10)),
    Program("examples", f"{NEW}/example6.py", lines="i1 0 0.1 0.1 60\ne 1\n", live=True, seconds=60),
    Program("examples", f"{OLD}/example1.py", ("../../test1.csd",)),
    *(Program("examples", f"{OLD}/example{number}.py") for number in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13)),
    *(Program("examples", f"{OLD}/example{number}.py", live=True, window=True) for number in (11, 12)),
    Program("libcsound", "README.rst", lines="\n", live=True, seconds=60),
    Program("libcsound", "test/test0.py"),
    Program("libcsound", "test/test1.py"),
    Program("libcsound", "test/actions-test1.py"),
    Program("libcsound", "test/actions-test1.py", ("-o", "heard.flac", "-d", "2")),
    Program("libcsound", "test/test-numpfields.py"),
    Program("libcsound", "docs/notebooks/01-Introduction.ipynb", live=True, seconds=14),
    Program("libcsound", "docs/notebooks/02-Threading.ipynb", live=True, seconds=36),
    Program("libcsound", "examples/csound6-test-setoption.py", lines="\n", live=True, seconds=30),
    *(
        Program("libcsound", f"examples/csound7-perfthread-{name}.py", lines="\n\n", live=True, seconds=30)
        for name in ("callback", "compile", "eval", "eval2", "requestcb")
    ),
    Program("ctcsound", "test_ctcsound.py", live=True),
    *(
        Program("csoundengine", f"csoundengine_{name}.py", live=True, seconds=300, package="csoundengine")
        for name in ("playing", "offline")
    ),
    *(
        Program("csoundengine-source", f"test/{name}.py", live=True, seconds=60, package="csoundengine")
        for name in ("test1", "test2", "testargs", "simple")
    ),
)

DEFAULT_FILE: Final = "Csound writes test.wav where nobody asked for a file; the drop-in does not"
PRIVATE: Final = "it reaches into libcsound's own parts, which are of no other module"
SEVEN: Final = "the drop-in has the API 7 over every library, libcsound over 6.18 the API 6"
OPCODES: Final = "libcsound lists opcodes as they lie in memory, with the sizes of their structs; the drop-in by name"

DECLARED: Final[tuple[tuple[str, str, str], ...]] = (
    (f"examples/{OLD}/example1.py", "only libcsound leaves .*test.wav", DEFAULT_FILE),
    ("libcsound/test/test-numpfields.py", "only libcsound leaves .*test.wav", DEFAULT_FILE),
    ("libcsound/test/test0.py", "Csound version|libcsound.api|has no attribute 'libcsound'|ends with 0", PRIVATE),
    ("libcsound/test/test1.py", "libcsound._util|System sr|Invalid samplerate|ends with", PRIVATE),
    ("libcsound/docs/notebooks/01-*", "OpcodeDef|outtypes=|intypes=|size=|flags=", OPCODES),
    ("libcsound/docs/notebooks/01-*", "'6181'|'7000'|'Version id|'API version|prints '2'|in cell [67]", SEVEN),
    ("libcsound/docs/notebooks/02-*", "not present in csound 6|no attribute 'compileOrc'|prints ''", SEVEN),
    ("libcsound/docs/notebooks/02-*", "prints '(Latency|elapsed|table shape|tabnum|Created)", SEVEN),
    ("libcsound/docs/notebooks/02-*", "libcsound ends with -11", "6.18 dies where threads of several instances end"),
    ("libcsound/examples/csound7-*", "AssertionError|key...|1000.0|ends with 1, the drop-in with 0", SEVEN),
    (
        "libcsound/examples/csound6-*",
        "Compile 0|key...|libcsound ends with -11",
        "6.18 dies where there is no device",
    ),
)
"""Differences: a pattern of the programs' names, an expression for what differs, the reason."""

DEVICE: Final = re.compile(r"-o ?dac[^\s'\"]*")
INPUT: Final = re.compile(r" ?-i ?adc[^\s'\"]*")
MODULE: Final = re.compile(r"-\+rtaudio=\w+ ?")
UNCERTAIN: Final = (
    # Addresses, durations that were measured, and the folders of the two runs.
    (re.compile(r"0x[0-9a-f]+"), "0x…"),
    (re.compile(r"\d+\.\d+ ?ms"), "… ms"),
    (re.compile(r"in \d+\.\d+s"), "in …s"),
)


@dataclass
class Ran:
    """What came of a program: what it printed, its files, and its exit status."""

    printed: list[str]
    errors: str
    files: dict[str, bytes]
    end: int
    seconds: float


@contextmanager
def screen() -> Iterator[str]:
    """A screen that nobody sees, as DISPLAY names it; empty where there is no Tk, or nothing that makes one."""
    program = shutil.which("Xvfb")
    if program is None or find_spec("_tkinter") is None:
        yield ""
        return
    words = [program, "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def place(source: str, given: dict[str, Path], cache: Path) -> Path:
    """The folder of a source, which is fetched where it was not given."""
    if source not in given:
        folder = cache / source
        if source in REPOSITORIES:
            subprocess.run(["git", "clone", "--quiet", "--depth", "1", REPOSITORIES[source], folder], check=True)
        elif source in SOURCES:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*pip, "--dest", str(folder), SOURCES[source]], check=True)
            (archive,) = folder.iterdir()
            shutil.unpack_archive(archive, folder)
            (folder,) = (path for path in folder.iterdir() if path.is_dir())
        else:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), PACKAGES[source]]
            subprocess.run(pip, check=True)
        given[source] = folder
    return given[source]


def prepared(program: Program, origin: Path, folder: Path) -> Path:
    """A copy of all that a program has beside it; what it plays goes to a file, or to a device that is none."""
    shutil.copytree(OWN if program.source in PACKAGES else origin, folder, ignore=shutil.ignore_patterns(".git"))
    copy = folder / program.path
    for path in {copy, *copy.parent.glob("*.csd")}:
        text = MODULE.sub("", path.read_text(encoding="utf-8"))
        if not program.live:
            text = DEVICE.sub("-oplayed.wav", INPUT.sub("", text))
        path.write_text(text, encoding="utf-8")
    return copy


def ran(
    side: str, engine: str, program: Program, origin: Path, package: Path | None, folder: Path, display: str = ""
) -> Ran:
    """Run a program in a folder of its own, a window of which appears on ``display``."""
    path = prepared(program, origin, folder)
    before = set(folder.rglob("*"))
    options = folder.with_suffix(".options")
    options.write_text("-+rtaudio=null\n" if side == "local" else "", encoding="utf-8")
    extra = {"CSOUND6RC": str(options), "CSOUND7RC": str(options), "HOME": str(folder.parent), "PYTHONUNBUFFERED": "1"}
    if side == "remote":
        extra |= {"CSOUNDD_DAEMON": "spawn", "CSOUNDD_ENGINE": engine}
    if display:
        extra["DISPLAY"] = display
    extra["PYTHONPATH"] = environment()["PYTHONPATH"]
    if package is not None:
        extra["DROPIN_PACKAGES"] = str(package)
    words = ["tests.dropin.program", side, engine, str(program.seconds), path.name, *program.words]
    process = subprocess.Popen(
        # Nothing is imported from the folder itself before the program is run.
        [sys.executable, "-P", "-m", *words],
        cwd=path.parent,
        env=environment(extra),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    begun = monotonic()
    try:
        out, errors = process.communicate(program.lines, timeout=10 * program.seconds + 60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, errors = process.communicate()
        out += "\nit did not come to an end\n"
    made = {
        path for path in folder.rglob("*") if path.is_file() and path not in before and "__pycache__" not in str(path)
    }
    files = {str(path.relative_to(folder)): contents(path) for path in made}
    return Ran(lines(out, folder), errors, files, process.returncode, monotonic() - begun)


def lines(text: str, folder: Path) -> list[str]:
    """What was printed, without what is different in every run."""
    text = text.replace(str(folder), "")
    for pattern, sign in UNCERTAIN:
        text = pattern.sub(sign, text)
    return text.splitlines()


def contents(path: Path) -> bytes:
    """The samples of a sound file, and all of another one."""
    try:
        sound, rate = soundfile.read(path, dtype="float64", always_2d=True)
    except (soundfile.SoundFileError, TypeError):
        return path.read_bytes()
    return repr((sound.shape, rate)).encode() + np.ascontiguousarray(sound).tobytes()


def differences(program: Program, local: Ran, remote: Ran) -> list[str]:
    """What is not the same, in words."""
    sides = {"libcsound": local, "the drop-in": remote}
    either = [*local.printed, *remote.printed]
    found = [
        f"only {side} prints {line[:160]!r}"
        for line in sorted({*local.printed} ^ {*remote.printed}, key=either.index)
        for side, one in sides.items()
        if line in one.printed
    ]
    if not found and local.printed != remote.printed:
        found.append("the same lines are printed in another order or number")
    found += [
        f"only {side} leaves {name}"
        for name in sorted({*local.files} ^ {*remote.files})
        for side, one in sides.items()
        if name in one.files
    ]
    found += [
        f"{name} is another: {len(local.files[name])} and {len(remote.files[name])} bytes"
        for name in sorted({*local.files} & {*remote.files})
        if local.files[name] != remote.files[name] and not program.live
    ]
    if local.end != remote.end:
        found.append(f"libcsound ends with {local.end}, the drop-in with {remote.end}")
    return found


def reason(program: Program, difference: str) -> str | None:
    """Why a difference is none of ours, None where nobody has said so."""
    for name, pattern, why in DECLARED:
        if fnmatch.fnmatch(program.name, name) and re.search(pattern, difference):
            return why
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--engine", default="native:7")
    parser.add_argument("--from", dest="places", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--only", default="*", help="a pattern of programs' names")
    parser.add_argument("--shown", action="store_true", help="show what the programs print on stderr")
    given = parser.parse_args()
    places = {name: Path(folder).absolute() for name, _, folder in (place.partition("=") for place in given.places)}
    unexplained = 0
    with tempfile.TemporaryDirectory(prefix="dropin-table-") as cache, screen() as display:
        for number, program in enumerate(PROGRAMS):
            if not fnmatch.fnmatch(program.name, given.only):
                continue
            if program.window and not display:
                print(f"skipped    {program.name}: it opens a window, which needs Tk and Xvfb", flush=True)
                continue
            origin = place(program.source, places, Path(cache))
            package = place(program.package, places, Path(cache)) if program.package else None
            folders = {side: Path(cache, f"{number}-{side}") for side in ("local", "remote")}
            sides = [
                ran(side, given.engine, program, origin, package, folder, display) for side, folder in folders.items()
            ]
            found = differences(program, *sides)
            reasons = [reason(program, difference) for difference in found]
            state = "equal" if not found else "explained" if all(reasons) else "DIFFERENT"
            if all(one.end for one in sides) and state != "DIFFERENT":
                state = "both fail"
            unexplained += state == "DIFFERENT"
            made = ", ".join(f"{name} ({len(data)} bytes)" for name, data in sorted(sides[0].files.items()))
            words = f"{len(sides[0].printed)} lines, {made or 'no file'}, ends with {sides[0].end}"
            words += f"; {sides[0].seconds:.1f} and {sides[1].seconds:.1f} s"
            print(f"{state:10} {' '.join([program.name, *program.words])}: {words}", flush=True)
            if state == "both fail":
                print(f"    {sides[0].errors.strip().splitlines()[-1][:160]}", flush=True)
            for difference, why in zip(found, reasons, strict=True):
                print(f"    {difference}{f': {why}' if why else ''}", flush=True)
            if given.shown:
                for side, result in zip(("libcsound", "drop-in"), sides, strict=True):
                    print("\n".join(f"      {side}| {line}" for line in result.errors.splitlines()), flush=True)
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
