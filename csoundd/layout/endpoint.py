"""``/layout/…``: a control surface for the channels that there are now, as a page or as a file of another program."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from csoundd.errors import CsounddError
from csoundd.layout.formats import controls_of, open_stage_control_session, touchosc_layout, web_page
from csoundd.limits import LISTING_SECONDS
from csoundd.messages import Command, Outcome
from csoundd.ports import EnginePort
from csoundd.transport.authentication import grant_of
from csoundd.transport.conditions import conditional, failed
from csoundd.transport.proxies import public_url
from csoundd.transport.sockets import authority

PATH: Final = "/layout/"


class Program(StrEnum):
    """The programs that layouts are for."""

    TOUCHOSC = "touchosc"
    OPEN_STAGE_CONTROL = "open-stage-control"
    HTML = "html"


ENDINGS: Final = {Program.TOUCHOSC: "tosc", Program.OPEN_STAGE_CONTROL: "json", Program.HTML: "html"}

_TYPES: Final = {
    Program.TOUCHOSC: "application/octet-stream",
    Program.OPEN_STAGE_CONTROL: "application/json",
    Program.HTML: "text/html",
}


class LayoutEndpoint:
    """Answers ``/layout/<program>?channels=<glob>&osc=<host:port>``.

    Without ``osc`` it is the host that the request came to, and ``osc_port``, where the daemon's OSC is.
    """

    def __init__(self, engine: EnginePort, osc_port: int) -> None:
        self._engine, self._osc_port = engine, osc_port

    def routes(self) -> list[BaseRoute]:
        """The routes that the HTTP server adds."""
        return [Route(f"{PATH}{program}", self._answer, methods=["GET"]) for program in Program]

    async def _answer(self, request: Request) -> Response:
        try:
            grant = grant_of(request.scope)
            grant.permit("read", request.url.path)
        except CsounddError as refusal:
            return failed(refusal)
        program = Program(request.url.path.removeprefix(PATH))
        try:
            channels = await self._channels(request.query_params.get("channels", "*"))
        except CsounddError as error:
            return failed(error, HTTPStatus.SERVICE_UNAVAILABLE)
        if grant.channels is not None:
            channels = [channel for channel in channels if grant.channels.may_read(channel["name"])]
        controls, host = controls_of(channels), request.url.hostname or "127.0.0.1"
        match program:
            case Program.TOUCHOSC:
                content = touchosc_layout(controls)
            case Program.OPEN_STAGE_CONTROL:
                content = open_stage_control_session(
                    controls, request.query_params.get("osc", authority(host, self._osc_port))
                )
            case Program.HTML:
                content = web_page(controls, f"ws{public_url(request.scope).removeprefix('http')}/ws")
        headers = {"cache-control": "no-store"}
        if program is not Program.HTML:
            headers["content-disposition"] = f'attachment; filename="csoundd.{ENDINGS[program]}"'
        return conditional(request, Response(content, media_type=_TYPES[program], headers=headers))

    async def _channels(self, glob: str) -> list[dict[str, Any]]:
        listed: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._engine.call(Command("channel.list", [glob], deadline=LISTING_SECONDS), listed.set_result)
        outcome = await listed
        if outcome.error is not None:
            raise outcome.error
        return cast("list[dict[str, Any]]", outcome.result)
