"""A reranker changes the order of the best hits, and never costs a turn."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import pytest

from pipeline.errors import UpstreamError
from pipeline.ports import Reranker
from pipeline.query import manual_query
from pipeline.retrieve import HybridRetriever
from pipeline.types import Evidence
from tests.pipeline.calls import turn
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder, article

ASKED = "refund on the card or the mobile app"


class ScriptedReranker:
    """Gives each text the score of its first line; others 0.0. Remembers what it was asked."""

    def __init__(self, by_title: Mapping[str, float]) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        self._by_title = by_title

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, tuple(texts)))
        return [self._by_title.get(text.splitlines()[0], 0.0) for text in texts]


class FailingReranker:
    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        raise UpstreamError("reranker", "the model failed", retryable=True)


class StuckReranker:
    """Waits for what never happens."""

    def __init__(self) -> None:
        self.was_given_up = False

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        try:
            await asyncio.Event().wait()
        finally:
            self.was_given_up = True
        return []


async def found(reranker: Reranker | None, *, reranked: int = 20) -> Evidence:
    retrieve = HybridRetriever(
        embedder=WordEmbedder(), index=ShelfIndex(SHELF), reranker=reranker, reranked=reranked, rerank_s=0.01
    )
    return await retrieve(manual_query(turn("customer: hi"), ASKED))


def titles(evidence: Evidence) -> list[str]:
    return [hit.passage.title for hit in evidence.hits]


async def test_the_model_and_the_fused_score_order_the_best_hits_together() -> None:
    fused = await found(None)
    last = fused.hits[-1].passage.title
    reordered = await found(ScriptedReranker({last: 40.0}))
    assert titles(reordered) == [last, *titles(fused)[:-1]]
    agreed = await found(ScriptedReranker(dict.fromkeys(titles(fused), 3.0)))
    assert titles(agreed) == titles(fused)


async def test_it_reads_the_question_that_stands_alone_and_the_text_under_its_title_and_heading() -> None:
    reranker = ScriptedReranker({})
    shelf = [article("a", "Refunds", "Within ten days.", heading="Timing"), article("b", "Refund card", "On the card.")]
    retrieve = HybridRetriever(embedder=WordEmbedder(), index=ShelfIndex(shelf), reranker=reranker)
    query = manual_query(turn("customer: hi"), "refund timing")
    await retrieve(query)
    [(question, texts)] = reranker.asked
    assert question == query.text
    assert set(texts) == {"Refunds\nTiming\nWithin ten days.", "Refund card\nOn the card."}


async def test_hits_beyond_the_best_are_not_read_and_stay_behind() -> None:
    fused = titles(await found(None))
    reranker = ScriptedReranker({fused[0]: -30.0, fused[1]: -20.0, fused[-1]: 99.0})
    evidence = await found(reranker, reranked=2)
    assert [len(texts) for _, texts in reranker.asked] == [2]
    assert titles(evidence) == [fused[1], fused[0], *fused[2:]]
    scores = [hit.score for hit in evidence.hits]
    assert scores == sorted(scores, reverse=True)


async def test_one_hit_needs_no_reranker() -> None:
    reranker = ScriptedReranker({})
    retrieve = HybridRetriever(embedder=WordEmbedder(), index=ShelfIndex(SHELF[:1]), reranker=reranker)
    await retrieve(manual_query(turn("customer: hi"), "port"))
    assert reranker.asked == []


async def test_a_failing_reranker_leaves_the_fused_order(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        evidence = await found(FailingReranker())
    assert evidence == await found(None)
    assert "the reranker failed" in caplog.text
    assert "refund" not in caplog.text.lower()


async def test_a_slow_reranker_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    stuck = StuckReranker()
    with caplog.at_level(logging.WARNING):
        evidence = await found(stuck)
    assert stuck.was_given_up
    assert evidence == await found(None)
    assert "took longer" in caplog.text
