"""A model's better words for an answer that is on the screen already: beside the call's next turns, never before them.

Nothing of a refinement is stored until it is whole; whatever ends it early leaves the quoted answer as it was.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
import structlog
from msgspec import Struct

from assist.background import cancelled
from assist.db import calls, refinements, suggestions, turns
from assist.db.engine import Session, Sessions
from assist.db.errors import DatabaseError
from assist.db.models import Suggestion
from assist.db.models.base import Json
from assist.db.refinements import Place
from assist.delivery import Hub
from assist.escalation.call_questions import CallQuestions
from assist.turn_results import Given, Trace, answer_columns, given_by, suggestions_payload
from assist.views import builtins, suggestion_view
from pipeline.events import AnswerDelta, Event
from pipeline.run import Pipeline
from pipeline.types import Answer, Outcome, OutcomeKind

_LOOK_S = turns.LEASE_S / 3
_RETRY_S = (0.2, 1.0, 3.0)
_STOP_S = 3.0
"""A process that stops does not wait longer than this for a database to take what refinements have cost."""

log = structlog.get_logger(__name__)


class Helped(Struct, frozen=True, kw_only=True):
    """Help that was stored and delivered."""

    session_id: UUID
    turn: int | None
    """None: asked by hand."""
    outcome: Outcome
    cards: tuple[UUID, ...]
    """Its suggestions, the first answer first."""
    fence: int | None = None
    """Of the turn, when this process runs the call; None: the help needed no lease."""


@dataclass(frozen=True, kw_only=True)
class Refinements:
    """The refinements that run in this process: of each call one for its newest question, and one for the newest that
    was asked by hand.
    """

    owner: str
    sessions: Sessions
    pipeline: Callable[[], Pipeline]
    hub: Hub
    announce: Callable[[], None]
    timeout_s: float
    questions: CallQuestions | None = None
    """Passes on to supervisors what the model has no answer for either."""
    _running: dict[tuple[UUID, bool], "_Running"] = field(default_factory=dict)
    """By call, and whether it was asked by hand."""
    _accounting: set[asyncio.Task[None]] = field(default_factory=set)

    def begin(self, helped: Helped) -> None:
        """Has the first answer refined, or one found where there was none; takes the place of the one before."""
        worth = helped.outcome.draft.answers or helped.outcome.kind is OutcomeKind.NO_ANSWER
        if self.pipeline().refiner is None or not worth:
            return
        key = (helped.session_id, helped.turn is None)
        self._stop(key)
        task = asyncio.create_task(self._run(helped), name=f"refinement-{helped.session_id}")
        self._running[key] = _Running(task, helped)
        task.add_done_callback(lambda done: self._ended(key, done))

    def supersede(self, session_id: UUID) -> None:
        """The call asks something newer; what was asked by hand goes on."""
        self._stop((session_id, False))

    def lost(self, session_id: UUID) -> None:
        """This process has not had the call all the time; what needs no lease goes on."""
        running = self._running.get((session_id, False))
        if running is not None and running.helped.fence is not None:
            self._stop((session_id, False))

    def stop(self, session_id: UUID, card: UUID | None = None) -> None:
        """The call has ended, or that card is off the screen."""
        for by_hand in (False, True):
            running = self._running.get((session_id, by_hand))
            if running is not None and (card is None or card in running.helped.cards[:1]):
                self._stop((session_id, by_hand))

    async def stop_all(self) -> None:
        """Ends everything; what models have cost until now is stored."""
        for key in list(self._running):
            self._stop(key)
        if self._accounting:
            await asyncio.wait(self._accounting, timeout=_STOP_S)

    def _stop(self, key: tuple[UUID, bool]) -> None:
        running = self._running.pop(key, None)
        if running is not None:
            running.task.cancel()
            self._accounting.add(running.task)
            running.task.add_done_callback(self._accounting.discard)

    def _ended(self, key: tuple[UUID, bool], task: asyncio.Task[None]) -> None:
        running = self._running.get(key)
        if running is not None and running.task is task:
            del self._running[key]

    async def _run(self, helped: Helped) -> None:
        refinement = _Refinement(helped=helped, place=self._place(helped))
        try:
            answer = await self._written(refinement)
            told = await self._stored(refinement, answer)
        except asyncio.CancelledError:
            self._drop_draft(refinement)
            await self._stored(refinement, None)
            await self._left_open(helped)
            raise
        if not told:
            self._drop_draft(refinement)
            await self._left_open(helped)

    async def _left_open(self, helped: Helped) -> None:
        """Nothing came of it. What cannot be stored now is left to the job that was enqueued with the turn."""
        if self.questions is None or helped.turn is None or helped.outcome.kind is not OutcomeKind.NO_ANSWER:
            return
        try:
            await self.questions.settle(helped.session_id, helped.turn, helped.outcome)
        except Exception as error:
            session_id = str(helped.session_id)
            log.exception("question_not_raised", session_id=session_id, turn=helped.turn, error=type(error).__name__)

    def _place(self, helped: Helped) -> Place:
        return Place(
            session_id=helped.session_id,
            suggestion_id=helped.cards[0] if helped.cards else uuid4(),
            owner=None if helped.fence is None else self.owner,
            fence=helped.fence or 0,
            is_new=not helped.cards,
        )

    async def _written(self, refinement: "_Refinement") -> Answer | None:
        """The model's answer; None when there is none, or nobody waits for it any more."""
        if not await self._kept(refinement.place):
            return None
        writing = asyncio.create_task(self._refine(refinement))
        try:
            while not (await asyncio.wait((writing,), timeout=_LOOK_S))[0]:
                if not await self._kept(refinement.place):
                    return None
            return writing.result()
        finally:
            await cancelled(writing)

    async def _refine(self, refinement: "_Refinement") -> Answer | None:
        async def emit(event: Event) -> None:
            if isinstance(event, AnswerDelta) and not refinement.place.is_new:
                refinement.has_draft = True
                self.hub.show(refinement.place.session_id, _draft(refinement.place, event.text))
            await refinement.trace(event)

        try:
            async with asyncio.timeout(self.timeout_s):
                answer = await self.pipeline().refine(refinement.helped.outcome, emit)
        except TimeoutError:
            log.warning("refinement_timed_out", session_id=str(refinement.place.session_id))
            return None
        except Exception as error:
            session_id = str(refinement.place.session_id)
            log.exception("refinement_failed", session_id=session_id, error=type(error).__name__)
            return None
        return answer if answer and answer.citations and answer.text.strip() else None

    async def _kept(self, place: Place) -> bool:
        try:
            async with self.sessions.begin() as session:
                return await refinements.keep(session, place)
        except DatabaseError as error:
            log.warning("refinement_not_checked", session_id=str(place.session_id), error=type(error).__name__)
            return True

    async def _stored(self, refinement: "_Refinement", answer: Answer | None) -> bool:
        """Whether the answer took its place. What the refinement cost is stored in any case."""
        change = _change(refinement, answer) if answer else None
        if change is None and not (refinement.trace.times or refinement.trace.models):
            return False
        for wait_s in (*(_RETRY_S if change else ()), None):
            try:
                async with self.sessions.begin() as session:
                    told = change is not None and await _take_place(session, refinement, change)
                    if change is None and answer is not None:
                        await _on_screen(session, refinement.helped)
                    await _account(session, refinement)
                break
            except DatabaseError as error:
                session_id = str(refinement.place.session_id)
                log.warning("refinement_not_stored", session_id=session_id, error=type(error).__name__)
                if wait_s is None:
                    return False
                await asyncio.sleep(wait_s)
        if told:
            self.hub.wake(refinement.place.session_id)
            self.announce()
        return told

    def _drop_draft(self, refinement: "_Refinement") -> None:
        if refinement.has_draft:
            self.hub.show(refinement.place.session_id, _draft(refinement.place, ""))


