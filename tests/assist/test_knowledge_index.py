"""The index follows the tables, whatever fails and wherever the process dies."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, update

from assist.db.engine import Session, Sessions
from assist.db.models import KnowledgePassage
from assist.indexing import Indexer, IndexReport
from assist.knowledge import Knowledge
from knowledge_ingest.documents import Document, Topic
from pipeline.errors import UpstreamError
from tests.knowledge_ingest.doubles import Killed, LengthEmbedder, MemoryIndex

pytestmark = pytest.mark.db


async def _no_job(_: Session) -> None:
    """Tests run the indexer themselves."""


@pytest.fixture
def knowledge(sessions: Sessions) -> Knowledge:
    return Knowledge(sessions=sessions, indexing=_no_job)


@pytest.fixture
def index() -> MemoryIndex:
    return MemoryIndex()


@pytest.fixture
def embedder() -> LengthEmbedder:
    return LengthEmbedder()


@pytest.fixture
def indexer(sessions: Sessions, index: MemoryIndex, embedder: LengthEmbedder) -> Indexer:
    return Indexer(sessions=sessions, index=index, embedder=embedder, batch_passages=4)


def docs(*numbers: int, body: str = "Text {}.") -> list[Document]:
    return [Document(uri=f"d{number}", title=f"Title {number}", body=body.format(number)) for number in numbers]


def texts(*numbers: int, body: str = "Text {}.") -> list[str]:
    return sorted(body.format(number) for number in numbers)


def at_call(number: int, operation: str) -> Callable[[str], None]:
    """Kills the process at the n-th call of an operation."""
    seen = 0

    def kill(name: str) -> None:
        nonlocal seen
        seen += name == operation
        if name == operation and seen == number:
            raise Killed

    return kill


async def states(sessions: Sessions) -> dict[str, int]:
    async with sessions() as session:
        rows = await session.execute(select(KnowledgePassage.state, func.count()).group_by(KnowledgePassage.state))
        return {row[0]: row[1] for row in rows}


async def test_pending_passages_reach_the_index_with_all_they_need(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, embedder: LengthEmbedder, sessions: Sessions
) -> None:
    document = Document(
        uri="a",
        title="Refunds",
        body="# Refunds\n\n## Timing\n\nFive days.",
        url="https://kb/refunds",
        tags=("billing",),
        audience="agents",
        language="en-GB",
        subjects=(Topic(kind="product", name="Bon, Nene"), Topic(kind="place", name="Oslo")),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=datetime(2027, 1, 1, tzinfo=UTC),
        page_starts=(0, 12),
    )
    await knowledge.store("/kb", [document])
    assert await indexer.run() == IndexReport(indexed=1)

    (passage,) = index.held.values()
    assert (passage.title, passage.heading, passage.text) == ("Refunds", "Timing", "Five days.")
    assert document.body[passage.start : passage.end] == passage.text
    assert (passage.url, passage.tags, passage.audience, passage.language) == (
        "https://kb/refunds",
        ("billing",),
        "agents",
        "en-GB",
    )
    assert (passage.subjects, passage.page) == (("Bon, Nene", "Oslo"), 2)
    assert (passage.valid_from, passage.valid_until) == (document.valid_from, document.valid_until)
    assert passage.updated_at is not None
    assert embedder.texts == ["billing\nRefunds\nTiming\nFive days."]
    assert await states(sessions) == {"indexed": 1}


async def test_a_run_without_anything_to_do_does_nothing(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex
) -> None:
    await knowledge.store("/kb", docs(*range(9)))
    assert await indexer.run() == IndexReport(indexed=9)
    calls = len(index.calls)
    assert await indexer.run() == IndexReport()
    assert len(index.calls) == calls


async def test_new_passages_are_in_before_the_old_ones_go(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(*range(6)))
    await indexer.run()
    await knowledge.store("/kb", docs(*range(6), body="Newer {}."))
    found: list[int] = []
    index.after = lambda _: found.append(len({passage.article_id for passage in index.held.values()}))

    assert await indexer.run() == IndexReport(indexed=6, removed=6)
    assert set(found) == {6}
    assert index.texts() == texts(*range(6), body="Newer {}.")
    assert await states(sessions) == {"indexed": 6}


async def test_archived_articles_leave_the_index_although_much_else_is_waiting(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex
) -> None:
    await knowledge.store("/kb", docs(1))
    await indexer.run()
    await knowledge.store("/kb", docs(*range(10, 30)))
    await indexer.run()
    assert index.texts() == texts(*range(10, 30))
    assert index.calls.index("remove") < len(index.calls) - 2


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", ["put", "remove"])
@pytest.mark.parametrize("call", [1, 2])
async def test_a_process_killed_anywhere_is_made_up_for(
    knowledge: Knowledge,
    indexer: Indexer,
    index: MemoryIndex,
    sessions: Sessions,
    moment: str,
    operation: str,
    call: int,
) -> None:
    await knowledge.store("/kb", docs(*range(8)))
    await indexer.run()
    await knowledge.store("/kb", docs(*range(8), body="Newer {}."))
    setattr(index, moment, at_call(call, operation))
    with pytest.raises(Killed):
        await indexer.run()

    await indexer.run()
    assert index.texts() == texts(*range(8), body="Newer {}.")
    assert await states(sessions) == {"indexed": 8}


async def test_a_failing_service_is_passed_on_and_what_was_done_is_kept(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, embedder: LengthEmbedder
) -> None:
    await knowledge.store("/kb", docs(*range(6)))
    embedder.failures = 1
    with pytest.raises(UpstreamError):
        await indexer.run()
    index.after = at_call(2, "put")
    with pytest.raises(Killed):
        await indexer.run()
    assert len(index.held) == 6
    await indexer.run()
    assert index.texts() == texts(*range(6))
    assert sorted(index.puts.values()) == [1, 1, 1, 1, 2, 2]


async def test_one_refused_text_does_not_keep_the_others_out(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, embedder: LengthEmbedder, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(*range(10)))
    embedder.refuses = "Text 3."
    assert await indexer.run() == IndexReport(indexed=9, refused=1)
    assert await states(sessions) == {"indexed": 9, "pending": 1}
    embedder.refuses = None
    assert await indexer.run() == IndexReport(indexed=1)
    assert index.texts() == texts(*range(10))


async def test_a_model_that_refuses_everything_is_an_error(
    knowledge: Knowledge, indexer: Indexer, embedder: LengthEmbedder
) -> None:
    await knowledge.store("/kb", docs(1, 2))
    embedder.refuses = "Text"
    with pytest.raises(UpstreamError):
        await indexer.run()


async def test_passages_called_off_while_being_embedded_do_not_stay_in_the_index(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, embedder: LengthEmbedder, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(1, 2))
    changed = False

    async def change() -> None:
        nonlocal changed
        if not changed:
            changed = True
            await knowledge.store("/kb", docs(2, body="Newer {}."))

    embedder.meanwhile = change
    await indexer.run()
    assert index.texts() == texts(2, body="Newer {}.")
    assert await states(sessions) == {"indexed": 1}


async def test_a_document_that_returns_while_its_passages_leave_is_found_again(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(1, 2))
    await indexer.run()
    await knowledge.store("/kb", docs(1))
    index.after = at_call(1, "remove")
    with pytest.raises(Killed):
        await indexer.run()
    await knowledge.store("/kb", docs(1, 2))
    await indexer.run()
    assert index.texts() == texts(1, 2)
    assert await states(sessions) == {"indexed": 2}


async def test_runs_at_the_same_time_share_the_work(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(*range(30)))
    reports = await asyncio.gather(*(indexer.run() for _ in range(3)))
    assert sum(report.indexed for report in reports) == 30
    assert set(index.puts.values()) == {1}
    assert await states(sessions) == {"indexed": 30}


async def test_ingests_and_runs_in_any_order_end_with_the_truth(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, sessions: Sessions
) -> None:
    chance = random.Random(7)

    async def ingest() -> None:
        for turn in range(8):
            numbers = chance.sample(range(12), 8)
            await knowledge.store("/kb", docs(*numbers, body=f"Turn {turn % 3} of {{}}."))

    async def run() -> None:
        for _ in range(8):
            await indexer.run()

    await asyncio.gather(ingest(), run(), run())
    await indexer.run()
    async with sessions() as session:
        truth = await session.scalars(select(KnowledgePassage.text))
        assert index.texts() == sorted(truth)
    assert await states(sessions) == {"indexed": 8}


async def test_a_rebuild_fills_an_empty_index(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(*range(7)))
    await indexer.run()
    await knowledge.store("/kb", docs(*range(6)))
    index.held.clear()
    assert (await indexer.rebuild()).indexed == 6
    assert index.texts() == texts(*range(6))
    assert await states(sessions) == {"indexed": 6}


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_rebuild_killed_while_clearing_is_completed_by_the_next_run(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, moment: str
) -> None:
    await knowledge.store("/kb", docs(*range(5)))
    await indexer.run()
    setattr(index, moment, at_call(1, "clear"))
    with pytest.raises(Killed):
        await indexer.rebuild()
    await indexer.run()
    assert index.texts() == texts(*range(5))


async def test_reconciling_repairs_both_sides(
    knowledge: Knowledge, indexer: Indexer, index: MemoryIndex, sessions: Sessions
) -> None:
    await knowledge.store("/kb", docs(*range(6)))
    await indexer.run()
    lost = next(iter(index.held))
    index.held.pop(lost)
    stray = Document(uri="x", title="X", body="Stray.")
    elsewhere = Knowledge(sessions=sessions, indexing=_no_job)
    await elsewhere.store("/other", [stray])
    await indexer.run()
    async with sessions.begin() as session:
        await session.execute(update(KnowledgePassage).values(state=KnowledgePassage.state))
        row = (await session.scalars(select(KnowledgePassage).where(KnowledgePassage.text == "Stray."))).one()
        await session.delete(row)

    assert await indexer.reconcile() == IndexReport(indexed=1, lost=1, foreign=1)
    assert index.texts() == texts(*range(6))
    assert await indexer.reconcile() == IndexReport()


async def test_progress_counts_up_to_everything(knowledge: Knowledge, indexer: Indexer) -> None:
    await knowledge.store("/kb", docs(*range(10)))
    told: list[tuple[int, int]] = []
    await indexer.run(lambda done, of: told.append((done, of)))
    assert told == [(4, 10), (8, 10), (10, 10)]
