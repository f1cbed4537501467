"""The pipeline as it stands now: what it knows of words, names and subjects is learned from the knowledge base."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from assist.db.articles import Learned
from integrations.name_matching import name_matcher
from integrations.packaged_model import PACKAGED_MODEL
from integrations.query_projection import projection_for
from integrations.turn_model import turn_model_for
from integrations.word_ranks import packaged_word_ranks
from pipeline.answer import ExtractiveAnswerer
from pipeline.clarify import Clarifier
from pipeline.confidence import DEFAULT_THRESHOLD
from pipeline.context import ContextAnalyzer
from pipeline.lexicon import Lexicon, lexicon_of
from pipeline.ports import Embedder, Index, LanguageModel, QueryProjection, Reranker
from pipeline.query import QueryFormulator
from pipeline.recall import RecallingAnswerer
from pipeline.refine import RefineLimits, refined_by
from pipeline.retrieve import HybridRetriever
from pipeline.run import Pipeline
from pipeline.subject_lore import lore_of
from pipeline.subjects import SubjectTracker
from pipeline.turn_judge import TurnJudge
from pipeline.turn_kinds import TurnClassifier


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What every pipeline is made of, whatever the knowledge base says."""

    embedder: Embedder
    index: Index
    embedding_model: str
    """Its name tells whether the trained weights belong to its vectors."""
    threshold: float | None = None
    """Least confidence of a suggestion; None: the calibrated default."""
    model: LanguageModel | None = None
    """None: answers stay quoted."""
    refine_limits: RefineLimits = field(default_factory=RefineLimits)
    reranker: Reranker | None = None
    """None: passages keep the order of the fused score."""

    @cached_property
    def classifier(self) -> TurnClassifier | None:
        """None: the rules alone judge turns."""
        return turn_model_for(self.embedding_model)

    @cached_property
    def projection(self) -> QueryProjection:
        """The identity for models that it was not trained for."""
        return projection_for(self.embedding_model)

    @cached_property
    def word_ranks(self) -> Mapping[str, int]:
        """How ordinary a word is."""
        return packaged_word_ranks()


class Thinking:
    """Holds the current pipeline; whoever runs a turn asks for it anew."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pipeline = _pipeline(parts, Lexicon(), SubjectTracker())

    def pipeline(self) -> Pipeline:
        """With the newest knowledge."""
        return self._pipeline

    async def learn(self, knowledge: Learned) -> None:
        """Takes over a knowledge base that has changed; learning runs beside the event loop."""
        lexicon, subjects = await asyncio.to_thread(_learned, self._parts, knowledge)
        self._pipeline = _pipeline(self._parts, lexicon, subjects)


def _learned(parts: Parts, knowledge: Learned) -> tuple[Lexicon, SubjectTracker]:
    names = knowledge.names
    lexicon = lexicon_of(products=names.products, titles=names.titles, texts=knowledge.texts)
    lore = lore_of(knowledge.articles)
    matcher = name_matcher(lore.names(), knowledge.texts, parts.word_ranks)
    return lexicon, SubjectTracker(matcher=matcher, lore=lore)


def _answerer(parts: Parts, quoting: ExtractiveAnswerer) -> ExtractiveAnswerer | RecallingAnswerer:
    """Recalls written answers where it is known how alike questions are to the model."""
    if parts.embedding_model != PACKAGED_MODEL:
        return quoting
    return RecallingAnswerer(quoting=quoting, embedder=parts.embedder, index=parts.index)


def _pipeline(parts: Parts, lexicon: Lexicon, subjects: SubjectTracker) -> Pipeline:
    limit = DEFAULT_THRESHOLD if parts.threshold is None else parts.threshold
    judge = None
    if parts.classifier is not None:
        judge = TurnJudge(classifier=parts.classifier, embedder=parts.embedder, index=parts.index)
    pipeline = Pipeline(
        context=ContextAnalyzer(lexicon=lexicon, subjects=subjects, judge=judge),
        query=QueryFormulator(),
        retrieve=HybridRetriever(
            embedder=parts.embedder,
            index=parts.index,
            projection=parts.projection,
            lexicon=lexicon,
            reranker=parts.reranker,
        ),
        answer=_answerer(parts, ExtractiveAnswerer(threshold=limit, lexicon=lexicon)),
        clarify=Clarifier(threshold=limit),
    )
    return refined_by(pipeline, parts.model, parts.refine_limits)
