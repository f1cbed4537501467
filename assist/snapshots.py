"""A call whole, as of one event number: what a desk shows before it follows the stream."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct, convert

from assist.db import call_requests, calls, deployment, suggestions, voice
from assist.db.engine import Session
from assist.db.models import CallEvent, TranscriptionSegment
from assist.escalation.call_questions import OFFER, open_offer
from assist.escalation.views import EscalationView, escalation_view
from assist.floor import WHISPER, WhisperView
from assist.views import (
    CallView,
    GapView,
    Json,
    LatestView,
    QuestionView,
    SegmentView,
    SuggestionView,
    VoiceView,
    call_view,
    gap_view,
    latest_view,
    question_view,
    segment_view,
    suggestion_view,
    voice_view,
)

_WHISPERS = 20
_OFFERS = 50


class OfferView(Struct, frozen=True, kw_only=True):
    """A question that the agent may pass on to a supervisor with one click."""

    turn: int
    question: str


class Snapshot(Struct, frozen=True, kw_only=True):
    """A call as it was after event `seq`; follow the stream from there."""

    call: CallView
    epoch: str
    seq: int
    segments: list[SegmentView]
    suggestions: list[SuggestionView]
    clarifying_questions: list[QuestionView]
    context: Json | None
    latest: LatestView | None
    escalations: list[EscalationView] = []
    """Questions to supervisors, oldest first."""
    whispers: list[WhisperView] = []
    """The last ones of supervisors, oldest first."""
    offer: OfferView | None = None
    """The newest question that nobody has asked a supervisor yet, where agents are offered to."""
    voice: VoiceView | None = None
    """How it is heard; None: it does not come over LiveKit."""
    gaps: list[GapView] = []
    """What was not transcribed, in order."""


async def read_snapshot(session: Session, session_id: UUID) -> Snapshot | None:
    """None: no such call. The session's transaction must see one moment (REPEATABLE READ)."""
    call = await calls.by_session_id(session, session_id)
    if call is None:
        return None
    segments = await calls.segments_after(session, session_id, 0)
    context = await calls.last_event(session, session_id, "context")
    answered = await calls.last_event(session, session_id, "suggestions")
    asked = await call_requests.requests_of(session, session_id)
    offers = await call_requests.latest_events(session, session_id, OFFER, _OFFERS)
    whispers = await call_requests.latest_events(session, session_id, WHISPER, _WHISPERS)
    room = await voice.room_of(session, session_id)
    offer = open_offer([event.payload for event in offers], [one.request for one in asked])
    return Snapshot(
        call=call_view(call, max(segments, key=lambda row: row.number, default=None)),
        epoch=await deployment.epoch(session),
        seq=call.event_seq,
        segments=_in_order(segments),
        suggestions=[suggestion_view(row) for row in await suggestions.suggestions_of(session, session_id)],
        clarifying_questions=[question_view(row) for row in await suggestions.questions_of(session, session_id)],
        context=context.payload["context"] if context else None,
        latest=latest_view(answered) if answered else None,
        escalations=[escalation_view(one.request, one.assignee_name) for one in asked],
        whispers=[_whisper(event) for event in reversed(whispers)],
        offer=OfferView(turn=offer["turn"], question=offer["question"]) if offer else None,
        voice=voice_view(room) if room else None,
        gaps=[gap_view(row) for row in await voice.gaps_of(session, session_id)],
    )


def _in_order(segments: Sequence[TranscriptionSegment]) -> list[SegmentView]:
    return [segment_view(row) for row in sorted(segments, key=lambda row: (row.start_time, row.number))]


def _whisper(event: CallEvent) -> WhisperView:
    return convert(event.payload["whisper"], WhisperView)
