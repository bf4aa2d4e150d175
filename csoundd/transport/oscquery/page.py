"""Stage 1, OSCQuery page: a node and what is below it, for a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Final
from urllib.parse import quote

from csoundd.transport.oscquery.nodes import Node

_HEAD: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
td, th {{ padding: .1rem .8rem .1rem 0; text-align: left; vertical-align: top }}
td:first-child {{ font-family: ui-monospace, monospace }}
</style>
<h1>{title}</h1>
"""
_ACCESS: Final = ("", "read", "write", "read, write")


def page(node: Node) -> str:
    """HTML about ``node``."""
    nodes = [node, *(node.contents or {}).values()] if node.type is not None else (node.contents or {}).values()
    table = "<table>\n<tr><th>address<th>type<th>access<th>value<th>range<th>\n" + "".join(map(_row, nodes))
    return _HEAD.format(title=escape(node.path)) + "".join(_above(node)) + table + "</table>\n</html>\n"


def _above(node: Node) -> Iterator[str]:
    if node.path != "/":
        parent = node.path.rpartition("/")[0] or "/"
        yield f'<p><a href="{_link(parent)}">{escape(parent)}</a>\n'


def _row(node: Node) -> str:
    name = f'<a href="{_link(node.path)}">{escape(node.path)}</a>'
    said = (
        node.type or "",
        _ACCESS[node.access],
        _json(node.value if node.readable else None),
        _json(node.attributes.get("RANGE")),
        str(node.attributes.get("DESCRIPTION", "")),
    )
    return f"<tr><td>{name}" + "".join(f"<td>{escape(cell)}" for cell in said) + "\n"


def _json(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _link(path: str) -> str:
    return escape(quote(path) + "?HTML")
