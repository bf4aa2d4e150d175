"""Help, and words that make no command."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_origin

import pytest

from csoundd import __version__
from csoundd.cli import COMMANDS as LOADED_LATER
from csoundd.config import Config
from tests.cli.running import OK, USAGE, Cli
from tests.live.daemon import environment, finished

INTERRUPTED_IN_AN_IMPORT = """
import os, signal, sys

# A shell starts what is to run in the background with interrupts ignored, and with it all that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
sys.argv = ["csoundd", "call", "engine.info"]
from csoundd.__main__ import main
main()
"""

COMMANDS = ("serve", "set", "get", "call", "watch", "listen", "config", "osc", "layout", "midi", "engine")


def test_help_names_every_command(alone: Cli) -> None:
    ended = alone("--help")
    assert ended.status == OK
    for name in COMMANDS:
        assert f" {name} " in ended.stdout


def test_what_stands_in_brackets_is_not_lost(alone: Cli) -> None:
    assert "'csoundd[midi]'" in alone("midi", "--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_has_help(alone: Cli, name: str, flag: str) -> None:
    ended = alone(name, flag)
    assert (ended.status, ended.stderr) == (OK, "")
    assert f"Usage: csoundd {name}" in ended.stdout.replace("root", "csoundd")


def test_every_setting_is_a_flag_of_serve(alone: Cli) -> None:
    shown = alone("serve", "--help", extra={"COLUMNS": "300"}).stdout
    for name, field in Config.model_fields.items():
        plural = get_origin(field.annotation) in {tuple, dict}
        flag = "--" + name.replace("_", "-")
        singular = re.sub("ies$", "y", flag) if flag.endswith("ies") else flag.removesuffix("s")
        assert flag in shown or (plural and singular in shown), name


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["call"],
        ["call", "csound.sr", "--nonsense"],
        ["watch"],
        ["watch", "spout", "--count", "0"],
        ["watch", "spout", "--count", "x"],
        ["listen"],
        ["listen", "a.wav", "--seconds", "-1"],
        ["serve", "--port", "x"],
        ["serve", "--drive", "sideways"],
        ["serve", "--engine", "steam"],
        ["serve", "a.csd", "b.csd"],
        ["config", "more"],
        ["call", "csound.setControlChannel", "freq", "-7", "--nonsense"],
        ["osc"],
        ["osc", "send"],
        ["osc", "send", "/a", "--nonsense"],
        ["osc", "send", "/a", "-7", "--nonsense"],
        ["osc", "send", "/a", "--port", "0"],
        ["osc", "send", "/a", "--wait", "-1"],
        ["osc", "send", "/a", "--framing", "none"],
        ["osc", "dump"],
        ["osc", "dump", "70000"],
        ["osc", "dump", "0", "--count", "0"],
    ],
    ids=" ".join,
)
def test_bad_usage(alone: Cli, words: list[str]) -> None:
    ended = alone(*words)
    assert ended.status == USAGE
    assert "Traceback" not in ended.stderr
    assert "Usage" in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "70000"], "port"),
        (["--port", "-1"], "port"),
        (["--block", "0"], "block"),
        (["--host", "0.0.0.0"], "--insecure"),
        (["--config", "missing.toml"], "missing.toml"),
    ],
    ids=repr,
)
def test_settings_that_cannot_be(alone: Cli, words: list[str], said: str) -> None:
    alone("serve", *words).assert_refused(USAGE, said)


def test_as_a_program(tmp_path: Path) -> None:
    ended = finished("nonsense", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (USAGE, "")
    assert "nonsense" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_version(alone: Cli) -> None:
    ended = alone("--version")
    assert (ended.status, ended.stdout) == (OK, f"csoundd {__version__}\n")


def test_help_lists_what_each_command_says_of_itself(alone: Cli) -> None:
    listed = alone("--help").stdout
    for name, place in LOADED_LATER.items():
        assert f"{name} " in listed
        assert place.summary.rstrip(".").partition(",")[0] in " ".join(alone(name, "--help").stdout.split()), name


def test_a_misspelt_command_is_told_which_was_meant(alone: Cli) -> None:
    assert "'serve'" in alone("serv").stderr


def test_no_command_loads_what_it_does_not_need(tmp_path: Path) -> None:
    code = "import sys, csoundd.cli; sys.exit(any(name in sys.modules for name in ('numpy', 'pydantic', 'rich')))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), check=False)
    assert ran.returncode == 0
    code = "import sys, csoundd.cli.remote; sys.exit('csoundd.daemon' in sys.modules or 'pydantic' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment(), check=False)
    assert ran.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it imports what a render is done with")
def test_what_has_a_piece_rendered_loads_nothing_that_renders(tmp_path: Path) -> None:
    (tmp_path / "piece.csd").write_text(
        "<CsoundSynthesizer>\n<CsInstruments>\ninstr 1\nout oscili(0.1, 440)\nendin\n</CsInstruments>\n"
        "<CsScore>\ni 1 0 0.1\n</CsScore>\n</CsoundSynthesizer>\n"
    )
    code = (
        "import sys\nfrom csoundd.cli import app\ntry:\n    app(['render', 'piece.csd', '--cache', 'kept'])\n"
        "except SystemExit as ended:\n    assert not ended.code\n"
        "sys.exit(' '.join({'numpy', 'pydantic', 'rich', 'soundfile', 'csoundd.api'} & sys.modules.keys()) or None)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), check=False, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "piece.wav").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no signals between processes")
def test_an_interrupt_while_it_is_being_imported_is_no_traceback(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_IN_AN_IMPORT],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (-signal.SIGINT, "")
