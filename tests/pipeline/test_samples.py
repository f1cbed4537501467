"""The sample calls against the sample knowledge base, with the real model and the real index."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from assist.samples import CALLS, KNOWLEDGE
from integrations.embedding import LocalEmbedder
from pipeline.events import Event
from pipeline.run import Pipeline
from pipeline.types import History, Outcome, Query, Segment, Speaker, Turn
from tests.pipeline.calls import CALL_ID
from tests.pipeline.library import chain_over, sample_passages

_EXPECTED = KNOWLEDGE.parent / "expected.jsonl"


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What one segment must lead to."""

    call_id: str
    segment_id: str
    expect: str
    """article, clarify, no_answer or silence."""
    article: str | None = None


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Pipeline]:
    embedder = LocalEmbedder()
    async with chain_over(sample_passages(), embedder, tmp_path / "index") as made:
        yield made
    await embedder.close()


async def ignore(_: Event) -> None:
    return None


async def replayed(chain: Pipeline, call: str) -> dict[str, tuple[Query, Outcome] | None]:
    """Segment → what it led to; each segment is a turn, and what was shown stays on the screen."""
    transcript: list[Segment] = []
    history = History()
    results: dict[str, tuple[Query, Outcome] | None] = {}
    for line in (CALLS / f"{call}.jsonl").read_bytes().splitlines()[1:]:
        said: dict[str, Any] = msgspec.json.decode(line)
        transcript.append(
            Segment(
                id=said["segment_id"],
                number=len(transcript) + 1,
                speaker=Speaker(said["speaker"]),
                text=said["text"],
                start_s=said["start_time"],
                end_s=said["end_time"],
            )
        )
        number = len(transcript)
        given = Turn(
            call_id=CALL_ID, number=number, transcript=tuple(transcript), new=(transcript[-1],), history=history
        )
        _, query = await chain.ask(given, ignore)
        results[said["segment_id"]] = (query, await chain.help(query, ignore)) if query else None
        if result := results[said["segment_id"]]:
            history = _remembered(history, *result)
    return results


def _remembered(history: History, query: Query, outcome: Outcome) -> History:
    shown = {citation.passage.id for answer in outcome.draft.answers for citation in answer.citations}
    return History(
        queries=(*history.queries, query.text),
        shown_passages=history.shown_passages | shown,
        questions=(*history.questions, *(question.text for question in outcome.questions)),
    )


def _outcome_of(result: tuple[Query, Outcome] | None, wanted: Expected) -> str:
    if result is None:
        return "silence"
    outcome = result[1]
    if wanted.expect != "article":
        return outcome.kind.value
    shown = [answer.citations[0].passage.url for answer in outcome.draft.answers]
    found = [hit.passage.url for hit in outcome.draft.evidence.hits]
    if wanted.article in shown or (outcome.kind.value == "answered" and not shown and wanted.article in found[:1]):
        return "article"
    return "another_article" if shown else outcome.kind.value


async def test_the_sample_calls_get_what_they_need(chain: Pipeline) -> None:
    expected = [msgspec.json.decode(line, type=Expected) for line in _EXPECTED.read_bytes().splitlines() if line]
    results = {call: await replayed(chain, call) for call in dict.fromkeys(it.call_id for it in expected)}
    table: Counter[tuple[str, str]] = Counter()
    hits: Counter[str] = Counter()
    for wanted in expected:
        result = results[wanted.call_id][wanted.segment_id]
        table[wanted.expect, _outcome_of(result, wanted)] += 1
        if wanted.expect == "article":
            urls = list(dict.fromkeys(it.passage.url for it in result[1].draft.evidence.hits)) if result else []
            hits["first"] += wanted.article in urls[:1]
            hits["first five"] += wanted.article in urls[:5]
    totals = Counter(it.expect for it in expected)
    print(f"\n{dict(table)}\nfound: {dict(hits)} of {totals['article']}")  # noqa: T201
    assert table["silence", "silence"] >= totals["silence"] - 2
    assert table["clarify", "clarify"] >= totals["clarify"] - 1
    assert table["no_answer", "no_answer"] >= totals["no_answer"] - 2
    assert hits["first"] >= 0.60 * totals["article"]
    assert hits["first five"] >= 0.85 * totals["article"]
    assert table["article", "article"] >= 0.55 * totals["article"]
    assert table["article", "another_article"] <= 0.25 * totals["article"]
