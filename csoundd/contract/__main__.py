"""``python -m csoundd.contract [--check] DIR``: writes the generated files of the contract, or tells what is stale.

DIR is the folder ``protocol``; the stubs of the clients are written beside it where the clients are there.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from csoundd.api import METHODS
from csoundd.contract import javascript_client, python_client, python_dropin
from csoundd.contract.documents import asyncapi, errors, openrpc
from csoundd.contract.reference import osc, reference
from csoundd.contract.vectors import vectors

Files = dict[Path, str]


def wanted_files(protocol: Path) -> Files:
    """The content of each generated file, made anew: those in the folder ``protocol`` and, beside it, the client's."""
    documents = {"openrpc.json": openrpc(), "asyncapi.json": asyncapi(), "errors.json": errors()}
    documents |= {f"vectors/{name}": content for name, content in vectors().items()}
    files = {protocol / name: _text(document) for name, document in documents.items()}
    files |= {protocol / "reference" / name: page for name, page in reference().items()}
    files[protocol / "osc.md"] = osc()
    return files | _client_files(protocol.absolute().parent)


def _client_files(root: Path) -> Files:
    # A source distribution of the daemon has the contract in it and no client.
    clients = [client for client in (python_client, javascript_client) if (root / client.FOLDER).is_dir()]
    return {root / name: text for client in clients for name, text in client.render(METHODS.values()).items()}


def stale_files(protocol: Path, wanted: Files) -> list[Path]:
    """The files that are missing, differ from ``wanted``, or should not be there any more."""
    differing = [path for path, content in wanted.items() if _content(path) != content]
    return differing + [path for path in _generated(protocol) if path not in wanted]


def write_files(protocol: Path, wanted: Files) -> None:
    """Make the generated files what is ``wanted``."""
    for path in stale_files(protocol, wanted):
        if path not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8", newline="\n")


def _generated(protocol: Path) -> list[Path]:
    """All there is in the folders in which nothing is written by hand."""
    client = protocol.absolute().parent / python_client.FOLDER
    python = [(client / room, "*.py") for room in ("methods", python_dropin.FOLDER)]
    javascript = (protocol.absolute().parent / javascript_client.FOLDER, "*.ts")
    patterns = [(protocol / "reference", "*.md"), (protocol / "vectors", "*.json"), *python, javascript]
    return [path for room, pattern in patterns for path in sorted(room.glob(pattern))]


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 where ``--check`` finds a stale file, which stderr names."""
    parser = argparse.ArgumentParser(prog="csoundd.contract", description="Make the generated files of the contract.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where something is stale")
    options = parser.parse_args(arguments)
    wanted = wanted_files(options.folder)
    if not options.check:
        write_files(options.folder, wanted)
        return 0
    stale = stale_files(options.folder, wanted)
    sys.stderr.writelines(f"stale: {path}\n" for path in stale)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
