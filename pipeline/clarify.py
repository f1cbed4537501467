"""Stage 5: how help ends. Questions are proposed only when a detail is missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.clarifying import QUESTION_TEXTS, is_answered, question_for
from pipeline.confidence import DEFAULT_THRESHOLD
from pipeline.types import Context, Draft, Hit, Outcome, OutcomeKind, Question

_NEARLY = 0.9
"""Hits whose fused scores differ by less are equally strong."""


@dataclass(frozen=True, kw_only=True)
class Clarifier:
    """Proposes what the agent may ask; nothing that the call has answered or that was proposed before."""

    limit: int = 2
    """Most questions at a time."""
    threshold: float = DEFAULT_THRESHOLD
    """Confidence from which an article on the screen counts as the answer."""

    async def __call__(self, given: Draft) -> Outcome:
        """ANSWERED without answers: what would be said is on the agent's screen already."""
        context = given.evidence.query.context
        questions = tuple(self._questions(context))
        if given.answers or self._is_on_screen(given):
            return Outcome(draft=given, kind=OutcomeKind.ANSWERED, questions=questions)
        if not context.sufficient and questions:
            return Outcome(draft=given, kind=OutcomeKind.CLARIFY, questions=questions)
        return Outcome(draft=given, kind=OutcomeKind.NO_ANSWER, questions=tuple(_narrowing(given))[:1])

    def _is_on_screen(self, draft: Draft) -> bool:
        shown = draft.evidence.query.context.turn.history.shown_passages
        best = draft.evidence.hits[:1]
        return draft.confidence >= self.threshold and any(hit.passage.id in shown for hit in best)

    def _questions(self, context: Context) -> Iterable[Question]:
        proposed = set(context.turn.history.questions)
        priority = 0
        for detail in context.missing:
            question = question_for(detail, priority + 1)
            if question is None or question.text in proposed or is_answered(detail, context):
                continue
            priority += 1
            yield question
            if priority >= self.limit:
                return


def _narrowing(draft: Draft) -> Iterable[Question]:
    """One question between the two best articles when they are equally strong."""
    best = _best_of_articles(draft.evidence.hits)
    if len(best) < 2 or best[1].score < _NEARLY * best[0].score or draft.confidence < DEFAULT_THRESHOLD / 2:
        return
    text = QUESTION_TEXTS["topic"].format(first=f"“{best[0].passage.title}”", second=f"“{best[1].passage.title}”")
    if text not in draft.evidence.query.context.turn.history.questions:
        yield Question(text=text, purpose="topic", priority=1)


def _best_of_articles(hits: Iterable[Hit]) -> list[Hit]:
    best: dict[str, Hit] = {}
    for hit in hits:
        best.setdefault(hit.passage.title.strip().lower(), hit)
    return list(best.values())
