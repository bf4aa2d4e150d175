"""The duties of an OSCQuery host: OQ-01 to OQ-06."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oscquery.serving import ListingEngine, Query, channel, serving, unavailable


def nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    """``node`` and all below it."""
    return [node, *(below for inner in node.get("CONTENTS", {}).values() for below in nodes(inner))]


async def test_oq_01_a_path_answers_with_its_node_as_json(query: Query) -> None:
    answer = await query.get("/chan/cutoff")

    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json["FULL_PATH"] == "/chan/cutoff"


async def test_oq_01_a_fragment_is_ignored(query: Query) -> None:
    assert (await query.node("/chan/cutoff#part"))["FULL_PATH"] == "/chan/cutoff"


@pytest.mark.parametrize("target", ["/chan/odd%252Fname%2520%25231", "/chan/odd%2Fname%20%231", "/ch%61n/cutoff"])
async def test_oq_01_a_path_is_percent_decoded(query: Query, target: str) -> None:
    wanted = "/chan/cutoff" if "cutoff" in target else "/chan/odd%2Fname%20%231"

    assert (await query.node(target))["FULL_PATH"] == wanted


async def test_oq_02_every_node_has_its_full_path(query: Query) -> None:
    for node in nodes(await query.node("/")):
        for name, below in node.get("CONTENTS", {}).items():
            assert below["FULL_PATH"] == f"{node['FULL_PATH'].rstrip('/')}/{name}"


async def test_oq_02_contents_are_complete(query: Query) -> None:
    paths = {node["FULL_PATH"] for node in nodes(await query.node("/"))}

    assert {known["FULL_PATH"] for known in nodes(await query.node("/chan"))} <= paths
    assert set(query.osc.addresses) <= paths


async def test_oq_02_a_node_is_a_container_or_a_method_or_both(query: Query) -> None:
    note = await query.node("/note")

    assert "CONTENTS" not in await query.node("/chan/cutoff")
    assert "TYPE" not in await query.node("/chan")
    assert note["TYPE"]
    assert note["CONTENTS"]["release"]["TYPE"] == "i"


async def test_oq_03_methods_have_a_type(query: Query) -> None:
    assert all("TYPE" in node for node in nodes(await query.node("/")) if "CONTENTS" not in node)


@pytest.mark.parametrize(
    ("path", "tags"),
    [
        ("/chan/cutoff", "f"),
        ("/chan/steps", "i"),
        ("/chan/title", "s"),
        ("/chan/curve", "[fff]"),
        ("/csound/setControlChannel", "sd"),
        ("/csound/scoreEvent", "s[d]"),
        ("/csound/setDebug", "T"),
        ("/csound/version", "I"),
    ],
)
async def test_oq_03_a_type_says_what_fits(query: Query, path: str, tags: str) -> None:
    assert (await query.node(path))["TYPE"] == tags


async def test_oq_03_what_no_message_fits_is_a_container(query: Query) -> None:
    bus = await query.node("/chan/bus")

    assert (bus["CONTENTS"], "TYPE" in bus) == ({}, False)


async def test_oq_04_a_query_answers_with_one_attribute(query: Query) -> None:
    assert await query.node("/chan/cutoff?TYPE") == {"TYPE": "f"}


@pytest.mark.parametrize("target", ["/chan?TYPE", "/chan?VALUE", "/chan/in?UNIT", "/chan/cutoff?CONTENTS"])
async def test_oq_04_what_a_node_has_not_is_an_empty_object(query: Query, target: str) -> None:
    assert await query.node(target) == {}


@pytest.mark.parametrize("target", ["/?HOST_INFO", "/chan/cutoff?HOST_INFO", "/no/such/node?HOST_INFO"])
async def test_oq_05_host_info_is_told_on_any_path(query: Query, target: str) -> None:
    info = await query.node(target)

    assert {name: value for name, value in info.items() if name != "EXTENSIONS"} == {
        "NAME": "csoundd test",
        "OSC_IP": "127.0.0.1",
        "OSC_PORT": query.osc_port,
        "OSC_TRANSPORT": "UDP",
        "WS_IP": "127.0.0.1",
        "WS_PORT": query.port,
    }
    assert all(type(there) is bool for there in info["EXTENSIONS"].values())


async def test_oq_05_host_info_is_not_told_unasked(query: Query) -> None:
    assert not any("HOST_INFO" in node for node in nodes(await query.node("/")))


async def test_oq_06_no_such_node_is_404(query: Query) -> None:
    assert (await query.get("/no/such/node")).status == 404


@pytest.mark.parametrize("path", ["/chan/in", "/csound/setControlChannel"])
async def test_oq_06_a_value_that_is_not_to_be_read_is_204(query: Query, path: str) -> None:
    answer = await query.get(path + "?VALUE")

    assert (answer.status, answer.body) == (204, b"")


async def test_oq_06_a_known_name_that_is_not_served_is_204(query: Query) -> None:
    answer = await query.get("/chan/cutoff?PATH_RENAMED")

    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize("query_string", ["NONSENSE", "value", "NONSENSE=1", "&", "TYPE&NONSENSE"])
async def test_oq_06_an_unknown_attribute_is_400(query: Query, query_string: str) -> None:
    assert (await query.get(f"/chan/cutoff?{query_string}")).status == 400


@pytest.mark.parametrize("written", ["{}", "{}=", "{}=1", "{}=true"])
@pytest.mark.parametrize("attribute", ["HOST_INFO", "VALUE", "TYPE", "RANGE"])
async def test_an_attribute_may_have_a_value_which_says_nothing(query: Query, attribute: str, written: str) -> None:
    plain = await query.get(f"/chan/cutoff?{attribute}")
    answer = await query.get(f"/chan/cutoff?{written.format(attribute)}")

    assert (plain.status, answer.status, answer.body) == (200, 200, plain.body)


async def test_another_method_is_not_allowed(query: Query) -> None:
    assert (await query.get("/", method="DELETE")).status == 405


async def test_new_channels_are_there_at_once(query: Query, engine: ListingEngine) -> None:
    assert (await query.get("/chan/new")).status == 404
    engine.listing.append(channel("new"))

    assert (await query.node("/chan/new"))["VALUE"] == [0.25]


async def test_without_an_engine_the_tree_has_no_values(query: Query, engine: ListingEngine) -> None:
    await query.get("/")
    engine.error = unavailable()

    assert await query.node("/chan/cutoff?TYPE") == {"TYPE": "f"}
    assert await query.node("/chan/cutoff?VALUE") == {}


async def test_a_page_of_another_origin_is_refused(query: Query) -> None:
    assert (await query.get("/", Origin="https://evil.example")).status == 403
    assert (await query.get("/", Host="evil.example")).status == 403


async def test_a_network_without_a_scope_is_refused() -> None:
    async with serving(allow={"127.0.0.0/8": "read"}) as everything:
        assert (await everything.get("/chan")).status == 200
