"""Calls: start them, take their segments, end them, read them. Store first; only then is anything acknowledged."""

import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from msgspec import Struct

from assist.access import KeyScope, Machine, Person, Principal, may_use_any_call, require_scope
from assist.db import calls, suggestions, turns
from assist.db.calls import CallFilter, NewCall, NewSegment
from assist.db.engine import Session, Sessions
from assist.db.errors import IntegrityError
from assist.db.models import CallSession
from assist.db.models.base import Json
from assist.delivery import CALL_LIST, FLOOR, SUPERVISION, Hub
from assist.errors import ConflictError, NotFoundError
from assist.escalation.answers import AnswerDelivery
from assist.live import Runners
from assist.metrics import LiveMetrics
from assist.snapshots import Snapshot, read_snapshot
from assist.views import (
    CallView,
    QuestionView,
    SegmentView,
    SuggestionView,
    builtins,
    call_view,
    question_view,
    suggestion_view,
)

_ANALYSIS_WAIT_S = 10.0
"""A sender that waits for the analysis waits no longer than this; the analysis itself goes on."""


class StartCall(Struct, frozen=True, kw_only=True):
    """What a telephone system tells when a call starts."""

    call_id: str
    agent_id: str | None = None
    agent_name: str | None = None
    customer_id: str | None = None
    customer_phone: str | None = None
    customer_name: str | None = None
    acd_metadata: Json = {}
    crm_metadata: Json = {}


class Heard(Struct, frozen=True, kw_only=True):
    """A piece of transcript as it was sent."""

    session_id: UUID
    speaker: str
    text: str
    start_time: float
    end_time: float
    confidence: float | None = None
    segment_id: str | None = None
    language: str | None = None

    @property
    def identity(self) -> str:
        """The provider's id; without one, the same words of the same speaker at the same time are the same segment."""
        if self.segment_id is not None:
            return self.segment_id
        content = f"{self.speaker}\n{self.start_time!r}\n{self.end_time!r}\n{self.text}"
        return "auto-" + hashlib.sha256(content.encode()).hexdigest()[:24]


class Accepted(Struct, frozen=True, kw_only=True):
    """A segment that is stored."""

    segment_id: str
    number: int
    repeated: bool


class Analysed(Struct, frozen=True, kw_only=True):
    """What came of a segment's turn."""

    suggestions_count: int
    questions_count: int
    processing_time_ms: float


