"""What ranking is learned from: judged questions, with the passages that the pipeline would choose from."""

import dataclasses
from collections.abc import Sequence

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from assist.evaluation.run import as_asked
from assist.training.collecting import Opened
from assist.training.vectors import Vectors
from integrations.turn_features import Floats
from knowledge_ingest.load import embedding_text
from pipeline.context import ContextAnalyzer
from pipeline.fusion import Signs
from pipeline.ports import Embedder, Unprojected
from pipeline.retrieve import HybridRetriever
from pipeline.run import Pipeline
from pipeline.types import Formulation, Query, QueryKind

_DEPTH = 30
_FULL_SAY = 750.0
_MOST_SCALE = 4.0
_TOLD_EVERY = 64


class Asked(Struct, frozen=True, kw_only=True, eq=False):
    """One question with the passages found for it."""

    vector: Floats
    """Of the question itself, as the embedding model makes it."""
    talk: Floats
    """Of the talk it stands in, times the weight that its formulation has; zeros without."""
    passages: Floats
    """A row for each passage found."""
    signs: Floats
    """Columns: words, subject, shelf."""
    rows: tuple[str, ...]
    """For each passage the row of the knowledge base that it stands in."""
    relevant: tuple[str, ...] = ()
    """Rows that answer it, found or not."""
    right: NDArray[np.bool_] = msgspec.field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """Which passages answer it; at least one."""
    group: int = 0
    """Questions of one group never stand on both sides of a fold."""
    weight: float = 1.0

    @property
    def is_named(self) -> bool:
        """What the talk is about is known."""
        return bool(self.signs[:, 1].any())


class QuestionSet(Struct, frozen=True, kw_only=True, eq=False):
    """The questions of one data set."""

    name: str
    judged: int
    """Turns that some row answers, also those where no such row was found."""
    asked: tuple[Asked, ...]


def small_set_scale(questions: int) -> float:
    """What one question counts: a set of a hundred would drown beside one of a thousand."""
    return min(_MOST_SCALE, max(1.0, _FULL_SAY / max(questions, 1)))


def with_embedder(pipeline: Pipeline, embedder: Embedder) -> Pipeline:
    """The same pipeline with its queries embedded elsewhere."""
    context, retrieve = pipeline.context, pipeline.retrieve
    assert isinstance(context, ContextAnalyzer)
    assert isinstance(retrieve, HybridRetriever)
    judge = dataclasses.replace(context.judge, embedder=embedder) if context.judge else None
    return dataclasses.replace(
        pipeline,
        context=dataclasses.replace(context, judge=judge),
        retrieve=dataclasses.replace(retrieve, embedder=embedder),
    )


async def questions_of(opened: Opened) -> QuestionSet:
    """The turns that some row answers, as the pipeline would ask and find.

    Raises:
        UpstreamError: the model or the index failed.
    """
    system, turns = opened.system, opened.dataset.turns
    pipeline = with_embedder(system.thinking.pipeline(), opened.vectors)
    assert isinstance(pipeline.retrieve, HybridRetriever)
    retriever = dataclasses.replace(pipeline.retrieve, projection=Unprojected(), depth=_DEPTH)
    judged = [(turn, group) for turn, group in zip(turns, opened.groups, strict=True) if turn.relevant_ids]
    asked: list[Asked] = []
    for place, (turn, group) in enumerate(judged, start=1):
        query = await as_asked(pipeline, turn)
        if query is not None:
            found = await retriever.signs(query)
            rows = tuple(system.row_ids[it.passage.article_id] for it in found)
            if set(rows) & set(turn.relevant_ids):
                one = await _asked(query, found, rows, opened.vectors)
                right = np.array([row in turn.relevant_ids for row in rows], dtype=np.bool_)
                asked.append(msgspec.structs.replace(one, relevant=turn.relevant_ids, right=right, group=group))
        if place % _TOLD_EVERY == 0 or place == len(judged):
            opened.progress("collecting questions", place, len(judged))
    scale = small_set_scale(len(asked))
    weighted = tuple(msgspec.structs.replace(it, weight=scale) for it in asked)
    return QuestionSet(name=opened.dataset.name, judged=len(judged), asked=weighted)


async def _asked(query: Query, found: Sequence[Signs], rows: tuple[str, ...], vectors: Vectors) -> Asked:
    """What does not depend on the judgement."""
    own = await vectors.of_turns([form.text for form in query.formulations])
    return Asked(
        vector=own[query.formulations[0].text],
        talk=_talk(query.formulations, own),
        passages=await vectors.of_passages([embedding_text(it.passage) for it in found]),
        signs=np.array([(it.words, it.subject, it.shelf) for it in found], dtype=np.float32),
        rows=rows,
    )


def _talk(formulations: Sequence[Formulation], vectors: dict[str, Floats]) -> Floats:
    for formulation in formulations:
        if formulation.kind is QueryKind.CONVERSATION:
            scaled: Floats = formulation.weight * vectors[formulation.text]
            return scaled
    return np.zeros_like(vectors[formulations[0].text])
