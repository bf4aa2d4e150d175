"""The optional attributes: OQ-10 to OQ-21."""

from __future__ import annotations

import math

import pytest

from csoundd.transport.oscquery.service import EXTENSIONS, OPTIONAL
from csoundd.transport.oscquery.tree import attributes_of
from tests.oscquery.serving import ListingEngine, Query, channel, hinted
from tests.oscquery.test_core import nodes


async def test_every_attribute_served_is_declared_and_the_other_way_round(query: Query) -> None:
    everything = nodes(await query.node("/"))
    served = {name for node in everything for name in node} - {"FULL_PATH", "CONTENTS", "TYPE"}
    extensions = (await query.node("/?HOST_INFO"))["EXTENSIONS"]

    assert served == set(OPTIONAL)
    assert all(extensions[name] for name in served)
    assert extensions == EXTENSIONS


@pytest.mark.parametrize(
    ("path", "access"),
    [("/chan/cutoff", 3), ("/chan/in", 2), ("/chan/out", 1), ("/csound/setControlChannel", 2), ("/chan", 0)],
)
async def test_oq_10_access(query: Query, path: str, access: int) -> None:
    assert (await query.node(path))["ACCESS"] == access


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/chan/cutoff", [440.0]),
        ("/chan/steps", [3]),
        ("/chan/out", [0.75]),
        ("/chan/title", ["Nocturne"]),
        ("/chan/curve", [[0.0, 0.5, 1.0]]),
    ],
)
async def test_oq_11_value(query: Query, path: str, value: list[object]) -> None:
    assert await query.node(path + "?VALUE") == {"VALUE": value}


async def test_oq_11_a_value_that_json_cannot_hold_is_null(query: Query, engine: ListingEngine) -> None:
    engine.listing = [channel("lost", math.nan), channel("far", math.inf)]

    assert await query.node("/chan/lost?VALUE") == {"VALUE": [None]}
    assert await query.node("/chan/far?VALUE") == {"VALUE": [None]}


async def test_oq_11_no_value_yet_is_an_empty_object(query: Query, engine: ListingEngine) -> None:
    engine.listing = [channel("silent", None)]

    assert await query.node("/chan/silent?VALUE") == {}


async def test_oq_12_range(query: Query) -> None:
    assert await query.node("/chan/cutoff?RANGE") == {"RANGE": [{"MIN": 20.0, "MAX": 2000.0}]}
    assert await query.node("/chan/steps?RANGE") == {"RANGE": [{"MIN": 1, "MAX": 16, "VALS": [1, 3, 5]}]}
    assert await query.node("/latePolicy?RANGE") == {"RANGE": [{"VALS": ["run", "drop", "error"]}]}


async def test_oq_13_description(query: Query) -> None:
    assert await query.node("/chan/cutoff?DESCRIPTION") == {"DESCRIPTION": "The filter's corner"}
    assert (await query.node("/csound/setControlChannel"))["DESCRIPTION"].startswith("Set a control channel")


async def test_oq_14_tags(query: Query) -> None:
    assert await query.node("/chan/cutoff?TAGS") == {"TAGS": ["filter", "bright"]}


async def test_oq_15_extended_type(query: Query) -> None:
    assert await query.node("/chan/pitch?EXTENDED_TYPE") == {"EXTENDED_TYPE": ["exp"]}
    assert await query.node("/chan/pitch?TAGS") == {"TAGS": ["exp"]}


async def test_oq_16_unit(query: Query) -> None:
    assert await query.node("/chan/cutoff?UNIT") == {"UNIT": ["time.hz"]}


async def test_oq_17_critical(query: Query) -> None:
    assert await query.node("/csound/compileOrc?CRITICAL") == {"CRITICAL": True}
    assert await query.node("/chan/cutoff?CRITICAL") == {"CRITICAL": False}


async def test_oq_18_clipmode(query: Query) -> None:
    assert await query.node("/chan/cutoff?CLIPMODE") == {"CLIPMODE": ["none"]}


async def test_oq_19_overloads(query: Query) -> None:
    assert await query.node("/subscribe?OVERLOADS") == {"OVERLOADS": [{"TYPE": "sf"}, {"TYPE": "s"}]}
    overloads = (await query.node("/csound/compileOrc"))["OVERLOADS"]
    assert overloads == [{"TYPE": "s"}]


@pytest.mark.parametrize("target", ["/?HTML", "/chan/title?HTML", "/csound?HTML"])
async def test_oq_20_html(query: Query, target: str) -> None:
    answer = await query.get(target)

    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<!doctype html>" in answer.body


async def test_oq_20_html_says_nothing_that_a_browser_would_run(query: Query, engine: ListingEngine) -> None:
    engine.listing = [channel("<script>", "<script>", kind="string")]

    assert b"<script>" not in (await query.get("/chan?HTML")).body


async def test_oq_20_html_is_never_inside_json(query: Query) -> None:
    assert not any("HTML" in node for node in nodes(await query.node("/")))


async def test_oq_21_attributes_of_arguments_mirror_the_type(query: Query) -> None:
    curve = await query.node("/chan/curve")

    assert curve["CLIPMODE"] == [["none"] * 3]
    assert [len(part) for part in curve["VALUE"]] == [3]
    for node in nodes(await query.node("/chan")):
        for name in {"VALUE", "RANGE", "EXTENDED_TYPE", "UNIT", "CLIPMODE"} & node.keys():
            assert len(node[name]) == 1, f"{node['FULL_PATH']} {name}"


@pytest.mark.parametrize(
    ("spoken", "attributes"),
    [
        ("unit=db", {"UNIT": ["gain.db"]}),
        ("unit(time.ms)", {"UNIT": ["time.ms"]}),
        ('text("Cut-off"), unit("Hz")', {"DESCRIPTION": "Cut-off", "UNIT": ["time.hz"]}),
        ("nothing of the kind", {}),
        ("", {}),
    ],
)
def test_the_words_of_hints(spoken: str, attributes: dict[str, object]) -> None:
    assert attributes_of(hinted(attributes=spoken, min=0.0, max=0.0)) == attributes


@pytest.mark.parametrize(("least", "most"), [(-math.inf, 1.0), (0.0, math.inf), (math.nan, 1.0)])
def test_a_range_that_json_cannot_say_is_none(least: float, most: float) -> None:
    assert attributes_of(hinted(1, "vals=1,nan,inf,2", min=least, max=most)) == {"RANGE": [{"VALS": [1, 2]}]}
