"""The best hits in the order that a reranking model gives them, when it answers in time."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from pipeline.errors import UpstreamError
from pipeline.ports import Reranker
from pipeline.types import Hit, Passage

LOGIT_WEIGHT = 0.5
"""What the model's logit counts beside the fused score, itself a log-odds. Not fitted: no such model comes with the
product. Nor does the confidence of answers know of it."""

log = logging.getLogger(__name__)


async def reordered(
    question: str, best: Sequence[Hit], rest: Sequence[Hit], reranker: Reranker, limit_s: float
) -> list[Hit]:
    """`best` by fused score plus weighted logit, then `rest` as it was. Never raises: without an answer within
    `limit_s` both stay as they were.

    Args:
        question: stands alone.
        best: best first.
        rest: best first, none better than the last of `best`.
        reranker: whose opinion is asked.
        limit_s: most time for it.
    """
    try:
        async with asyncio.timeout(limit_s):
            logits = await reranker.scores(question, [_read(hit.passage) for hit in best])
    except UpstreamError as error:
        log.warning("the reranker failed, hits keep their order: %s", error)
        return [*best, *rest]
    except TimeoutError:
        log.warning("the reranker took longer than %g s for %d texts, hits keep their order", limit_s, len(best))
        return [*best, *rest]
    if not logits:
        return [*best, *rest]
    moved = [_plus(hit, logit) for hit, logit in zip(best, logits, strict=True)]
    # The lowest logit for all the others: scores stay comparable, and none of them overtakes.
    return [*sorted(moved, key=lambda hit: -hit.score), *(_plus(hit, min(logits)) for hit in rest)]


def _plus(hit: Hit, logit: float) -> Hit:
    return msgspec.structs.replace(hit, score=hit.score + LOGIT_WEIGHT * logit)


def _read(passage: Passage) -> str:
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)
