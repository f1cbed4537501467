"""A small knowledge base in memory: stand-ins for the ports that obey their contracts."""

import math
import zlib
from collections.abc import Sequence
from typing import Literal
from uuid import UUID, uuid5

from pipeline.ports import Probe, Ranking, Scored, Vector
from pipeline.types import Passage, Scope
from pipeline.words import content

NAMESPACE = UUID("0b0f3ef8-3b39-4be5-9d6c-04a7a6b6a0de")
_DIMENSIONS = 256


class WordEmbedder:
    """Unit vectors out of hashed words: texts that share words are close. Counts its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []

    @property
    def dimensions(self) -> int:
        return _DIMENSIONS

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
        self.calls.append(tuple(texts))
        return [vector(text) for text in texts]


def vector(text: str) -> list[float]:
    values = [0.0] * _DIMENSIONS
    values[0] = 0.1
    for word in content(text):
        values[zlib.crc32(word.encode()) % _DIMENSIONS] += 1.0
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]


class ShelfIndex:
    """Every passage is compared with every probe."""

    def __init__(self, passages: Sequence[Passage] = ()) -> None:
        self.passages = {passage.id: passage for passage in passages}
        self.searches: list[tuple[Probe, ...]] = []

    async def search(self, probes: Sequence[Probe], scope: Scope, limit: int) -> list[Ranking]:
        self.searches.append(tuple(probes))
        inside = [passage for passage in self.passages.values() if _is_inside(passage, scope)]
        rankings: list[Ranking] = []
        for number, probe in enumerate(probes):
            wanted = set(probe.subjects)
            about = [passage for passage in inside if not wanted or wanted & set(passage.subjects)]
            dense = [Scored(passage=passage, score=_cosine(probe.vector, vector(_all(passage)))) for passage in about]
            asked = set(content(probe.text))
            worded = [Scored(passage=it, score=float(len(asked & set(content(_all(it)))))) for it in about]
            rankings.append(Ranking(by="dense", probe=number, hits=_best(dense, limit)))
            found = [scored for scored in worded if scored.score > 0]
            rankings.append(Ranking(by="bm25", probe=number, hits=_best(found, limit)))
        return rankings

    async def put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        self.passages |= {passage.id: passage for passage in passages}

    async def remove(self, ids: Sequence[UUID]) -> None:
        for passage_id in ids:
            self.passages.pop(passage_id, None)

    async def clear(self) -> None:
        self.passages.clear()

    async def count(self) -> int:
        return len(self.passages)


def article(name: str, title: str, body: str, *, heading: str | None = None, start: int = 0) -> Passage:
    """An article of one passage that begins at `start` of its body."""
    return Passage(
        id=uuid5(NAMESPACE, name),
        article_id=uuid5(NAMESPACE, title),
        version=1,
        title=title,
        heading=heading,
        text=body,
        start=start,
        end=start + len(body),
    )


SHELF = (
    article(
        "port",
        "Bring your phone number with you",
        "Porting a phone number takes three business days. Keep the old contract until then.",
    ),
    article(
        "401",
        "Login error 401 in the mobile app",
        "Error 401 means the session has expired. Sign out of the mobile app, then log in again.",
    ),
    article(
        "403",
        "Login error 403 in the mobile app",
        "Error 403 means this user was removed from the account. Ask the owner for a new invitation.",
    ),
    article(
        "refund",
        "When refunds arrive",
        "Refunds arrive on the card within ten days. Bank transfers take two days longer.",
    ),
    article(
        "parking",
        "Parking at the store",
        "Customers park for free for two hours. After that each hour costs three dollars.",
    ),
    article("cancel", "Cancel a subscription", "You can cancel a subscription at any time in the account settings."),
)


def _all(passage: Passage) -> str:
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)


def _is_inside(passage: Passage, scope: Scope) -> bool:
    return (
        (scope.language is None or passage.language == scope.language)
        and (not scope.tags or bool(set(scope.tags) & set(passage.tags)))
        and (not scope.audience or passage.audience in scope.audience)
    )


def _cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _best(scored: list[Scored], limit: int) -> tuple[Scored, ...]:
    return tuple(sorted(scored, key=lambda it: (-it.score, str(it.passage.id)))[:limit])
