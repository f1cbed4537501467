"""What front matter, table columns and HTML headers have in common: named fields around a body."""

import re
from collections.abc import Iterable, Mapping
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct

from knowledge_ingest.documents import ENGLISH, Document, Topic, one_line
from pipeline.languages import told_by

_ALIASES = {
    "tag": "tags",
    "keywords": "tags",
    "categories": "tags",
    "category": "tags",
    "domain": "tags",
    "lang": "language",
    "locale": "language",
    "updated_at": "updated",
    "last_updated": "updated",
    "modified": "updated",
    "date": "updated",
    "link": "url",
    "permalink": "url",
    "entity": "product",
    "expires": "valid_until",
    "expires_at": "valid_until",
    "expiry": "valid_until",
    "valid_to": "valid_until",
    "valid_through": "valid_until",
    "effective": "valid_from",
    "effective_from": "valid_from",
}
_LIST = re.compile(r"[,;|]")
# A comma may be part of a name: "Bon, Nene".
_NAME_LIST = re.compile(r"[;|]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
_ENDLESS = frozenset({"never", "none", "unlimited", "-"})

_TELLING_CHARS = 2_000

SUBJECT_FIELDS = ("product", "place", "plan", "version", "brand")
"""What articles are about, where nothing else is set."""


class Defaults(Struct, frozen=True, kw_only=True):
    """What holds for documents that do not say otherwise."""

    audience: str = "everyone"
    language: str | None = None
    """BCP 47 tag; None: what the text looks like, else English."""
    url: str | None = None
    """Where the file was fetched from."""
    subject_fields: tuple[str, ...] = SUBJECT_FIELDS
    """Metadata fields that name what an article is about, most telling first."""


def described(
    uri: str, title: str, body: str, fields: Mapping[str, Any], defaults: Defaults, *, note: str | None = None
) -> Document:
    """The document with its metadata; fields that mean nothing here become attributes.

    A product is a tag as well: whoever asks for it by name finds its articles.

    Raises:
        ValueError: title or body has no text, a field that takes one value has several, or a date of validity
            is none.
    """
    known = canonical(fields, defaults.subject_fields)
    updated = moment(known.get("updated"))
    url = _web_address(known.get("url"))
    used = {"tags", "audience", "language", "author", "valid_from", "valid_until"}
    used |= {"updated"} if updated else set()
    used |= {"url"} if url else set()
    return Document(
        uri=uri,
        title=title,
        body=body,
        url=url or defaults.url,
        tags=(*names(known.get("tags")), *names(known.get("product"), _NAME_LIST)),
        audience=_word(known.get("audience"), "audience") or defaults.audience,
        language=_word(known.get("language"), "language") or language_of([f"{title}\n{body}"], defaults) or ENGLISH,
        author=_word(known.get("author"), "author"),
        updated_at=updated,
        subjects=_subjects(known, defaults.subject_fields),
        valid_from=_limit(known.get("valid_from"), "valid_from"),
        valid_until=_limit(known.get("valid_until"), "valid_until"),
        attributes={key: value for key, value in known.items() if key not in used},
        note=note,
    )


def canonical(fields: Mapping[str, Any], subject_fields: Iterable[str] = ()) -> dict[str, Any]:
    """Fields by their usual name: lower case, "_" for blanks; the first with a value wins, but tags add up.

    A field that is set as a subject keeps its own name.
    """
    kept = {field_name(name) for name in subject_fields}
    known: dict[str, Any] = {}
    tags: list[str] = []
    for key, value in fields.items():
        name = field_name(str(key))
        name = name if name in kept else _ALIASES.get(name, name)
        empty = value is None or (isinstance(value, str) and not value.strip())
        if name and not empty:
            known.setdefault(name, value)
            tags += names(value) if name == "tags" else ()
    return known | ({"tags": tags} if tags else {})


def language_of(texts: Iterable[str], defaults: Defaults) -> str | None:
    """What the defaults say, else what the beginning of the texts looks like; None when that cannot be told."""
    return defaults.language or told_by([" ".join(texts)[:_TELLING_CHARS]])


def field_name(name: str) -> str:
    """ "Plan Name" as "plan_name"."""
    return re.sub(r"[\s_-]+", "_", name.strip().casefold())


def names(value: Any, separators: re.Pattern[str] = _LIST) -> tuple[str, ...]:
    """Names out of a list, or out of a text with separators (comma, semicolon, bar) between them."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(separators.split(value))
    if isinstance(value, Iterable) and not isinstance(value, Mapping):
        return tuple(str(item) for item in value)
    return (str(value),)


def moment(value: Any) -> datetime | None:
    """An aware time out of an ISO 8601 date or time, UTC where no zone is given; None for anything else."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    try:
        return moment(datetime.fromisoformat(str(value).strip())) if value else None
    except ValueError:
        return None


def _subjects(known: Mapping[str, Any], fields: Iterable[str]) -> tuple[Topic, ...]:
    found: dict[tuple[str, str], Topic] = {}
    for field in map(field_name, fields):
        for name in map(one_line, names(known.get(field), _NAME_LIST)):
            if name:
                found.setdefault((field, name), Topic(kind=field, name=name))
    return tuple(found.values())


def _limit(value: Any, field: str) -> datetime | None:
    """A date of validity; the end of the day where an end has no time."""
    text = _word(value, field) if not isinstance(value, date) else value.isoformat()
    if text is None or text.casefold() in _ENDLESS:
        return None
    at = moment(text)
    if at is None:
        # To leave it out could show what no longer holds.
        raise ValueError(f"{field} takes a date like 2026-12-31, not {text[:40]!r}")
    is_last_day = field == "valid_until" and _DAY.fullmatch(text)
    return at + timedelta(days=1) if is_last_day and at.year < MAXYEAR else at


def _web_address(value: Any) -> str | None:
    text = str(value or "").strip()
    return text if re.fullmatch(r"https?://[^\s<>\"]+", text) else None


def _word(value: Any, field: str) -> str | None:
    if isinstance(value, list | tuple | dict):
        if len(value) != 1 or isinstance(value, dict):
            # Guessing could show internal articles to everyone.
            raise ValueError(f"{field} takes one value")
        value = value[0]
    return one_line(str(value)) or None if value is not None else None
