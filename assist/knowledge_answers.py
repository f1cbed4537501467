"""What the knowledge base says to one question that stands alone, as it may be told to a customer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from msgspec import Struct

from assist.views import CitationView, citation_view
from pipeline.errors import UpstreamError
from pipeline.events import Event
from pipeline.query import manual_query
from pipeline.run import Pipeline
from pipeline.types import OutcomeKind, Scope, Segment, Speaker, Turn

_FOR_CUSTOMERS = ("everyone", "customer", "customers")
"""Audiences of articles that may be told outside the house."""
_TIMEOUT_S = 6.0
"""A caller waits for it in silence."""


class KnowledgeAnswer(Struct, frozen=True, kw_only=True):
    """The best answer, or that there is none."""

    answered: bool
    """Sure enough to be told."""
    text: str | None
    confidence: float
    """[0, 1], calibrated."""
    citations: list[CitationView] = []
    clarifying_questions: list[str] = []
    """What to ask first, where the question is not clear."""
    unavailable: bool = False
    """The knowledge base does not answer just now."""


@dataclass(frozen=True, kw_only=True)
class KnowledgeAnswers:
    """Asks the pipeline that the desks have."""

    pipeline: Callable[[], Pipeline]

    async def answer(self, question: str, language: str | None = None) -> KnowledgeAnswer:
        """The answer to a question."""
        segment = Segment(
            id="manual", number=1, speaker=Speaker.CUSTOMER, text=question, start_s=0.0, end_s=0.0, language=language
        )
        scope = Scope(at=datetime.now(UTC), audience=_FOR_CUSTOMERS)
        turn = Turn(call_id=uuid4(), number=1, transcript=(segment,), new=(segment,), scope=scope)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                outcome = await self.pipeline().help(manual_query(turn, question), _unheard)
        except (UpstreamError, TimeoutError):
            return KnowledgeAnswer(answered=False, text=None, confidence=0.0, unavailable=True)
        best = outcome.draft.answers[0] if outcome.draft.answers else None
        if outcome.kind is not OutcomeKind.ANSWERED or best is None:
            asked = [one.text for one in outcome.questions]
            confidence = round(outcome.draft.confidence, 4)
            return KnowledgeAnswer(answered=False, text=None, confidence=confidence, clarifying_questions=asked)
        return KnowledgeAnswer(
            answered=True,
            text=best.text,
            confidence=round(best.confidence, 4),
            citations=[citation_view(citation) for citation in best.citations],
        )


async def _unheard(_: Event) -> None:
    """Nobody follows how it is answered."""
