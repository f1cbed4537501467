"""Stage 5: how help ends. Questions are proposed for what is missing, or for what would decide between articles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import msgspec

from pipeline.clarifying import (
    answered_questions,
    question_about,
    question_between,
    question_for,
    was_proposed,
)
from pipeline.confidence import DEFAULT_THRESHOLD, VAGUE_THRESHOLD, is_manual
from pipeline.contrasts import Contrast, contrasts, is_told
from pipeline.references import Reference, open_reference
from pipeline.types import Context, Draft, Hit, Outcome, OutcomeKind, Question

_BEHIND_MAX = 0.5
"""Hits whose fused scores differ by less are equally strong."""
_TITLE_WORDS_MAX = 10
"""Longer titles cannot be spoken."""
_DECIDING = frozenset({"subject", "either", "state", "reference"})
"""Purposes worth a question even beside an answer."""


@dataclass(frozen=True, kw_only=True)
class Clarifier:
    """Proposes what the agent may ask; nothing that the call has answered or that was proposed before."""

    limit: int = 2
    """Most questions at a time."""
    threshold: float = DEFAULT_THRESHOLD
    """Confidence from which an article on the screen counts as the answer."""
    vague_threshold: float = VAGUE_THRESHOLD
    """Confidence from which an answer is shown although the question leaves open what it is about."""

    async def __call__(self, given: Draft) -> Outcome:
        """ANSWERED without answers: what would be said is on the agent's screen already."""
        query = given.evidence.query
        reference = None if is_manual(query) else open_reference(given.evidence)
        candidates = list(_candidates(given, reference))
        if reference and candidates and given.confidence < self.vague_threshold:
            unsure = msgspec.structs.replace(given, answers=())
            return Outcome(draft=unsure, kind=OutcomeKind.CLARIFY, questions=self._ranked(candidates))
        if given.answers or self._is_on_screen(given):
            wanted = [it for it in candidates if not query.context.sufficient or it.purpose in _DECIDING]
            return Outcome(draft=given, kind=OutcomeKind.ANSWERED, questions=self._ranked(wanted))
        if not query.context.sufficient and candidates:
            return Outcome(draft=given, kind=OutcomeKind.CLARIFY, questions=self._ranked(candidates))
        narrowing = self._ranked(candidates)[:1]
        return Outcome(draft=given, kind=OutcomeKind.NO_ANSWER, questions=narrowing)

    def _ranked(self, questions: Iterable[Question]) -> tuple[Question, ...]:
        return tuple(
            msgspec.structs.replace(question, priority=place)
            for place, question in enumerate(islice(questions, self.limit), start=1)
        )

    def _is_on_screen(self, draft: Draft) -> bool:
        shown = draft.evidence.query.context.turn.history.shown_passages
        best = draft.evidence.hits[:1]
        return draft.confidence >= self.threshold and any(hit.passage.id in shown for hit in best)


def _candidates(draft: Draft, reference: Reference | None) -> Iterator[Question]:
    """Questions that are worth asking, the best first: what would decide, then what is missing."""
    context = draft.evidence.query.context
    told: set[str] = set()
    for question in _all(draft, reference):
        news = question.purpose not in told and not was_proposed(question, context.turn.history.questions)
        if question.purpose == "error_message" and "code" in told:
            continue
        if news and not answered_questions((question,), context):
            told.add(question.purpose)
            yield question


def _all(draft: Draft, reference: Reference | None) -> Iterator[Question]:
    context = draft.evidence.query.context
    tag = context.language
    if reference:
        yield question_about(reference, 1, tag)
    likely = draft.confidence >= DEFAULT_THRESHOLD / 2
    known = contrasts(draft) if likely and not reference else ()
    deciding = [question_between(contrast, 1, tag) for contrast in known]
    yield from deciding
    missing = [question_for(detail, 1, tag) for detail in context.missing]
    yield from (question for question in missing if question is not None)
    if likely and not deciding and not reference and context.sufficient:
        yield from _narrowing(draft.evidence.hits, context)


def _narrowing(hits: Iterable[Hit], context: Context) -> Iterator[Question]:
    """One question between the two best articles when they are equally strong."""
    best = _best_of_articles(hits)
    if len(best) < 2 or best[1].score < best[0].score - _BEHIND_MAX:
        return
    titles = tuple(hit.passage.title for hit in best[:2])
    if any("\n" in title.strip() or len(title.split()) > _TITLE_WORDS_MAX for title in titles):
        return
    quoted = tuple(f"“{title.strip()}”" for title in titles)
    if not is_told(quoted, context):
        yield question_between(Contrast(purpose="topic", choices=quoted), 1, context.language)


def _best_of_articles(hits: Iterable[Hit]) -> list[Hit]:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.title.strip().lower(), hit)
    return list(best.values())