class CallPage(Struct, frozen=True, kw_only=True):
    """Calls, newest first."""

    items: list[CallView]
    total: int
    last: tuple[datetime, UUID] | None
    """Where the next page starts; None on the last page."""


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The calls of this installation."""

    sessions: Sessions
    runners: Runners
    hub: Hub
    metrics: LiveMetrics = field(default_factory=LiveMetrics)
    answers: AnswerDelivery | None = None
    """Follows up after a call; None: nobody is told anything after it."""

    async def start(self, call: StartCall, machine_id: UUID | None) -> UUID:
        """Opens a call and returns its session id; a `call_id` that was started before returns the first session."""
        session_id = uuid4()
        fields = {name: getattr(call, name) for name in StartCall.__struct_fields__}
        async with self.sessions.begin() as session:
            new = NewCall(session_id=session_id, started_by_key=machine_id, **fields)
            if await calls.insert_call(session, new):
                await calls.insert_participants(session, _participants(session_id, call))
                await self._tell_call(session, session_id)
            else:
                existing = await calls.by_call_id(session, call.call_id)
                assert existing is not None
                session_id = existing.session_id
        self.hub.wake(CALL_LIST)
        self._stored(session_id)
        return session_id

    async def accept(self, heard: Heard) -> Accepted:
        """Stores a final segment durably and wakes the call's runner. A repeat changes nothing.

        Raises:
            NotFoundError: no such session.
            ConflictError: the call has ended, and this segment was not stored before.
        """
        identity = heard.identity
        async with self.sessions() as session:
            try:
                number = await self._store(session, heard, identity)
                await session.commit()
            except IntegrityError:
                await session.rollback()
                number = None
            if number is None:
                return await self._repeated(session, heard.session_id, identity)
        self.metrics.segment_stored(heard.speaker)
        self.runners.wake(heard.session_id)
        self._stored(heard.session_id)
        return Accepted(segment_id=identity, number=number, repeated=False)

    async def show_interim(self, heard: Heard) -> None:
        """Passes words that may still change to the screens; they are never stored.

        Raises:
            NotFoundError: no such session.
            ConflictError: the call has ended.
        """
        async with self.sessions() as session:
            call = await calls.by_session_id(session, heard.session_id)
        if call is None:
            raise unknown_session()
        if call.status != "active":
            raise _ended()
        message = {
            "type": "interim",
            "speaker": heard.speaker,
            "text": heard.text,
            "start_time": heard.start_time,
            "end_time": heard.end_time,
        }
        self.hub.show(heard.session_id, message)

    async def analysed(self, session_id: UUID, number: int) -> Analysed | None:
        """Waits for the turn that covers a segment. None: it takes longer than a sender should wait."""
        give_up = time.monotonic() + _ANALYSIS_WAIT_S
        with self.hub.watch(session_id) as watcher:
            while True:
                watcher.take()
                async with self.sessions() as session:
                    turn = await turns.turn_covering(session, session_id, number)
                if turn is not None:
                    return Analysed(
                        suggestions_count=turn.suggestions_count,
                        questions_count=turn.questions_count,
                        processing_time_ms=turn.processing_time_ms,
                    )
                left_s = give_up - time.monotonic()
                if left_s <= 0.0:
                    return None
                await watcher.rings(left_s)

    async def end(self, session_id: UUID, status: str) -> None:
        """Ends a call; again is as good as once. Supervisors' answers that the agent has not seen go to the customer.

        Raises:
            NotFoundError: no such session.
        """
        async with self.sessions.begin() as session:
            numbers = await calls.mark_ended(session, session_id, status)
            if numbers is None:
                if await calls.by_session_id(session, session_id) is None:
                    raise unknown_session()
                return
            await self._write_call_event(session, session_id, numbers.event)
            followed_up = await self.answers.call_ended(session, session_id) if self.answers else 0
        self.runners.refinements.stop(session_id)
        self.hub.wake(CALL_LIST)
        if followed_up:
            self.hub.wake(SUPERVISION)
        self._stored(session_id)

    async def page(
        self, person: Principal, *, status: str | None, limit: int, before: tuple[datetime, UUID] | None
    ) -> CallPage:
        """The calls that somebody may see."""
        sees = person.sees if isinstance(person, Person) else None
        wanted = CallFilter(status=status, agent_identities=sees)
        async with self.sessions() as session:
            total = await calls.count_calls(session, wanted)
            rows = await calls.list_calls(session, wanted, limit=limit + 1, before=before)
            shown = rows[:limit]
            last = await calls.last_segments(session, [row.session_id for row in shown])
        more = len(rows) > limit
        return CallPage(
            items=[call_view(row, last.get(row.session_id)) for row in shown],
            total=total,
            last=(shown[-1].started_at, shown[-1].session_id) if more else None,
        )

    async def snapshot(self, session_id: UUID) -> Snapshot:
        """A call with all that belongs to it, as of one event number.

        Raises:
            NotFoundError: no such session.
        """
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            snapshot = await read_snapshot(session, session_id)
        if snapshot is None:
            raise unknown_session()
        return snapshot

    async def suggested(self, session_id: UUID) -> tuple[list[SuggestionView], list[QuestionView]]:
        """Suggestions and questions of a call, newest first."""
        async with self.sessions() as session:
            given = await suggestions.suggestions_of(session, session_id)
            questions = await suggestions.questions_of(session, session_id)
        return [suggestion_view(row) for row in given], [question_view(row) for row in questions]

    async def check_access(self, principal: Principal, session_id: UUID, *, follow: bool = False) -> None:
        """Whether the caller may read a call (`follow`: its stream).

        Raises:
            NotFoundError: there is no such call, or it is another agent's.
            NotPermittedError: a key without the scope for it.
        """
        if isinstance(principal, Machine) and not (follow and principal.has(KeyScope.INGEST)):
            require_scope(principal, KeyScope.READ)
        async with self.sessions() as session:
            call = await calls.by_session_id(session, session_id)
            if call is None or not await _is_open_to(session, principal, call):
                raise unknown_session()

    async def list_marker(self, person: Principal) -> tuple[int, datetime | None]:
        """Changes whenever the list of calls that somebody sees does."""
        async with self.sessions() as session:
            return await calls.list_marker(session, person.sees if isinstance(person, Person) else None)

    async def _store(self, session: Session, heard: Heard, identity: str) -> int | None:
        """The segment's number; None: unknown call, ended call or repeated segment."""
        if await calls.segment_number(session, heard.session_id, identity) is not None:
            return None
        numbers = await calls.take_numbers(session, heard.session_id, segments=1, events=1)
        if numbers is None:
            return None
        row = NewSegment(
            session_id=heard.session_id,
            segment_id=identity,
            speaker=heard.speaker,
            text=heard.text,
            start_time=heard.start_time,
            end_time=heard.end_time,
            confidence=heard.confidence,
            language=heard.language,
        )
        received_at = await calls.insert_segment(session, row, numbers.segment)
        fields = {name: getattr(row, name) for name in NewSegment.__struct_fields__ if name != "session_id"}
        view = SegmentView(number=numbers.segment, received_at=received_at, **fields)
        await calls.insert_events(session, heard.session_id, numbers.event, [("segment", {"segment": builtins(view)})])
        return numbers.segment

    async def _repeated(self, session: Session, session_id: UUID, identity: str) -> Accepted:
        number = await calls.segment_number(session, session_id, identity)
        if number is not None:
            return Accepted(segment_id=identity, number=number, repeated=True)
        if await calls.by_session_id(session, session_id) is None:
            raise unknown_session()
        raise _ended()

    async def _tell_call(self, session: Session, session_id: UUID) -> None:
        numbers = await calls.take_numbers(session, session_id, segments=0, events=1)
        assert numbers is not None
        await self._write_call_event(session, session_id, numbers.event)

    async def _write_call_event(self, session: Session, session_id: UUID, seq: int) -> None:
        call = await calls.by_session_id(session, session_id)
        assert call is not None
        await calls.insert_events(session, session_id, seq, [("call", {"call": builtins(call_view(call))})])

    def _stored(self, session_id: UUID) -> None:
        self.hub.wake(session_id)
        self.hub.wake(FLOOR)
        self.runners.announce()


def _participants(session_id: UUID, call: StartCall) -> list[Json]:
    customer = call.customer_id or call.customer_phone or "customer"
    found: list[Json] = [
        {"role": "customer", "identity": customer, "name": call.customer_name, "phone": call.customer_phone}
    ]
    if call.agent_id:
        found.append({"role": "agent", "identity": call.agent_id.lower(), "name": call.agent_name, "phone": None})
    return [{"id": uuid4(), "session_id": session_id, **one} for one in found]


async def _is_open_to(session: Session, principal: Principal, call: CallSession) -> bool:
    if may_use_any_call(principal):
        return True
    if isinstance(principal, Machine):
        return call.started_by_key == principal.id
    return await calls.is_on_call(session, call.session_id, principal.agent_identities)


def unknown_session() -> NotFoundError:
    """The same for calls that do not exist and for calls of others."""
    return NotFoundError("unknown_session", "There is no such call session, or it is not yours.")


def _ended() -> ConflictError:
    return ConflictError("call_ended", "This call has ended and takes no more segments. Start a new call.")
