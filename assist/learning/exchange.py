"""Articles in bulk: out into a file, and in again, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from assist import audit
from assist.access import Principal
from assist.db import articles as reads
from assist.db import curation as fields
from assist.db.engine import Session
from assist.db.errors import DataError
from assist.errors import InvalidError, RequestError
from assist.learning.article_csv import read_csv, written_csv
from assist.learning.article_markdown import read_markdown, written_zip
from assist.learning.article_rows import GivenArticle, RowError, article_of, fields_of
from assist.learning.article_text import ArticleText, text_of
from assist.learning.curation import Curation, Edition, edition_by

Format = Literal["csv", "markdown"]
_BATCH = 200
_ROWS_MAX = 5_000


class RowReport(Struct, frozen=True, kw_only=True):
    """What became, or would become, of one row."""

    row: str
    """Line of the CSV file, or name of the Markdown file."""
    title: str | None
    article_id: UUID | None
    result: Literal["added", "updated", "unchanged", "error"]
    message: str | None = None


class ImportReport(Struct, frozen=True, kw_only=True):
    """What an import did, or, as a trial, would do."""

    dry_run: bool
    added: int
    updated: int
    unchanged: int
    errors: int
    rows: list[RowReport]


class _UndoneError(Exception):
    """Takes a trial back."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Writes and reads files of articles."""

    curation: Curation

    async def written(self, kind: Format) -> bytes:
        """Every article with its current text, whatever its status, as CSV or as a zip file of Markdown files."""
        rows: list[dict[str, Any]] = []
        after: UUID | None = None
        while True:
            async with self.curation.sessions() as session:
                batch = await reads.texts_after(session, after, _BATCH)
            rows += map(fields_of, batch)
            if len(batch) < _BATCH:
                break
            after = batch[-1].id
        return "".join(written_csv(rows)).encode() if kind == "csv" else written_zip(rows)

    async def take(self, data: bytes, kind: Format, principal: Principal, *, dry_run: bool) -> ImportReport:
        """Stores every row that can be stored and reports on each. A row with the id of an article changes that one;
        others become new articles. Taking a file twice changes nothing the second time.

        Raises:
            InvalidError: the file as a whole cannot be read.
        """
        reports: list[RowReport] = []
        try:
            for row, read in _rows(data, kind):
                if len(reports) >= _ROWS_MAX:
                    message = f"Only the first {_ROWS_MAX} rows were taken. Send the rest in another file."
                    reports.append(RowReport(row=row, title=None, article_id=None, result="error", message=message))
                    break
                reports.append(await self._row(row, read, principal, dry_run=dry_run))
        except RowError as error:
            raise InvalidError(str(error), code="unreadable_file") from None
        counts = {name: sum(it.result == name for it in reports) for name in ("added", "updated", "unchanged")}
        errors = sum(it.result == "error" for it in reports)
        if not dry_run and (counts["added"] or counts["updated"]):
            async with self.curation.sessions.begin() as session:
                await audit.record(session, principal, "knowledge.imported", ("knowledge", kind), after={**counts})
            self.curation.told()
        return ImportReport(dry_run=dry_run, errors=errors, rows=reports, **counts)

    async def _row(
        self, row: str, read: dict[str, Any] | RowError, principal: Principal, *, dry_run: bool
    ) -> RowReport:
        title = str(read.get("title") or "")[:200] or None if isinstance(read, dict) else None
        try:
            if isinstance(read, RowError):
                raise read
            return await self._stored(row, article_of(read), principal, dry_run=dry_run)
        except (RowError, RequestError) as error:
            message = error.detail if isinstance(error, RequestError) else str(error)
            return RowReport(row=row, title=title, article_id=None, result="error", message=message)
        except (DataError, ValueError):
            message = "A value cannot be stored, for example because of a NUL character in a text."
            return RowReport(row=row, title=title, article_id=None, result="error", message=message)

    async def _stored(self, row: str, given: GivenArticle, principal: Principal, *, dry_run: bool) -> RowReport:
        report: RowReport | None = None
        try:
            async with self.curation.sessions.begin() as session:
                report = await self._stored_in(session, row, given, principal)
                if dry_run:
                    raise _UndoneError
        except _UndoneError:
            pass
        assert report is not None
        return report

    async def _stored_in(self, session: Session, row: str, given: GivenArticle, principal: Principal) -> RowReport:
        if given.id is None or not await fields.is_known(session, given.id):
            text = given.onto(None)
            provenance = {"created_by": principal.actor, "imported": True}
            stored = await self.curation.create_in(session, text, principal, provenance, article_id=given.id)
            if given.archived:
                await self.curation.archive_in(session, [stored.article_id], principal.actor)
            return _report(row, text, stored.article_id, "added")
        held = await self.curation.hold(session, given.id)
        text = given.onto(text_of(*held)).checked()
        status = held[0].status if "status" not in given.given else text.status
        before = (held[0].status, held[1].version, held[0].review_by)
        edition: Edition = edition_by(principal, text, status=status, change_note="Imported")
        stored = await self.curation.write_in(session, held, edition)
        if given.archived and held[0].status != "archived":
            await self.curation.archive_in(session, [given.id], principal.actor)
            status = "archived"
        after = (status, stored.version, text.review_by)
        return _report(row, text, given.id, "unchanged" if before == after else "updated")


def _report(
    row: str, text: ArticleText, article_id: UUID, result: Literal["added", "updated", "unchanged"]
) -> RowReport:
    return RowReport(row=row, title=text.title, article_id=article_id, result=result)


def _rows(data: bytes, kind: Format) -> Iterator[tuple[str, dict[str, Any] | RowError]]:
    if kind == "markdown":
        yield from read_markdown(data)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RowError("The file is not in UTF-8. Save it as “CSV UTF-8”.") from None
    for line, read in read_csv(text):
        yield str(line), read
