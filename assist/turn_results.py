"""From what the pipeline thought to the rows and events that one turn leaves behind. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from assist.db.models.base import Json
from assist.db.turns import Lease, TurnRows
from assist.live_call import GivenQuestion, LiveCall, Memory
from assist.views import (
    QuestionView,
    SuggestionView,
    builtins,
    citation_view,
    context_view,
    new_question,
    new_suggestion,
)
from pipeline.clarifying import answered_questions
from pipeline.events import Event, ModelUsed, StageFinished
from pipeline.types import Answer, Context, Outcome, OutcomeKind, Query, Turn

_KEPT_QUERIES = 2
"""Suggestions for so many latest queries stay on the screen; with a newer one the call has moved on."""

_AGENTS = {
    "context": ("context_analyzer", "analyze_context"),
    "query": ("query_formulation", "formulate_query"),
    "retrieve": ("retrieval", "search_knowledge"),
    "answer": ("answer", "compose_answer"),
    "clarify": ("clarification", "propose_questions"),
    "refine": ("answer", "refine_answer"),
}
"""Stage → (agent_name, action_type), as analysts' SQL knows them."""


class StageTime(NamedTuple):
    """How long a stage took."""

    stage: str
    elapsed_ms: float
    confidence: float | None


@dataclass(kw_only=True)
class Trace:
    """Listens to the pipeline and keeps what is stored of how it worked."""

    times: list[StageTime] = field(default_factory=list)
    models: list[ModelUsed] = field(default_factory=list)

    async def __call__(self, event: Event) -> None:
        """As `Emit`."""
        if isinstance(event, StageFinished):
            self.times.append(StageTime(event.stage, event.elapsed_ms, event.confidence))
        elif isinstance(event, ModelUsed):
            self.models.append(event)

    def actions(self, turn: int | None) -> tuple[Json, ...]:
        """One row of `agent_actions` a stage."""
        return tuple(
            {
                "turn": turn,
                "agent_name": _AGENTS[time.stage][0],
                "action_type": _AGENTS[time.stage][1],
                "processing_time_ms": round(time.elapsed_ms, 3),
                "confidence": time.confidence,
            }
            for time in self.times
        )

    def model_calls(self, turn: int | None) -> tuple[Json, ...]:
        """One row of `model_calls` a request."""
        return tuple({"turn": turn, **msgspec.structs.asdict(used)} for used in self.models)


class Thought(Struct, frozen=True, kw_only=True):
    """All that the pipeline made of a turn."""

    turn: Turn
    context: Context
    query: Query | None
    outcome: Outcome | None
    """None: nothing was asked."""
    trace: Trace


class Given(Struct, frozen=True, kw_only=True):
    """What an outcome puts on the screen."""

    suggestions: tuple[SuggestionView, ...] = ()
    questions: tuple[QuestionView, ...] = ()
    suggestion_rows: tuple[Json, ...] = ()
    question_rows: tuple[Json, ...] = ()


def given_by(outcome: Outcome, *, kinds: tuple[str, str], turn: int | None, now: datetime) -> Given:
    """Views and rows of an outcome's answers and questions; `kinds` names the first answer and the others."""
    query = outcome.draft.evidence.query.text
    cards = [
        new_suggestion(answer, suggestion_id=uuid4(), kind=kinds[min(place, 1)], query=query, turn=turn, now=now)
        for place, answer in enumerate(outcome.draft.answers)
    ]
    questions = [new_question(question, question_id=uuid4(), turn=turn, now=now) for question in outcome.questions]
    return Given(
        suggestions=tuple(cards),
        questions=tuple(questions),
        suggestion_rows=tuple(
            _suggestion_row(card, answer) for card, answer in zip(cards, outcome.draft.answers, strict=True)
        ),
        question_rows=tuple(
            {name: getattr(question, name) for name in QuestionView.__struct_fields__} for question in questions
        ),
    )


def suggestions_payload(given: Given, *, query: str, outcome: str, turn: Turn | None = None) -> Json:
    """The `suggestions` event; without a turn the question was asked by hand."""
    return {
        "turn": turn.number if turn else None,
        "segment_ids": [segment.id for segment in turn.new] if turn else [],
        "query": query,
        "outcome": outcome,
        "origin": "call" if turn else "ask",
        "suggestions": [builtins(card) for card in given.suggestions],
        "clarifying_questions": [builtins(question) for question in given.questions],
    }


