"""The pipeline as it stands now: its lexicon is learned from the knowledge base and follows it."""

import asyncio
import dataclasses
from collections.abc import Sequence

from assist.db.articles import KnowledgeNames
from pipeline.answer import ExtractiveAnswerer
from pipeline.clarify import Clarifier
from pipeline.confidence import DEFAULT_THRESHOLD
from pipeline.context import ContextAnalyzer
from pipeline.lexicon import Lexicon, lexicon_of
from pipeline.ports import Embedder, Index
from pipeline.query import QueryFormulator
from pipeline.retrieve import HybridRetriever
from pipeline.run import Pipeline


class Thinking:
    """Holds the current pipeline; whoever runs a turn asks for it anew."""

    def __init__(self, *, embedder: Embedder, index: Index, threshold: float | None) -> None:
        limit = DEFAULT_THRESHOLD if threshold is None else threshold
        self._pipeline = Pipeline(
            context=ContextAnalyzer(),
            query=QueryFormulator(),
            retrieve=HybridRetriever(embedder=embedder, index=index),
            answer=ExtractiveAnswerer(threshold=limit),
            clarify=Clarifier(threshold=limit),
        )
        self._threshold = limit

    def pipeline(self) -> Pipeline:
        """With the newest lexicon."""
        return self._pipeline

    async def learn(self, names: KnowledgeNames, texts: Sequence[str]) -> None:
        """Takes over the words of a knowledge base that has changed; counting runs beside the event loop."""
        lexicon = await asyncio.to_thread(_lexicon, names, texts)
        self._pipeline = dataclasses.replace(
            self._pipeline,
            context=ContextAnalyzer(lexicon=lexicon),
            answer=ExtractiveAnswerer(threshold=self._threshold, lexicon=lexicon),
        )


def _lexicon(names: KnowledgeNames, texts: Sequence[str]) -> Lexicon:
    return lexicon_of(products=names.products, titles=names.titles, texts=texts)
