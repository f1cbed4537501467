"""Exact sentences with places, and how sure the system is."""

import msgspec
import pytest

from pipeline.answer import ExtractiveAnswerer
from pipeline.lexicon import lexicon_of
from pipeline.query import manual_query
from pipeline.sentences import sentences, spoken_sentences
from pipeline.types import Draft, Entity, Evidence, History, Hit, Passage, Query, QueryKind
from tests.pipeline.calls import turn
from tests.pipeline.shelf import SHELF, article

BODY = """# Refunds

## Timing

Refunds arrive within **ten days**, see [the terms](https://example.com/terms). Bank transfers take
two days longer, e.g. over a weekend.

## Steps

To ask for a refund:

1. Open *Orders*.
2. Choose **Refund**.
"""


def section(name: str, text: str) -> Passage:
    found = article(name, "Refunds", text, heading="Refunds > Timing", start=BODY.index(text))
    assert BODY[found.start : found.end] == text
    return found


TIMING = section("timing", BODY[BODY.index("Refunds arrive") : BODY.index("\n\n## Steps")])
STEPS = section("steps", BODY[BODY.index("To ask") :].rstrip())


def evidence(query: Query, *hits: tuple[Passage, float]) -> Evidence:
    return Evidence(
        query=query,
        hits=tuple(
            Hit(passage=passage, score=0.02 / place, similarity=similarity, lexical=1.0)
            for place, (passage, similarity) in enumerate(hits, start=1)
        ),
    )


def asked(text: str, history: History | None = None) -> Query:
    return manual_query(turn("customer: hi", history=history), text)


async def draft(query: Query, *hits: tuple[Passage, float]) -> Draft:
    return await ExtractiveAnswerer()(evidence(query, *hits))


async def test_quotes_are_exact_slices_and_the_text_is_readable() -> None:
    given = await draft(asked("when do refunds arrive"), (TIMING, 0.8), (SHELF[4], 0.1))
    answer = given.answers[0]
    assert answer.text.startswith("Refunds arrive within ten days, see the terms.")
    assert answer.title == "Refunds > Timing"
    for citation in answer.citations:
        assert BODY[citation.start : citation.end] == citation.quote


async def test_steps_are_shown_from_the_sentence_that_opens_them() -> None:
    given = await draft(asked("how do i choose refund in orders"), (STEPS, 0.8), (SHELF[4], 0.1))
    assert given.answers[0].text == "To ask for a refund:\nOpen Orders.\nChoose Refund."


async def test_there_is_one_answer_an_article_and_three_at_most() -> None:
    others = [(passage, 0.7) for passage in SHELF]
    given = await draft(asked("refunds arrive error parking phone subscription"), (TIMING, 0.8), (STEPS, 0.75), *others)
    articles = [answer.citations[0].passage.article_id for answer in given.answers]
    assert len(articles) == len(set(articles)) <= 3


async def test_nothing_near_means_no_answer_but_a_confidence() -> None:
    given = await draft(asked("capital of france"), (TIMING, 0.12), (SHELF[4], 0.1))
    assert given.answers == ()
    assert 0.0 < given.confidence < 0.2


async def test_without_hits_the_confidence_is_zero() -> None:
    assert (await draft(asked("anything"))).confidence == 0.0


def unasked(query: Query) -> Query:
    """As if the customer had asked: the thresholds of a call count."""
    forms = tuple(msgspec.structs.replace(form, kind=QueryKind.SEMANTIC) for form in query.formulations)
    return msgspec.structs.replace(query, formulations=forms)


async def test_what_is_on_the_screen_is_not_shown_again_unless_typed_or_asked_again() -> None:
    history = History(shown_passages=frozenset({TIMING.id}))
    hits = ((TIMING, 0.8), (SHELF[3], 0.6), (SHELF[4], 0.1))
    quiet = await draft(unasked(asked("when do refunds arrive", history)), *hits)
    again = await draft(unasked(asked("when do refunds arrive again", history)), *hits)
    typed = await draft(asked("when do refunds arrive", history), *hits)
    assert quiet.answers == ()
    assert quiet.confidence > 0.5
    assert again.answers[0].citations[0].passage == typed.answers[0].citations[0].passage == TIMING


