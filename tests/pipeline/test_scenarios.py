"""Excerpts of calls and what must be understood from their last utterance."""

from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from pipeline.answer import ExtractiveAnswerer
from pipeline.clarify import Clarifier
from pipeline.context import ContextAnalyzer
from pipeline.query import QueryFormulator
from pipeline.types import Context, Draft, Evidence, Query
from pipeline.words import words
from tests.pipeline.calls import turn

_FILE = Path(__file__).parent / "scenarios" / "excerpts.jsonl"


class Excerpt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """None and empty: not looked at."""

    name: str
    turns: tuple[str, ...]
    seeking: bool
    sufficient: bool | None = None
    entities: dict[str, str] = {}
    no_entities: tuple[str, ...] = ()
    asks: tuple[str, ...] | None = None
    """Purposes of the questions proposed, in order."""
    query_has: tuple[str, ...] = ()
    query_lacks: tuple[str, ...] = ()


EXCERPTS = [msgspec.json.decode(line, type=Excerpt) for line in _FILE.read_bytes().splitlines() if line]


def _id(excerpt: Excerpt) -> str:
    return excerpt.name


async def _understood(excerpt: Excerpt) -> tuple[Context, Query | None]:
    context = await ContextAnalyzer()(turn(*excerpt.turns))
    return context, await QueryFormulator()(context)


def test_there_are_enough_excerpts() -> None:
    assert len(EXCERPTS) >= 60
    assert len({excerpt.name for excerpt in EXCERPTS}) == len(EXCERPTS)


@pytest.mark.parametrize("excerpt", EXCERPTS, ids=_id)
async def test_seeking_is_told_from_talking(excerpt: Excerpt) -> None:
    context, query = await _understood(excerpt)
    assert context.seeking is excerpt.seeking
    assert (query is not None) is excerpt.seeking


@pytest.mark.parametrize("excerpt", [it for it in EXCERPTS if it.entities or it.no_entities], ids=_id)
async def test_entities_are_found_and_not_mixed_up(excerpt: Excerpt) -> None:
    context, _ = await _understood(excerpt)
    found = {(entity.type, entity.value) for entity in context.entities}
    assert set(excerpt.entities.items()) <= found
    assert not {kind for kind, _ in found} & set(excerpt.no_entities)


@pytest.mark.parametrize("excerpt", [it for it in EXCERPTS if it.sufficient is not None], ids=_id)
async def test_it_is_known_whether_enough_was_said(excerpt: Excerpt) -> None:
    context, _ = await _understood(excerpt)
    assert context.sufficient is excerpt.sufficient


@pytest.mark.parametrize("excerpt", [it for it in EXCERPTS if it.asks is not None], ids=_id)
async def test_missing_details_are_asked_for(excerpt: Excerpt) -> None:
    _, query = await _understood(excerpt)
    assert query is not None
    draft: Draft = await ExtractiveAnswerer()(Evidence(query=query, hits=()))
    outcome = await Clarifier()(draft)
    assert tuple(question.purpose for question in outcome.questions) == excerpt.asks


@pytest.mark.parametrize("excerpt", [it for it in EXCERPTS if it.query_has or it.query_lacks], ids=_id)
async def test_the_query_stands_alone(excerpt: Excerpt) -> None:
    _, query = await _understood(excerpt)
    assert query is not None
    said = set(words(query.text))
    assert set(excerpt.query_has) <= said
    assert not set(excerpt.query_lacks) & said
    searched = {word for formulation in query.formulations for word in words(formulation.text)}
    assert set(excerpt.query_has) <= searched
    assert 1 <= len(query.formulations) <= 4
