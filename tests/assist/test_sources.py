"""Pages, lists and sitemaps of a real web site, into the tables and out of them again."""

import socket
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import select

from assist.db.engine import Session, Sessions
from assist.db.models import KnowledgeArticle, KnowledgePassage
from assist.ingest_reports import StoreReport
from assist.knowledge import Knowledge
from assist.settings import Settings
from assist.sources import WebReader
from knowledge_ingest.documents import Document, Unreadable
from tests.integrations.web_site import Reply, Site, web_site
from tests.knowledge_ingest.office_files import pdf, word_of

pytestmark = pytest.mark.db

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def _no_job(_: Session) -> None:
    """Nothing is indexed here."""


@pytest.fixture
def site() -> Iterator[Site]:
    with web_site() as made:
        yield made


@pytest.fixture
def knowledge(sessions: Sessions) -> Knowledge:
    return Knowledge(sessions=sessions, indexing=_no_job)


async def found_at(url: str, **settings: Any) -> dict[str, Document | Unreadable]:
    async with WebReader.open(Settings(**settings).ingest) as web:
        return {item.uri: item async for item in web.address(url)}


async def ingest(knowledge: Knowledge, url: str, **settings: Any) -> StoreReport:
    async with WebReader.open(Settings(**settings).ingest) as web, aclosing(web.address(url)) as found:
        return await knowledge.store(url, found)


async def titles(knowledge: Knowledge) -> set[str]:
    return {item.title for item in (await knowledge.articles()).items}


async def test_the_type_decides_how_a_page_is_read(site: Site) -> None:
    site.page("/html", "Read me.")
    site.replies["/pdf"] = Reply(body=pdf(["One."], ["Two."]), media_type="application/pdf")
    site.replies["/docx"] = Reply(body=word_of("Word."), media_type=DOCX)
    site.replies["/faq.csv"] = Reply(body=b"question,answer\nHow?,So.\n", media_type="text/plain")
    site.replies["/notes.md"] = Reply(body=b"# Notes\n\nText.", media_type="application/octet-stream")
    site.replies["/bare"] = Reply(body=b"<!DOCTYPE html><p>Bare.", media_type=None)
    site.replies["/latin"] = Reply(body="Größe".encode("latin-1"), media_type="text/plain; charset=iso-8859-1")
    site.replies["/picture"] = Reply(body=b"\x89PNG", media_type="image/png")
    site.sitemap("/sitemap.xml", *list(site.replies))
    found = await found_at(f"{site.url}/sitemap.xml")
    bodies = {
        uri.removeprefix(site.url): item.body if isinstance(item, Document) else None for uri, item in found.items()
    }
    assert bodies == {
        "/html": "# Page /html\n\nRead me.",
        "/pdf": "One.\n\nTwo.",
        "/docx": "Word.",
        "/faq.csv#how": "So.",
        "/notes.md": "# Notes\n\nText.",
        "/bare": "Bare.",
        "/latin": "Größe",
        "/picture": None,
    }


async def test_a_page_is_cited_by_the_address_where_it_was_found(site: Site) -> None:
    site.replies["/a"] = Reply(
        body=b'<head><link rel="canonical" href="https://staging.example/a"></head><body><p>Text.'
    )
    site.replies["/moved"] = Reply(status=302, headers={"Location": "/a?x=1"})
    site.replies["/a?x=1"] = site.replies["/a"]
    site.replies["/faq"] = Reply(
        body=b"question,answer,url\nHow?,So.,https://kb/how\nWhy?,So.,\n", media_type="text/csv"
    )
    for path, expected in (("/a", "/a"), ("/moved", "/a?x=1")):
        (found,) = (await found_at(site.url + path)).values()
        assert isinstance(found, Document)
        assert (found.uri, found.url) == (site.url + path, site.url + expected)
    rows = await found_at(f"{site.url}/faq")
    assert [item.url for item in rows.values() if isinstance(item, Document)] == ["https://kb/how", f"{site.url}/faq"]


async def test_a_sitemap_index_is_followed_on_its_own_site_only(site: Site) -> None:
    for path in ("/a", "/b", "/c"):
        site.page(path, f"Text of {path}.")
    site.sitemap("/one.xml", "/a", "/b", "https://elsewhere.example/x")
    site.sitemap("/two.xml.gz", "/b", "/c", packed=True)
    site.sitemap("/index.xml", "/one.xml", "/two.xml.gz", "https://elsewhere.example/s.xml", kind="sitemapindex")
    found = await found_at(f"{site.url}/index.xml")
    assert {uri for uri, item in found.items() if isinstance(item, Document)} == {f"{site.url}/{it}" for it in "abc"}
    assert {uri for uri, item in found.items() if isinstance(item, Unreadable)} == {"https://elsewhere.example/x"}


