"""Passages and vectors for the tests of the index."""

import math
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from integrations.qdrant.layout import Layout
from pipeline.ports import Probe, Ranking, Vector
from pipeline.types import Passage

LAYOUT = Layout(dimensions=8, model="test-model")


def unit(angle: float) -> Vector:
    """A unit vector in the plane of the first two dimensions; the cosine of two is that of their angle."""
    return (math.cos(angle), math.sin(angle), *[0.0] * (LAYOUT.dimensions - 2))


def passage(name: str, text: str = "Restart the router.", *, title: str = "Guide", **fields: object) -> Passage:
    plain = Passage(
        id=passage_id(name),
        article_id=uuid5(NAMESPACE_URL, f"article {name}"),
        version=1,
        title=title,
        text=text,
        start=0,
        end=len(text),
        updated_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC),
    )
    return msgspec.structs.replace(plain, **fields)


def passage_id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def probe(angle: float = 0.0, text: str = "router", *, subjects: tuple[str, ...] = (), language: str = "en") -> Probe:
    return Probe(vector=unit(angle), text=text, subjects=subjects, language=language)


def found(rankings: list[Ranking], by: str, number: int = 0) -> list[UUID]:
    """Ids of one list, best first."""
    return [
        hit.passage.id for ranking in rankings if (ranking.by, ranking.probe) == (by, number) for hit in ranking.hits
    ]
