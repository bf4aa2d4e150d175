"""Stage 3: a request to a checked call, a call to its reply or failure. Nothing that comes in makes it raise."""

from __future__ import annotations

from csoundd.dispatcher.dispatch import Dispatcher, RunningCalls, ServiceFactory
from csoundd.dispatcher.front import EngineService, RpcService
from csoundd.dispatcher.options import options_check

__all__ = [
    "Dispatcher",
    "EngineService",
    "RpcService",
    "RunningCalls",
    "ServiceFactory",
    "options_check",
]