async def test_what_is_gone_goes_away_and_what_fails_stays(site: Site, knowledge: Knowledge) -> None:
    for path in ("/stays", "/gone", "/fails", "/unlisted", "/fails/below"):
        site.page(path, f"Text of {path}.")
    site.sitemap("/sitemap.xml", "/stays", "/gone", "/fails", "/unlisted", "/fails/below")
    url = f"{site.url}/sitemap.xml"
    assert (await ingest(knowledge, url)).added == 5

    site.replies["/gone"] = Reply(status=410)
    site.replies["/fails"] = Reply(status=500)
    site.sitemap("/sitemap.xml", "/stays", "/gone", "/fails", "/fails/below")
    report = await ingest(knowledge, url)
    assert (report.unchanged, report.removed) == (2, 2)
    assert await titles(knowledge) == {"Page /stays", "Page /fails", "Page /fails/below"}
    results = {file.file.removeprefix(site.url): (file.result, file.passages) for file in report.files}
    assert results == {
        "/stays": ("unchanged", 1),
        "/gone": ("empty", 0),
        "/fails": ("skipped", 0),
        "/fails/below": ("unchanged", 1),
    }


@pytest.mark.parametrize("reply", [Reply(status=503), Reply(status=404), Reply(body=b"<urlset></urlset", status=500)])
async def test_a_sitemap_that_is_not_given_removes_nothing(site: Site, knowledge: Knowledge, reply: Reply) -> None:
    site.page("/a", "Text.")
    site.sitemap("/sitemap.xml", "/a")
    await ingest(knowledge, f"{site.url}/sitemap.xml")
    site.replies["/sitemap.xml"] = reply
    report = await ingest(knowledge, f"{site.url}/sitemap.xml")
    assert (report.removed, [item.uri for item in report.unreadable]) == (0, ["."])


async def test_a_part_of_an_index_that_is_not_given_removes_nothing(site: Site, knowledge: Knowledge) -> None:
    site.page("/a", "Text.")
    site.page("/b", "Text.")
    site.sitemap("/one.xml", "/a")
    site.sitemap("/two.xml", "/b")
    site.sitemap("/index.xml", "/one.xml", "/two.xml", kind="sitemapindex")
    await ingest(knowledge, f"{site.url}/index.xml")
    site.replies["/two.xml"] = Reply(status=404)
    report = await ingest(knowledge, f"{site.url}/index.xml")
    assert (report.unchanged, report.removed) == (1, 0)


async def test_more_pages_than_allowed_are_not_read_and_nothing_is_removed(site: Site, knowledge: Knowledge) -> None:
    paths = [f"/p{number}" for number in range(5)]
    for path in paths:
        site.page(path, "Text.")
    site.sitemap("/sitemap.xml", *paths)
    url = f"{site.url}/sitemap.xml"
    assert (await ingest(knowledge, url)).added == 5
    report = await ingest(knowledge, url, ingest_pages_max=2)
    assert (report.unchanged, report.removed) == (2, 0)
    assert "more than 2 pages" in report.unreadable[0].reason


async def test_a_single_page_that_is_gone_goes_away(site: Site, knowledge: Knowledge) -> None:
    site.page("/a", "Text.")
    assert (await ingest(knowledge, f"{site.url}/a")).added == 1
    site.replies["/a"] = Reply(status=503)
    assert (await ingest(knowledge, f"{site.url}/a")).removed == 0
    del site.replies["/a"]
    assert (await ingest(knowledge, f"{site.url}/a")).removed == 1


async def test_a_site_that_is_down_removes_nothing(knowledge: Knowledge, site: Site) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        report = await ingest(knowledge, url)
    assert [(file.result, file.skipped) for file in report.files] == [("skipped", 1)]


async def test_a_list_of_addresses_is_read_line_by_line(site: Site) -> None:
    site.page("/a", "Text.")
    lines = ["# ours", "", f"  {site.url}/a ", f"{site.url}/a#twice", "not an address", f"{site.url}/none"]
    told: list[tuple[int, int]] = []
    async with WebReader.open(Settings().ingest, "de") as web:
        found = {it.uri: it async for it in web.addresses(lines, lambda done, of: told.append((done, of)))}
    assert {uri: isinstance(item, Document) for uri, item in found.items()} == {
        "not an address": False,
        f"{site.url}/a": True,
        f"{site.url}/none": False,
    }
    page = found[f"{site.url}/a"]
    assert isinstance(page, Document)
    assert page.language == "de"
    assert told == [(1, 2), (2, 2)]


async def test_subjects_validity_and_pages_reach_the_tables(
    site: Site, knowledge: Knowledge, sessions: Sessions
) -> None:
    head = '<meta name="product" content="Router; Bon, Nene"><meta name="valid_until" content="2026-05-01">'
    site.replies["/a"] = Reply(body=f"<html><head>{head}</head><body><p>Text.".encode())
    site.replies["/b"] = Reply(body=pdf(["One."], ["Two."]), media_type="application/pdf")
    site.sitemap("/sitemap.xml", "/a", "/b")
    await ingest(knowledge, f"{site.url}/sitemap.xml")
    async with sessions() as session:
        articles = {row.url: row for row in await session.scalars(select(KnowledgeArticle))}
        pages = [row.page for row in await session.scalars(select(KnowledgePassage).order_by(KnowledgePassage.text))]
    first = articles[f"{site.url}/a"]
    assert first.subjects == [{"kind": "product", "name": "Router"}, {"kind": "product", "name": "Bon, Nene"}]
    assert str(first.valid_until) == "2026-05-02 00:00:00+00:00"
    assert pages == [1, None, 2]
    assert (await knowledge.learned()).names.subjects == (("product", "Bon, Nene"), ("product", "Router"))