class _Running(NamedTuple):
    """A task, and what it refines."""

    task: asyncio.Task[None]
    helped: Helped


@dataclass(kw_only=True)
class _Refinement:
    """One that is under way."""

    helped: Helped
    place: Place
    trace: Trace = field(default_factory=Trace)
    has_draft: bool = False
    """Followers have seen some of it."""


class _Change(Struct, frozen=True, kw_only=True):
    """What the answer makes of the call."""

    columns: Json
    """Of the suggestion's row."""
    given: Given | None
    """The new suggestion, when nothing was on the screen."""


def _change(refinement: _Refinement, answer: Answer) -> _Change | None:
    """None: what the answer says is on the screen already."""
    now = datetime.now(UTC)
    by_model = {"answered_by": _model_of(refinement.trace), "refined_at": now}
    columns = {**answer_columns(answer), **by_model}
    if not refinement.place.is_new:
        return _Change(columns=columns, given=None)
    helped = refinement.helped
    history = helped.outcome.draft.evidence.query.context.turn.history
    if {citation.passage.id for citation in answer.citations} <= history.shown_passages:
        return None
    draft = msgspec.structs.replace(helped.outcome.draft, answers=(answer,))
    outcome = msgspec.structs.replace(helped.outcome, draft=draft, questions=())
    kinds = ("manual_answer", "article") if helped.turn is None else ("answer", "article")
    given = given_by(outcome, kinds=kinds, turn=helped.turn, now=now)
    card = msgspec.structs.replace(given.suggestions[0], id=refinement.place.suggestion_id, **by_model)
    row = {**given.suggestion_rows[0], **by_model, "id": card.id}
    return _Change(columns=row, given=Given(suggestions=(card,)))


