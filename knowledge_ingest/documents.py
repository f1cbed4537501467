"""What a source gives: documents, and what could not be read."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

EVERYONE = "everyone"
ENGLISH = "en"
ASKED_AS = "asked_as"
"""Attribute of an answer: the other wordings in which its question was asked, a list."""

_TITLE_CHARS_MAX = 300
_DEPTH_MAX = 8
_HIDDEN = re.compile("[\x00\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Topic(Struct, frozen=True, kw_only=True):
    """Something that an article is about."""

    kind: str
    """The metadata field that names it: "product", "place", …"""
    name: str
    """As it is written there, on one line."""


class Document(Struct, frozen=True, kw_only=True):
    """One article as its source has it now. Text is normalised on creation, so offsets into `body` hold.

    Raises:
        ValueError: body or title has no text.
    """

    uri: str
    """Unique within the source: relative path with "/", for a row of a table with "#row" behind it."""
    title: str
    body: str
    """Markdown; citations point into it."""
    url: str | None = None
    """Where people read the original; http or https."""
    tags: tuple[str, ...] = ()
    audience: str = EVERYONE
    language: str = ENGLISH
    """BCP 47 tag."""
    author: str | None = None
    updated_at: datetime | None = None
    """As the source states it, aware; never the time of the file, which changes without the text."""
    subjects: tuple[Topic, ...] = ()
    """What it is about, by the metadata fields that are set as subjects."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """The first moment at which it no longer holds; None: without end."""
    page_starts: tuple[int, ...] = ()
    """Where each page of the original begins in `body`, the first at 0; empty when it has no pages."""
    attributes: Mapping[str, Any] = {}
    """Further metadata as JSON values."""
    note: str | None = None
    """What was odd about reading it, for the person who runs the ingest; not part of the content."""

    def __post_init__(self) -> None:
        """Normalises every text."""
        force_setattr(self, "uri", legible(self.uri))
        force_setattr(self, "title", one_line(self.title)[:_TITLE_CHARS_MAX])
        force_setattr(self, "body", legible(self.body))
        force_setattr(self, "tags", distinct(self.tags))
        force_setattr(self, "audience", one_line(self.audience) or EVERYONE)
        force_setattr(self, "language", one_line(self.language).replace("_", "-") or ENGLISH)
        force_setattr(self, "attributes", _json_object(self.attributes))
        if not self.title or not self.body.strip():
            raise ValueError(f"A document needs a title and a body; {self.uri!r} lacks one.")

    @property
    def content_hash(self) -> str:
        """Over everything but the place it came from: equal hash, nothing to do."""
        content: tuple[Any, ...] = (
            self.title,
            self.body,
            self.url,
            self.tags,
            self.audience,
            self.language,
            self.author,
            self.updated_at,
            self.attributes,
        )
        further = (self.subjects, self.valid_from, self.valid_until, self.page_starts)
        if any(further):
            content += further
        return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


class Unreadable(Struct, frozen=True, kw_only=True):
    """Something that is there but gave no document. What was known of it before stays known."""

    uri: str
    """Of a document, or of the file or folder that would have given some; "." for the whole source."""
    reason: str
    """For people: what is wrong and what to do."""
    empty: bool = False
    """Readable, but without content: what was known of it is gone."""


def legible(text: str) -> str:
    """The text with one kind of line end, composed characters, and nothing that PostgreSQL refuses."""
    if text.isascii() and "\r" not in text and "\0" not in text:
        return text
    lines = _HIDDEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", lines))


def one_line(text: str) -> str:
    """Legible, with every run of white space as one blank."""
    return " ".join(legible(text).split())


def distinct(names: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Names on one line each, without empty ones and repeats; case is kept but does not tell names apart."""
    found: dict[str, str] = {}
    for name in map(one_line, names):
        if name:
            found.setdefault(name.casefold(), name)
    return tuple(found.values())


def _json_object(values: Mapping[str, Any]) -> dict[str, Any]:
    return {legible(str(key)): _json_value(value, 1) for key, value in values.items()}


def _json_value(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Mapping) and depth < _DEPTH_MAX:
        return {legible(str(key)): _json_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple) and depth < _DEPTH_MAX:
        return [_json_value(item, depth + 1) for item in value]
    return legible(str(value))
