"""The jobs of a daemon, by its settings: where they are kept, and what they may have."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from csoundd.config import BadConfig, Config
from csoundd.daemon.state import usual_place
from csoundd.engine.workspace import Workspace
from csoundd.errors import EngineUnavailable
from csoundd.render.jobs.lease import JobLease
from csoundd.render.jobs.queue import Rules
from csoundd.render.system import memory_bytes, processors

log = logging.getLogger("csoundd.renders")

FOLDER: Final = "renders"
MEMORY_SHARE: Final = 0.75
"""How much of the memory all renders together may take."""


async def go_on(jobs: JobLease) -> None:
    """Have the jobs done that another daemon has left. Raises BadConfig where their folder cannot be had."""
    try:
        await jobs.resume()
    except EngineUnavailable as problem:
        raise BadConfig(problem.message, hint=problem.hint) from None


@asynccontextmanager
async def render_jobs(config: Config, workspace: Workspace) -> AsyncIterator[JobLease]:
    """The jobs, as long as the daemon lasts. Raises BadConfig for a folder that is none for them."""
    at_once = config.render_jobs or processors()
    rules = Rules(
        engine=config.engine,
        at_once=at_once,
        max_memory=int(MEMORY_SHARE * memory_bytes() / at_once),
        most_waiting=config.bound("renders_waiting"),
        kept=config.bound("renders"),
        kept_bytes=config.bound("render_bytes"),
        kept_seconds=config.bound("render_age"),
        seconds=config.bound("render_seconds"),
        confine=config.confine,
        samples=tuple(str(folder.resolve()) for folder in config.samples),
    )
    chosen = config.renders is not None or config.state is not None
    lease = JobLease(_folder(config, workspace), workspace, rules, chosen=chosen)
    try:
        yield lease
    finally:
        await lease.close()


def engines_for_jobs(config: Config) -> frozenset[str]:
    """The engines that a job may ask for by name."""
    return frozenset({config.engine, "wasm", *config.render_engines})


def _folder(config: Config, workspace: Workspace) -> Path | None:
    """Where the jobs are kept, None where they end with the daemon."""
    if config.renders is not None:
        if _is_in(config.renders, workspace):
            raise BadConfig(f"renders: {config.renders} is in the workspace, where compiled code could change it")
        return config.renders.resolve()
    if config.no_state:
        return None
    folder = (config.state or usual_place(config.workspace)) / FOLDER
    if _is_in(folder, workspace):
        log.info("jobs are kept as long as this daemon: %s is in the workspace", folder)
        return None
    return folder.resolve()


def _is_in(folder: Path, workspace: Workspace) -> bool:
    return folder.resolve().is_relative_to(workspace.folder)
