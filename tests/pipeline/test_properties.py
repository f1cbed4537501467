"""What holds for any text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.answer import ExtractiveAnswerer
from pipeline.clarify import Clarifier
from pipeline.context import ContextAnalyzer
from pipeline.entities import EntityFinder
from pipeline.query import QueryFormulator, manual_query
from pipeline.retrieve import HybridRetriever
from pipeline.run import Pipeline
from pipeline.sentences import sentences
from pipeline.types import Evidence, Hit
from tests.pipeline.calls import turn
from tests.pipeline.shelf import ShelfIndex, WordEmbedder, article

_PIECES = st.sampled_from(
    [
        *("error ", "four ", "oh ", "1", "2.5 ", "hundred ", "and ", "point ", "#", "-", "€", "v", "how ", "do i "),
        *("?", ". ", "\n", "* ", "[", "](", "|", "`", "@", " dot com", "that ", "my app ", "doesn't work", "yes "),
        *("'", "ü", "中", "\u0000"),
    ]
)
SPEECH = st.one_of(st.text(max_size=300), st.lists(_PIECES, max_size=60).map("".join))
SPEAKERS = st.sampled_from(["customer", "agent"])


@given(st.lists(st.tuples(SPEAKERS, SPEECH), min_size=1, max_size=6), st.booleans())
@settings(max_examples=150, deadline=None)
async def test_no_talk_stops_the_pipeline(talk: list[tuple[str, str]], close: bool) -> None:
    async def ignore(_: object) -> None:
        return None

    shelf = [article("one", "My app", talk[0][1] or "x"), article("two", "Errors", "Error 401 means that. Try again.")]
    chain = Pipeline(
        context=ContextAnalyzer(),
        query=QueryFormulator(),
        retrieve=HybridRetriever(embedder=WordEmbedder(), index=ShelfIndex(shelf)),
        answer=ExtractiveAnswerer(threshold=0.0, vague_threshold=0.0),
        clarify=Clarifier(),
    )
    lines = [f"{speaker}: {text}" for speaker, text in talk]
    context, query = await chain.ask(turn(*lines, new=len(lines), pause_s=0.1 if close else 3.0), ignore)
    assert query is None or context.seeking
    if query is None:
        return
    assert 1 <= len(query.formulations) <= 4
    assert query.text.strip()
    outcome = await chain.help(query, ignore)
    for answer in outcome.draft.answers:
        for citation in answer.citations:
            start, end = (place - citation.passage.start for place in (citation.start, citation.end))
            assert citation.passage.text[start:end] == citation.quote != ""


@given(SPEECH, st.integers(min_value=0, max_value=5000))
@settings(max_examples=200, deadline=None)
async def test_quotes_are_exact_slices_of_any_body(text: str, start: int) -> None:
    passage = article("any", "Title", text, start=start)
    query = manual_query(turn("customer: hi"), "how do i log in")
    hits = (Hit(passage=passage, score=0.03, similarity=0.9, lexical=1.0),)
    draft = await ExtractiveAnswerer(manual_threshold=0.0)(Evidence(query=query, hits=hits))
    body = " " * start + text
    for answer in draft.answers:
        assert answer.text
        for citation in answer.citations:
            assert body[citation.start : citation.end] == citation.quote != ""


@given(SPEECH)
@settings(max_examples=200, deadline=None)
def test_sentences_follow_one_another_without_overlap(text: str) -> None:
    end = 0
    for sentence in sentences(text):
        assert end <= sentence.start < sentence.end <= len(text)
        end = sentence.end


@given(SPEECH, SPEECH)
@settings(max_examples=200, deadline=None)
def test_entities_of_any_text_have_values(text: str, asked: str) -> None:
    for entity in EntityFinder().in_text(text, asked):
        assert entity.value.strip() == entity.value != ""
