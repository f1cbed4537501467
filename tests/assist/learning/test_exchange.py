"""Bulk export and import: nothing is lost on the way, nothing calculates in a spreadsheet, bad rows are named."""

import csv
import io
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from assist.db.articles import ArticleFilter
from assist.errors import InvalidError
from assist.learning.article_csv import guarded, read_csv, unguarded, written_csv
from assist.learning.article_markdown import read_markdown, written_markdown, written_zip
from assist.learning.article_rows import RowError, article_of
from assist.learning.article_text import ArticleText
from assist.learning.exchange import Exchange, Format
from knowledge_ingest.documents import legible, one_line
from tests.assist.learning.conftest import Desk

LINES = some.text(max_size=40).map(one_line)
NAMES = some.lists(LINES.filter(bool), max_size=3)
FIELDS = some.fixed_dictionaries(
    {
        "id": some.uuids().map(str),
        "title": LINES.filter(bool),
        "body": some.text(min_size=1, max_size=120).map(legible).filter(str.strip),
        "tags": NAMES,
        "audience": some.just("agents"),
        "language": some.just("de-AT"),
        "valid_from": some.just(""),
        "valid_until": some.sampled_from(["", "2027-01-31T00:00:00+00:00"]),
        "review_by": some.just(""),
        "status": some.sampled_from(["draft", "approved"]),
        "url": some.sampled_from(["", "https://kb.example/a?b=c"]),
        "asked_as": NAMES,
    }
)


def told(fields: dict[str, Any]) -> tuple[UUID | None, ArticleText]:
    found = article_of(fields)
    return found.id, found.onto(None)


@settings(deadline=None)
@given(some.lists(FIELDS, max_size=4))
def test_csv_gives_back_what_was_written(rows: list[dict[str, Any]]) -> None:
    read = [fields for _, fields in read_csv("".join(written_csv(rows)))]
    assert [told(it) for it in read if isinstance(it, dict)] == [told(row) for row in rows]


@settings(deadline=None)
@given(FIELDS)
def test_markdown_gives_back_what_was_written(row: dict[str, Any]) -> None:
    ((_, read),) = read_markdown(written_markdown(row).encode())
    assert isinstance(read, dict)
    assert told(read) == told(row)
    ((_, zipped),) = read_markdown(written_zip([row]))
    assert zipped == read


@settings(deadline=None)
@given(some.text(alphabet=some.sampled_from("'=+-@\t\r\n＝a"), max_size=6))
def test_no_cell_begins_like_a_formula_and_all_come_back(cell: str) -> None:
    assert guarded(cell)[:1] not in tuple("=+-@\t\r\n＝")
    assert unguarded(guarded(cell)) == cell


@settings(deadline=None)
@given(some.binary(max_size=200))
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    for _, read in read_markdown(b"---\n" + data):
        assert isinstance(read, dict) or str(read)


