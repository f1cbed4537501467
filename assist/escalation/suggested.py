"""What the knowledge base says to a request's question, for a supervisor to start from. Nothing is stored."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct

from assist.views import CitationView, citation_view
from pipeline.errors import UpstreamError
from pipeline.events import Event
from pipeline.query import manual_query
from pipeline.run import Pipeline
from pipeline.types import Scope, Segment, Speaker, Turn

_TIMEOUT_S = 20.0
_LEAST_CONFIDENCE = 0.2
"""What is wrong four times of five is nothing to start from."""


class SuggestedAnswer(Struct, frozen=True, kw_only=True):
    """The best answer that is known."""

    text: str | None
    """None: nothing is known."""
    confidence: float
    """[0, 1], calibrated."""
    citations: list[CitationView] = []
    unavailable: bool = False
    """The knowledge base does not answer just now."""


async def suggested_answer(pipeline: Pipeline, request_id: UUID, question: str) -> SuggestedAnswer:
    """Asks as an agent does by hand: the question stands alone."""
    segment = Segment(id="manual", number=1, speaker=Speaker.AGENT, text=question, start_s=0.0, end_s=0.0)
    scope = Scope(at=datetime.now(UTC))
    turn = Turn(call_id=request_id, number=1, transcript=(segment,), new=(segment,), scope=scope)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            outcome = await pipeline.help(manual_query(turn, question), _unheard)
    except (UpstreamError, TimeoutError):
        return SuggestedAnswer(text=None, confidence=0.0, unavailable=True)
    best = max(outcome.draft.answers, key=lambda answer: answer.confidence, default=None)
    if best is None or best.confidence < _LEAST_CONFIDENCE:
        return SuggestedAnswer(text=None, confidence=round(best.confidence if best else outcome.draft.confidence, 4))
    return SuggestedAnswer(
        text=best.text,
        confidence=round(best.confidence, 4),
        citations=[citation_view(citation) for citation in best.citations],
    )


async def _unheard(_: Event) -> None:
    """Nobody follows how it is answered."""
