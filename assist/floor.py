"""The floor: every call that goes on, at a glance, and a word to an agent that the customer does not hear."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from assist import audit
from assist.access import Principal
from assist.db import call_requests, calls, floor
from assist.db.engine import Sessions
from assist.db.floor import FloorSegment, OpenRequests
from assist.db.models import CallSession
from assist.delivery import Hub
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.escalation.call_questions import queue_of
from pipeline.sentiment import sentiment_of

MAX_CALLS = 200
MAX_WHISPER_CHARS = 1_000
WHISPER = "whisper"
_SEGMENTS = 16
_SHOWN_LINES = 3
_LINE_CHARS = 400


class LineView(Struct, frozen=True, kw_only=True):
    """One of the last lines of a call."""

    speaker: str
    text: str
    at: datetime
    """When it was received."""


class SentimentView(Struct, frozen=True, kw_only=True):
    """How the customer sounds, by the words."""

    label: str
    """negative, neutral or positive."""
    score: float
    """[-1, 1]."""


class FloorCall(Struct, frozen=True, kw_only=True):
    """A call that goes on."""

    session_id: UUID
    call_id: str
    agent_id: str | None
    agent_name: str | None
    customer_name: str | None
    queue: str | None
    started_at: datetime
    status: str
    last_lines: list[LineView]
    """As they were said."""
    sentiment: SentimentView
    open_requests: int
    escalated: bool
    """One of its requests was passed on to the next level."""


class FloorView(Struct, frozen=True, kw_only=True):
    """The calls that go on, the longest first."""

    items: list[FloorCall]
    total: int
    """Of all live calls; the list holds at most 200."""


class WhisperView(Struct, frozen=True, kw_only=True):
    """What a supervisor says to an agent."""

    id: UUID
    text: str
    from_name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The calls that go on now."""

    sessions: Sessions
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""

    async def live(self) -> FloorView:
        """As it is now, in a number of queries that does not depend on how many calls there are."""
        async with self.sessions() as session:
            total = await floor.count_live(session)
            rows = await floor.live_calls(session, MAX_CALLS)
            wanted = [row.session_id for row in rows]
            said = await floor.latest_segments(session, wanted, each=_SEGMENTS, chars=_LINE_CHARS)
            asked = await floor.open_requests(session, wanted)
        nothing = OpenRequests(0, escalated=False)
        items = [_call(row, said.get(row.session_id, ()), asked.get(row.session_id, nothing)) for row in rows]
        return FloorView(items=items, total=total)

    async def whisper(self, session_id: UUID, text: str, principal: Principal) -> WhisperView:
        """Shows a text on the agent's desk.

        Raises:
            InvalidError: an empty or too long text.
            NotFoundError: no such call.
            ConflictError: the call has ended.
        """
        text = text.strip()
        if not text or len(text) > MAX_WHISPER_CHARS:
            raise InvalidError(f"A whisper has 1 to {MAX_WHISPER_CHARS} characters.")
        whisper = WhisperView(id=uuid4(), text=text, from_name=principal.name, at=datetime.now(UTC))
        async with self.sessions.begin() as session:
            call = await call_requests.lock_call(session, session_id)
            if call is None:
                raise NotFoundError("unknown_session", "There is no such call session, or it is not yours.")
            if call.status != "active":
                raise ConflictError("call_ended", "This call has ended; nobody is there to read it.")
            await calls.append_event(session, session_id, WHISPER, {"whisper": msgspec.to_builtins(whisper)})
            target = ("call", str(session_id))
            await audit.record(session, principal, "call.whispered", target, after={"text": text})
        self.hub.wake(session_id)
        self.announce()
        return whisper


def _call(row: CallSession, said: Sequence[FloorSegment], asked: OpenRequests) -> FloorCall:
    customer = [one for one in said if one.speaker == "customer"]
    tag = next((one.language for one in reversed(customer) if one.language), None)
    sounds = sentiment_of([one.text for one in customer], tag)
    same = ("session_id", "call_id", "agent_id", "agent_name", "customer_name", "started_at", "status")
    return FloorCall(
        **{name: getattr(row, name) for name in same},
        queue=queue_of(row),
        last_lines=[LineView(speaker=one.speaker, text=one.text, at=one.at) for one in said[-_SHOWN_LINES:]],
        sentiment=SentimentView(label=sounds.label, score=sounds.score),
        open_requests=asked.number,
        escalated=asked.escalated,
    )
