"""What calls look like on the wire: the field names that DESIGN and docs/api.md promise."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from assist.db.models import (
    CallEvent,
    CallSession,
    ClarifyingQuestion,
    Suggestion,
    TranscriptGap,
    TranscriptionSegment,
    VoiceRoom,
)
from pipeline.types import Answer, Citation, Context, Question

Json = dict[str, Any]


class LastSegment(Struct, frozen=True, kw_only=True):
    """The newest words of a call, for lists."""

    speaker: str
    text: str


class CallView(Struct, frozen=True, kw_only=True):
    """A call."""

    session_id: UUID
    call_id: str
    status: str
    agent_id: str | None
    agent_name: str | None
    customer_id: str | None
    customer_name: str | None
    customer_phone: str | None
    started_at: datetime
    ended_at: datetime | None
    acd_metadata: Json
    crm_metadata: Json
    event_seq: int
    last_segment: LastSegment | None = None


class SegmentView(Struct, frozen=True, kw_only=True):
    """A stored segment; times in seconds from the start of the call."""

    segment_id: str
    number: int
    speaker: str
    text: str
    start_time: float
    end_time: float
    confidence: float | None
    language: str | None
    received_at: datetime


class CitationView(Struct, frozen=True, kw_only=True):
    """Where a quote stands: `start` and `end` are character offsets in the body of that version."""

    article_id: UUID
    version: int
    title: str
    heading: str | None
    url: str | None
    quote: str
    start: int
    end: int
    page: int | None = None
    """Of the printed original, from 1."""


class SuggestionView(Struct, frozen=True, kw_only=True):
    """A card on the desk."""

    id: UUID
    type: str
    title: str
    text: str
    confidence_score: float
    citations: list[CitationView]
    query: str
    created_at: datetime
    turn: int | None
    status: str = "active"
    shown_to_agent: bool = False
    agent_clicked: bool = False
    agent_copied: bool = False
    dismissed: bool = False
    agent_feedback: str | None = None
    feedback_reason: str | None = None
    answered_by: str = "extractive"
    """"extractive" (quoted sentences) or the name of the model that wrote the text."""
    refined_at: datetime | None = None


class QuestionView(Struct, frozen=True, kw_only=True):
    """A clarifying question that the agent may ask."""

    id: UUID
    text: str
    purpose: str
    priority: int
    turn: int | None
    created_at: datetime
    status: str = "active"


class EntityView(Struct, frozen=True, kw_only=True):
    """A thing named in the call."""

    type: str
    value: str


class SubjectView(Struct, frozen=True, kw_only=True):
    """What the call is about."""

    name: str
    kind: str
    salience: float
    """(0, 1]: how likely the question is about it."""


class ContextView(Struct, frozen=True, kw_only=True):
    """What the system understood of the call so far."""

    has_sufficient_context: bool
    detected_issue: str | None
    detected_entities: list[EntityView]
    needs_clarification: bool
    confidence: float
    subjects: list[SubjectView] = []
    """The most salient ones, best first."""
    dismissed_subjects: list[str] = []
    """Names that the agent has taken off the desk."""


NO_CONTEXT = ContextView(
    has_sufficient_context=False, detected_issue=None, detected_entities=[], needs_clarification=False, confidence=0.0
)
"""Before anything was understood."""


class VoiceView(Struct, frozen=True, kw_only=True):
    """How well a spoken call is heard: payload of the event `voice`."""

    room: str
    state: str
    """waiting (for the first listener), listening or lost (it is being sent again)."""
    transcription: str
    """ok, degraded or unavailable."""
    detail: str | None
    """Code of the trouble, as "stt_unauthorized"."""


class GapView(Struct, frozen=True, kw_only=True):
    """A stretch of a call that was not transcribed: payload of the event `gap`."""

    id: str
    speaker: str | None
    """None: nobody was heard."""
    start_time: float
    end_time: float
    """Both in seconds from the start of the call."""
    reason: str


class LatestView(Struct, frozen=True, kw_only=True):
    """What became of the newest question, of the call or asked by hand."""

    seq: int
    turn: int | None
    query: str | None
    outcome: str
    origin: str


def call_view(row: CallSession, last: TranscriptionSegment | None = None) -> CallView:
    """A call from its row."""
    return CallView(
        session_id=row.session_id,
        call_id=row.call_id,
        status=row.status,
        agent_id=row.agent_id,
        agent_name=row.agent_name,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        customer_phone=row.customer_phone,
        started_at=row.started_at,
        ended_at=row.ended_at,
        acd_metadata=row.acd_metadata,
        crm_metadata=row.crm_metadata,
        event_seq=row.event_seq,
        last_segment=LastSegment(speaker=last.speaker, text=last.text) if last else None,
    )


def segment_view(row: TranscriptionSegment) -> SegmentView:
    """A segment from its row."""
    return SegmentView(**{field: getattr(row, field) for field in SegmentView.__struct_fields__})


def suggestion_view(row: Suggestion) -> SuggestionView:
    """A card from its row."""
    fields = {field: getattr(row, field) for field in SuggestionView.__struct_fields__ if field not in _RENAMED}
    citations = msgspec.convert(row.citations, list[CitationView])
    return SuggestionView(type=row.suggestion_type, citations=citations, **fields)


_RENAMED = ("type", "citations")


def question_view(row: ClarifyingQuestion) -> QuestionView:
    """A question from its row."""
    return QuestionView(**{field: getattr(row, field) for field in QuestionView.__struct_fields__})


def citation_view(citation: Citation) -> CitationView:
    """A citation of the pipeline."""
    passage = citation.passage
    return CitationView(
        article_id=passage.article_id,
        version=passage.version,
        title=passage.title,
        heading=passage.heading,
        url=passage.url,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
        page=passage.page,
    )


def new_suggestion(
    answer: Answer, *, suggestion_id: UUID, kind: str, query: str, turn: int | None, now: datetime
) -> SuggestionView:
    """A card that has just been made."""
    return SuggestionView(
        id=suggestion_id,
        type=kind,
        title=answer.title,
        text=answer.text,
        confidence_score=round(answer.confidence, 4),
        citations=[citation_view(citation) for citation in answer.citations],
        query=query,
        created_at=now,
        turn=turn,
    )


def new_question(question: Question, *, question_id: UUID, turn: int | None, now: datetime) -> QuestionView:
    """A question that has just been made."""
    return QuestionView(
        id=question_id,
        text=question.text,
        purpose=question.purpose,
        priority=question.priority,
        turn=turn,
        created_at=now,
    )


_SHOWN_SUBJECTS = 4


def context_view(context: Context) -> ContextView:
    """What the pipeline understood."""
    dismissed = context.turn.history.dismissed_subjects
    subjects = [subject for subject in context.subjects if subject.name not in dismissed]
    return ContextView(
        subjects=[
            SubjectView(name=one.name, kind=one.kind, salience=round(one.salience, 2))
            for one in subjects[:_SHOWN_SUBJECTS]
        ],
        dismissed_subjects=sorted(dismissed),
        has_sufficient_context=context.sufficient,
        detected_issue=context.detected_issue,
        detected_entities=[EntityView(type=entity.type, value=entity.value) for entity in context.entities],
        needs_clarification=context.seeking and not context.sufficient,
        confidence=round(context.confidence, 4),
    )


def voice_view(row: VoiceRoom) -> VoiceView:
    """How a call is heard, from its room's row."""
    return VoiceView(**{field: getattr(row, field) for field in VoiceView.__struct_fields__})


def gap_view(row: TranscriptGap) -> GapView:
    """A gap from its row."""
    return GapView(**{field: getattr(row, field) for field in GapView.__struct_fields__})


def latest_view(row: CallEvent) -> LatestView:
    """The newest `suggestions` event in short."""
    names = ("turn", "query", "outcome", "origin")
    return LatestView(seq=row.seq, **{name: row.payload[name] for name in names})


def event_message(row: CallEvent) -> Json:
    """A stored event as it goes over the socket."""
    return {"type": row.type, "seq": row.seq, **row.payload}


def builtins(view: Struct) -> Json:
    """A view as plain JSON values, for an event's payload."""
    plain: Json = msgspec.to_builtins(view)
    return plain
