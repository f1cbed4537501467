"""One runner a call: whoever holds the call's lease analyses its segments, turn by turn, and commits the results.

Store first (assist/calls.py), then wake the runner here. A turn runs outside any transaction; its results are
committed in one, guarded by fence and watermark.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from assist.background import cancelled
from assist.db import turns
from assist.db.engine import Sessions
from assist.db.errors import UNAVAILABLE, DatabaseError
from assist.delivery import Hub
from assist.live_call import LiveCall
from assist.turns import TurnRunner

_RETRY_S = (0.2, 1.0, 3.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Runners:
    """The live-call registry of this process: at most one task a call."""

    owner: str
    """Unique to this process; never reused."""
    sessions: Sessions
    turn_runner: TurnRunner
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""
    kept_calls: int = 500
    """Calls whose transcript stays in memory between turns; an older one is read again when it is needed."""
    _tasks: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    _calls: OrderedDict[UUID, LiveCall] = field(default_factory=OrderedDict)

    def wake(self, session_id: UUID) -> None:
        """There are new segments. Never blocks; a running task hears it, else one is started."""
        live = self._live(session_id)
        live.woken.set()
        if session_id not in self._tasks:
            task = asyncio.create_task(self._run(live), name=f"call-{session_id}")
            self._tasks[session_id] = task
            task.add_done_callback(lambda done: self._ended(live, cancelled=done.cancelled()))

    async def scan(self) -> None:
        """Wakes the runner of every call whose segments wait and whose lease is free or ours."""
        async with self.sessions() as session:
            waiting = await turns.waiting_calls(session, self.owner)
        for session_id in waiting:
            self.wake(session_id)

    async def stop(self) -> None:
        """Cancels what runs (its segments stay above the watermark) and gives the leases back."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        try:
            async with self.sessions.begin() as session:
                await turns.release_all(session, self.owner)
        except DatabaseError as error:
            log.warning("leases_not_released", error=type(error).__name__)

    def _live(self, session_id: UUID) -> LiveCall:
        live = self._calls.pop(session_id, None) or LiveCall(session_id)
        self._calls[session_id] = live
        if len(self._calls) > self.kept_calls:
            oldest = next((one for one in self._calls if one not in self._tasks and one != session_id), None)
            if oldest is not None:
                del self._calls[oldest]
        return live

    def _ended(self, live: LiveCall, *, cancelled: bool) -> None:
        del self._tasks[live.session_id]
        if live.woken.is_set() and not cancelled:
            self.wake(live.session_id)

    async def _run(self, live: LiveCall) -> None:
        """Turns until nothing waits. What the database failed is tried again here, any failure later by `scan`."""
        for wait_s in (*_RETRY_S, None):
            live.woken.clear()
            try:
                while await self._turn(live):
                    pass
            except DatabaseError as error:
                log.warning("turn_not_stored", session_id=str(live.session_id), error=type(error).__name__)
                live.drop(resumable=isinstance(error, UNAVAILABLE))
                if wait_s is not None:
                    await asyncio.sleep(wait_s)
                continue
            except Exception as error:
                log.exception("turn_broke_off", session_id=str(live.session_id), error=type(error).__name__)
                live.drop()
            return

    async def _turn(self, live: LiveCall) -> bool:
        """One turn. False: nothing waits, or another process has the call."""
        lease = await self._claim(live)
        if lease is None:
            return False
        renewing = asyncio.create_task(self._renew(live.session_id, lease.fence))
        try:
            stored = await self.turn_runner.run(live)
        finally:
            await cancelled(renewing)
        if stored is None:
            return False
        if stored:
            self.hub.wake(live.session_id)
            self.announce()
        else:
            log.info("lease_lost", session_id=str(live.session_id))
            live.drop()
        return True

    async def _claim(self, live: LiveCall) -> turns.Lease | None:
        """For every turn anew: a lease that was kept through a silence may have run out."""
        async with self.sessions.begin() as session:
            lease = await turns.claim(session, live.session_id, self.owner, resumed=live.resumed)
        if lease is not None:
            live.begin(lease)
        return lease

    async def _renew(self, session_id: UUID, fence: int) -> None:
        """Keeps the lease while a long turn runs; that it was lost shows when the turn is stored."""
        held = True
        while held:
            await asyncio.sleep(turns.LEASE_S / 3)
            try:
                async with self.sessions.begin() as session:
                    held = await turns.renew(session, session_id, fence)
            except DatabaseError as error:
                log.warning("lease_not_renewed", session_id=str(session_id), error=type(error).__name__)
