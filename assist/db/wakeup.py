"""Wake-ups between processes: an empty NOTIFY, coalesced, and a listener that reconnects."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

_CHANNEL = "assist_wake"
_COALESCE_S = 0.03
_RECONNECT_S = 0.5
_CONNECT_TIMEOUT_S = 5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class WakeUps:
    """Tells other processes that something was stored, and hears it from them. Correctness never needs it."""

    conninfo: str
    poll_s: float = 1.0
    """Look this often even when nobody calls."""
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self) -> None:
        """Asks for a NOTIFY soon; many calls make one."""
        self._wanted.set()

    async def run(self, heard: Callable[[], Awaitable[None]]) -> None:
        """Sends and listens until cancelled; `heard` is called for every wake-up and once a poll."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send_forever())
            group.create_task(self._listen_forever(heard))

    async def _send_forever(self) -> None:
        while True:
            try:
                async with await self._connect() as connection:
                    while True:
                        await self._wanted.wait()
                        self._wanted.clear()
                        await connection.execute(f"NOTIFY {_CHANNEL}")
                        await asyncio.sleep(_COALESCE_S)
            except (psycopg.OperationalError, SQLAlchemyError):
                log.warning("wakeup_sender_lost")
                self._wanted.set()
                await asyncio.sleep(_RECONNECT_S)

    async def _listen_forever(self, heard: Callable[[], Awaitable[None]]) -> None:
        while True:
            await heard()  # also as long as no connection for listening is to be had
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    while True:
                        await heard()
                        await self._next(connection)
            except (psycopg.OperationalError, SQLAlchemyError):
                log.warning("wakeup_listener_lost")
                await asyncio.sleep(_RECONNECT_S)

    async def _next(self, connection: psycopg.AsyncConnection[tuple[object, ...]]) -> None:
        async for _ in connection.notifies(timeout=self.poll_s, stop_after=1):
            pass

    async def _connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        return await psycopg.AsyncConnection.connect(
            self.conninfo, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_S, application_name="assist-wakeup"
        )
