"""Stage 3: passages that may answer the query, by meaning and by words."""

from dataclasses import dataclass

from pipeline.fusion import distinct, fused
from pipeline.ports import Embedder, Index, Probe
from pipeline.types import Evidence, Query


@dataclass(frozen=True, kw_only=True)
class HybridRetriever:
    """One embedding call and one index call a query, whatever the number of formulations."""

    embedder: Embedder
    index: Index
    limit: int = 8
    """Most hits in the evidence."""
    depth: int = 30
    """Length of each ranking asked from the index."""
    per_article: int = 2
    """Most hits of one article."""

    async def __call__(self, given: Query) -> Evidence:
        """Raises:
        UpstreamError: the embedder or the index failed.
        """
        texts = [formulation.text for formulation in given.formulations]
        vectors = await self.embedder.embed(texts, "query")
        probes = [Probe(vector=vector, text=text) for vector, text in zip(vectors, texts, strict=True)]
        rankings = await self.index.search(probes, given.context.turn.scope, self.depth)
        hits = fused(rankings, given.formulations)
        return Evidence(query=given, hits=distinct(hits, self.limit, self.per_article))
