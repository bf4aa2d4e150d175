"""Results on a terminal, and as JSON."""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from typing import Any

import numpy as np
from rich.console import Console
from rich.pretty import Pretty
from rich.table import Table

from csoundd_client import Handle, StreamRef


def terminal() -> Console:
    """Where results for people go: what looks like markup in them is text."""
    return Console(markup=False, emoji=False)


def plain(value: Any) -> Any:
    """``value`` in JSON's own types, arrays as lists, what JSON does not know in the contract's special forms."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type | Handle | StreamRef):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _spelled(value)


def _spelled(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return {"$float": str(value)}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case Handle():
            return {"$handle": value.id}
        case StreamRef():
            return {"$stream": value.topic}
        case _:
            return value


def printed(console: Console, value: Any, *, as_json: bool) -> None:
    """Print ``value`` for people, or for programs."""
    if as_json:
        print(json.dumps(plain(value)))
        return
    simple = value if isinstance(value, float) else plain(value)
    if isinstance(simple, list) and simple and all(isinstance(row, dict) for row in simple):
        console.print(_table(simple))
    elif isinstance(simple, dict):
        console.print(_pairs(simple))
    elif simple is not None:
        console.print(simple if isinstance(simple, str) else Pretty(simple), soft_wrap=isinstance(simple, str))


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(*rows[0], box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in rows[0]))
    return table


def _pairs(values: dict[str, Any]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in values.items():
        table.add_row(name, _cell(value))
    return table


def _cell(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
