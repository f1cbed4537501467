"""Sends what is in the outbox: at least once under a constant id, again after a failure, and visibly dead in the end.

A row is claimed by a lease, sent outside any transaction, and settled. A process that is killed in between leaves the
lease to run out; the row is then sent again with the same id. Whoever sends a row goes on with the next one for the
same receiver, so that a receiver that hangs holds up only what is for itself.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from assist.db import notifications as rows
from assist.db.engine import Session, Sessions
from assist.db.errors import DatabaseError
from assist.db.models import Notification
from assist.db.models.base import Json
from assist.db.notifications import Lane, lane_of
from assist.delivery import SUPERVISION, Hub
from assist.jobs import Job
from assist.notifications import occasions, preferences
from assist.notifications.channels import WEB, Channels
from assist.notifications.lanes import Lanes
from assist.notifications.notifier import (
    NOTIFICATIONS_QUEUE,
    SEND_NOTIFICATION,
    Clock,
    Entry,
    add,
    enqueue_sending,
)
from integrations.notify.message import Envelope, Message, SendError, Sent

SCHEDULE_S = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""Pauses after the first, second, … failed attempt (Standard Webhooks); after one more the message is dead."""
RETRY_AFTER_MAX_S = 21600.0
"""More than this no receiver is obeyed."""

_JITTER = 0.2
_SWEEP_S = 10.0
_OVERDUE = timedelta(seconds=15)
_DEADLINE_S = 25.0
_LEASE = timedelta(seconds=45)

log = structlog.get_logger(__name__)


