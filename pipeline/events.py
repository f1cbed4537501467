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
    """context, query, retrieve, answer, clarify or refine."""
    elapsed_ms: float
    confidence: float | None
    """Of the stage's own result, [0, 1]; None where the stage has none."""


class AnswerDelta(Struct, frozen=True, kw_only=True, tag=True):
    """A model is writing: the text of the first answer so far, whole sentences that stand in the evidence."""

    text: str


class ModelUsed(Struct, frozen=True, kw_only=True, tag=True):
    """One request to a language model has ended."""

    role: str
    """rewrite, answer or summarise."""
    model: str
    outcome: str
    """done, cut_short, refused, timed_out, over_budget, failed or not_tried (circuit open)."""
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    """None when no price is configured for the model."""
    elapsed_ms: float


Event = EvidenceFound | StageFinished | AnswerDelta | ModelUsed

Emit = Callable[[Event], Awaitable[None]]
