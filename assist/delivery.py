"""Delivery: whoever follows a call is woken when something was stored, and reads it from the event log.

The log is the truth; a wake-up carries nothing. Interim transcripts and answers that a model is still writing are the
exceptions: they are never stored and go straight to the followers in this process.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from msgspec import Struct

from assist.db import calls, deployment, floor, supervision
from assist.db.engine import Sessions
from assist.errors import NotFoundError
from assist.views import Json, event_message

_BATCH = 200
PING_S = 15.0
"""A follower that hears nothing else gets a ping this often."""


CALL_LIST = UUID(int=0)
"""Watched like a call: the list of calls, which changes when any of them starts or ends."""

SUPERVISION = UUID(int=1)
"""Watched like a call: requests, drafts, notifications and presence, which supervisors' consoles show."""

FLOOR = UUID(int=2)
"""Watched like a call: all calls that go on, with their last words and open requests."""


class Cursor(Struct, frozen=True, kw_only=True):
    """Where a follower stands in the log."""

    after: int
    """Number of the last event it has; 0 for none."""
    epoch: str | None = None
    """Epoch that number belongs to; None: the follower does not know, and is trusted."""


class Watcher:
    """One follower's doorbell."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._passing: dict[str, Json] = {}

    def ring(self, passing: Json | None = None) -> None:
        """Something happened; words that will not be stored replace the earlier ones of the same speaker or card."""
        if passing is not None:
            self._passing[_whose(passing)] = passing
        self._rung.set()

    async def rings(self, timeout_s: float) -> bool:
        """Waits for the next ring. False: none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._rung.wait()
        except TimeoutError:
            return False

    def take(self) -> list[Json]:
        """Clears the bell and hands over what was not stored. Call it before reading the log."""
        self._rung.clear()
        passing, self._passing = list(self._passing.values()), {}
        return passing


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Who in this process follows which call."""

    sessions: Sessions
    _watchers: dict[UUID, set[Watcher]] = field(default_factory=dict)
    _seen: dict[UUID, object] = field(default_factory=dict)
    """Progress of the followed calls when they were last looked at."""

    @contextmanager
    def watch(self, session_id: UUID) -> Iterator[Watcher]:
        """A doorbell for the duration of the block."""
        watcher = Watcher()
        self._watchers.setdefault(session_id, set()).add(watcher)
        try:
            yield watcher
        finally:
            self._watchers[session_id].discard(watcher)
            if not self._watchers[session_id]:
                del self._watchers[session_id]
                self._seen.pop(session_id, None)

    def followers(self) -> int:
        """How many doorbells there are."""
        return sum(map(len, self._watchers.values()))

    def wake(self, session_id: UUID) -> None:
        """Something was stored for this call."""
        for watcher in self._watchers.get(session_id, ()):
            watcher.ring()

    def show(self, session_id: UUID, passing: Json) -> None:
        """An interim transcript or an unfinished answer, for the screens only."""
        for watcher in self._watchers.get(session_id, ()):
            watcher.ring(passing)

    async def check(self) -> None:
        """Looks which followed calls have moved on in other processes, and wakes their followers."""
        if not self._watchers:
            return
        async with self.sessions() as session:
            states: dict[UUID, object] = {**await calls.progress(session, list(self._watchers))}
            if CALL_LIST in self._watchers:
                states[CALL_LIST] = await calls.last_start_and_end(session)
            if SUPERVISION in self._watchers:
                states[SUPERVISION] = await supervision.marker(session)
            if FLOOR in self._watchers:
                states[FLOOR] = await floor.marker(session)
        for session_id, state in states.items():
            if session_id in self._watchers and self._seen.get(session_id) != state:
                self._seen[session_id] = state
                self.wake(session_id)

    async def follow(self, session_id: UUID, cursor: Cursor) -> AsyncGenerator[Json]:
        """Messages of a call without end: hello, perhaps a reset, the log after the cursor, then live. Another reset
        comes when events were removed before they could be read: the numbers between two resets have no gap.

        Ends by itself only when the caller closes it. No database session is held while waiting.

        Raises:
            NotFoundError: there is no such call.
        """
        with self.watch(session_id) as watcher:
            opening, after = await self._open(session_id, cursor)
            for message in opening:
                yield message
            settled: set[str] = set()
            while True:
                passing = watcher.take()
                async for message in self._stored(session_id, after):
                    after = message.get("seq", after)
                    settled |= _settled_by(message)
                    yield message
                for message in passing:
                    if message.get("suggestion_id") not in settled:
                        yield message
                if not await watcher.rings(PING_S):
                    yield {"type": "ping"}

    async def _open(self, session_id: UUID, cursor: Cursor) -> tuple[list[Json], int]:
        async with self.sessions() as session:
            call = await calls.by_session_id(session, session_id)
            epoch = await deployment.epoch(session)
        if call is None:
            raise NotFoundError("unknown_session", "There is no such call.")
        hello: Json = {"type": "hello", "session_id": str(session_id), "epoch": epoch, "seq": call.event_seq}
        reason = None
        if cursor.epoch is not None and cursor.epoch != epoch:
            reason = "unknown_epoch"
        elif cursor.after > call.event_seq:
            reason = "cursor_ahead"
        elif cursor.after < call.event_floor:
            reason = "cursor_too_old"
        if reason is None:
            return [hello], cursor.after
        return [hello, _reset(epoch, reason)], call.event_floor

    async def _stored(self, session_id: UUID, after: int) -> AsyncIterator[Json]:
        while True:
            async with self.sessions() as session:
                rows = await calls.events_after(session, session_id, after, _BATCH)
                gap = bool(rows) and rows[0].seq != after + 1
                epoch = await deployment.epoch(session) if gap else ""
            if gap:
                yield _reset(epoch, "cursor_too_old")
            for row in rows:
                yield event_message(row)
            if len(rows) < _BATCH:
                return
            after = rows[-1].seq


def _whose(passing: Json) -> str:
    whose: str = passing.get("suggestion_id") or passing["speaker"]
    return whose


def _settled_by(message: Json) -> set[str]:
    """The suggestion whose text is final; a draft that was taken off the bell before does not come after it."""
    final = message["type"] in ("suggestion_delta", "suggestion_withdrawn")
    return {message["suggestion_id"]} if final else set()


def _reset(epoch: str, reason: str) -> Json:
    return {"type": "reset", "epoch": epoch, "reason": reason}
