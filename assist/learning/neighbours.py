"""What the knowledge base, and the drafts of others, say already about something that is to be learned."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from assist.db import articles as reads
from assist.db import drafts as rows
from assist.db.engine import Sessions
from assist.db.models import KnowledgeDraft
from assist.learning.contradictions import conflict, same_words
from pipeline.ports import Embedder, Index, Probe, Vector
from pipeline.types import Passage, Scope

Relation = Literal["near_duplicate", "contradiction", "related"]

DUPLICATE_COSINE = 0.82
DUPLICATE_WORDS = 0.75
_SHOWN_MIN = 0.3
_CONFLICT_MIN = 0.45
_DEPTH = 30
_SHOWN_MAX = 8
_PART_CHARS = 900
_PARTS_MAX = 4
_EXCERPT_CHARS = 600
_REMEMBERED_DRAFTS = 500
_ORDER: dict[Relation, int] = {"contradiction": 0, "near_duplicate": 1, "related": 2}


class Neighbour(Struct, frozen=True, kw_only=True):
    """An article, or somebody else's open draft, about much the same."""

    article_id: UUID | None
    """None: a draft."""
    draft_id: UUID | None = None
    title: str
    version: int
    """0: a draft."""
    excerpt: str
    """The passage that is nearest, or the draft's text."""
    similarity: float
    """Cosine, [-1, 1]."""
    relation: Relation
    why: str
    """For people: why it is taken for that."""


class _Near(Struct, frozen=True, kw_only=True):
    """The nearest passage of an article."""

    passage: Passage
    cosine: float


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Searches by meaning, without a threshold."""

    sessions: Sessions
    embedder: Embedder
    index: Index
    _drafts: OrderedDict[tuple[UUID, str], Vector] = field(default_factory=OrderedDict)
    """Vectors of open drafts as they read now."""

    async def of(self, title: str, body: str, *, without_draft: UUID | None = None) -> list[Neighbour]:
        """Contradictions first, then near duplicates, then what is merely related; of each the most alike first.

        Raises:
            UpstreamError: the embedder or the index failed.
        """
        vectors = await self.embedder.embed(_texts(title, body), "passage")
        found = [self._neighbour(title, body, near) for near in (await self._near(vectors)).values()]
        texts = await self._bodies([it.article_id for it in found if it.article_id])
        judged = [_judged(title, body, it, texts.get(it.article_id or UUID(int=0), "")) for it in found]
        judged += [_judged(title, body, it, it.excerpt) for it in await self._near_drafts(vectors[0], without_draft)]
        shown = [it for it in judged if it.similarity >= _SHOWN_MIN or it.relation != "related"]
        shown.sort(key=lambda it: (_ORDER[it.relation], -it.similarity))
        return shown[:_SHOWN_MAX]

    async def _near(self, vectors: Sequence[Vector]) -> dict[UUID, _Near]:
        probes = [Probe(vector=vector, text="") for vector in vectors]
        best: dict[UUID, _Near] = {}
        for ranking in await self.index.search(probes, Scope(), _DEPTH):
            for hit in ranking.hits if ranking.by == "dense" else ():
                known = best.get(hit.passage.article_id)
                if known is None or known.cosine < hit.score:
                    best[hit.passage.article_id] = _Near(passage=hit.passage, cosine=hit.score)
        nearest = sorted(best.items(), key=lambda item: -item[1].cosine)[: 2 * _SHOWN_MAX]
        return dict(nearest)

    async def _bodies(self, article_ids: Iterable[UUID]) -> dict[UUID, str]:
        async with self.sessions() as session:
            found = [await reads.article(session, id_, None) for id_ in article_ids]
        return {row.id: row.body or "" for row in found if row is not None}

    async def _near_drafts(self, vector: Vector, without: UUID | None) -> list[Neighbour]:
        async with self.sessions() as session:
            drafts = [row for row in await rows.open_drafts(session, _REMEMBERED_DRAFTS // 2) if row.id != without]
        vectors = await self._draft_vectors(drafts)
        return [
            Neighbour(
                article_id=None,
                draft_id=draft.id,
                title=draft.title,
                version=0,
                excerpt=draft.body[:_EXCERPT_CHARS],
                similarity=_cosine(vector, other),
                relation="related",
                why="",
            )
            for draft, other in zip(drafts, vectors, strict=True)
        ]

    async def _draft_vectors(self, drafts: Sequence[KnowledgeDraft]) -> list[Vector]:
        keys = [(draft.id, draft.updated_at.isoformat()) for draft in drafts]
        missing = [place for place, key in enumerate(keys) if key not in self._drafts]
        texts = [_texts(drafts[place].title, drafts[place].body)[0] for place in missing]
        if texts:
            for place, vector in zip(missing, await self.embedder.embed(texts, "passage"), strict=True):
                self._drafts[keys[place]] = vector
        found = [self._drafts[key] for key in keys]
        while len(self._drafts) > _REMEMBERED_DRAFTS:
            self._drafts.popitem(last=False)
        return found

    def _neighbour(self, title: str, body: str, near: _Near) -> Neighbour:
        return Neighbour(
            article_id=near.passage.article_id,
            title=near.passage.title,
            version=near.passage.version,
            excerpt=near.passage.text[:_EXCERPT_CHARS],
            similarity=round(near.cosine, 4),
            relation="related",
            why="",
        )


def _judged(title: str, body: str, found: Neighbour, text: str) -> Neighbour:
    relation, why = relation_of((title, body), (found.title, text or found.excerpt), found.similarity)
    return msgspec.structs.replace(found, relation=relation, why=why, similarity=round(found.similarity, 4))


def relation_of(own: tuple[str, str], other: tuple[str, str], similarity: float) -> tuple[Relation, str]:
    """What two texts with their titles are to each other, and why."""
    found = conflict(own, other, similarity) if similarity >= _CONFLICT_MIN else None
    if found is not None:
        return "contradiction", f"{found.about} Yours: “{found.own}” There: “{found.other}”"
    alike = same_words(f"{own[0]} {own[1]}", f"{other[0]} {other[1]}")
    if similarity >= DUPLICATE_COSINE or alike >= DUPLICATE_WORDS:
        return "near_duplicate", f"Says much the same ({round(100 * max(similarity, alike))} % alike)."
    return "related", f"About a similar subject ({round(100 * similarity)} % alike)."


def _texts(title: str, body: str) -> list[str]:
    """The whole, then parts of a long text, and the question alone."""
    parts = [body[start : start + _PART_CHARS] for start in range(0, len(body), _PART_CHARS)][:_PARTS_MAX]
    return [*(f"{title}\n{part}" for part in parts), title]


def _cosine(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
