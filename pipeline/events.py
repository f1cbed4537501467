"""What the pipeline tells while it works. Listeners store, push and measure; the pipeline knows none of them."""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from pipeline.types import Evidence


class EvidenceFound(Struct, frozen=True, kw_only=True, tag=True):
    """Passages are known; told before any answer is written."""

    evidence: Evidence


class StageFinished(Struct, frozen=True, kw_only=True, tag=True):
    """One stage is done."""

    stage: str
    """context, query, retrieve, answer or clarify."""
    elapsed_ms: float
    confidence: float | None
    """Of the stage's own result, [0, 1]; None where the stage has none."""


Event = EvidenceFound | StageFinished

Emit = Callable[[Event], Awaitable[None]]
