"""After the first answer is on the screen: a language model writes a better one from the same evidence, or none."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

import msgspec

from pipeline.errors import UpstreamError
from pipeline.events import AnswerDelta, Emit
from pipeline.grounding import NO_ANSWER, GroundedText, answer_messages, rewrite_messages
from pipeline.ports import LanguageModel, Message, ModelRole, Writing, WritingTask
from pipeline.run import Pipeline, Stage
from pipeline.types import Answer, Citation, Draft, Evidence, Formulation, Hit, Outcome, Passage, Query, QueryKind
from pipeline.words import content, plain

PASSAGES_MAX = 5
"""That a model is shown; more of them confuse small models and cost time."""
_REWRITTEN_WORDS_MAX = 40
_REWRITE_TOKENS = 60
_RANK_CONSTANT = 60
_ASKED_SHARE = 0.5
"""Of the question's words that an answer must have where the pipeline found none."""


class RefineLimits(msgspec.Struct, frozen=True, kw_only=True):
    """When a model is asked, and how long."""

    rewrite_below: float = 0.6
    """Confidence of the draft under which the question is put in better words first."""
    rewrite_s: float = 1.5
    least_confidence: float = 0.1
    """Of the draft; below, the evidence has so little to do with the question that no model is asked."""


@dataclass(frozen=True, kw_only=True)
class GroundedRefiner:
    """A `Refiner`: keeps only sentences that stand in the evidence."""

    model: LanguageModel
    retrieve: Stage[Query, Evidence] | None = None
    """For the rewritten question; None: it is never rewritten."""
    answer: Stage[Evidence, Draft] | None = None
    """Judges what the rewritten question has found; None: it counts no more than what was known before."""
    limits: RefineLimits = field(default_factory=RefineLimits)

    async def __call__(self, given: Outcome, emit: Emit) -> Answer | None:
        """See `pipeline.run.Refiner`."""
        draft = given.draft
        if not self.model.has("answer") or not draft.evidence.hits:
            return None
        was_answered = bool(draft.answers)
        draft = await self._with_better_words(draft, emit)
        hits = shown_to_model(draft)
        if not hits or draft.confidence < self.limits.least_confidence:
            return None
        written = GroundedText([hit.passage for hit in hits], draft.evidence.query.context.language)
        outcome = await self._write(draft, hits, written, emit, told_early=was_answered)
        if outcome not in ("done", "cut_short", "timed_out") or written.refused or not written.kept:
            return None
        if not was_answered and not _is_strong(written, draft.evidence.query):
            return None
        answer = answer_of(written, draft)
        if not was_answered:
            await emit(AnswerDelta(text=answer.text))
        return answer

    async def _write(
        self, draft: Draft, hits: Sequence[Hit], written: GroundedText, emit: Emit, *, told_early: bool
    ) -> str:
        """How the request ended; that enough was said is a good end."""
        query, has_enough = draft.evidence.query, False
        async with self._opened(_task("answer", answer_messages(query, hits), query), emit) as writing:
            async for piece in writing:
                if written.feed(piece) and told_early:
                    await emit(AnswerDelta(text=written.text))
                has_enough = written.is_full
                if has_enough:
                    break
            ending = "done" if has_enough else writing.used.outcome
        if written.finish(is_complete=ending == "done") and told_early and not written.refused:
            await emit(AnswerDelta(text=written.text))
        return ending

    async def _with_better_words(self, draft: Draft, emit: Emit) -> Draft:
        """What the evidence says about the question as a model understands it; the same when that is not needed."""
        unsure = draft.confidence < self.limits.rewrite_below
        if self.retrieve is None or not unsure or not self.model.has("rewrite"):
            return draft
        query = draft.evidence.query
        rewritten = await self._rewritten(query, emit)
        if rewritten is None:
            return draft
        asked = Formulation(kind=QueryKind.SEMANTIC, text=rewritten)
        try:
            found = await self.retrieve(msgspec.structs.replace(query, formulations=(asked,)))
            evidence = fused_evidence(draft.evidence, found, asked)
            if self.answer is None:
                return msgspec.structs.replace(draft, evidence=evidence)
            judged = await self.answer(evidence)
        except UpstreamError:
            return draft
        return judged if judged.confidence > draft.confidence else msgspec.structs.replace(draft, evidence=evidence)

    async def _rewritten(self, query: Query, emit: Emit) -> str | None:
        task = msgspec.structs.replace(
            _task("rewrite", rewrite_messages(query), query),
            max_tokens=_REWRITE_TOKENS,
            total_s=self.limits.rewrite_s,
        )
        text = ""
        async with self._opened(task, emit) as writing:
            async for piece in writing:
                text += piece
            is_done = writing.used.outcome == "done"
        return _usable(text, query) if is_done else None

    @asynccontextmanager
    async def _opened(self, task: WritingTask, emit: Emit) -> AsyncIterator[Writing]:
        """A request whose account is told however it ends."""
        request = self.model.write(task)
        writing: Writing | None = None
        try:
            async with request as writing:
                yield writing
        finally:
            if writing is not None:
                await emit(writing.used)


