"""The generated files: what ``protocol/`` holds beside its hand-written pages, and the stubs of the Python client."""

from __future__ import annotations

import json
from pathlib import Path

from csoundd.api import METHODS
from csoundd.contract import python_client, python_dropin
from csoundd.contract.asyncapi import asyncapi
from csoundd.contract.errors import errors
from csoundd.contract.openrpc import openrpc
from csoundd.contract.osc import osc
from csoundd.contract.reference import reference
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
    if not (root / python_client.FOLDER).is_dir():
        return {}
    return {root / name: text for name, text in python_client.render(METHODS.values()).items()}


def stale_files(protocol: Path, wanted: Files) -> list[Path]:
    """The files that are missing, differ from ``wanted``, or should not be there any more."""
    differing = [path for path, content in wanted.items() if _content(path) != content]
    return differing + [path for path in _made(protocol) if path not in wanted]


def write_files(protocol: Path, wanted: Files) -> None:
    """Make the generated files what is ``wanted``."""
    for path in stale_files(protocol, wanted):
        if path not in wanted:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8", newline="\n")


def _made(protocol: Path) -> list[Path]:
    """All there is in the folders in which nothing is written by hand."""
    client = protocol.absolute().parent / python_client.FOLDER
    python = [(client / room, "*.py") for room in ("methods", python_dropin.FOLDER)]
    patterns = [(protocol / "reference", "*.md"), (protocol / "vectors", "*.json"), *python]
    return [path for room, pattern in patterns for path in sorted(room.glob(pattern))]


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
