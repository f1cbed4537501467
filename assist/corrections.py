"""The agent takes a subject off the desk, or puts it back: the call's last question is asked again without it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from assist.db import calls, refinements, suggestions, turns
from assist.db.engine import Session, Sessions
from assist.db.models import CallSession, CallTurn
from assist.db.models.base import Json
from assist.errors import InvalidError, NotFoundError
from assist.live import Runners
from assist.live_call import GivenQuestion, GivenSuggestion, Memory, by_time, read_memory
from assist.refining import Helped
from assist.turn_results import Given, Trace, given_by, suggestions_payload
from assist.views import NO_CONTEXT, builtins, context_view
from pipeline.errors import UpstreamError
from pipeline.run import Pipeline
from pipeline.types import Answer, Context, History, Outcome, OutcomeKind, Query, Scope, Turn

MAX_NAME_CHARS = 200
MAX_DISMISSED = 50
_TRIES = 5
_TIMEOUT_S = 20.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """What an agent knows better than the system."""

    sessions: Sessions
    pipeline: Callable[[], Pipeline]
    runners: Runners

    async def set_subject(self, session_id: UUID, name: str, *, dismissed: bool) -> None:
        """Whether the call is about something of that name; again is as good as once.

        Raises:
            NotFoundError: no such call.
            InvalidError: not a name, or too many.
        """
        if not name.strip() or len(name) > MAX_NAME_CHARS:
            raise InvalidError(f"The name of a subject has 1 to {MAX_NAME_CHARS} characters.")
        for _ in range(_TRIES):
            known = await self._read(session_id)
            if (name in known.call.dismissed_subjects) == dismissed:
                return
            names = [one for one in known.call.dismissed_subjects if one != name] + [name] * dismissed
            if len(names) > MAX_DISMISSED:
                raise InvalidError(f"At most {MAX_DISMISSED} subjects can be taken off. Put one back first.")
            if await self._correct(known, names):
                return
        log.warning("subject_not_corrected", session_id=str(session_id))

    async def _read(self, session_id: UUID) -> "_Known":
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            call = await calls.by_session_id(session, session_id)
            if call is None:
                raise NotFoundError("unknown_session", "There is no such call session.")
            asked = await turns.turns_of(session, session_id)
            memory = await read_memory(session, session_id)
        return _Known(call=call, last=asked[-1] if asked else None, memory=memory)

    async def _correct(self, known: "_Known", names: Sequence[str]) -> bool:
        """False: the call has gone on meanwhile."""
        trace = Trace()
        again = await self._ask_again(known, frozenset(names), trace)
        change = _change(known, names, again, datetime.now(UTC))
        questions = self.runners.turn_runner.questions
        async with self.sessions.begin() as session:
            if not await calls.correct_subjects(session, known.call, names):
                return False
            await _store(session, known, change, trace)
            passed_on = await self._left_open(session, known, again)
        if passed_on and questions is not None:
            questions.told(known.call.session_id)
        self.runners.hub.wake(known.call.session_id)
        self.runners.announce()
        if again is not None and again.outcome is not None and known.last is not None:
            helped = Helped(
                session_id=known.call.session_id,
                turn=known.last.number,
                outcome=again.outcome,
                cards=change.cards,
            )
            self.runners.refinements.begin(helped)
        return True

    async def _left_open(self, session: Session, known: "_Known", again: "_Again | None") -> bool:
        """Whether the corrected question, which knowledge does not answer, was passed on to a supervisor."""
        questions = self.runners.turn_runner.questions
        if questions is None or again is None or again.outcome is None or known.last is None:
            return False
        refining = self.pipeline().refiner is not None
        call = known.call.session_id
        return await questions.left_open(session, call, known.last.number, again.outcome, refining=refining)

    async def _ask_again(self, known: "_Known", dismissed: frozenset[str], trace: Trace) -> "_Again | None":
        """None: nothing was asked, or the knowledge base does not answer; the correction counts from now on."""
        turn = _last_question(known, dismissed)
        if turn is None:
            return None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                context, query = await self.pipeline().ask(turn, trace)
                if query is None:
                    return _Again(context=context)
                outcome = await self.pipeline().help(query, trace)
                return _Again(context=context, query=query, outcome=outcome)
        except (UpstreamError, TimeoutError) as error:
            log.warning("question_not_asked_again", session_id=str(known.call.session_id), error=type(error).__name__)
            return None


class _Known(Struct, frozen=True, kw_only=True):
    """A call as it was when the agent corrected it."""

    call: CallSession
    last: CallTurn | None
    """The last turn that asked something."""
    memory: Memory

    @property
    def cards(self) -> list[GivenSuggestion]:
        """On the screen since the last question."""
        return [one for one in self.memory.pushed if self.last and one.turn == self.last.number and not one.dismissed]

    @property
    def questions(self) -> list[GivenQuestion]:
        """Proposed with the last question, not answered yet."""
        return [one for one in self.memory.questions if self.last and one.turn == self.last.number]


class _Again(Struct, frozen=True, kw_only=True):
    """What the corrected question came to."""

    context: Context
    query: Query | None = None
    outcome: Outcome | None = None


class _Change(Struct, frozen=True, kw_only=True):
    """What the correction leaves behind."""

    events: tuple[tuple[str, Json], ...]
    given: Given = Given()
    cards: tuple[UUID, ...] = ()
    """Of the answers, in their order; those that were on the screen already keep their cards."""
    withdrawn_suggestions: tuple[UUID, ...] = ()
    withdrawn_questions: tuple[UUID, ...] = ()
    turn: Json = {}
    """What changes in the row of the turn."""


def _last_question(known: _Known, dismissed: frozenset[str]) -> Turn | None:
    """The last question with everything said since, as if it had not been helped with yet."""
    if known.last is None:
        return None
    first, through = known.last.first_segment, known.call.analysed_through
    heard = sorted(known.memory.segments[:through], key=by_time)
    new = tuple(segment for segment in heard if segment.number >= first)
    return Turn(
        call_id=known.call.session_id,
        number=known.last.number,
        transcript=tuple(heard),
        new=new,
        scope=Scope(at=datetime.now(UTC)),
        history=_history(known, dismissed),
    )


def _history(known: _Known, dismissed: frozenset[str]) -> History:
    superseded = {one.id for one in known.cards}
    before = Memory(
        queries=known.memory.queries[:-1],
        suggestions=[one for one in known.memory.suggestions if one.id not in superseded],
        question_texts=[
            text for text in known.memory.question_texts if text not in {one.question.text for one in known.questions}
        ],
    )
    return before.history(dismissed)


def _change(known: _Known, names: Sequence[str], again: _Again | None, now: datetime) -> _Change:
    context = ("context", {"context": _corrected_context(known, names, again)})
    if again is None or again.query is None or again.outcome is None or known.last is None:
        return _Change(events=(context,))
    outcome, kept = again.outcome, _kept_cards(known, again.outcome)
    texts = {one.question.text for one in known.questions}
    news = msgspec.structs.replace(
        outcome,
        draft=msgspec.structs.replace(
            outcome.draft, answers=tuple(one for one in outcome.draft.answers if _cited(one) not in kept)
        ),
        questions=tuple(one for one in outcome.questions if one.text not in texts),
    )
    given = given_by(news, kinds=("answer", "article"), turn=known.last.number, now=now)
    made = iter(card.id for card in given.suggestions)
    asked = {one.text for one in outcome.questions}
    withdrawn = tuple(one.id for one in known.cards if one.id not in kept.values())
    withdrawn_questions = tuple(one.id for one in known.questions if one.question.text not in asked)
    events = [context]
    events += [("suggestion_withdrawn", _superseded("suggestion_id", one)) for one in withdrawn]
    events += [("question_withdrawn", _superseded("question_id", one)) for one in withdrawn_questions]
    if given.suggestions or given.questions or outcome.kind is OutcomeKind.NO_ANSWER:
        payload = suggestions_payload(
            given, query=again.query.text, outcome=outcome.kind.value, turn=again.context.turn
        )
        events.append(("suggestions", payload))
    return _Change(
        events=tuple(events),
        given=given,
        cards=tuple(kept.get(_cited(one)) or next(made) for one in outcome.draft.answers),
        withdrawn_suggestions=withdrawn,
        withdrawn_questions=withdrawn_questions,
        turn={
            "query": again.query.text,
            "outcome": outcome.kind.value,
            "suggestions_count": len(given.suggestions),
            "questions_count": len(given.questions),
        },
    )


def _corrected_context(known: _Known, names: Sequence[str], again: _Again | None) -> Json:
    """As understood now; when nothing could be understood anew, what was told last without what is dismissed."""
    if again is not None and (again.context.seeking or known.memory.context is None):
        return builtins(context_view(again.context))
    told = known.memory.context or builtins(NO_CONTEXT)
    subjects = [one for one in told.get("subjects", ()) if one["name"] not in names]
    return {**told, "subjects": subjects, "dismissed_subjects": sorted(names)}


def _kept_cards(known: _Known, outcome: Outcome) -> dict[frozenset[UUID], UUID]:
    """Cards that say what would be said again, by what they cite."""
    wanted = {_cited(answer) for answer in outcome.draft.answers}
    return {card.passages: card.id for card in known.cards if card.passages in wanted}


def _cited(answer: Answer) -> frozenset[UUID]:
    return frozenset(citation.passage.id for citation in answer.citations)


def _superseded(name: str, one: UUID) -> Json:
    return {name: str(one), "reason": "superseded"}


async def _store(session: Session, known: _Known, change: _Change, trace: Trace) -> None:
    session_id = known.call.session_id
    number = known.last.number if known.last else None
    await suggestions.insert_suggestions(session, turns.of_call(session_id, change.given.suggestion_rows))
    await suggestions.insert_questions(session, turns.of_call(session_id, change.given.question_rows))
    await suggestions.insert_actions(session, turns.of_call(session_id, trace.actions(number)))
    await suggestions.insert_model_calls(session, turns.of_call(session_id, trace.model_calls(number)))
    await suggestions.withdraw(session, change.withdrawn_suggestions, "superseded")
    await suggestions.withdraw_questions(session, change.withdrawn_questions)
    if number is not None and change.turn:
        await refinements.add_to_turn(session, session_id, number, change.turn)
    for kind, payload in change.events:
        await calls.append_event(session, session_id, kind, payload)
