"""Fusion of rankings, near copies and the number of calls made."""

import msgspec
import pytest

from pipeline.fusion import distinct, fused
from pipeline.ports import Ranking, Scored
from pipeline.query import manual_query
from pipeline.retrieve import HybridRetriever
from pipeline.types import Entity, Formulation, Hit, Query, QueryKind, Scope
from tests.pipeline.calls import turn
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder, article

PORT, LOGIN, REFUND = SHELF[0], SHELF[1], SHELF[3]


def hit(name: str, title: str, text: str, score: float) -> Hit:
    return Hit(passage=article(name, title, text), score=score, similarity=score, lexical=0.0)


async def test_all_formulations_share_one_embedding_call_and_one_search() -> None:
    embedder, index = WordEmbedder(), ShelfIndex(SHELF)
    asked = manual_query(turn("customer: hi"), "port number")
    forms = (*asked.formulations, Formulation(kind=QueryKind.SEMANTIC, text="keep my phone number"))
    query = Query(context=asked.context, text=asked.text, formulations=forms)
    evidence = await HybridRetriever(embedder=embedder, index=index)(query)
    assert [len(call) for call in embedder.calls] == [2]
    assert [len(probes) for probes in index.searches] == [2]
    assert evidence.hits[0].passage == PORT


def test_what_several_rankings_agree_on_comes_first() -> None:
    rankings = [
        Ranking(by="dense", probe=0, hits=(Scored(passage=LOGIN, score=0.6), Scored(passage=PORT, score=0.5))),
        Ranking(by="bm25", probe=0, hits=(Scored(passage=PORT, score=7.0), Scored(passage=REFUND, score=6.0))),
    ]
    hits = fused(rankings, [Formulation(kind=QueryKind.SEMANTIC, text="x")])
    assert hits[0].passage == PORT
    assert (hits[0].similarity, hits[0].lexical) == (0.5, 7.0)
    assert {it.passage.id: it.similarity for it in hits}[REFUND.id] == 0.0


def test_near_copies_of_one_article_are_shown_once() -> None:
    same = "You can cancel the plan at any time in the settings of the account."
    hits = [hit("a", "Cancel", same, 0.9), hit("b", "Cancel", same + " ", 0.8), hit("c", "Other", "Else.", 0.1)]
    assert [it.score for it in distinct(hits, limit=5, per_article=3)] == [0.9, 0.1]


def test_one_article_does_not_fill_the_evidence() -> None:
    hits = [
        hit(str(number), "Long", f"Text of section {number} alone {number * 7}.", 1.0 - number / 10)
        for number in range(6)
    ]
    assert len(distinct(hits, limit=5, per_article=2)) == 2


async def test_passages_about_the_product_named_are_lifted() -> None:
    answer = "Yes, pets are allowed in every room."
    index = ShelfIndex([article("p1", "Hotel Sun: pets", answer), article("p2", "Hotel Moon: pets", answer + " ")])
    asked = manual_query(turn("customer: hi"), "are pets allowed")
    entities = (Entity(type="product", value="Hotel Moon"),)
    query = msgspec.structs.replace(asked, context=msgspec.structs.replace(asked.context, entities=entities))
    evidence = await HybridRetriever(embedder=WordEmbedder(), index=index)(query)
    assert evidence.hits[0].passage.title == "Hotel Moon: pets"


@pytest.mark.parametrize("scope", [Scope(language="de"), Scope(tags=("x",)), Scope(audience=("agents",))])
async def test_the_scope_of_the_call_narrows_the_search(scope: Scope) -> None:
    call = msgspec.structs.replace(turn("customer: hi"), scope=scope)
    evidence = await HybridRetriever(embedder=WordEmbedder(), index=ShelfIndex(SHELF))(manual_query(call, "refund"))
    assert evidence.hits == ()
