"""Articles as rows of text fields, the form in which CSV and Markdown files carry them, and back."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from assist.db.articles import ArticleRow
from assist.learning.article_text import ArticleText

COLUMNS = (
    "id", "title", "body", "tags", "audience", "language", "valid_from", "valid_until", "review_by", "status", "url",
    "asked_as",
)  # fmt: skip
LISTS = ("tags", "asked_as")
_DATES = ("valid_from", "valid_until", "review_by")
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


class RowError(Exception):
    """A row that cannot be taken; says why."""


class GivenArticle(Struct, frozen=True, kw_only=True):
    """An article out of a file. Fields that the file does not have are not in `given`."""

    id: UUID | None
    title: str
    given: Mapping[str, Any]
    """By the names of `ArticleText`."""
    archived: bool

    def onto(self, present: ArticleText | None) -> ArticleText:
        """The article as the file wants it; what it does not say stays as it is, or is as usual.

        Raises:
            RowError: a field is wrong.
        """
        base = {} if present is None else msgspec.to_builtins(present)
        try:
            return msgspec.convert({**base, **self.given}, ArticleText)
        except msgspec.ValidationError as error:
            raise RowError(_told(str(error))) from None


def fields_of(row: ArticleRow) -> dict[str, Any]:
    """For a file: dates as ISO 8601 in UTC, lists as lists, everything else as text."""
    dates = {name: _iso(getattr(row, name)) for name in _DATES}
    return {
        "id": str(row.id),
        "title": row.title,
        "body": row.body or "",
        "tags": list(row.tags),
        "audience": row.audience,
        "language": row.language,
        **dates,
        "status": row.status,
        "url": row.url or "",
        "asked_as": list(row.asked_as),
    }


def article_of(fields: Mapping[str, Any]) -> GivenArticle:
    """Out of a file's fields; names in any case, unknown ones are left alone.

    Raises:
        RowError: the id or the status is none.
    """
    named = {str(name).strip().casefold(): value for name, value in fields.items() if value is not None}
    given: dict[str, Any] = {name: named[name] for name in ("title", "body") if name in named}
    given |= {name: str(named[name]).strip() for name in ("audience", "language") if str(named.get(name) or "").strip()}
    if "url" in named:
        given["url"] = str(named["url"]).strip() or None
    given |= {name: list(named[name] or ()) for name in LISTS if name in named}
    given |= {name: _moment(name, named[name]) for name in _DATES if name in named}
    status = str(named.get("status") or "").strip().casefold()
    if status not in ("", "draft", "approved", "archived"):
        raise RowError("The status is one of draft, approved and archived.")
    if status in ("draft", "approved"):
        given["status"] = status
    identity = _identity(named.get("id"))
    title = str(given.get("title", ""))
    if not title.strip() or not str(given.get("body", "")).strip():
        raise RowError("The title or the body is missing.")
    return GivenArticle(id=identity, title=title, given=given, archived=status == "archived")


def _identity(value: Any) -> UUID | None:
    text = str(value or "").strip()
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise RowError("The id is not one of an article. Leave it empty for a new article.") from None


def _moment(name: str, value: Any) -> datetime | None:
    """A time without a zone is UTC."""
    text = str(value or "").strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RowError(f"{name} is not a date like 2027-01-31 or 2027-01-31T12:00:00Z.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


def _told(message: str) -> str:
    match = _PLACE.search(message)
    place = f"{match['place']}: " if match and match["place"] else ""
    return f"{place}{_PLACE.sub('', message)}."
