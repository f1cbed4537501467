"""Ids of passages, and the text that is embedded for them."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from knowledge_ingest.chunk import Chunk
from knowledge_ingest.load import article_id, embedding_text, passage_id
from pipeline.types import Passage

_ARTICLE = article_id("/kb", "a.md")


def chunk(start: int, end: int) -> Chunk:
    return Chunk(ordinal=0, heading=None, text="x", start=start, end=end)


def passage(text: str, title: str = "Refunds", heading: str | None = None, tags: tuple[str, ...] = ()) -> Passage:
    return Passage(
        id=UUID(int=1),
        article_id=_ARTICLE,
        version=1,
        title=title,
        heading=heading,
        text=text,
        start=0,
        end=len(text),
        tags=tags,
    )


def test_ids_name_the_place_and_the_version() -> None:
    assert _ARTICLE == article_id("/kb", "a.md") == UUID("8d925ed6-c366-50c5-8c55-cdee9396c613")
    ids = {
        passage_id(_ARTICLE, 1, chunk(0, 5)),
        passage_id(_ARTICLE, 2, chunk(0, 5)),
        passage_id(_ARTICLE, 1, chunk(0, 6)),
        passage_id(article_id("/kb", "b.md"), 1, chunk(0, 5)),
        passage_id(article_id("/other", "a.md"), 1, chunk(0, 5)),
    }
    assert len(ids) == 5
    assert passage_id(_ARTICLE, 1, chunk(0, 5)) in ids


def test_title_headings_and_text_are_embedded_without_markup() -> None:
    text = "Send it **back** to [us](https://very.long/address?x=1).\n\n| Plan | Fee |\n|---|---|\n| Gold | `0` |"
    assert embedding_text(passage(text, heading="Timing > By card")) == (
        "Refunds\nTiming > By card\nSend it back to us.\nPlan Fee\nGold 0"
    )


def test_names_that_the_text_does_not_say_are_put_before_it() -> None:
    assert embedding_text(passage("The Router is white.", tags=("router", "billing"))) == (
        "billing\nRefunds\nThe Router is white."
    )


def test_a_title_that_only_repeats_the_beginning_is_left_out() -> None:
    assert embedding_text(passage("Refunds take five days.")) == "Refunds take five days."


@given(text=st.text(min_size=1), heading=st.none() | st.text())
def test_something_is_always_embedded(text: str, heading: str | None) -> None:
    assert embedding_text(passage(text, heading=heading)).strip()
