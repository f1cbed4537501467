"""What a process remembers of a call between turns: the transcript, and what the agent has been given.

A cache only: everything is in SQL, and whoever takes the lease over reads it from there.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from msgspec import Struct

from assist.db.models import CallTurn, ClarifyingQuestion, Suggestion, TranscriptionSegment
from assist.db.models.base import Json
from assist.db.turns import Lease
from pipeline.types import History, Question, Segment, Speaker, Turn

_LONG_BACKLOG = 8
"""With more waiting segments than this all are coalesced into one turn; else a turn ends with a customer's segment."""


class GivenSuggestion(Struct, frozen=True, kw_only=True):
    """A suggestion that is on the agent's screen."""

    id: UUID
    query: str
    passages: frozenset[UUID]


class GivenQuestion(Struct, frozen=True, kw_only=True):
    """A clarifying question that is on the agent's screen."""

    id: UUID
    question: Question


@dataclass(kw_only=True)
class Memory:
    """The transcript so far and what the agent has been given."""

    segments: list[Segment] = field(default_factory=list)
    """By number."""
    queries: list[str] = field(default_factory=list)
    suggestions: list[GivenSuggestion] = field(default_factory=list)
    """Of the call's own turns; what was asked by hand stays until the agent puts it away."""
    questions: list[GivenQuestion] = field(default_factory=list)
    question_texts: list[str] = field(default_factory=list)
    context: Json | None = None
    """The last context told, to tell only changes."""

    def hear(self, rows: Sequence[TranscriptionSegment]) -> None:
        """Appends stored segments."""
        self.segments.extend(_segment(row) for row in rows)

    def recall(
        self,
        asked: Sequence[CallTurn],
        given: Sequence[Suggestion],
        questions: Sequence[ClarifyingQuestion],
        context: Json | None,
    ) -> None:
        """Reads what an earlier owner of the call left behind."""
        self.context = context
        self.queries = [turn.query for turn in asked if turn.query is not None]
        self.suggestions = [
            GivenSuggestion(id=row.id, query=row.query, passages=frozenset(map(UUID, row.passage_ids)))
            for row in given
            if row.status == "active" and row.turn is not None
        ]
        self.questions = [
            GivenQuestion(id=row.id, question=Question(text=row.text, purpose=row.purpose, priority=row.priority))
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
        history = History(
            queries=tuple(self.queries),
            shown_passages=frozenset().union(*(given.passages for given in self.suggestions)),
            questions=tuple(self.question_texts),
        )
        return Turn(
            call_id=call_id,
            number=lease.turn_seq + 1,
            transcript=tuple(sorted(heard, key=_by_time)),
            new=tuple(sorted(waiting, key=_by_time)),
            history=history,
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

    def begin(self, lease: Lease) -> None:
        """Takes a lease; what is remembered counts only when nobody else had the call in between."""
        if lease.fence - 1 != self._fence:
            self.memory = None
        self.lease, self._fence, self.resumed = lease, lease.fence, False

    def drop(self, *, resumable: bool = False) -> None:
        """Gives up the lease and all that is remembered."""
        self.lease = self.memory = self._fence = None
        self.resumed = resumable


def _through_the_customer(waiting: list[Segment]) -> list[Segment]:
    for place, segment in enumerate(waiting):
        if segment.speaker is Speaker.CUSTOMER:
            return waiting[: place + 1]
    return waiting


def _by_time(segment: Segment) -> tuple[float, int]:
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