async def test_an_article_given_before_comes_again_only_as_the_answer_itself() -> None:
    hits = ((TIMING, 0.8), (SHELF[3], 0.79), (SHELF[4], 0.1))
    both = await draft(unasked(asked("when do refunds arrive")), *hits)
    assert [answer.citations[0].passage for answer in both.answers] == [TIMING, SHELF[3]]
    beside = History(given_articles=frozenset({SHELF[3].article_id}))
    itself = History(given_articles=frozenset({TIMING.article_id}))
    once = await draft(unasked(asked("when do refunds arrive", beside)), *hits)
    assert [answer.citations[0].passage for answer in once.answers] == [TIMING]
    assert len((await draft(unasked(asked("when do refunds arrive", itself)), *hits)).answers) == 2


async def test_a_missing_error_code_makes_a_passage_unlikely() -> None:
    query = asked("login error 401 in the mobile app")
    context = msgspec.structs.replace(query.context, entities=(Entity(type="error_code", value="401"),))
    query = msgspec.structs.replace(query, context=context)
    right = await draft(query, (SHELF[1], 0.5), (SHELF[4], 0.1))
    wrong = await draft(query, (SHELF[2], 0.5), (SHELF[4], 0.1))
    assert right.confidence > wrong.confidence + 0.2


@pytest.mark.parametrize("similarity", [0.2, 0.4, 0.6])
async def test_confidence_grows_with_similarity(similarity: float) -> None:
    less = await draft(asked("when do refunds arrive"), (TIMING, similarity), (SHELF[4], 0.1))
    more = await draft(asked("when do refunds arrive"), (TIMING, similarity + 0.2), (SHELF[4], 0.1))
    assert less.confidence < more.confidence


async def test_a_name_that_the_knowledge_base_does_not_have_makes_an_answer_unlikely() -> None:
    lexicon = lexicon_of(texts=[passage.text for passage in SHELF])
    given = evidence(asked("do you refund over PayBuddy"), (TIMING, 0.6), (SHELF[4], 0.1))
    assert (await ExtractiveAnswerer(lexicon=lexicon)(given)).confidence < (
        await ExtractiveAnswerer()(given)
    ).confidence


def test_sentences_stand_where_they_say() -> None:
    found = sentences(BODY)
    assert [sentence.text for sentence in found] == [
        "Refunds arrive within ten days, see the terms.",
        "Bank transfers take two days longer, e.g. over a weekend.",
        "To ask for a refund:",
        "Open Orders.",
        "Choose Refund.",
    ]
    assert [BODY[it.start : it.end] for it in found][3:] == ["1. Open *Orders*.", "2. Choose **Refund**."]


def test_tables_fences_and_quotes_are_read_as_text() -> None:
    found = sentences("| A | B |\n|---|---|\n| 5 | 6 |\n\n> Note this.\n\n```\ncode\n```\n---\n")
    assert [sentence.text for sentence in found] == ["A, B", "5, 6", "Note this.", "code"]


def test_an_abbreviation_closes_a_sentence_when_a_word_follows_that_names_nothing() -> None:
    assert spoken_sentences(
        "We close at 5 p.m. You can call at 8 a.m. Monday, etc. and write to Nimbus Inc. Oslo."
    ) == (
        "We close at 5 p.m.",
        "You can call at 8 a.m. Monday, etc. and write to Nimbus Inc. Oslo.",
    )
    assert spoken_sentences("Ask Dr. Will at 5 p.m. CET.") == ("Ask Dr. Will at 5 p.m. CET.",)


def test_spoken_sentences_need_no_capitals() -> None:
    assert spoken_sentences("hi. my app v2.5 is broken. can you help? thanks") == (
        "hi.",
        "my app v2.5 is broken.",
        "can you help?",
        "thanks",
    )
