"""An evaluation knows of an article what a server knows of it after `assist ingest`."""

from typing import Any

import msgspec
import pytest

from assist.db import knowledge as rows
from assist.db.engine import Session, Sessions
from assist.evaluation.system import names_of, passages_of
from assist.knowledge import Knowledge
from integrations.packaged_tokenizer import packaged_token_counter
from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document
from knowledge_ingest.metadata import Defaults, described
from pipeline.types import Passage

pytestmark = pytest.mark.db

BODY = "# Parking\n\nGuests park behind the inn.\n\n# Dogs\n\n" + "Dogs are welcome in the bar. " * 60


def documents() -> list[Document]:
    fields: list[dict[str, Any]] = [
        {"entity": "Moor Inn", "domain": "hotel"},
        {"product": ["Hub X2", "Hub X3"], "version": "2.5", "tags": "network", "valid_from": "2026-01-01"},
        {"product": "Bon, Nene", "url": "https://help.example/bon", "audience": "internal", "language": "de"},
        {},
    ]
    return [
        described(f"kb.jsonl#{place}", f"Title {place}", BODY, values, Defaults())
        for place, values in enumerate(fields)
    ]


async def nothing(_: Session) -> None:
    """The index is not looked at."""


def no_progress(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def comparable(passages: list[Passage]) -> list[Passage]:
    timeless = [msgspec.structs.replace(passage, updated_at=None) for passage in passages]
    return sorted(timeless, key=lambda passage: passage.id)


async def test_names_and_passages_are_those_of_the_tables(sessions: Sessions) -> None:
    knowledge = Knowledge(sessions=sessions, indexing=nothing, splitter=Splitter(count_tokens=packaged_token_counter()))
    await knowledge.store("evaluation", documents())
    stored, own = (await knowledge.learned()).names, names_of(documents())
    for name in stored.__struct_fields__:
        assert sorted(getattr(stored, name)) == sorted(getattr(own, name)), name
    async with sessions() as session:
        pending = await rows.pending_passages(session, 1000, ())
    assert len(pending) > len(documents())
    assert comparable(pending) == comparable(passages_of(documents(), no_progress))
