"""Wake-ups between processes: few, and never needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from assist.background import cancelled
from assist.db.wakeup import WakeUps

pytestmark = pytest.mark.db

_PATIENCE_S = 30.0


class Ear:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.times = 0
        self._more = asyncio.Event()

    async def hear(self) -> None:
        """A wake-up or a poll."""
        self.times += 1
        self._more.set()

    async def reach(self, times: int) -> None:
        """Waits until it has heard so much."""
        async with asyncio.timeout(_PATIENCE_S):
            while self.times < times:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def _listening(wakeups: WakeUps) -> AsyncIterator[Ear]:
    ear = Ear()
    running = asyncio.create_task(wakeups.run(ear.hear))
    try:
        await ear.reach(2)
        yield ear
    finally:
        await cancelled(running)


async def _end_connections(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_another_process_hears_of_it(database_url: str) -> None:
    sender = WakeUps(conninfo=database_url, poll_s=3600.0)
    async with _listening(WakeUps(conninfo=database_url, poll_s=3600.0)) as ear, _listening(sender):
        for _ in range(3):
            before = ear.times
            sender.send()
            await ear.reach(before + 1)


async def test_many_wake_ups_at_once_make_few(database_url: str) -> None:
    wakeups = WakeUps(conninfo=database_url, poll_s=3600.0)
    async with _listening(wakeups) as ear:
        before = ear.times
        for _ in range(500):
            wakeups.send()
        await ear.reach(before + 1)
        wakeups.send()
        await ear.reach(before + 2)
        assert ear.times == before + 2


async def test_without_a_word_it_looks_by_itself(database_url: str) -> None:
    async with _listening(WakeUps(conninfo=database_url, poll_s=0.01)) as ear:
        await ear.reach(ear.times + 3)


async def test_lost_connections_are_made_again(database_url: str) -> None:
    wakeups = WakeUps(conninfo=database_url, poll_s=3600.0)
    async with _listening(wakeups) as ear:
        for _ in range(2):
            before = ear.times
            await _end_connections(database_url)
            await ear.reach(before + 2)
            wakeups.send()
            await ear.reach(before + 3)


async def test_a_process_that_cannot_listen_still_looks(database_url: str) -> None:
    nowhere = WakeUps(conninfo=database_url.replace("/test_", "/no_such_database_"), poll_s=3600.0)
    ear = Ear()
    running = asyncio.create_task(nowhere.run(ear.hear))
    await ear.reach(3)
    await cancelled(running)
