"""A pipeline that does what a test says, and the live path of one process around it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from assist.background import cancelled
from assist.calls import Calls, Heard, StartCall
from assist.db.engine import Sessions
from assist.db.errors import DatabaseError
from assist.delivery import Hub
from assist.desk import Desk
from assist.escalation.answers import AnswerDelivery
from assist.escalation.call_questions import CallQuestions
from assist.live import Runners
from assist.turns import TurnRunner
from pipeline.run import Pipeline, Refiner
from pipeline.types import (
    Answer,
    Citation,
    Context,
    Draft,
    Entity,
    Evidence,
    Formulation,
    Outcome,
    OutcomeKind,
    Passage,
    Query,
    QueryKind,
    Question,
    Speaker,
    Subject,
    Turn,
)

SCAN_S = 0.03

_clock = itertools.count(0.0, 2.0)
"""Start times of segments that follow each other."""


async def _nothing(_: object) -> None:
    """What a stage does before it works, unless a test says otherwise."""


async def _at_once() -> None:
    """A model that is there."""


@dataclass(kw_only=True)
class Script:
    """Rules of the stand-in stages: a customer's segment that ends with "?" is a query; each query has an answer of
    its own, unless it contains "unknown". Words like "E401" are error codes. Hooks run first and may wait or raise.
    """

    before_context: Callable[[Turn], Awaitable[None]] = _nothing
    before_help: Callable[[Query], Awaitable[None]] = _nothing
    ask_back: Callable[[str], tuple[Question, ...]] = lambda _: ()
    """Clarifying questions for a query's text."""
    also: Callable[[str], tuple[str, ...]] = lambda _: ()
    """Titles of further articles that are given with the answer to a query's text."""
    subjects: Callable[[Turn], tuple[Subject, ...]] = lambda _: ()
    """What a turn may be about; the first one that is not dismissed is added to the query's text."""
    refiner: Refiner | None = None
    ready: Callable[[], Awaitable[None]] = _at_once
    """Waits for the model."""
    turns: list[Turn] = field(default_factory=list)
    """Every turn that was asked about, in order."""
    helped: list[str] = field(default_factory=list)
    """Texts of the queries whose help was begun, in order."""

    def pipeline(self) -> Pipeline:
        """The stages."""
        return Pipeline(
            context=self._context,
            query=self._query,
            retrieve=self._retrieve,
            answer=self._answer,
            clarify=self._clarify,
            refiner=self.refiner,
        )

    async def _context(self, turn: Turn) -> Context:
        self.turns.append(turn)
        await self.before_context(turn)
        asked = [one.text for one in turn.new if one.speaker is Speaker.CUSTOMER and one.text.endswith("?")]
        codes = [word for one in reversed(turn.transcript) for word in one.text.strip("?").split() if word[0] == "E"]
        return Context(
            turn=turn,
            focus=asked[-1] if asked else "",
            seeking=bool(asked),
            detected_issue=asked[-1] if asked else None,
            entities=tuple(Entity(type="error_code", value=code) for code in dict.fromkeys(codes)),
            subjects=tuple(one for one in self.subjects(turn) if one.name not in turn.history.dismissed_subjects),
            sufficient=bool(asked),
            confidence=0.9,
        )

    async def _query(self, context: Context) -> Query | None:
        if not context.focus:
            return None
        about = f" ({context.subjects[0].name})" if context.subjects else ""
        formulation = Formulation(kind=QueryKind.CONVERSATION, text=context.focus)
        return Query(context=context, text=context.focus + about, formulations=(formulation,))

    async def _retrieve(self, query: Query) -> Evidence:
        self.helped.append(query.text)
        await self.before_help(query)
        return Evidence(query=query, hits=())

    async def _answer(self, evidence: Evidence) -> Draft:
        text = evidence.query.text
        history = evidence.query.context.turn.history
        others = (one for one in self.also(text) if passage_of(one).article_id not in history.given_articles)
        titles = () if "unknown" in text else (text, *others)
        shown = history.shown_passages
        answers = tuple(answer_of(one, f"Answer to {one}") for one in titles if passage_of(one).id not in shown)
        return Draft(evidence=evidence, answers=answers, confidence=0.8)

    async def _clarify(self, draft: Draft) -> Outcome:
        questions = self.ask_back(draft.evidence.query.text)
        kind = OutcomeKind.ANSWERED if draft.answers else OutcomeKind.NO_ANSWER
        return Outcome(draft=draft, kind=OutcomeKind.CLARIFY if questions else kind, questions=questions)


