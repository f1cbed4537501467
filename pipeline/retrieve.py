"""Stage 3: passages that may answer the query, by meaning, by words and by what the talk is about."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.fusion import NAMED, PLAIN, Signs, Sought, Weights, distinct, fused, signs_of
from pipeline.lexicon import Lexicon
from pipeline.ports import Embedder, Index, Probe, QueryProjection, Reranker, Unprojected, Vector
from pipeline.reranking import reordered
from pipeline.types import Evidence, Formulation, Query, QueryKind
from pipeline.words import content

_ASKED = (QueryKind.SEMANTIC, QueryKind.MANUAL)
_BM25_TERM_MAX = 2.2
"""BM25's k + 1: what a word counts at most, times its rarity."""


@dataclass(frozen=True, kw_only=True)
class HybridRetriever:
    """One embedding call and one index call a query, whatever the number of formulations."""

    embedder: Embedder
    index: Index
    projection: QueryProjection = field(default_factory=Unprojected)
    lexicon: Lexicon = field(default_factory=Lexicon)
    limit: int = 10
    """Most hits in the evidence."""
    depth: int = 40
    """Length of each ranking asked from the index."""
    per_article: int = 3
    """Most hits of one article."""
    subjects: int = 3
    """The so many most salient subjects are searched by themselves as well."""
    reranker: Reranker | None = None
    """None: the fused order is final."""
    reranked: int = 20
    """So many of the best hits are shown to the reranker."""
    rerank_s: float = 0.5
    """Most time for that; beyond, the fused order is final."""

    async def __call__(self, given: Query) -> Evidence:
        """Raises:
        UpstreamError: the embedder or the index failed.
        """
        hits = fused(await self.signs(given), _weights(given))
        if self.reranker is not None and len(hits) > 1:
            best, rest = hits[: self.reranked], hits[self.reranked :]
            hits = await reordered(given.text, best, rest, self.reranker, self.rerank_s)
        return Evidence(query=given, hits=distinct(hits, self.limit, self.per_article))

    async def signs(self, given: Query) -> list[Signs]:
        """What speaks for each passage found.

        Raises:
            UpstreamError: the embedder or the index failed.
        """
        weights = _weights(given)
        unused = (QueryKind.ENTITY,) if weights.talk else (QueryKind.ENTITY, QueryKind.CONVERSATION)
        dense = [formulation for formulation in given.formulations if formulation.kind not in unused]
        vectors = await self.embedder.embed([formulation.text for formulation in dense], "query")
        meant = self._blended(dense, vectors, weights)
        length = math.sqrt(math.fsum(value * value for value in meant)) or 1.0
        unit = [value / length for value in meant]
        text, language = _searched_words(given.formulations), given.context.language
        probes = [Probe(vector=unit, text=text, language=language)]
        salient = tuple(subject.name for subject in given.context.subjects[: self.subjects])
        if salient:
            probes.append(Probe(vector=unit, text=text, subjects=salient, language=language))
        spoken = [vector for form, vector in zip(dense, vectors, strict=True) if form.kind is QueryKind.AGENT]
        probes += [Probe(vector=vector, text="", language=language) for vector in spoken[:1]]
        sought = Sought(
            length=length,
            words_best=self._words_best(text),
            salience={subject.name: subject.salience for subject in given.context.subjects},
            unnamed=given.context.unnamed,
            unmentioned=given.context.unmentioned,
            heard=len(probes) - 1 if spoken else None,
        )
        return signs_of(await self.index.search(probes, given.context.turn.scope, self.depth), sought)

    def _blended(self, forms: Sequence[Formulation], vectors: Sequence[Vector], weights: Weights) -> Vector:
        """One vector for all that is meant: its product with a passage's is the weighted sum of its parts'."""
        total = [0.0] * self.embedder.dimensions
        for form, vector in zip(forms, vectors, strict=True):
            if form.kind in _ASKED:
                turned = self.projection.project(vector)
                own = form.weight * (1.0 - weights.projection)
                total = _plus(_plus(total, vector, own), turned, form.weight * weights.projection)
            elif form.kind is QueryKind.CONVERSATION:
                total = _plus(total, vector, form.weight * weights.talk)
        return total

    def _words_best(self, text: str) -> float:
        return max(_BM25_TERM_MAX * sum(map(self.lexicon.weight, set(content(text)))), _BM25_TERM_MAX)


def _plus(one: Sequence[float], other: Vector, weight: float) -> list[float]:
    return [value + weight * added for value, added in zip(one, other, strict=True)]


def _weights(query: Query) -> Weights:
    return NAMED if query.context.guided else PLAIN


def _searched_words(forms: Sequence[Formulation]) -> str:
    """What was asked, and the names and codes that belong to it."""
    return " ".join(form.text for form in forms if form.kind in (*_ASKED, QueryKind.ENTITY))
