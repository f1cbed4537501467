"""What speaks for a passage, near copies and the number of calls made."""

import msgspec
import pytest

from pipeline.fusion import NAMED, PLAIN, Sought, distinct, fused, signs_of
from pipeline.ports import Ranking, Scored
from pipeline.query import manual_query
from pipeline.retrieve import HybridRetriever
from pipeline.types import Formulation, Hit, Passage, Query, QueryKind, Scope, Subject
from tests.pipeline.calls import turn
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder, article

PORT, LOGIN, REFUND = SHELF[0], SHELF[1], SHELF[3]


def hit(name: str, title: str, text: str, score: float) -> Hit:
    return Hit(passage=article(name, title, text), score=score, similarity=score, lexical=0.0)


def scored(passage: Passage, score: float) -> Scored:
    return Scored(passage=passage, score=score)


def sought(*, heard: int | None = None, salience: dict[str, float] | None = None, unnamed: float = 0.0) -> Sought:
    return Sought(length=1.0, words_best=10.0, salience=salience or {}, unnamed=unnamed, unmentioned=0.001, heard=heard)


async def test_all_formulations_share_one_embedding_call_and_one_search() -> None:
    embedder, index = WordEmbedder(), ShelfIndex(SHELF)
    asked = manual_query(turn("customer: hi"), "port number")
    forms = (
        *asked.formulations,
        Formulation(kind=QueryKind.CONVERSATION, text="keep my phone number"),
        Formulation(kind=QueryKind.AGENT, text="Porting takes three business days."),
    )
    query = Query(context=asked.context, text=asked.text, formulations=forms)
    evidence = await HybridRetriever(embedder=embedder, index=index)(query)
    assert [len(call) for call in embedder.calls] == [3]
    assert [[probe.text for probe in probes] for probes in index.searches] == [["port number", ""]]
    assert evidence.hits[0].passage == PORT


def test_nearness_and_words_add_up() -> None:
    rankings = [
        Ranking(by="dense", probe=0, hits=(scored(LOGIN, 0.6), scored(PORT, 0.5))),
        Ranking(by="bm25", probe=0, hits=(scored(PORT, 7.0), scored(REFUND, 6.0))),
    ]
    hits = fused(signs_of(rankings, sought()), msgspec.structs.replace(PLAIN, nearness=10.0, words=5.0))
    assert hits[0].passage == PORT
    assert (hits[0].similarity, hits[0].lexical) == (0.5, 0.7)
    assert hits[0].score == pytest.approx(5.0 + 3.5)
    assert {it.passage.id: it.similarity for it in hits}[REFUND.id] == 0.0


def test_the_shelf_that_the_agent_reads_from_comes_first() -> None:
    sun = msgspec.structs.replace(article("s", "Pets", "Pets are welcome."), subjects=("Sun",))
    moon = msgspec.structs.replace(article("m", "Pets", "No pets."), subjects=("Moon",))
    smoking = msgspec.structs.replace(article("x", "Smoking", "There is a terrace."), subjects=("Moon",))
    rankings = [
        Ranking(by="dense", probe=0, hits=(scored(sun, 0.61), scored(moon, 0.6))),
        Ranking(by="dense", probe=1, hits=(scored(smoking, 0.9), scored(sun, 0.3))),
    ]
    assert [it.passage for it in fused(signs_of(rankings, sought(heard=1)), NAMED)] == [moon, sun]
    assert fused(signs_of(rankings, sought()), NAMED)[0].passage == smoking, "heard is not asked"


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


async def test_passages_about_the_subject_of_the_talk_are_lifted() -> None:
    answer = "Yes, pets are allowed in every room."
    passages = [
        msgspec.structs.replace(article(name, f"{name}: pets", answer), subjects=(name,)) for name in ("Sun", "Moon")
    ]
    asked = manual_query(turn("customer: hi"), "are pets allowed")
    about = (Subject(name="Moon", kind="place", salience=0.8), Subject(name="Sun", kind="place", salience=0.1))
    query = msgspec.structs.replace(asked, context=msgspec.structs.replace(asked.context, subjects=about))
    index = ShelfIndex(passages)
    evidence = await HybridRetriever(embedder=WordEmbedder(), index=index)(query)
    assert [hit.passage.subjects for hit in evidence.hits] == [("Moon",), ("Sun",)]
    assert [probe.subjects for probe in index.searches[0]] == [(), ("Moon", "Sun")]


def test_articles_without_a_subject_are_lifted_when_the_talk_is_about_none() -> None:
    general = article("g", "Pets", "Pets travel for free.")
    moon = msgspec.structs.replace(article("m", "Pets", "No pets."), subjects=("Moon",))
    rankings = [Ranking(by="dense", probe=0, hits=(scored(moon, 0.62), scored(general, 0.6)))]
    about = sought(salience={"Moon": 0.1}, unnamed=0.8)
    assert fused(signs_of(rankings, about), NAMED)[0].passage == general


@pytest.mark.parametrize("scope", [Scope(language="de"), Scope(tags=("x",)), Scope(audience=("agents",))])
async def test_the_scope_of_the_call_narrows_the_search(scope: Scope) -> None:
    call = msgspec.structs.replace(turn("customer: hi"), scope=scope)
    evidence = await HybridRetriever(embedder=WordEmbedder(), index=ShelfIndex(SHELF))(manual_query(call, "refund"))
    assert evidence.hits == ()