def refined_by(pipeline: Pipeline, model: LanguageModel | None, limits: RefineLimits | None = None) -> Pipeline:
    """The pipeline with a refiner that uses its own stages; to be called again whenever a stage was replaced."""
    if model is None:
        return replace(pipeline, refiner=None)
    refiner = GroundedRefiner(
        model=model, retrieve=pipeline.retrieve, answer=pipeline.answer, limits=limits or RefineLimits()
    )
    return replace(pipeline, refiner=refiner)


def shown_to_model(draft: Draft) -> tuple[Hit, ...]:
    """The best hits; what is on the screen already only when it was asked for again."""
    evidence = draft.evidence
    cited = {citation.passage.id for answer in draft.answers for citation in answer.citations}
    hidden = evidence.query.context.turn.history.shown_passages - cited
    known = [hit for hit in evidence.hits if hit.passage.id not in hidden]
    first = [hit for hit in known if hit.passage.id in cited]
    rest = [hit for hit in known if hit.passage.id not in cited]
    return tuple((*first, *rest)[:PASSAGES_MAX])


def answer_of(written: GroundedText, draft: Draft) -> Answer:
    """Never surer than the quoted answer from the same passages is; less so when sentences had to be dropped.

    A well written text is no better evidence than the passage it was written from.
    """
    citations = written.citations
    main = citations[0].passage
    kept = len(written.kept) / (len(written.kept) + written.dropped)
    return Answer(
        title=_title(main, draft),
        text=written.text,
        citations=citations,
        confidence=_justified(citations, draft) * (0.5 + 0.5 * kept),
    )


def fused_evidence(known: Evidence, found: Evidence, asked: Formulation) -> Evidence:
    """Both lists as one by reciprocal ranks, with the scale of the first; best values of each hit are kept."""
    ranks: dict[UUID, float] = {}
    hits: dict[UUID, Hit] = {}
    for evidence in (known, found):
        for rank, hit in enumerate(evidence.hits, start=1):
            ranks[hit.passage.id] = ranks.get(hit.passage.id, 0.0) + 1.0 / (_RANK_CONSTANT + rank)
            hits[hit.passage.id] = _best_of(hits.get(hit.passage.id), hit)
    order = sorted(hits.values(), key=lambda hit: (-ranks[hit.passage.id], -hit.similarity, str(hit.passage.id)))
    query = msgspec.structs.replace(known.query, formulations=(*known.query.formulations, asked))
    most = max(len(known.hits), len(found.hits))
    return Evidence(query=query, hits=tuple(order[:most]))


def _best_of(one: Hit | None, other: Hit) -> Hit:
    if one is None:
        return other
    return Hit(
        passage=one.passage,
        score=max(one.score, other.score),
        similarity=max(one.similarity, other.similarity),
        lexical=max(one.lexical, other.lexical),
    )


def _task(role: ModelRole, messages: tuple[Message, ...], query: Query) -> WritingTask:
    return WritingTask(role=role, messages=messages, call_id=query.context.turn.call_id)


def _usable(text: str, query: Query) -> str | None:
    """A rewritten question: one line about something that was said; None when it is anything else."""
    line = plain(text).strip("\"'“”„`* ")
    said = " ".join((query.text, *(segment.text for segment in query.context.turn.transcript)))
    if "\n" in text.strip() or NO_ANSWER in line or not 0 < len(line.split()) <= _REWRITTEN_WORDS_MAX:
        return None
    return line if set(content(line)) & set(content(said)) else None


def _is_strong(written: GroundedText, query: Query) -> bool:
    """Good enough where the pipeline found no answer: nothing was dropped, and it is about what was asked."""
    held = set(content(" ".join((written.text, *(citation.passage.title for citation in written.citations)))))
    wordings = (query.context.focus, *(formulation.text for formulation in query.formulations))
    asked = [set(content(wording)) for wording in wordings]
    return not written.dropped and any(words and len(words & held) >= _ASKED_SHARE * len(words) for words in asked)


def _justified(citations: Sequence[Citation], draft: Draft) -> float:
    """Of the first answer quoted from one of these articles; else the draft's, lessened by the passage's rank."""
    articles = {citation.passage.article_id for citation in citations}
    for answer in draft.answers:
        if any(citation.passage.article_id in articles for citation in answer.citations):
            return min(answer.confidence, draft.confidence)
    cited = {citation.passage.id for citation in citations}
    places = (place for place, hit in enumerate(draft.evidence.hits) if hit.passage.id in cited)
    return draft.confidence / (1.0 + min(places, default=len(draft.evidence.hits)))


def _title(main: Passage, draft: Draft) -> str:
    """As the quoted answer has it, when it is of the same article."""
    for answer in draft.answers:
        if answer.citations[0].passage.article_id == main.article_id:
            return answer.title
    return main.title
