"""What was asked before: answers that people wrote to a question are found by that question, however it is put anew.

Stage 3 weighs question, talk and words as they serve articles. A written answer is short and often shares no word with
a later question; what is alike are the two questions. So where nothing else is sure enough, the question as it was said
is compared with the vectors of written answers, which hold their questions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from pipeline.answer import ExtractiveAnswerer
from pipeline.ports import Embedder, Index, Probe, Ranking
from pipeline.types import Draft, Evidence, Hit, Passage, Query, QueryKind

_DEPTH = 20
_INTERCEPT = -5.0
_SIMILARITY = 10.0
_LEAD = 11.5
_BACKGROUND = 0.2
"""Cosine to be expected of anything; matters where little else is known.

Fitted on 24 written answers of our own with 96 later wordings of their questions, the same wordings without their
answer, and questions that nothing answers; cross-validated by answer.
"""


@dataclass(frozen=True, kw_only=True)
class RecallingAnswerer:
    """Stage 4: quotes, and where that gives nothing, what a person answered to the same question."""

    quoting: ExtractiveAnswerer
    embedder: Embedder
    index: Index

    async def __call__(self, given: Evidence) -> Draft:
        """Raises:
        UpstreamError: the embedder or the index failed.
        """
        draft = await self.quoting(given)
        if draft.answers:
            return draft
        recalled = await self._recalled(given.query)
        if recalled is None:
            return draft
        hit, confidence = recalled
        others = tuple(other for other in given.hits if other.passage.id != hit.passage.id)
        evidence = msgspec.structs.replace(given, hits=(hit, *others))
        answer = self.quoting.answered(hit, confidence, evidence)
        if answer is None:
            return draft
        return Draft(evidence=evidence, answers=(answer,), confidence=max(draft.confidence, confidence))

    async def _recalled(self, query: Query) -> tuple[Hit, float] | None:
        said = next((form.text for form in query.formulations if form.kind in _ASKED), "")
        if not said:
            return None
        (vector,) = await self.embedder.embed([said], "query")
        probe = Probe(vector=vector, text="", language=query.context.language)
        rankings = await self.index.search([probe], query.context.turn.scope, _DEPTH)
        return judged(rankings)


_ASKED = (QueryKind.SEMANTIC, QueryKind.MANUAL)


def judged(rankings: Sequence[Ranking]) -> tuple[Hit, float] | None:
    """The written answer that is nearest, and how likely it answers; None: there is none, or another one is nearer."""
    near = [scored for ranking in rankings if ranking.by == "dense" for scored in ranking.hits]
    best = next((scored for scored in near if scored.passage.is_answer), None)
    if best is None:
        return None
    rival = max((scored.score for scored in near if _is_other(scored.passage, best.passage)), default=_BACKGROUND)
    lead = best.score - max(rival, _BACKGROUND)
    hit = Hit(passage=best.passage, score=best.score, similarity=best.score, lexical=0.0)
    return hit, 1.0 / (1.0 + math.exp(-(_INTERCEPT + _SIMILARITY * best.score + _LEAD * lead)))


def _is_other(passage: Passage, than: Passage) -> bool:
    return passage.article_id != than.article_id
