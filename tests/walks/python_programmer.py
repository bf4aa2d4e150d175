"""The Python programmer: the client alone in an environment of its own, a notebook, and a script for libcsound."""

from __future__ import annotations

import re
import sys

from tests.walks.walk import ROOT, Walk, piece, serving

NOTEBOOK = """\
from csoundd_client import connect
cs = await connect("ws://{url}")
print("pitch is", (await cs.csound.controlChannel("pitch"))[0])
await cs.close()
"""

DROP_IN = """\
from csoundd_client import Csound
cs = Csound(url="ws://{url}", attach=True)
cs.setControlChannel("pitch", 660)
print("pitch is", cs.controlChannel("pitch")[0])
"""


def python_programmer(walk: Walk) -> None:
    """Walk."""
    (walk.folder / "piece.csd").write_text(piece(440))
    python = walk.folder / "venv" / "bin" / "python"
    # Nothing of the checkout may be found by its path.
    alone = {"PYTHONPATH": ""}
    with serving(walk, "piece.csd") as (_, url, _, _):
        with walk.step("pip installs the client alone"):
            walk.run(sys.executable, "-m", "venv", "venv")
            walk.run(python, "-m", "pip", "install", "--quiet", ROOT / "clients" / "python", extra=alone)
            walk.run(
                python,
                "-c",
                "import importlib.util as u, sys; sys.exit(u.find_spec('csoundd') is not None)",
                extra=alone,
            )
        with walk.step("the program in the README hears what it compiled"):
            program = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)[1]
            printed = walk.run(python, "-c", program.replace("127.0.0.1:7700", url), extra=alone)
            assert max(float(line.split()[1]) for line in printed.splitlines()) > 0.1
        with walk.step("await connect() as in a notebook"):
            assert "pitch is 440.0" in walk.run(python, "-m", "asyncio", text=NOTEBOOK.format(url=url), extra=alone)
        with walk.step("a script for libcsound joins in what plays"):
            assert "pitch is 660.0" in walk.run(python, "-c", DROP_IN.format(url=url), extra=alone)
            assert "playing" in walk.csoundd("call", "engine.info", url=url)
