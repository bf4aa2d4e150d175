"""What neither JSON nor msgpack has by itself, as objects with one member: handles, streams, structs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final

import numpy as np

from csoundd_client.values import Handle, StreamRef

_FORMS: Final = {"$handle": Handle, "$stream": StreamRef}


def plainer(value: Any) -> Any:
    """``value`` one step nearer to what both encodings know. Raises TypeError for what cannot travel."""
    if isinstance(value, Handle):
        return {"$handle": value.id}
    if isinstance(value, StreamRef):
        return {"$stream": value.topic}
    if isinstance(value, np.generic):
        return _scalar(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"a {type(value).__name__} cannot travel")


def _scalar(value: np.generic) -> bool | int | float:
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    raise TypeError(f"a {type(value).__name__} cannot travel")


def revived(form: dict[str, Any]) -> Any:
    """What an object stands for: a handle or a stream where it says so, else itself."""
    if len(form) == 1:
        ((name, inner),) = form.items()
        kind = _FORMS.get(name)
        if kind is not None and isinstance(inner, str):
            return kind(inner)
    return form
