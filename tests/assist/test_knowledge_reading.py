"""What people and the pipeline read of the knowledge base."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from assist.db.engine import Session, Sessions
from assist.errors import InvalidError, NotFoundError
from assist.knowledge import Knowledge
from knowledge_ingest.documents import Document, Topic

pytestmark = pytest.mark.db


async def _no_job(_: Session) -> None:
    """Nothing is indexed here."""


_REFUNDS = Document(
    uri="refunds.md",
    title="Refunds",
    body="Five days. Costs 100% nothing.",
    tags=("Billing",),
    updated_at=datetime(2026, 3, 1, tzinfo=UTC),
    attributes={"product": "HomeHub X200"},
    subjects=(Topic(kind="product", name="HomeHub X200"), Topic(kind="plan", name="Gold, Pro")),
)
_RETURNS = Document(
    uri="returns.md",
    title="Returns and billing",
    body="Send it back for a refund.",
    tags=("Billing", "Shipping"),
    attributes={"product": ["HomeHub X200", "Router"]},
    subjects=(Topic(kind="product", name="HomeHub X200"), Topic(kind="product", name="Router")),
)
_OLD = Document(
    uri="old.md",
    title="Old",
    body="Gone soon.",
    tags=("Old",),
    attributes={"product": "Fax"},
    subjects=(Topic(kind="product", name="Fax"),),
)


@pytest.fixture
async def knowledge(sessions: Sessions) -> Knowledge:
    knowledge = Knowledge(sessions=sessions, indexing=_no_job)
    await knowledge.store("/kb", [_REFUNDS, _RETURNS, _OLD])
    await knowledge.store("/kb", [_REFUNDS, _RETURNS])
    return knowledge


async def test_articles_are_found_by_all_words_in_title_or_text(knowledge: Knowledge) -> None:
    page = await knowledge.articles("REFUND")
    assert [item.title for item in page.items] == ["Refunds", "Returns and billing"]
    assert page.total == 2
    assert [item.title for item in (await knowledge.articles("billing back")).items] == ["Returns and billing"]
    assert (await knowledge.articles("refund nowhere")).items == []


@pytest.mark.parametrize(("text", "found"), [("100%", 1), ("10_%", 0), ("%", 1), ("\\", 0), ("\x00five", 1)])
async def test_wildcards_are_only_characters(knowledge: Knowledge, text: str, found: int) -> None:
    assert (await knowledge.articles(text)).total == found


async def test_archived_articles_are_read_but_not_listed(knowledge: Knowledge) -> None:
    assert {item.title for item in (await knowledge.articles()).items} == {"Refunds", "Returns and billing"}
    assert (await knowledge.counts()).articles == {"approved": 2, "archived": 1, "draft": 0}
    assert (await knowledge.counts()).passages == {"pending": 2, "removing": 1, "indexed": 0}


async def test_the_date_of_the_source_is_shown(knowledge: Knowledge) -> None:
    article = (await knowledge.articles("five")).items[0]
    assert article.updated_at == datetime(2026, 3, 1, tzinfo=UTC)


async def test_pages_hold_every_article_once(sessions: Sessions) -> None:
    knowledge = Knowledge(sessions=sessions, indexing=_no_job)
    documents = [
        Document(uri=str(number), title=f"Title {number % 4} ü", body="About x." if number % 3 else "Title of x")
        for number in range(23)
    ]
    await knowledge.store("/kb", documents)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await knowledge.articles("x", limit=5, cursor=cursor)
        assert page.total == 23
        seen += [str(item.id) for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 23


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "!!!!", "eyJhIjoxfQ"])
async def test_a_foreign_cursor_is_refused(knowledge: Knowledge, cursor: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await knowledge.articles(cursor=cursor)
    assert refused.value.code == "invalid_cursor"


async def test_unknown_articles_and_versions_are_not_found(knowledge: Knowledge) -> None:
    known = (await knowledge.articles()).items[0].id
    for id_, version in ((uuid4(), None), (known, 99)):
        with pytest.raises(NotFoundError) as missing:
            await knowledge.article(id_, version)
        assert missing.value.code == "article_not_found"


async def test_names_come_from_articles_in_force(knowledge: Knowledge) -> None:
    names = (await knowledge.learned()).names
    assert set(names.titles) == {"Refunds", "Returns and billing"}
    assert set(names.tags) == {"Billing", "Shipping"}
    assert set(names.products) == {"HomeHub X200", "Router"}
    assert names.subjects == (("plan", "Gold, Pro"), ("product", "HomeHub X200"), ("product", "Router"))
    assert sorted((await knowledge.learned()).texts) == ["Five days. Costs 100% nothing.", "Send it back for a refund."]


async def test_the_revision_changes_with_every_change(knowledge: Knowledge) -> None:
    before = await knowledge.revision()
    assert await knowledge.revision() == before
    await knowledge.store("/kb", [])
    assert await knowledge.revision() != before
