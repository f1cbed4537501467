"""Work that runs beside the requests, each with an owner: restarted when it fails, cancelled and awaited at the end."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

_FIRST_RETRY_S = 0.5
_LAST_RETRY_S = 30.0

log = structlog.get_logger(__name__)


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancels a task and waits until it has ended; its own failure was seen elsewhere, or does not matter any more."""
    task.cancel()
    await asyncio.wait((task,))
    if not task.cancelled():
        task.exception()


@dataclass(frozen=True, kw_only=True)
class Background:
    """The background tasks of one process."""

    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator["Background"]:
        """Tasks started inside the block end with it."""
        background = cls()
        try:
            yield background
        finally:
            for task in background._tasks:
                task.cancel()
            await asyncio.gather(*background._tasks, return_exceptions=True)

    def start(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """Runs `work` until it returns; a failure is logged and tried again after a growing pause."""
        self._tasks.append(asyncio.create_task(_persist(name, work), name=name))


async def _persist(name: str, work: Callable[[], Awaitable[object]]) -> None:
    pause_s = _FIRST_RETRY_S
    while True:
        started = time.monotonic()
        try:
            await work()
        except Exception as error:
            log.exception("background_work_failed", work=name, error=type(error).__name__)
            if time.monotonic() - started > _LAST_RETRY_S:
                pause_s = _FIRST_RETRY_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LAST_RETRY_S)
        else:
            return
