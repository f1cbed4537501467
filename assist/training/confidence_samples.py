"""What confidence is learned from: what the pipeline finds for each turn, as far as the model of confidence sees it."""

import dataclasses
from collections.abc import Sequence

import msgspec
import numpy as np
from msgspec import Struct

from assist.evaluation.dataset import JudgedTurn
from assist.evaluation.run import as_heard
from assist.training.collecting import Opened
from assist.training.folds import fold_of
from assist.training.questions import small_set_scale, with_embedder
from integrations.turn_features import Floats
from pipeline.answer import ExtractiveAnswerer
from pipeline.confidence import features
from pipeline.context import as_seeking
from pipeline.lexicon import Lexicon
from pipeline.ports import QueryProjection
from pipeline.recall import RecallingAnswerer
from pipeline.retrieve import HybridRetriever
from pipeline.run import Pipeline
from pipeline.types import Evidence, Query

_REMOVED_WEIGHT = 0.2
_TOLD_EVERY = 64
_NOTHING: Floats = np.zeros((0, 0), dtype=np.float32)


class Tried(Struct, frozen=True, kw_only=True, eq=False):
    """One turn with what was found for it."""

    source: str
    """The data set."""
    group: int
    """Those of one group never stand on both sides of a fold."""
    features: Floats
    """A row for each hit, best first; columns as in `pipeline.confidence.Features`."""
    right: bool
    """The first hit answers the turn."""
    detected: bool
    """The pipeline asked by itself."""
    removed: bool = False
    """The articles that answer it were taken away."""
    weight: float = 1.0


async def tried_of(opened: Opened, projections: Sequence[QueryProjection]) -> list[Tried]:
    """Of every turn that seeks knowledge or was taken to; each found with the projection of its fold.

    Raises:
        UpstreamError: the model or the index failed.
    """
    pipeline = with_embedder(opened.system.thinking.pipeline(), opened.vectors)
    found: list[Tried] = []
    turns = opened.dataset.turns
    for place, (turn, group) in enumerate(zip(turns, opened.groups, strict=True), start=1):
        query, detected = await _query(pipeline, turn)
        if query is not None:
            evidence = await _retriever(pipeline, projections[fold_of(group, len(projections))])(query)
            base = Tried(source=opened.dataset.name, group=group, features=_NOTHING, right=False, detected=detected)
            found += _both(base, evidence, _right(evidence, turn, opened), _lexicon(pipeline))
        if place % _TOLD_EVERY == 0 or place == len(turns):
            opened.progress("collecting answers", place, len(turns))
    scale = small_set_scale(sum(not it.removed for it in found))
    return [msgspec.structs.replace(it, weight=it.weight * scale) for it in found]


async def _query(pipeline: Pipeline, turn: JudgedTurn) -> tuple[Query | None, bool]:
    """And whether the pipeline asked it by itself."""
    context, query = await as_heard(pipeline, turn)
    if query is not None or not turn.relevant_ids:
        return query, query is not None
    return await pipeline.query(as_seeking(context)), False


def _retriever(pipeline: Pipeline, projection: QueryProjection) -> HybridRetriever:
    assert isinstance(pipeline.retrieve, HybridRetriever)
    # A reranker's limit of time would make every run another one.
    return dataclasses.replace(pipeline.retrieve, projection=projection, reranker=None)


def _lexicon(pipeline: Pipeline) -> Lexicon:
    answer = pipeline.answer.quoting if isinstance(pipeline.answer, RecallingAnswerer) else pipeline.answer
    assert isinstance(answer, ExtractiveAnswerer)
    return answer.lexicon


def _right(evidence: Evidence, turn: JudgedTurn, opened: Opened) -> list[bool]:
    return [opened.system.row_ids[hit.passage.article_id] in turn.relevant_ids for hit in evidence.hits]


def _both(base: Tried, evidence: Evidence, right: Sequence[bool], lexicon: Lexicon) -> list[Tried]:
    """As it was found, and as it would have been without the articles that answer it."""
    if not evidence.hits:
        return []
    found = [msgspec.structs.replace(base, features=_figures(evidence, lexicon), right=right[0])]
    rest = tuple(hit for hit, is_right in zip(evidence.hits, right, strict=True) if not is_right)
    if any(right) and rest:
        without = msgspec.structs.replace(evidence, hits=rest)
        figures = _figures(without, lexicon)
        found.append(msgspec.structs.replace(base, features=figures, removed=True, weight=_REMOVED_WEIGHT))
    return found


def _figures(evidence: Evidence, lexicon: Lexicon) -> Floats:
    rows = [msgspec.structs.astuple(features(hit, evidence, lexicon)) for hit in evidence.hits]
    return np.array(rows, dtype=np.float32)
