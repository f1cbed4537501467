"""Taking documents in: by content, by source, with the old versions kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from assist.db.engine import Session, Sessions
from assist.db.knowledge import exclusive
from assist.db.models import KnowledgeArticle, KnowledgeArticleVersion, KnowledgePassage
from assist.errors import ConflictError
from assist.ingest_reports import StoreReport
from assist.knowledge import Knowledge
from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.sources import read, source_of

pytestmark = pytest.mark.db


class Jobs:
    """Counts requests for indexing that were committed, as the job table would."""

    async def request(self, session: Session) -> None:
        await session.execute(text("INSERT INTO jobs_wanted DEFAULT VALUES"))

    async def count(self, sessions: Sessions) -> int:
        async with sessions() as session:
            return int(await session.scalar(text("SELECT count(*) FROM jobs_wanted")) or 0)


@pytest.fixture
async def jobs(sessions: Sessions) -> Jobs:
    async with sessions.begin() as session:
        await session.execute(text("CREATE TABLE jobs_wanted (id serial)"))
    return Jobs()


@pytest.fixture
def knowledge(sessions: Sessions, jobs: Jobs) -> Knowledge:
    return Knowledge(sessions=sessions, indexing=jobs.request, batch_documents=2, lock_wait_s=20.0)


def doc(uri: str, body: str = "Some text.", **fields: object) -> Document:
    return Document(uri=uri, title=fields.pop("title", uri), body=body, **fields)  # type: ignore[arg-type]


def figures(report: StoreReport) -> tuple[int, int, int, int]:
    return report.added, report.updated, report.unchanged, report.removed


async def states(sessions: Sessions) -> dict[str, int]:
    async with sessions() as session:
        rows = await session.execute(select(KnowledgePassage.state, func.count()).group_by(KnowledgePassage.state))
        return {row[0]: row[1] for row in rows}


async def titles(sessions: Sessions) -> dict[str, str]:
    async with sessions() as session:
        rows = await session.execute(select(KnowledgeArticle.uri, KnowledgeArticle.status))
        return {row[0]: row[1] for row in rows}


async def test_the_same_documents_again_change_nothing(knowledge: Knowledge, sessions: Sessions, jobs: Jobs) -> None:
    documents = [doc("a"), doc("b"), doc("c")]
    assert figures(await knowledge.store("/kb", documents)) == (3, 0, 0, 0)
    wanted = await jobs.count(sessions)
    before = await knowledge.revision()

    assert figures(await knowledge.store("/kb", documents)) == (0, 0, 3, 0)
    assert await jobs.count(sessions) == wanted
    assert await knowledge.revision() == before


async def test_a_changed_document_becomes_a_new_version_and_the_old_one_stays_readable(
    knowledge: Knowledge, sessions: Sessions
) -> None:
    await knowledge.store("/kb", [doc("a", "Five days.")])
    report = await knowledge.store("/kb", [doc("a", "Seven days.")])

    assert figures(report) == (0, 1, 0, 0)
    assert await states(sessions) == {"removing": 1, "pending": 1}
    page = await knowledge.articles()
    assert (await knowledge.article(page.items[0].id)).body == "Seven days."
    assert (await knowledge.article(page.items[0].id, version=1)).body == "Five days."


async def test_changed_metadata_is_a_change(knowledge: Knowledge) -> None:
    await knowledge.store("/kb", [doc("a", tags=("x",))])
    assert figures(await knowledge.store("/kb", [doc("a", tags=("y",))])) == (0, 1, 0, 0)


async def test_what_disappeared_is_archived_and_comes_back_under_its_id(
    knowledge: Knowledge, sessions: Sessions
) -> None:
    await knowledge.store("/kb", [doc("a"), doc("b")])
    before = {item.title: item.id for item in (await knowledge.articles()).items}

    assert figures(await knowledge.store("/kb", [doc("a")])) == (0, 0, 1, 1)
    assert await titles(sessions) == {"a": "approved", "b": "archived"}
    assert (await knowledge.article(before["b"])).status == "archived"
    assert await states(sessions) == {"pending": 1, "removing": 1}

    assert figures(await knowledge.store("/kb", [doc("a"), doc("b")])) == (1, 0, 1, 0)
    assert {item.title: item.id for item in (await knowledge.articles()).items} == before
    assert await states(sessions) == {"pending": 2}
    assert (await knowledge.article(before["b"])).version == 1


async def test_pruning_can_be_switched_off(knowledge: Knowledge) -> None:
    await knowledge.store("/kb", [doc("a"), doc("b")])
    assert figures(await knowledge.store("/kb", [doc("a")], prune=False)) == (0, 0, 1, 0)


async def test_another_source_is_not_touched(knowledge: Knowledge) -> None:
    await knowledge.store("/kb", [doc("a"), doc("b")])
    assert figures(await knowledge.store("/other", [doc("a")])) == (1, 0, 0, 0)
    assert (await knowledge.articles()).total == 3


async def test_what_cannot_be_read_now_is_kept_but_what_was_emptied_goes(knowledge: Knowledge) -> None:
    uris = ["faq.csv#1", "faq.csv#2", "closed/x.md", "broken.md", "emptied.md", "faq.csvx"]
    await knowledge.store("/kb", [doc(uri) for uri in uris])
    report = await knowledge.store(
        "/kb",
        [
            Unreadable(uri="faq.csv", reason="broken"),
            Unreadable(uri="closed", reason="no permission"),
            Unreadable(uri="broken.md", reason="broken"),
            Unreadable(uri="emptied.md", reason="empty", empty=True),
        ],
    )
    assert report.removed == 2
    kept = {item.title for item in (await knowledge.articles()).items}
    assert kept == {"faq.csv#1", "faq.csv#2", "closed/x.md", "broken.md"}


async def test_a_source_that_is_not_there_removes_nothing(knowledge: Knowledge, tmp_path: Path) -> None:
    source = source_of(tmp_path / "kb")
    await knowledge.store(source, [doc("a")])
    report = await knowledge.store(source, read(tmp_path / "kb"))
    assert report.removed == 0
    assert [item.uri for item in report.unreadable] == ["."]


async def test_two_documents_of_one_name_are_told(knowledge: Knowledge) -> None:
    report = await knowledge.store("/kb", [doc("a", "One."), doc("b"), doc("a", "Two.")])
    assert figures(report) == (2, 0, 0, 0)
    assert [item.uri for item in report.unreadable] == ["a"]


async def test_a_document_of_headings_only_is_stored_and_told(knowledge: Knowledge) -> None:
    report = await knowledge.store("/kb", [doc("a", "# One\n\n## Two")])
    assert report.passages == 0
    assert len(report.notes) == 1


async def test_an_ingest_that_breaks_off_removes_nothing_and_the_next_completes_it(knowledge: Knowledge) -> None:
    await knowledge.store("/kb", [doc("old")])

    def broken() -> Iterator[Document]:
        yield from [doc("a"), doc("b"), doc("c")]
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await knowledge.store("/kb", broken())
    assert {item.title for item in (await knowledge.articles()).items} == {"a", "b", "old"}
    report = await knowledge.store("/kb", [doc("a"), doc("b"), doc("c")])
    assert figures(report) == (1, 0, 2, 1)


async def test_a_refused_job_leaves_nothing_of_its_batch(sessions: Sessions) -> None:
    async def refuse(_: Session) -> None:
        raise RuntimeError("no jobs")

    with pytest.raises(RuntimeError):
        await Knowledge(sessions=sessions, indexing=refuse).store("/kb", [doc("a")])
    assert await titles(sessions) == {}


async def test_two_ingests_of_one_source_at_once_end_like_one(knowledge: Knowledge, sessions: Sessions) -> None:
    documents = [doc(f"d{number}", f"Text {number}.") for number in range(12)]
    reports = await asyncio.gather(*(knowledge.store("/kb", iter(documents)) for _ in range(3)))

    assert sum(report.added for report in reports) == 12
    assert sum(report.unchanged for report in reports) == 24
    assert sum(report.updated + report.removed for report in reports) == 0
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(KnowledgeArticleVersion)) == 12
        assert await session.scalar(select(func.count()).select_from(KnowledgePassage)) == 12


async def test_an_ingest_gives_up_on_a_source_that_stays_busy(knowledge: Knowledge, sessions: Sessions) -> None:
    impatient = Knowledge(sessions=sessions, indexing=knowledge.indexing, lock_wait_s=0.2)
    async with exclusive(sessions, "source\n/kb"):
        with pytest.raises(ConflictError) as refused:
            await impatient.store("/kb", [doc("a")])
        assert refused.value.code == "ingest_running"
        assert (await impatient.store("/other", [doc("a")])).added == 1
    assert (await impatient.store("/kb", [doc("a")])).added == 1


async def test_a_cancelled_ingest_lets_go_of_its_source(knowledge: Knowledge, sessions: Sessions) -> None:
    started = asyncio.Event()

    async def hold() -> None:
        async with exclusive(sessions, "source\n/kb"):
            started.set()
            await asyncio.sleep(60)

    holder = asyncio.create_task(hold())
    await started.wait()
    holder.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holder
    assert (await knowledge.store("/kb", [doc("a")])).added == 1


async def test_a_long_document_is_stored_with_exact_passages(knowledge: Knowledge, sessions: Sessions) -> None:
    body = "\n\n".join(f"## Part {part}\n\n" + f"Sentence {part} tells something. " * 60 for part in range(40))
    report = await knowledge.store("/kb", [doc("long", body)])
    assert report.passages > 40
    async with sessions() as session:
        for row in await session.scalars(select(KnowledgePassage)):
            assert row.text == body.strip("\n")[row.start_char : row.end_char]


async def test_a_folder_is_ingested_and_follows_its_files(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "refunds.md").write_text("---\ntags: [billing]\naudience: agents\n---\n# Refunds\n\nFive days.\n")
    (tmp_path / "faq.csv").write_text("question,answer\nHow long?,Five days.\nHow much?,Nothing.\n")
    source = source_of(tmp_path)
    assert figures(await knowledge.store(source, read(tmp_path))) == (3, 0, 0, 0)

    (tmp_path / "faq.csv").write_text("question,answer\nWhere?,Here.\nHow much?,Nothing.\nHow long?,Six days.\n")
    assert figures(await knowledge.store(source, read(tmp_path))) == (1, 1, 2, 0)
    (tmp_path / "refunds.md").unlink()
    assert figures(await knowledge.store(source, read(tmp_path))) == (0, 0, 3, 1)


async def test_odd_characters_are_stored(knowledge: Knowledge) -> None:
    body = "Nul \x00, half a pair \ud83d, and\r\nlines \N{GRINNING FACE}."
    document = doc("odd\x00", body, title="T\x00\ud83d", attributes={"k\x00": [1.5, float("nan"), {"x": "\ud83d"}]})
    assert (await knowledge.store("/kb", [document])).added == 1
    assert (await knowledge.store("/kb", [document])).unchanged == 1
    article = (await knowledge.articles()).items[0]
    assert isinstance(article.id, UUID)
    assert (await knowledge.article(article.id)).body == document.body
