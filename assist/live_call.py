"""What a process remembers of a call between turns: the transcript, and what the agent has been given.

A cache only: everything is in SQL, and whoever takes the lease over reads it from there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from assist.db import calls, suggestions, turns
from assist.db.engine import Session
from assist.db.models import CallTurn, ClarifyingQuestion, TranscriptionSegment
from assist.db.models.base import Json
from assist.db.suggestions import GivenRow
from assist.db.turns import Lease
from pipeline.types import History, Question, Scope, Segment, Speaker, Turn

_LONG_BACKLOG = 8
"""With more waiting segments than this all are coalesced into one turn; else a turn ends with a customer's segment."""


_VISIBLE_CARDS = 3
"""So many suggestions lie open on the desk; what was asked by hand longer ago has to be looked for."""


class GivenSuggestion(Struct, frozen=True, kw_only=True):
    """A suggestion that the call has been given."""

    id: UUID
    query: str
    turn: int | None
    """None: the agent asked for it by hand; it stays until the agent puts it away."""
    active: bool
    """Not withdrawn."""
    dismissed: bool
    """The agent has put it away."""
    passages: frozenset[UUID]
    articles: frozenset[UUID]


class GivenQuestion(Struct, frozen=True, kw_only=True):
    """A clarifying question that is on the agent's screen."""

    id: UUID
    turn: int | None
    question: Question


@dataclass(kw_only=True)
class Memory:
    """The transcript so far and what the agent has been given."""

    segments: list[Segment] = field(default_factory=list)
    """By number."""
    queries: list[str] = field(default_factory=list)
    """Texts of the turns that asked something, oldest first."""
    suggestions: Sequence[GivenSuggestion] = ()
    """All of the call, oldest first; read anew for every turn, as agents and refinements change them too."""
    questions: list[GivenQuestion] = field(default_factory=list)
    question_texts: list[str] = field(default_factory=list)
    context: Json | None = None
    """The last context told, to tell only changes."""

    def hear(self, rows: Sequence[TranscriptionSegment]) -> None:
        """Appends stored segments."""
        self.segments.extend(_segment(row) for row in rows)

    def see(self, rows: Sequence[GivenRow]) -> None:
        """Takes the suggestions as they are now."""
        self.suggestions = [_given(row) for row in rows]

    @property
    def pushed(self) -> list[GivenSuggestion]:
        """Those of the call's own turns that were not withdrawn."""
        return [given for given in self.suggestions if given.active and given.turn is not None]

    def history(self, dismissed_subjects: frozenset[str]) -> History:
        """What must not be repeated."""
        on_screen = [given for given in self.suggestions if given.active and not given.dismissed]
        hidden = [given for given in self.suggestions if given.dismissed or (given.active and given.turn is not None)]
        hidden += [given for given in on_screen[-_VISIBLE_CARDS:] if given.turn is None]
        return History(
            queries=tuple(self.queries),
            shown_passages=frozenset().union(*(given.passages for given in hidden)),
            given_articles=frozenset().union(*(given.articles for given in self.suggestions)),
            questions=tuple(self.question_texts),
            dismissed_subjects=dismissed_subjects,
        )

    def recall(
        self,
        asked: Sequence[CallTurn],
        questions: Sequence[ClarifyingQuestion],
        context: Json | None,
    ) -> None:
        """Reads what an earlier owner of the call left behind."""
        self.context = context
        self.queries = [turn.query for turn in asked if turn.query is not None]
        self.questions = [
            GivenQuestion(id=row.id, turn=row.turn, question=_question(row))
            for row in questions
            if row.status == "active"
        ]
        self.question_texts = [row.text for row in questions]

    def next_turn(self, call_id: UUID, lease: Lease, *, everything: bool = False) -> Turn | None:
        """The next unit of work; None when nothing waits."""
        waiting = self.segments[lease.analysed_through :]
        if not waiting:
            return None
        if not everything and len(waiting) <= _LONG_BACKLOG:
            waiting = _through_the_customer(waiting)
        heard = self.segments[: waiting[-1].number]
        return Turn(
            call_id=call_id,
            number=lease.turn_seq + 1,
            transcript=tuple(sorted(heard, key=by_time)),
            new=tuple(sorted(waiting, key=by_time)),
            scope=Scope(at=datetime.now(UTC)),
            history=self.history(lease.dismissed_subjects),
        )


class LiveCall:
    """One call in this process. Only its runner's task touches it, but for `woken`."""

    def __init__(self, session_id: UUID) -> None:
        self.session_id = session_id
        self.woken = asyncio.Event()
        self.lease: Lease | None = None
        self.memory: Memory | None = None
        """None until it has been read from SQL."""
        self.resumed = False
        """The last turn was ours, and only the database failed it."""
        self._fence: int | None = None

    def begin(self, lease: Lease) -> bool:
        """Takes a lease. False: the call was another's or was corrected in between, and is read anew."""
        unbroken = lease.fence - 1 == self._fence
        if not unbroken:
            self.memory = None
        self.lease, self._fence, self.resumed = lease, lease.fence, False
        return unbroken

    def drop(self, *, resumable: bool = False) -> None:
        """Gives up the lease and all that is remembered."""
        self.lease = self.memory = self._fence = None
        self.resumed = resumable


def _through_the_customer(waiting: list[Segment]) -> list[Segment]:
    for place, segment in enumerate(waiting):
        if segment.speaker is Speaker.CUSTOMER:
            return waiting[: place + 1]
    return waiting


async def read_memory(session: Session, session_id: UUID) -> Memory:
    """Everything of a call that another process, or an agent, may have left in SQL."""
    memory, told = Memory(), await calls.last_event(session, session_id, "context")
    memory.recall(
        await turns.turns_of(session, session_id),
        await suggestions.questions_of(session, session_id),
        told.payload["context"] if told else None,
    )
    await refresh(session, session_id, memory)
    return memory


async def refresh(session: Session, session_id: UUID, memory: Memory) -> None:
    """Adds what was stored since: segments, and what became of the suggestions."""
    memory.see(await suggestions.given_in(session, session_id))
    memory.hear(await calls.segments_after(session, session_id, len(memory.segments)))


def _question(row: ClarifyingQuestion) -> Question:
    return Question(text=row.text, purpose=row.purpose, priority=row.priority)


def _given(row: GivenRow) -> GivenSuggestion:
    return GivenSuggestion(
        id=row.id,
        query=row.query,
        turn=row.turn,
        active=row.status == "active",
        dismissed=row.dismissed,
        passages=frozenset(map(UUID, row.passage_ids)) | frozenset(row.learned_ids or ()),
        articles=frozenset(map(UUID, row.article_ids)),
    )


def by_time(segment: Segment) -> tuple[float, int]:
    return segment.start_s, segment.number


def _segment(row: TranscriptionSegment) -> Segment:
    return Segment(
        id=row.segment_id,
        number=row.number,
        speaker=Speaker(row.speaker),
        text=row.text,
        start_s=row.start_time,
        end_s=row.end_time,
        confidence=row.confidence,
        language=row.language,
    )