def passage_of(title: str) -> Passage:
    """The only passage of the article of that title."""
    identity = uuid5(NAMESPACE_URL, title)
    return Passage(
        id=identity, article_id=identity, version=1, title=title, text=title, start=0, end=len(title), page=12
    )


def answer_of(title: str, text: str, confidence: float = 0.8) -> Answer:
    """An answer that cites an article."""
    citation = Citation(passage=passage_of(title), quote=title, start=0, end=len(title))
    return Answer(title=title, text=text, citations=(citation,), confidence=confidence)


@dataclass(frozen=True, kw_only=True)
class Node:
    """The live path of one process, as the server wires it, on a scripted pipeline."""

    sessions: Sessions
    script: Script
    runners: Runners
    calls: Calls
    desk: Desk
    hub: Hub

    async def start_call(self, **fields: Any) -> UUID:
        """A new call."""
        return await self.calls.start(StartCall(call_id=f"call-{uuid4()}", agent_id="ada", **fields), None)

    async def say(self, session_id: UUID, text: str, *, speaker: str = "customer", at: float | None = None) -> int:
        """Has a segment stored; its number. Without `at` it follows in order of arrival."""
        start = at if at is not None else next(_clock)
        heard = Heard(session_id=session_id, speaker=speaker, text=text, start_time=start, end_time=start + 1.0)
        return (await self.calls.accept(heard)).number

    async def look(self) -> None:
        """What a wake-up does."""
        await self.hub.check()
        await self.runners.scan()


@dataclass(frozen=True, kw_only=True)
class Supervised:
    """What a live path uses of supervision."""

    hub: Hub
    questions: CallQuestions
    answers: AnswerDelivery


@asynccontextmanager
async def node(
    sessions: Sessions,
    script: Script | None = None,
    *,
    owner: str = "one",
    scanning: bool = True,
    kept_calls: int = 500,
    refinement_timeout_s: float = 30.0,
    supervised: Supervised | None = None,
) -> AsyncIterator[Node]:
    """A process's live path; `scanning`: it looks for work by itself, as after wake-ups."""
    script = script or Script()
    hub = supervised.hub if supervised else Hub(sessions=sessions)
    questions = supervised.questions if supervised else None
    runners = Runners(
        owner=owner,
        sessions=sessions,
        turn_runner=TurnRunner(sessions=sessions, pipeline=script.pipeline, ready=script.ready, questions=questions),
        hub=hub,
        announce=lambda: None,
        kept_calls=kept_calls,
        refinement_timeout_s=refinement_timeout_s,
    )
    made = Node(
        sessions=sessions,
        script=script,
        runners=runners,
        calls=Calls(sessions=sessions, runners=runners, hub=hub, answers=supervised.answers if supervised else None),
        desk=Desk(sessions=sessions, pipeline=script.pipeline, runners=runners, questions=questions),
        hub=hub,
    )
    looking = asyncio.create_task(_look_for_ever(made) if scanning else asyncio.sleep(0))
    try:
        yield made
    finally:
        await cancelled(looking)
        await runners.stop()


async def _look_for_ever(one: Node) -> None:
    while True:
        try:
            await one.look()
        except DatabaseError:
            continue
        finally:
            await asyncio.sleep(SCAN_S)
