"""Stage 3: passages that may answer the query, by meaning and by words."""

from dataclasses import dataclass

from pipeline.fusion import about, distinct, fused
from pipeline.ports import Embedder, Index, Probe
from pipeline.support_words import GENERIC_PRODUCTS
from pipeline.types import Evidence, Query

_SUBJECTS_MAX = 2


@dataclass(frozen=True, kw_only=True)
class HybridRetriever:
    """One embedding call and one index call a query, whatever the number of formulations."""

    embedder: Embedder
    index: Index
    limit: int = 10
    """Most hits in the evidence."""
    depth: int = 40
    """Length of each ranking asked from the index."""
    per_article: int = 3
    """Most hits of one article."""
    subject_factor: float = 2.0
    """How much passages about the product named last are lifted; 1.0 for not at all."""

    async def __call__(self, given: Query) -> Evidence:
        """Raises:
        UpstreamError: the embedder or the index failed.
        """
        texts = [formulation.text for formulation in given.formulations]
        vectors = await self.embedder.embed(texts, "query")
        probes = [Probe(vector=vector, text=text) for vector, text in zip(vectors, texts, strict=True)]
        rankings = await self.index.search(probes, given.context.turn.scope, self.depth)
        hits = about(fused(rankings, given.formulations), _subjects(given), self.subject_factor)
        return Evidence(query=given, hits=distinct(hits, self.limit, self.per_article))


def _subjects(query: Query) -> list[str]:
    """Products by name, the last mentioned first; "app" or "router" are no names."""
    named = (entity.value for entity in query.context.entities if entity.type == "product")
    return [name for name in named if name.lower() not in GENERIC_PRODUCTS][:_SUBJECTS_MAX]
