"""One runner a call: whoever holds the call's lease analyses its segments, turn by turn, and commits the results.

Store first (assist/calls.py), then wake the runner here. A turn runs outside any transaction; its results are
committed in one, guarded by fence and watermark.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

import structlog

from assist.background import cancelled
from assist.db import turns
from assist.db.engine import Sessions
from assist.db.errors import UNAVAILABLE, DatabaseError
from assist.delivery import Hub
from assist.live_call import LiveCall
from assist.refining import Helped, Refinements
from assist.turns import TurnEnd, TurnRunner

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
    refinement_timeout_s: float = 30.0
    """The last resort against a refiner that hangs; a model's own budget is shorter."""
    _tasks: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)
    _calls: OrderedDict[UUID, LiveCall] = field(default_factory=OrderedDict)

    @cached_property
    def refinements(self) -> Refinements:
        """What models write meanwhile."""
        return Refinements(
            owner=self.owner,
            sessions=self.sessions,
            pipeline=self.turn_runner.pipeline,
            hub=self.hub,
            announce=self.announce,
            timeout_s=self.refinement_timeout_s,
            questions=self.turn_runner.questions,
        )

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
        await self.refinements.stop_all()
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
            end = await self.turn_runner.run(live, self.refinements.supersede)
        finally:
            await cancelled(renewing)
        if end is None:
            return False
        if end.stored:
            self.hub.wake(live.session_id)
            self.announce()
            self._refine(end)
        else:
            log.info("lease_lost", session_id=str(live.session_id))
            self.refinements.lost(live.session_id)
            live.drop()
        return True

    def _refine(self, end: TurnEnd) -> None:
        """Begins when the answer is on its way to the screen; the next turn does not wait for it."""
        if end.outcome is None:
            return
        helped = Helped(
            session_id=end.rows.session_id,
            turn=end.rows.turn["number"],
            outcome=end.outcome,
            cards=tuple(row["id"] for row in end.rows.suggestions),
            fence=end.rows.fence,
        )
        self.refinements.begin(helped)

    async def _claim(self, live: LiveCall) -> turns.Lease | None:
        """For every turn anew: a lease that was kept through a silence may have run out."""
        async with self.sessions.begin() as session:
            lease = await turns.claim(session, live.session_id, self.owner, resumed=live.resumed)
        if lease is not None and not live.begin(lease):
            self.refinements.lost(live.session_id)
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
