"""What a person writes of an article, checked, and as a document for the one door into the knowledge base."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from assist.access import Person, Principal
from assist.db.knowledge import ARCHIVED_BY
from assist.db.models import KnowledgeArticle, KnowledgeArticleVersion
from assist.errors import InvalidError
from knowledge_ingest.documents import ASKED_AS, ENGLISH, EVERYONE, Document, Topic, legible, one_line

BODY_CHARS_MAX = 100_000
_TAGS_MAX = 30
_WORDINGS_MAX = 30
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")

Title = Annotated[str, Meta(min_length=1, max_length=300)]
Body = Annotated[str, Meta(min_length=1, max_length=BODY_CHARS_MAX)]
Tags = Annotated[list[Annotated[str, Meta(min_length=1, max_length=100)]], Meta(max_length=_TAGS_MAX)]
Wordings = Annotated[list[Annotated[str, Meta(min_length=1, max_length=500)]], Meta(max_length=_WORDINGS_MAX)]
Short = Annotated[str, Meta(min_length=1, max_length=100)]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]


class ArticleText(Struct, frozen=True, kw_only=True):
    """A whole article as a person wants it to be."""

    title: Title
    body: Body
    """Markdown."""
    tags: Tags = []
    audience: Short = EVERYONE
    language: Short = ENGLISH
    url: Url | None = None
    asked_as: Wordings = []
    """Other wordings of the question that it answers."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    """The first moment at which it no longer holds."""
    review_by: datetime | None = None
    status: Literal["draft", "approved"] = "approved"
    """A draft is found by nobody."""

    def checked(self) -> "ArticleText":
        """Texts normalised, dates aware.

        Raises:
            InvalidError: a field does not make sense; says which.
        """
        if not one_line(self.title) or not any(char.isalnum() for char in self.body):
            raise InvalidError("An article needs a title, and a text with at least one letter or digit.")
        if not _LANGUAGE.fullmatch(self.language):
            raise InvalidError("The language is written like “en” or “en-GB”.")
        if self.url is not None and (urlsplit_scheme(self.url) not in ("http", "https")):
            raise InvalidError("The address of an article begins with http:// or https://.")
        for name in ("valid_from", "valid_until", "review_by"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise InvalidError(f"{name} needs a time zone, like 2027-01-31T00:00:00Z.")
        if self.valid_from and self.valid_until and self.valid_from >= self.valid_until:
            raise InvalidError("valid_until must be later than valid_from.")
        own = one_line(self.title)
        asked = dict.fromkeys(one_line(text) for text in self.asked_as)
        return msgspec.structs.replace(
            self,
            title=own,
            body=legible(self.body),
            asked_as=[text for text in asked if text and text.casefold() != own.casefold()],
        )


class ArticleChange(Struct, frozen=True, kw_only=True):
    """A new version of an article. What is left out stays as it is."""

    base_version: Annotated[int, Meta(ge=1, le=2_000_000_000)]
    """The version that was changed."""
    title: Title
    body: Body
    tags: Tags | UnsetType = UNSET
    audience: Short | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    url: Url | UnsetType | None = UNSET
    asked_as: Wordings | UnsetType = UNSET
    valid_from: datetime | UnsetType | None = UNSET
    valid_until: datetime | UnsetType | None = UNSET
    review_by: datetime | UnsetType | None = UNSET
    status: Literal["draft", "approved"] | UnsetType = UNSET
    change_note: Annotated[str, Meta(max_length=1000)] | None = None

    def onto(self, present: ArticleText) -> ArticleText:
        """The article with the change."""
        names = (name for name in ArticleText.__struct_fields__ if getattr(self, name, UNSET) is not UNSET)
        return msgspec.structs.replace(present, **{name: getattr(self, name) for name in names})


def urlsplit_scheme(url: str) -> str:
    """Lower case; empty for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.scheme.lower() if parts.netloc else ""


def text_of(article: KnowledgeArticle, version: KnowledgeArticleVersion) -> ArticleText:
    """An article as it is stored, with the title and body of one version."""
    return ArticleText(
        title=version.title,
        body=version.body,
        tags=list(article.tags),
        audience=article.audience,
        language=article.language,
        url=article.url,
        asked_as=[str(it) for it in article.attributes.get(ASKED_AS) or ()],
        valid_from=article.valid_from,
        valid_until=article.valid_until,
        review_by=article.review_by,
        status="draft" if article.status == "draft" else "approved",
    )


def document_of(
    uri: str, text: ArticleText, author: str, subjects: Sequence[Topic], before: KnowledgeArticle | None = None
) -> Document:
    """For the door. Metadata of the source that nobody edits here is kept from `before`."""
    kept = {} if before is None else before.attributes
    attributes = {key: value for key, value in kept.items() if key not in (ASKED_AS, ARCHIVED_BY)}
    return Document(
        uri=uri,
        title=text.title,
        body=text.body,
        url=text.url,
        tags=tuple(text.tags),
        audience=text.audience,
        language=text.language,
        author=author,
        subjects=tuple(subjects),
        valid_from=text.valid_from,
        valid_until=text.valid_until,
        attributes={**attributes, **({ASKED_AS: list(text.asked_as)} if text.asked_as else {})},
    )


def author_of(principal: Principal) -> str:
    """As shown beside a version."""
    return principal.name or (principal.email if isinstance(principal, Person) else "")


def named_subjects(text: str, known: Iterable[tuple[str, str]]) -> tuple[Topic, ...]:
    """Those of the known subjects (kind, name) that a text names; a name of one word only as it is written."""
    return tuple(Topic(kind=kind, name=name) for kind, name in known if _names(text, name))


def _names(text: str, name: str) -> bool:
    flags = re.IGNORECASE if " " in name else 0
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, flags) is not None