async def _take_place(session: Session, refinement: _Refinement, change: _Change) -> bool:
    place = refinement.place
    row = await refinements.lock(session, place)
    if row is False:
        return False
    if change.given is not None:
        return await _add(session, refinement, change.columns, change.given)
    assert isinstance(row, Suggestion)
    await suggestions.change_suggestion(session, place.suggestion_id, change.columns)
    await session.refresh(row)
    card = suggestion_view(row)
    payload = {
        "suggestion_id": str(place.suggestion_id),
        "text": card.text,
        "done": True,
        "suggestion": builtins(card),
    }
    return await calls.append_event(session, place.session_id, "suggestion_delta", payload)


async def _on_screen(session: Session, helped: Helped) -> None:
    """What the model would say is on the agent's screen: the question has its answer, and no supervisor is asked."""
    if helped.turn is not None:
        values = {"outcome": OutcomeKind.ANSWERED.value}
        await refinements.add_to_turn(session, helped.session_id, helped.turn, values)


async def _add(session: Session, refinement: _Refinement, row: Json, given: Given) -> bool:
    """An answer where there was none is a suggestion like any other."""
    helped, session_id = refinement.helped, refinement.place.session_id
    query = helped.outcome.draft.evidence.query
    await suggestions.insert_suggestions(session, turns.of_call(session_id, [row]))
    if helped.turn is not None:
        values = {"outcome": OutcomeKind.ANSWERED.value, "suggestions_count": 1}
        await refinements.add_to_turn(session, session_id, helped.turn, values)
    by_hand = helped.turn is None
    payload = suggestions_payload(
        given,
        query=query.context.focus if by_hand else query.text,
        outcome=OutcomeKind.ANSWERED.value,
        turn=None if by_hand else query.context.turn,
    )
    return await calls.append_event(session, session_id, "suggestions", payload)


async def _account(session: Session, refinement: _Refinement) -> None:
    session_id, turn, trace = refinement.place.session_id, refinement.helped.turn, refinement.trace
    await suggestions.insert_actions(session, turns.of_call(session_id, trace.actions(turn)))
    await suggestions.insert_model_calls(session, turns.of_call(session_id, trace.model_calls(turn)))


def _model_of(trace: Trace) -> str:
    """Who wrote it: the model that was asked last."""
    return trace.models[-1].model if trace.models else "model"


def _draft(place: Place, text: str) -> Json:
    """The whole text so far; an empty one: nothing comes of it."""
    return {"type": "suggestion_delta", "suggestion_id": str(place.suggestion_id), "text": text, "done": False}
