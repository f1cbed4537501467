"""A worker: one AgentServer, whose jobs run in processes of their own."""

import asyncio
import logging
import math
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from livekit import agents
from msgspec import Struct

MAX_LOAD = 0.7
_IDLE_PROCESSES = 4
_CLOSE_S = 15.0
"""For a job's last words and what it owes the server, before its process is killed."""

JobContext = agents.JobContext
JobProcess = agents.JobProcess

log = structlog.get_logger(__name__)


class WorkerOptions(Struct, frozen=True, kw_only=True):
    """What a worker is started with."""

    agent_name: str
    """By which it is dispatched."""
    url: str
    api_key: str
    api_secret: str
    may_publish: bool
    port: int = 8081
    """Of its health checks: GET / and GET /worker."""
    max_load: float = MAX_LOAD
    """[0, 1], of the processors; above it, jobs are declined. More than 1: never."""
    drain_s: int = 0
    """Jobs may go on for so long after the worker was told to stop; then they hand over what they have and leave."""


Entrypoint = Callable[[JobContext], Awaitable[None]]
Prepare = Callable[[JobProcess], None]


def make_worker(options: WorkerOptions, entrypoint: Entrypoint, prepare: Prepare) -> agents.AgentServer:
    """Both functions must be importable by name: other processes call them."""
    server = agents.AgentServer(
        ws_url=options.url,
        api_key=options.api_key,
        api_secret=options.api_secret,
        permissions=agents.WorkerPermissions(
            can_publish=options.may_publish,
            can_publish_data=options.may_publish,
            can_update_metadata=options.may_publish,
        ),
        port=options.port,
        load_threshold=options.max_load if options.max_load <= 1 else math.inf,
        num_idle_processes=min(_IDLE_PROCESSES, os.cpu_count() or 1),
        shutdown_process_timeout=_CLOSE_S,
        setup_fnc=prepare,
        log_level="WARN",
    )
    server.rtc_session(entrypoint, agent_name=options.agent_name)
    return server


async def run_worker(server: agents.AgentServer, options: WorkerOptions, stop: asyncio.Event) -> None:
    """Runs until `stop` is set, then drains.

    Raises:
        RuntimeError: LiveKit could not be reached in many attempts.
    """
    logging.getLogger("livekit").setLevel(logging.WARNING)
    server.on("worker_registered", lambda *_: log.info("worker_registered", agent_name=options.agent_name))
    running = asyncio.create_task(server.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not running.done():
        log.info("worker_drains", agent_name=options.agent_name, seconds=options.drain_s)
        with suppress(TimeoutError):
            await server.drain(timeout=max(1, options.drain_s))
    await server.aclose()
    await running
