"""Fires timers: every process looks once a second, and a durable job looks when one is due. Each fires once."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct

from assist.db import calls, timers
from assist.db.engine import Session, Sessions
from assist.db.errors import UNAVAILABLE, DatabaseError
from assist.db.models import HelpRequest
from assist.db.timers import Due
from assist.escalation.timers import enqueue_next

_BATCH = 50
_PATIENCE_S = 15.0
"""For one timer."""
_LAST_PAUSE_S = 300.0
PARK_AFTER = 10
"""Failures of one timer, within a good ten minutes: then it is left alone until the next start of the process."""

BecameDue = Callable[[Session, HelpRequest, str, datetime], Awaitable[None]]
"""What is to happen, in the transaction that marks the timer as fired: session, request, kind of timer, now."""

log = structlog.get_logger(__name__)


class _Failure(Struct, frozen=True, kw_only=True):
    attempts: int
    not_before_s: float
    """Monotonic; infinite: parked."""


@dataclass(frozen=True, kw_only=True)
class TimerFiring:
    """Fires what is due on the database's clock; the pace is a monotonic one, so that a clock that jumps here changes
    nothing. A timer whose handler fails waits a growing while and holds up no other.
    """

    sessions: Sessions
    became_due: BecameDue
    told: Callable[[UUID | None], None]
    """Wakes a call's desks and the consoles after a commit."""
    every_s: float = 1.0
    first_pause_s: float = 2.0
    """After a failure; doubled by each further one."""
    _failures: dict[UUID, _Failure] = field(default_factory=dict)

    async def run(self) -> None:
        """Looks again and again until cancelled."""
        while True:
            try:
                await self.fire_due()
            except (DatabaseError, OSError) as error:
                log.warning("timers_not_read", error=type(error).__name__)
            await asyncio.sleep(self.every_s)

    async def fire_due(self) -> None:
        """Fires all that is due now, earliest first; once each, whoever else does the same meanwhile."""
        tried: set[UUID] = set()
        while True:
            async with self.sessions() as session:
                batch = await timers.due(session, but=tried | self._paused(), limit=_BATCH)
            if not batch:
                return
            for one in batch:
                tried.add(one.id)
                await self._try(one)

    def _paused(self) -> set[UUID]:
        now_s = time.monotonic()
        return {identity for identity, failure in self._failures.items() if failure.not_before_s > now_s}

    async def _try(self, one: Due) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                fired = await self._fire(one)
        except UNAVAILABLE as error:
            self._pause(one, error, may_park=False)
        except Exception as error:  # noqa: BLE001 - one timer that fails is no reason to fire no other
            self._pause(one, error, may_park=True)
        else:
            self._failures.pop(one.id, None)
            if fired:
                self.told(one.session_id)

    async def _fire(self, one: Due) -> bool:
        """False: it is not due any more, or somebody else has the request in hand at this moment."""
        async with self.sessions.begin() as session:
            await timers.wait_briefly(session)
            if one.session_id is not None:
                await calls.lock_call(session, one.session_id)
            request = await timers.lock_request(session, one.request_id)
            moment = await timers.fire(session, one.id) if request is not None else None
            if request is None or moment is None:
                return False
            await self.became_due(session, request, one.kind, moment)
            await enqueue_next(session, request)
        return True

    def _pause(self, one: Due, error: Exception, *, may_park: bool) -> None:
        before = self._failures.get(one.id)
        attempts = before.attempts + 1 if before is not None else 1
        fields = {"request_id": str(one.request_id), "kind": one.kind, "attempts": attempts}
        if may_park and attempts >= PARK_AFTER:
            self._failures[one.id] = _Failure(attempts=attempts, not_before_s=float("inf"))
            log.error("timer_parked", error=type(error).__name__, exc_info=error, **fields)
            return
        pause_s = min(self.first_pause_s * 2.0 ** (attempts - 1), _LAST_PAUSE_S)
        self._failures[one.id] = _Failure(attempts=attempts, not_before_s=time.monotonic() + pause_s)
        log.warning("timer_failed", error=type(error).__name__, retry_in_s=pause_s, **fields)