@settings(deadline=None)
@given(some.text(alphabet=some.sampled_from("title,body;\"\n\r\t{}:'a\0"), max_size=60), some.booleans())
def test_whatever_text_is_sent_as_csv_is_read_or_refused(text_sent: str, has_columns: bool) -> None:
    with suppress(RowError):
        rows = list(read_csv(("title,body\n" if has_columns else "") + text_sent))
        assert all(isinstance(read, dict) or str(read) for _, read in rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_other_programs_are_read(delimiter: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([["Title", "BODY", "tags"], ["A", "x; y, z", "b; c\\;d"]])
    ((line, fields),) = read_csv(written.getvalue())
    assert (line, fields) == (2, {"title": "A", "body": "x; y, z", "tags": ["b", "c;d"]})


pytestmark = pytest.mark.db


async def contents(desk: Desk) -> list[tuple[object, ...]]:
    page = await desk.knowledge.articles(limit=100, among=ArticleFilter(status=None))
    found = [await desk.knowledge.article(it.id) for it in page.items]
    return sorted((it.title, it.body, tuple(it.tags), it.status, it.version, tuple(it.asked_as)) for it in found)


async def filled(desk: Desk) -> None:
    until = datetime(2031, 5, 1, tzinfo=UTC)
    for article in (
        ArticleText(title="=1+1", body="@cmd; “quoted”, 1\n\n- a\n- b", tags=["a;b", "c"], valid_until=until),
        ArticleText(title="B", body="Draft.", status="draft", asked_as=["Why; B?"], url="https://kb.example/b"),
        ArticleText(title="C", body="---\n\nnot front matter\n\n---\n\n"),
    ):
        await desk.curation.create(article, desk.supervisor)
    (c,) = (await desk.knowledge.articles("C not front")).items
    await desk.curation.archive(c.id, desk.supervisor)


@pytest.mark.parametrize("kind", ["csv", "markdown"])
async def test_what_was_exported_changes_nothing_when_it_comes_back_and_restores_what_was_changed(
    desk: Desk, kind: Format
) -> None:
    exchange = Exchange(curation=desk.curation)
    await filled(desk)
    before, data = await contents(desk), await exchange.written(kind)
    again = await exchange.take(data, kind, desk.supervisor, dry_run=False)
    assert (again.unchanged, again.added, again.updated, again.errors) == (3, 0, 0, 0)
    assert await contents(desk) == before
    assert await exchange.written(kind) == data


@pytest.mark.parametrize("kind", ["csv", "markdown"])
async def test_an_export_fills_another_installation(desk: Desk, kind: Format) -> None:
    exchange = Exchange(curation=desk.curation)
    await filled(desk)
    before, data = await contents(desk), await exchange.written(kind)
    async with desk.sessions.begin() as session:
        await session.execute(text("TRUNCATE knowledge_articles CASCADE"))
    trial = await exchange.take(data, kind, desk.supervisor, dry_run=True)
    assert (trial.added, trial.errors, await contents(desk)) == (3, 0, [])
    report = await exchange.take(data, kind, desk.supervisor, dry_run=False)
    assert (report.added, report.errors) == (3, 0)
    assert await contents(desk) == before


async def test_bad_rows_are_named_and_the_others_stored(desk: Desk) -> None:
    exchange = Exchange(curation=desk.curation)
    good, bad = ",Good,Text.,,2030-01-31,", [",,No title.,,,", "nonsense,A,B.,,,", ",A,B.,published,,", ",A,B.,,soon,"]
    worse = [",A,B.,,,javascript:x", f",{'x' * 301},B.,,,", ",A,B.,,,,,,"]
    rows = ["id,title,body,status,valid_until,url", good, *bad, *worse]
    report = await exchange.take("\n".join(rows).encode(), "csv", desk.supervisor, dry_run=False)
    assert [(it.row, it.result) for it in report.rows] == [("2", "added"), *((str(n), "error") for n in range(3, 10))]
    assert all(it.message for it in report.rows[1:])
    assert await contents(desk) == [("Good", "Text.", (), "approved", 1, ())]
    (stored,) = (await desk.knowledge.articles()).items
    assert stored.valid_until == datetime(2030, 1, 31, tzinfo=UTC)


async def test_a_row_with_an_id_changes_that_article_and_only_the_fields_it_has(desk: Desk) -> None:
    article = await desk.curation.create(ArticleText(title="A", body="Old.", tags=["x"]), desk.supervisor)
    data = f"id,title,body\n{article.id},A,New.\n".encode()
    report = await Exchange(curation=desk.curation).take(data, "csv", desk.supervisor, dry_run=False)
    assert [(it.article_id, it.result) for it in report.rows] == [(article.id, "updated")]
    assert await contents(desk) == [("A", "New.", ("x",), "approved", 2, ())]
    assert (await desk.audited())[-1] == "knowledge.imported"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("csv", b"\xff\xfe\x00"),
        ("csv", b'{"a": 1, "b": 2}'),
        ("csv", b"a,b\n1,2"),
        ("csv", b"x"),
        ("markdown", b"PK\x03\x04broken"),
    ],
)
async def test_a_file_that_cannot_be_read_at_all_is_refused(desk: Desk, kind: Format, data: bytes) -> None:
    with pytest.raises(InvalidError) as refused:
        await Exchange(curation=desk.curation).take(data, kind, desk.supervisor, dry_run=False)
    assert refused.value.code == "unreadable_file"


async def test_a_zip_file_that_unpacks_to_too_much_is_refused(desk: Desk) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(50):
            archive.writestr(f"{number}.md", "0" * 499_000)
    with pytest.raises(InvalidError):
        await Exchange(curation=desk.curation).take(written.getvalue(), "markdown", desk.supervisor, dry_run=False)
