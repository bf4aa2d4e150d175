"""Controls: what stands for a channel on a control surface, by the channel's hints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

from csoundd.transport.osc.patterns import address_of
from csoundd.transport.oscquery.channels import EXPONENTIAL, INTEGER, attributes_of

Kind = Literal["fader", "menu", "switch", "text"]

_OUTPUT: Final = 2
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Control:
    """One control. ``value`` is what the channel holds; one that is not ``writable`` only shows it."""

    name: str
    address: str
    label: str
    kind: Kind
    value: float | str
    low: float = 0.0
    high: float = 1.0
    values: tuple[float, ...] = ()
    unit: str = ""
    whole: bool = False
    exponential: bool = False
    writable: bool = True


def controls_of(channels: Iterable[dict[str, Any]]) -> list[Control]:
    """The controls for ``channels``, which are as ``channel.list`` has them; those with places in their order.

    Control channels become faders from 0 to 1, or what their hints say; string channels become texts.
    """
    known = [channel for channel in channels if channel["kind"] in {"control", "string"}]
    return [_control(channel) for channel in sorted(known, key=_place)]


def _place(channel: dict[str, Any]) -> tuple[int, int, str]:
    hints = channel.get("hints") or {}
    return hints.get("y", 0), hints.get("x", 0), channel["name"]


def _control(channel: dict[str, Any]) -> Control:
    name, value, writable = channel["name"], channel.get("value"), channel.get("mode") != _OUTPUT
    if channel["kind"] == "string":
        return Control(name, address_of(name), name, "text", value or "", writable=writable)
    hints = channel.get("hints") or {}
    said = attributes_of(hints)
    limits: Any = said.get("RANGE", [{}])
    low, high = limits[0].get("MIN", 0.0), limits[0].get("MAX", 1.0)
    units: Any = said.get("UNIT", [""])
    values = tuple(limits[0].get("VALS", ()))
    whole = hints.get("behav") == INTEGER
    return Control(
        name,
        address_of(name),
        str(said.get("DESCRIPTION", name)),
        _kind(values, low, high, whole=whole),
        low if value is None else value,
        low,
        high,
        values,
        units[0].rpartition(".")[2],
        whole,
        hints.get("behav") == EXPONENTIAL and low > 0,
        writable,
    )


def _kind(values: tuple[float, ...], low: float, high: float, *, whole: bool) -> Kind:
    if len(values) > _PAIR:
        return "menu"
    return "switch" if len(values) == _PAIR or (whole and (low, high) == (0, 1)) else "fader"
