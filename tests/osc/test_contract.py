"""Each address is declared once: what is served, what OSCQuery tells and what the page says are the same."""

from __future__ import annotations

import json
from typing import Annotated, cast

import pytest
from pydantic import Field

from csoundd.api import METHODS
from csoundd.codec.osc import IMPULSE, Midi, Value
from csoundd.contract.reference import COMMANDS, osc
from csoundd.errors import InvalidParams
from csoundd.transport.osc import GROUPS
from csoundd.transport.osc.addresses import NAMESPACES, OscCommand, command, commands_of, path_of
from csoundd.transport.osc.calls import Call, ReplyContext
from csoundd.transport.osc.commands import CommandServices
from tests.osc.fakes import Served, served
from tests.oscquery.serving import serving

SAMPLES: dict[str, Value] = {"i": 1, "f": 2.0, "s": "run", "b": b"\x90\x3c\x64", "m": Midi(b"\0\x90\x3c\x64")}


class TempoCommands:
    """An address that csoundd has not."""

    def __init__(self, services: CommandServices) -> None:
        self._runner = services.runner

    @command("/tempo", "control")
    def tempo(self, context: ReplyContext, bpm: Annotated[float, Field(ge=20, le=300)], name: str = "tempo") -> Call:
        """Set the tempo, in beats a minute."""
        return Call("csound.setControlChannel", [name, bpm / 60], context)


async def test_every_address_is_on_the_page(osc: Served) -> None:
    methods = {path_of(m.name) for m in METHODS.values() if m.name.partition(".")[0] in NAMESPACES}

    assert set(osc.server.addresses) == methods | {declared.address.path for declared in COMMANDS}


def test_the_page_has_a_row_for_each() -> None:
    page = osc()

    assert all(f"| `{declared.address.path}` |" in page for declared in COMMANDS)
    assert "| `/csound/setControlChannel` | `csound.setControlChannel(name: str, val: float)` | control |" in page


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda declared: declared.address.path)
def test_every_type_that_is_told_is_taken(declared: OscCommand) -> None:
    for tags in declared.address.types:
        values: list[Value] = [] if tags == "I" else [SAMPLES[tag] for tag in tags]
        for place, limits in enumerate(declared.address.ranges if tags[:1] == "s" else ()):
            if limits and "VALS" in limits and isinstance(values[place], str):
                values[place] = cast("list[str]", limits["VALS"])[0]
        if declared.address.path == "/note/set" and tags.startswith("si"):
            values[1] = 4

        assert declared.bind(values) is not None


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda declared: declared.address.path)
def test_what_is_told_of_an_address_is_a_sentence_and_its_arguments_have_names(declared: OscCommand) -> None:
    assert declared.address.description.endswith(".")
    assert len(declared.address.ranges) in {0, len(declared.address.types[0])}
    with pytest.raises(InvalidParams) as caught:
        declared.bind([IMPULSE, IMPULSE, IMPULSE, IMPULSE])
    assert caught.value.hint == f"{declared.address.path} {declared.usage}".strip()


async def test_a_new_address_is_one_declaration_and_is_served_with_its_checks() -> None:
    async with served(groups=(*GROUPS, TempoCommands)) as everything:
        client = everything.client
        client.send("/tempo", 90)
        await client.settled()
        too_fast = await client.ask("/tempo", 900.0)

        assert everything.engine.channels["tempo"] == 1.5
        assert too_fast[1][:2] == ["/tempo", -32602]
        assert "bpm" in str(too_fast[1][2])


async def test_a_new_address_is_one_declaration_and_asks_for_its_scope() -> None:
    async with served(groups=(*GROUPS, TempoCommands), allow={"127.0.0.0/8": "read"}) as everything:
        refused = await everything.client.ask("/tempo", 90.0)

    assert refused == ("/error", ["/tempo", -32002, "/tempo needs the scope control"])


async def test_a_new_address_is_one_declaration_and_stands_in_the_tree() -> None:
    async with serving(groups=(*GROUPS, TempoCommands)) as query:
        node = await query.node("/tempo")

    assert json.dumps(node) == json.dumps(
        {
            "FULL_PATH": "/tempo",
            "TYPE": "fs",
            "ACCESS": 2,
            "DESCRIPTION": "Set the tempo, in beats a minute.",
            "CRITICAL": True,
            "RANGE": [{"MIN": 20, "MAX": 300}, None],
            "OVERLOADS": [{"TYPE": "f"}],
        }
    )


def test_a_new_address_is_one_declaration_and_stands_on_the_page() -> None:
    assert "| `/tempo` | `f:bpm=20..300 [s:name]` | control | Set the tempo, in beats a minute. |" in osc(
        commands=commands_of(TempoCommands)
    )