class _Outcome(Struct, frozen=True, kw_only=True):
    """What became of an attempt."""

    sent: Sent | None = None
    error: SendError | None = None
    elapsed_ms: float

    @property
    def status_code(self) -> int | None:
        """HTTP or SMTP."""
        return self.sent.status_code if self.sent is not None else self.error.status_code if self.error else None


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """Sends and settles."""

    sessions: Sessions
    channels: Channels
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""
    public_url: str | None = None
    clock: Clock = rows.database_now
    chance: Callable[[], float] = random.random
    """In [0, 1): spreads the retries."""
    deadline_s: float = _DEADLINE_S
    """Of one attempt; shorter than the lease."""
    lanes: Lanes = field(default_factory=Lanes)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """For the worker."""
        return (Job(name=SEND_NOTIFICATION, queue=NOTIFICATIONS_QUEUE, body=self.send),)

    async def send(self, notification_id: str) -> None:
        """Sends everything that is due for the receiver of this row."""
        async with self.sessions() as session:
            row = await rows.by_id(session, UUID(notification_id))
        if row is None or row.state != "pending":
            return
        lane = lane_of(row)
        if not self.lanes.enter(lane):
            return
        try:
            await self._drain(lane)
        finally:
            self.lanes.leave(lane)

    async def watch(self) -> None:
        """Looks again and again for rows whose job got lost; ends only when cancelled."""
        while True:
            try:
                await self.sweep()
            except DatabaseError as error:
                log.warning("outbox_not_swept", error=type(error).__name__)
            await asyncio.sleep(_SWEEP_S)

    async def sweep(self) -> None:
        """Has every receiver served for whom something is overdue: its job was lost, or its sender was killed."""
        async with self.sessions.begin() as session:
            for identity in await rows.overdue(session, await self.clock(session) - _OVERDUE):
                await enqueue_sending(session, identity)

    async def _drain(self, lane: Lane) -> None:
        while not self.lanes.is_held(lane):
            async with self.sessions.begin() as session:
                row = await rows.claim_next(session, lane, await self.clock(session), _LEASE)
                if row is not None and await rows.is_pointless(session, row, occasions.CALLS_FOR_ACTION):
                    await rows.change(session, row.id, {"state": "cancelled", "attempts": row.attempts - 1})
                    continue
            if row is not None:
                await self._settle(row, await self._attempt(row))
            elif not self.lanes.knocked(lane):
                return

    async def _attempt(self, row: Notification) -> _Outcome:
        """Never raises for what a channel does."""
        started = time.perf_counter()
        sent, error = None, None
        try:
            async with asyncio.timeout(self.deadline_s):
                sent = await self._sent(row)
        except SendError as refused:
            error = refused
        except TimeoutError:
            error = SendError("The receiver did not answer in time.", retryable=True)
        except Exception as failed:
            log.exception("notification_channel_failed", channel=row.channel, error=type(failed).__name__)
            error = SendError(f"The channel failed ({type(failed).__name__}).", retryable=True)
        return _Outcome(sent=sent, error=error, elapsed_ms=(time.perf_counter() - started) * 1000.0)

    async def _sent(self, row: Notification) -> Sent:
        channel = self.channels.by_name.get(row.channel)
        if channel is None:
            raise SendError("This channel is not configured any more.", retryable=False)
        message = msgspec.convert(row.message, Message)
        envelope = Envelope(id=row.id, address=row.address, message=message, created_at=row.created_at)
        return await channel.send(envelope)

    async def _settle(self, row: Notification, outcome: _Outcome) -> None:
        async with self.sessions.begin() as session:
            now = await self.clock(session)
            values = await self._values(session, row, outcome, now)
            if await rows.settle(session, row, values):
                await self._record(session, row, outcome, values["state"], now)
                if values["state"] == "pending":
                    await enqueue_sending(session, row.id, values["not_before"])
                elif values["state"] == "dead":
                    await self._alert(session, row, values["last_error"], now)
        self._hold(row, outcome)
        self.hub.wake(SUPERVISION)
        self.announce()

    async def _values(self, session: Session, row: Notification, outcome: _Outcome, now: datetime) -> Json:
        error = outcome.error
        if error is None:
            return {"state": "sent", "sent_at": now, "not_before": None, "last_error": None}
        if not error.retryable or row.attempts > len(SCHEDULE_S):
            return {"state": "dead", "not_before": None, "last_error": str(error)}
        at = now + timedelta(seconds=self._pause_s(row.attempts, error.retry_after_s))
        if row.user_id is not None:
            wished = preferences.from_document(await rows.preferences(session, row.user_id))
            at = wished.not_before(at, urgent=bool(row.message.get("urgent"))) or at
        return {"state": "pending", "not_before": at, "last_error": str(error)}

    def _pause_s(self, attempts: int, retry_after_s: float | None) -> float:
        pause_s = SCHEDULE_S[attempts - 1] * (1.0 + _JITTER * self.chance())
        return max(pause_s, min(retry_after_s or 0.0, RETRY_AFTER_MAX_S))

    async def _record(self, session: Session, row: Notification, outcome: _Outcome, state: str, now: datetime) -> None:
        detail = outcome.sent.detail if outcome.sent is not None else str(outcome.error)
        values = {
            "notification_id": row.id,
            "at": now,
            "outcome": "retry" if state == "pending" else state,
            "status_code": outcome.status_code,
            "detail": detail,
            "elapsed_ms": outcome.elapsed_ms,
        }
        await rows.insert_attempt(session, values)
        log.info("notification_attempted", id=str(row.id), channel=row.channel, outcome=values["outcome"])

    async def _alert(self, session: Session, row: Notification, detail: str, now: datetime) -> None:
        """On the screens of everybody who can do something about it, at most once an hour for one receiver."""
        log.error("notification_dead", id=str(row.id), channel=row.channel, reason=detail)
        lane = lane_of(row)
        where = f"{lane.channel}:{lane.address or ''}:{now:%Y-%m-%dT%H}"
        message = occasions.dead_message(row.channel, row.event, detail, row.request_id, self.public_url)
        for user_id in await rows.supervising_users(session):
            key = f"{occasions.DEAD}:{where}:{user_id}"
            entry = Entry(key=key, channel=WEB, user_id=user_id, message=message, request_id=row.request_id)
            await add(session, entry, now)

    def _hold(self, row: Notification, outcome: _Outcome) -> None:
        """What a receiver asks for counts for everything that it is sent; its next retry goes on with the rest."""
        wait_s: Any = outcome.error.retry_after_s if outcome.error is not None else None
        if wait_s:
            self.lanes.hold(lane_of(row), min(wait_s, RETRY_AFTER_MAX_S))
