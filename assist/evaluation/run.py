"""Every judged turn through the pipeline, as a live call would bring it."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from assist.evaluation.dataset import DataSet, JudgedTurn, Said
from assist.evaluation.system import Progress, System
from pipeline.context import as_seeking
from pipeline.events import Event, StageFinished
from pipeline.run import Pipeline
from pipeline.types import Context, Evidence, Outcome, Query, Segment, Turn

_CHARS_A_SECOND = 15.0
_PAUSE_S = 2.0
"""Between what two speakers, or one after the other, say."""
_TIMED_MAX = 300
"""Turns beside which a plain embedding is timed."""


class Found(Struct, frozen=True, kw_only=True):
    """A row of the knowledge base as it was found, by its best passage."""

    row_id: str
    score: float
    similarity: float
    lexical: float


class Judged(Struct, frozen=True, kw_only=True):
    """What the pipeline made of one turn."""

    turn: JudgedTurn
    detected: bool
    """The pipeline formulated a query by itself."""
    asked: str
    """The query as the agent reads it; of a turn that was not detected, as if it had been. Empty: none."""
    searched: tuple[str, ...]
    """The formulations with their kinds and weights."""
    subjects: tuple[str, ...]
    """With their salience, most salient first."""
    found: tuple[Found, ...]
    """Best first; each row once."""
    confidence: float | None
    """Of the best candidate; None when nothing was looked for."""
    answers: int
    """Suggestions above the threshold."""
    stage_ms: dict[str, float]
    """Of what a live call would have run."""
    total_ms: float | None
    """Of the whole turn; None when there was nothing to help with."""
    embedding_ms: float | None
    """Of one plain embedding of what was said last; None where it was not timed."""


@dataclass(kw_only=True)
class _Clock:
    """Listens to one turn."""

    stage_ms: dict[str, float] = field(default_factory=dict)

    async def hear(self, event: Event) -> None:
        """Adds up: a stage may run more than once."""
        if isinstance(event, StageFinished):
            self.stage_ms[event.stage] = self.stage_ms.get(event.stage, 0.0) + event.elapsed_ms


async def judge(dataset: DataSet, system: System, progress: Progress) -> list[Judged]:
    """Runs all turns one after the other; calls know nothing of each other.

    Raises:
        UpstreamError: the model or the index failed.
    """
    pipeline = system.thinking.pipeline()
    step = max(1, len(dataset.turns) // _TIMED_MAX)
    judged: list[Judged] = []
    for place, turn in enumerate(dataset.turns):
        # Before and after in turns: neither side may always find the caches of the processor warm.
        timed = ("before", "after")[place // step % 2] if place % step == 0 else None
        judged.append(await _judge_turn(turn, pipeline, system, timed))
        if (place + 1) % 10 == 0 or place + 1 == len(dataset.turns):
            progress("judging turns", place + 1, len(dataset.turns))
    return judged


async def _judge_turn(turn: JudgedTurn, pipeline: Pipeline, system: System, timed: str | None) -> Judged:
    system.embedder.new_call()
    if len(turn.turns) > 1:
        # A live call has analysed every earlier segment by the time the next one comes.
        await pipeline.ask(_as_turn(turn, len(turn.turns) - 1), _nobody)
    embedding_ms = await _embedding_ms(turn, system) if timed == "before" else None
    clock = _Clock()
    started = time.perf_counter()
    context, query = await pipeline.ask(_as_turn(turn, len(turn.turns)), clock.hear)
    outcome = await pipeline.help(query, clock.hear) if query else None
    total_ms = (time.perf_counter() - started) * 1000.0 if query else None
    embedding_ms = await _embedding_ms(turn, system) if timed == "after" else embedding_ms
    detected = query is not None
    if query is None and turn.relevant_ids:
        query = await pipeline.query(as_seeking(context))
        outcome = await pipeline.help(query, _nobody) if query else None
    return Judged(
        turn=turn,
        detected=detected,
        asked=query.text if query else "",
        searched=_searched(query),
        subjects=_subjects(query.context if query else context),
        found=_found(outcome.draft.evidence, system) if outcome else (),
        confidence=outcome.draft.confidence if outcome else None,
        answers=_answers(outcome),
        stage_ms=clock.stage_ms,
        total_ms=total_ms,
        embedding_ms=embedding_ms,
    )


async def as_heard(pipeline: Pipeline, turn: JudgedTurn) -> tuple[Context, Query | None]:
    """What the pipeline makes of a turn by itself."""
    return await pipeline.ask(_as_turn(turn, len(turn.turns)), _nobody)


async def as_asked(pipeline: Pipeline, turn: JudgedTurn) -> Query | None:
    """The query of a turn, taken to seek knowledge whether the pipeline thinks so or not."""
    context = await pipeline.context(_as_turn(turn, len(turn.turns)))
    return await pipeline.query(as_seeking(context))


def _as_turn(turn: JudgedTurn, count: int) -> Turn:
    """The call up to its `count`th segment, which is the new one. Nothing has been suggested before."""
    transcript = tuple(_segments(turn.turns[:count]))
    return Turn(call_id=uuid5(NAMESPACE_URL, turn.dialog_id), number=count, transcript=transcript, new=transcript[-1:])


def _segments(said: Sequence[Said]) -> Iterable[Segment]:
    start_s = 0.0
    for number, piece in enumerate(said, start=1):
        end_s = start_s + len(piece.text) / _CHARS_A_SECOND
        yield Segment(
            id=f"s{number}", number=number, speaker=piece.speaker, text=piece.text, start_s=start_s, end_s=end_s
        )
        start_s = end_s + _PAUSE_S


async def _embedding_ms(turn: JudgedTurn, system: System) -> float:
    started = time.perf_counter()
    await system.embedder.plain(turn.turns[-1].text)
    return (time.perf_counter() - started) * 1000.0


def _searched(query: Query | None) -> tuple[str, ...]:
    return tuple(f"{it.kind.value} ×{it.weight:.2f}: {it.text}" for it in query.formulations) if query else ()


def _subjects(context: Context) -> tuple[str, ...]:
    return tuple(f"{subject.name} ({subject.kind} {subject.salience:.2f})" for subject in context.subjects)


def _found(evidence: Evidence, system: System) -> tuple[Found, ...]:
    found: dict[str, Found] = {}
    for hit in evidence.hits:
        row = system.row_ids[hit.passage.article_id]
        item = Found(row_id=row, score=hit.score, similarity=hit.similarity, lexical=hit.lexical)
        found.setdefault(row, item)
    return tuple(found.values())


def _answers(outcome: Outcome | None) -> int:
    return len(outcome.draft.answers) if outcome else 0


async def _nobody(_: Event) -> None:
    """What a live call would not run now is not timed."""