def rows_of(thought: Thought, memory: Memory, lease: Lease, *, elapsed_ms: float, now: datetime) -> TurnRows:
    """Everything to store after a turn."""
    number = thought.turn.number
    given = given_by(thought.outcome, kinds=("answer", "article"), turn=number, now=now) if thought.outcome else Given()
    context = builtins(context_view(thought.context))
    stale_suggestions, stale_questions = _stale(thought, memory)
    events: list[tuple[str, Json]] = []
    told = thought.context.seeking or thought.context.entities or thought.context.subjects
    if told and _meaning(context) != _meaning(memory.context):
        events.append(("context", {"context": context}))
    events += [("suggestion_withdrawn", _withdrawn("suggestion_id", one, "call_moved_on")) for one in stale_suggestions]
    events += [("question_withdrawn", _withdrawn("question_id", one, reason)) for one, reason in stale_questions]
    if thought.outcome is not None and thought.query is not None and _is_news(thought.outcome):
        kind = thought.outcome.kind.value
        payload = suggestions_payload(given, query=thought.query.text, outcome=kind, turn=thought.turn)
        events.append(("suggestions", payload))
    return TurnRows(
        session_id=thought.turn.call_id,
        fence=lease.fence,
        after=lease.analysed_through,
        through=max(segment.number for segment in thought.turn.new),
        turn=_turn_row(thought, given, lease, context=context, elapsed_ms=elapsed_ms),
        actions=thought.trace.actions(number),
        model_calls=thought.trace.model_calls(number),
        suggestions=given.suggestion_rows,
        questions=given.question_rows,
        withdrawn_suggestions=tuple(stale_suggestions),
        withdrawn_questions=tuple(one for one, _ in stale_questions),
        events=tuple(events),
    )


def failed_rows(turn: Turn, lease: Lease, *, elapsed_ms: float) -> TurnRows:
    """A turn that could not be worked out: told to the agent, never silently skipped."""
    through = max(segment.number for segment in turn.new)
    detail = "The knowledge base did not answer for the last words of the call. Ask it by hand, or try again shortly."
    return TurnRows(
        session_id=turn.call_id,
        fence=lease.fence,
        after=lease.analysed_through,
        through=through,
        turn={
            "number": turn.number,
            "first_segment": lease.analysed_through + 1,
            "last_segment": through,
            "outcome": "failed",
            "query": None,
            "context": None,
            "suggestions_count": 0,
            "questions_count": 0,
            "processing_time_ms": round(elapsed_ms, 3),
        },
        events=(("error", {"code": "turn_failed", "detail": detail, "turn": turn.number}),),
    )


def remember(live: LiveCall, thought: Thought | None, rows: TurnRows) -> None:
    """Brings the call's memory to what has just been stored."""
    assert live.memory is not None
    memory = live.memory
    if thought is None:
        return
    for kind, payload in rows.events:
        if kind == "context":
            memory.context = payload["context"]
    memory.questions = [given for given in memory.questions if given.id not in rows.withdrawn_questions]
    if thought.outcome is None or thought.query is None:
        return
    memory.queries.append(thought.query.text)
    for row, question in zip(rows.questions, thought.outcome.questions, strict=True):
        memory.questions.append(GivenQuestion(id=row["id"], turn=row["turn"], question=question))
        memory.question_texts.append(question.text)


def _turn_row(thought: Thought, given: Given, lease: Lease, *, context: Json, elapsed_ms: float) -> Json:
    return {
        "number": thought.turn.number,
        "first_segment": lease.analysed_through + 1,
        "last_segment": max(segment.number for segment in thought.turn.new),
        "outcome": thought.outcome.kind.value if thought.outcome else "silent",
        "query": thought.query.text if thought.query else None,
        "context": context,
        "suggestions_count": len(given.suggestions),
        "questions_count": len(given.questions),
        "processing_time_ms": round(elapsed_ms, 3),
    }


def _suggestion_row(card: SuggestionView, answer: Answer) -> Json:
    return {
        "id": card.id,
        "turn": card.turn,
        "suggestion_type": card.type,
        "query": card.query,
        "created_at": card.created_at,
        **answer_columns(answer),
    }


def answer_columns(answer: Answer) -> Json:
    """What a suggestion says, as columns of its row."""
    return {
        "title": answer.title,
        "text": answer.text,
        "confidence_score": round(answer.confidence, 4),
        "citations": [builtins(citation_view(citation)) for citation in answer.citations],
        "passage_ids": [str(citation.passage.id) for citation in answer.citations],
    }


def _stale(thought: Thought, memory: Memory) -> tuple[list[UUID], list[tuple[UUID, str]]]:
    """What no longer fits: questions that were answered, and cards of queries that the call has left behind."""
    open_questions = [given.question for given in memory.questions]
    answered = set(answered_questions(open_questions, thought.context))
    questions = [(given.id, "answered") for given in memory.questions if given.question in answered]
    if thought.outcome is None or not (thought.outcome.draft.answers or thought.outcome.questions):
        return [], questions
    questions += [(given.id, "superseded") for given in memory.questions if given.question not in answered]
    assert thought.query is not None
    kept = {thought.query.text, *memory.queries[-(_KEPT_QUERIES - 1) :]}
    return [given.id for given in memory.pushed if given.query not in kept], questions


def _meaning(context: Json | None) -> Json | None:
    """Without what changes from word to word and shows on no screen."""
    if context is None:
        return None
    subjects = [(one["name"], one["kind"]) for one in context.get("subjects", ())]
    return {**context, "subjects": subjects, "dismissed_subjects": context.get("dismissed_subjects", [])}


def _is_news(outcome: Outcome) -> bool:
    """An answer that is on the screen already is no news; that nothing was found is."""
    return bool(outcome.draft.answers or outcome.questions) or outcome.kind is OutcomeKind.NO_ANSWER


def _withdrawn(name: str, one: UUID, reason: str) -> Json:
    return {name: str(one), "reason": reason}
