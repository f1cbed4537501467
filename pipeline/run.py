"""The flow of one turn: context → query, and, when something was asked, retrieve → answer → clarify.

Once that is on the agent's screen, a language model (where one is configured) may refine the first answer.
"""

import time
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pipeline.events import Emit, EvidenceFound, StageFinished
from pipeline.types import Answer, Context, Draft, Evidence, Outcome, Query, Turn

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)


class Stage(Protocol[In, Out]):
    """One step of the chain."""

    async def __call__(self, given: In, /) -> Out:
        """Works on one value.

        Raises:
            UpstreamError: something outside failed.
        """


class Refiner(Protocol):
    """Writes the answer in better words, from the same evidence or more."""

    async def __call__(self, given: Outcome, emit: Emit, /) -> Answer | None:
        """Tells `AnswerDelta` and `ModelUsed`. None: what is on the screen stays as it is. Never raises for a
        model that fails, is slow, or says what the evidence does not."""


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """The chain of stages. Swap one with `dataclasses.replace`."""

    context: Stage[Turn, Context]
    query: Stage[Context, Query | None]
    retrieve: Stage[Query, Evidence]
    answer: Stage[Evidence, Draft]
    clarify: Stage[Draft, Outcome]
    refiner: Refiner | None = None
    """None: no model is configured."""

    async def ask(self, turn: Turn, emit: Emit) -> tuple[Context, Query | None]:
        """What is asked in this turn? Cheap; runs for every turn. None: nothing to help with."""
        started = time.perf_counter()
        context = await self.context(turn)
        await _finished(emit, "context", started, context.confidence)
        started = time.perf_counter()
        query = await self.query(context)
        await _finished(emit, "query", started, context.confidence if query else None)
        return context, query

    async def help(self, query: Query, emit: Emit) -> Outcome:
        """Answers a query. Costly; a newer query supersedes it."""
        started = time.perf_counter()
        evidence = await self.retrieve(query)
        await _finished(emit, "retrieve", started, max((hit.similarity for hit in evidence.hits), default=None))
        await emit(EvidenceFound(evidence=evidence))
        started = time.perf_counter()
        draft = await self.answer(evidence)
        await _finished(emit, "answer", started, draft.confidence)
        started = time.perf_counter()
        outcome = await self.clarify(draft)
        await _finished(emit, "clarify", started, None)
        return outcome

    async def refine(self, outcome: Outcome, emit: Emit) -> Answer | None:
        """A better text for the first answer, or for none. Slow; runs after `help` was delivered, and a newer query
        supersedes it. None: nothing better is known."""
        if self.refiner is None:
            return None
        started = time.perf_counter()
        answer = await self.refiner(outcome, emit)
        await _finished(emit, "refine", started, answer.confidence if answer else None)
        return answer


async def _finished(emit: Emit, stage: str, started: float, confidence: float | None) -> None:
    elapsed_ms = (time.perf_counter() - started) * 1000.0
    await emit(StageFinished(stage=stage, elapsed_ms=elapsed_ms, confidence=confidence))
