"""What front matter, table columns and HTML headers have in common: named fields around a body."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from msgspec import Struct

from knowledge_ingest.documents import Document, one_line

_ALIASES = {
    "tag": "tags",
    "keywords": "tags",
    "categories": "tags",
    "category": "tags",
    "lang": "language",
    "locale": "language",
    "updated_at": "updated",
    "last_updated": "updated",
    "modified": "updated",
    "date": "updated",
    "link": "url",
    "permalink": "url",
    "entity": "product",
}
_LIST = re.compile(r"[,;|]")


class Defaults(Struct, frozen=True, kw_only=True):
    """What holds for documents that do not say otherwise."""

    audience: str = "everyone"
    language: str = "en"


def described(
    uri: str, title: str, body: str, fields: Mapping[str, Any], defaults: Defaults, *, note: str | None = None
) -> Document:
    """The document with its metadata; fields that mean nothing here become attributes.

    A product is a tag as well: whoever asks for it by name finds its articles.

    Raises:
        ValueError: title or body has no text, or a field that takes one value has several.
    """
    known = canonical(fields)
    product = names(known.get("product"))
    updated = moment(known.get("updated"))
    url = _web_address(known.get("url"))
    used = {"tags", "audience", "language", "author"}
    used |= {"updated"} if updated else set()
    used |= {"url"} if url else set()
    return Document(
        uri=uri,
        title=title,
        body=body,
        url=url,
        tags=(*names(known.get("tags")), *product),
        audience=_word(known.get("audience"), "audience") or defaults.audience,
        language=_word(known.get("language"), "language") or defaults.language,
        author=_word(known.get("author"), "author"),
        updated_at=updated,
        attributes={key: value for key, value in known.items() if key not in used},
        note=note,
    )


def canonical(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by their usual name: lower case, "_" for blanks; the first with a value wins."""
    known: dict[str, Any] = {}
    for key, value in fields.items():
        name = re.sub(r"[\s_-]+", "_", str(key).strip().casefold())
        name = _ALIASES.get(name, name)
        empty = value is None or (isinstance(value, str) and not value.strip())
        if name and not empty:
            known.setdefault(name, value)
    return known


def names(value: Any) -> tuple[str, ...]:
    """Names out of a list, or out of a text with commas, semicolons or bars between them."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(_LIST.split(value))
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
