"""Articles written, changed, rolled back, archived and restored; found or not found accordingly."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from assist.db.articles import ArticleFilter
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.knowledge import ArticleTextView
from assist.learning.article_text import ArticleChange, ArticleText
from knowledge_ingest.documents import Document, Topic
from pipeline.errors import UpstreamError
from tests.assist.learning.conftest import Desk

pytestmark = pytest.mark.db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def written(desk: Desk, title: str = "Fees", body: str = "Five dollars.", **fields: object) -> ArticleTextView:
    return await desk.curation.create(ArticleText(title=title, body=body, **fields), desk.supervisor)  # type: ignore[arg-type]


async def found(desk: Desk) -> list[str]:
    await desk.indexer.run()
    return sorted(passage.text for passage in desk.index.passages.values())


async def test_an_article_is_found_after_it_was_written_and_its_new_text_after_a_change(desk: Desk) -> None:
    article = await written(desk)
    assert (article.version, article.status, article.source, article.author) == (
        1,
        "approved",
        "supervisor",
        "Supervisor",
    )
    assert await found(desk) == ["Five dollars."]
    change = ArticleChange(base_version=1, title="Fees", body="Six dollars.", change_note="New prices")
    changed = await desk.curation.edit(article.id, change, desk.supervisor)
    assert (changed.version, changed.change_note, changed.searchable) == (2, "New prices", False)
    assert await found(desk) == ["Six dollars."]
    assert (await desk.knowledge.article(article.id)).searchable
    assert await desk.audited() == ["article.created", "article.edited"]


async def test_of_two_changes_to_one_version_the_second_is_shown_the_first(desk: Desk) -> None:
    article = await written(desk)
    changes = [ArticleChange(base_version=1, title="Fees", body=f"{price} dollars.") for price in (6, 7)]
    done = await asyncio.gather(
        *(desk.curation.edit(article.id, change, desk.supervisor) for change in changes), return_exceptions=True
    )
    (refused,) = [it for it in done if isinstance(it, ConflictError)]
    (taken,) = [it for it in done if isinstance(it, ArticleTextView)]
    assert refused.code == "article_changed"
    assert (refused.current["body"], refused.current["current_version"]) == (taken.body, 2)


async def test_saving_without_a_change_makes_no_version(desk: Desk) -> None:
    article = await written(desk, tags=["x"])
    change = ArticleChange(base_version=1, title="Fees", body="Five dollars.", tags=["x"])
    assert (await desk.curation.edit(article.id, change, desk.supervisor)).version == 1
    reviewed = ArticleChange(base_version=1, title="Fees", body="Five dollars.", review_by=LONG_AGO)
    assert (await desk.curation.edit(article.id, reviewed, desk.supervisor)).version == 1
    due = await desk.knowledge.articles(among=ArticleFilter(review_due=True))
    assert [it.id for it in due.items] == [article.id]


async def test_fields_that_are_left_out_stay_and_null_clears(desk: Desk) -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    article = await written(desk, tags=["x"], valid_until=until, asked_as=["What does it cost?"])
    change = ArticleChange(base_version=1, title="Fees", body="Six.")
    kept = await desk.curation.edit(article.id, change, desk.supervisor)
    assert (kept.tags, kept.valid_until, kept.asked_as) == (["x"], until, ["What does it cost?"])
    cleared = ArticleChange(base_version=2, title="Fees", body="Six.", valid_until=None, tags=[])
    now = await desk.curation.edit(article.id, cleared, desk.supervisor)
    assert (now.tags, now.valid_until, now.version) == ([], None, 3)


async def test_a_draft_is_found_by_nobody_until_it_is_approved(desk: Desk) -> None:
    article = await written(desk, status="draft")
    assert await found(desk) == []
    assert (await desk.knowledge.articles()).total == 0
    assert (await desk.knowledge.articles(among=ArticleFilter(status="draft"))).total == 1
    approved = ArticleChange(base_version=1, title="Fees", body="Five dollars.", status="approved")
    assert (await desk.curation.edit(article.id, approved, desk.supervisor)).version == 1
    assert await found(desk) == ["Five dollars."]
    back = ArticleChange(base_version=1, title="Fees", body="Five dollars.", status="draft")
    await desk.curation.edit(article.id, back, desk.supervisor)
    assert await found(desk) == []


async def test_archiving_takes_an_article_out_of_search_and_restoring_brings_it_back(desk: Desk) -> None:
    article = await written(desk)
    await desk.indexer.run()
    for _ in range(2):
        assert (await desk.curation.archive(article.id, desk.supervisor)).status == "archived"
    assert await found(desk) == []
    assert (await desk.knowledge.article(article.id)).body == "Five dollars."
    for _ in range(2):
        assert (await desk.curation.restore(article.id, desk.supervisor)).status == "approved"
    assert await found(desk) == ["Five dollars."]
    assert await desk.audited() == ["article.created", "article.archived", "article.restored"]


async def test_an_article_restored_before_the_index_forgot_it_stays(desk: Desk) -> None:
    article = await written(desk)
    await desk.indexer.run()
    await desk.curation.archive(article.id, desk.supervisor)
    await desk.curation.restore(article.id, desk.supervisor)
    assert await found(desk) == ["Five dollars."]


async def test_rolling_back_is_a_new_version_with_the_old_text(desk: Desk) -> None:
    article = await written(desk)
    await desk.curation.edit(article.id, ArticleChange(base_version=1, title="Prices", body="Six."), desk.supervisor)
    back = await desk.curation.rollback(article.id, 1, desk.supervisor)
    assert (back.version, back.title, back.body) == (3, "Fees", "Five dollars.")
    assert await found(desk) == ["Five dollars."]
    history = await desk.curation.versions(article.id)
    assert [(it.version, it.title, it.is_current) for it in history.items] == [
        (3, "Fees", True),
        (2, "Prices", False),
        (1, "Fees", False),
    ]
    assert (await desk.curation.rollback(article.id, 1, desk.supervisor)).version == 3
    diff = await desk.curation.diff(article.id, 1, 2)
    assert [(line.kind, line.text) for line in diff.lines] == [("removed", "Five dollars."), ("added", "Six.")]
    with pytest.raises(NotFoundError):
        await desk.curation.rollback(article.id, 9, desk.supervisor)


async def test_what_has_expired_is_archived_and_restored_only_with_a_later_date(desk: Desk) -> None:
    article = await written(desk, valid_until=LONG_AGO + timedelta(days=1), valid_from=LONG_AGO)
    later = await written(desk, title="Later", body="Still holds.", valid_until=datetime(2099, 1, 1, tzinfo=UTC))
    await desk.curation.expire()
    assert (await desk.knowledge.article(article.id)).status == "archived"
    assert (await desk.knowledge.article(later.id)).status == "approved"
    assert await found(desk) == ["Still holds."]
    with pytest.raises(ConflictError) as refused:
        await desk.curation.restore(article.id, desk.supervisor)
    assert refused.value.code == "article_expired"
    prolonged = ArticleChange(base_version=1, title="Fees", body="Five dollars.", valid_until=None)
    await desk.curation.edit(article.id, prolonged, desk.supervisor)
    assert await found(desk) == ["Still holds."]
    await desk.curation.restore(article.id, desk.supervisor)
    assert await found(desk) == ["Five dollars.", "Still holds."]


async def test_an_article_is_about_the_subjects_that_it_names(desk: Desk) -> None:
    document = Document(uri="a", title="Beam Pro", body="A router.", subjects=(Topic(kind="product", name="Beam Pro"),))
    await desk.knowledge.store("/kb", [document])
    await written(desk, title="VPN", body="The beam pro can do it.")
    await desk.indexer.run()
    about = {passage.title: passage.subjects for passage in desk.index.passages.values()}
    assert about == {"Beam Pro": ("Beam Pro",), "VPN": ("Beam Pro",)}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "  "},
        {"body": "---"},
        {"body": "# Only a heading"},
        {"language": "english please"},
        {"url": "javascript:alert(1)"},
        {"url": "http://[::1"},
        {"valid_from": datetime(2030, 1, 2, tzinfo=UTC), "valid_until": datetime(2030, 1, 1, tzinfo=UTC)},
        {"valid_until": datetime(2030, 1, 1)},  # noqa: DTZ001 - that is what is wrong with it
    ],
)
async def test_an_article_that_makes_no_sense_is_refused(desk: Desk, fields: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        await written(desk, **{"title": "Fees", "body": "Five dollars."} | fields)  # type: ignore[arg-type]
    assert (await desk.knowledge.articles()).total == 0


async def test_what_does_not_exist_is_not_found(desk: Desk) -> None:
    for work in (desk.curation.archive, desk.curation.restore):
        with pytest.raises(NotFoundError):
            await work(uuid4(), desk.supervisor)
    with pytest.raises(NotFoundError):
        await desk.curation.versions(uuid4())


async def test_an_ingest_keeps_what_was_edited_here_and_says_so(desk: Desk) -> None:
    await desk.knowledge.store(
        "/kb", [Document(uri="a", title="A", body="Old."), Document(uri="b", title="B", body="B.")]
    )
    (a,) = [it for it in (await desk.knowledge.articles()).items if it.title == "A"]
    await desk.curation.edit(a.id, ArticleChange(base_version=1, title="A", body="By hand."), desk.supervisor)
    same = await desk.knowledge.store("/kb", [Document(uri="a", title="A", body="Old.")])
    assert (same.unchanged, same.removed, same.notes) == (1, 1, ())
    newer = await desk.knowledge.store("/kb", [Document(uri="a", title="A", body="Newer.")])
    assert (newer.updated, newer.unchanged) == (0, 1)
    assert "edited here and has changed in its source" in newer.notes[0]
    assert (await desk.knowledge.article(a.id)).body == "By hand."
    gone = await desk.knowledge.store("/kb", [])
    assert gone.removed == 0
    assert "it stays" in gone.notes[0]

    await desk.curation.rollback(a.id, 1, desk.supervisor)
    follows = await desk.knowledge.store("/kb", [Document(uri="a", title="A", body="Newer.")])
    assert follows.updated == 1
    assert (await desk.knowledge.article(a.id)).body == "Newer."


async def test_an_ingest_does_not_bring_back_what_a_person_archived(desk: Desk) -> None:
    document = Document(uri="a", title="A", body="Text.")
    await desk.knowledge.store("/kb", [document])
    (article,) = (await desk.knowledge.articles()).items
    await desk.curation.archive(article.id, desk.supervisor)
    for again in (document, Document(uri="a", title="A", body="Newer.")):
        report = await desk.knowledge.store("/kb", [again])
        assert (report.added, report.updated) == (0, 0)
        assert "Restore it by hand" in report.notes[0]
    assert await found(desk) == []
    await desk.curation.restore(article.id, desk.supervisor)
    assert (await desk.knowledge.store("/kb", [Document(uri="a", title="A", body="Newer.")])).updated == 1
    assert await found(desk) == ["Newer."]


async def test_an_ingest_never_touches_articles_written_here(desk: Desk) -> None:
    await written(desk)
    await desk.knowledge.store("supervisor-files", [])
    await desk.knowledge.store("/kb", [Document(uri="a", title="A", body="Text.")])
    assert await found(desk) == ["Five dollars.", "Text."]


async def test_while_the_index_is_down_an_article_is_in_force_but_not_searchable_and_it_comes_later(desk: Desk) -> None:
    desk.index.is_down = True
    article = await written(desk)
    with pytest.raises(UpstreamError):
        await desk.indexer.index_pending()
    now = await desk.knowledge.article(article.id)
    assert (now.status, now.searchable) == ("approved", False)
    desk.index.is_down = False
    await desk.indexer.index_pending()
    assert (await desk.knowledge.article(article.id)).searchable
    assert await found(desk) == ["Five dollars."]
