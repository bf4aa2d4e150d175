"""A request to a checked call, a call to its reply or failure. Nothing that comes in makes it raise."""

from __future__ import annotations

from csoundd.dispatcher.checks import options_check
from csoundd.dispatcher.dispatch import Dispatcher, ServiceFactory
from csoundd.dispatcher.engine_methods import EngineService, RpcService
from csoundd.dispatcher.running import RunningCalls

__all__ = [
    "Dispatcher",
    "EngineService",
    "RpcService",
    "RunningCalls",
    "ServiceFactory",
    "options_check",
]
