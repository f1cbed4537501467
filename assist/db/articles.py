"""What people read of the knowledge base: articles, lists of them, and figures about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true, tuple_

from assist.db.engine import Session
from assist.db.models import KnowledgeArticle, KnowledgeArticleVersion, KnowledgePassage
from assist.db.models.base import Json
from knowledge_ingest.documents import ASKED_AS
from pipeline.subject_lore import SubjectArticle

_article = KnowledgeArticle
_version = KnowledgeArticleVersion
_passage = KnowledgePassage

LEARNED_CHARS = 600
"""Of an article's text, for the words that go with its subject."""


class ArticleKey(Struct, frozen=True, kw_only=True, array_like=True):
    """Place of an article in a list: those with the words in the title first, then by title."""

    rank: int
    title: str
    id: UUID


class ArticleRow(Struct, frozen=True, kw_only=True):
    """One version of an article."""

    id: UUID
    title: str
    version: int
    url: str | None
    tags: list[str]
    language: str
    updated_at: datetime
    """As the source states it, else when it was stored."""
    status: str
    audience: str = "everyone"
    source: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    review_by: datetime | None = None
    author: str | None = None
    """Of this version."""
    current_version: int = 0
    searchable: bool = False
    """The index has every passage of the current version."""
    asked_as: list[str] = []
    change_note: str | None = None
    provenance: Json | None = None
    created_at: datetime | None = None
    """When this version was stored."""
    body: str | None = None
    rank: int = 0


class ArticleFilter(Struct, frozen=True, kw_only=True):
    """Which articles to list."""

    words: tuple[str, ...] = ()
    """All of them in title or text."""
    status: str | None = "approved"
    """None: whatever it is."""
    tag: str | None = None
    source: str | None = None
    review_due: bool = False
    """Only those that somebody should read again by now."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As WHERE clauses on articles joined with their current versions."""
        found: list[ColumnElement[bool]] = [
            or_(_article.title.icontains(word, autoescape=True), _version.body.icontains(word, autoescape=True))
            for word in self.words
        ]
        if self.status is not None:
            found.append(_article.status == self.status)
        if self.tag is not None:
            found.append(func.jsonb_exists(_article.tags, self.tag))
        if self.source is not None:
            found.append(_article.source == self.source)
        if self.review_due:
            found.append(_article.review_by <= func.clock_timestamp())
        return found


class KnowledgeNames(Struct, frozen=True, kw_only=True):
    """What the approved articles name, each once."""

    titles: tuple[str, ...]
    tags: tuple[str, ...]
    products: tuple[str, ...]
    subjects: tuple[tuple[str, str], ...] = ()
    """Kind and name of everything that articles are about, sorted."""


class Learned(Struct, frozen=True, kw_only=True):
    """What a pipeline learns from the articles in force."""

    names: KnowledgeNames
    texts: list[str]
    """Of every passage."""
    articles: list[SubjectArticle]


async def counts_by(session: Session, what: str) -> dict[str, int]:
    """Number of rows by "status" of articles or by "state" of passages."""
    column = _article.status if what == "status" else _passage.state
    counted = await session.execute(select(column, func.count()).group_by(column))
    return {row[0]: row[1] for row in counted}


async def article(session: Session, article_id: UUID, version: int | None) -> ArticleRow | None:
    """The current version, or the one asked for; None when there is none."""
    wanted = _version.version == (_article.current_version if version is None else version)
    statement = (
        select(_article, _version, _is_searchable())
        .join(_version, and_(_version.article_id == _article.id, wanted))
        .where(_article.id == article_id)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(statement)).one_or_none()
    return _to_article(row[0], row[1], searchable=row[2], body=row[1].body) if row else None


async def versions(session: Session, article_id: UUID) -> list[ArticleRow]:
    """Every version of an article, newest first, without their texts."""
    statement = (
        select(_article, _version, _is_searchable())
        .join(_version, _version.article_id == _article.id)
        .where(_article.id == article_id)
        .order_by(_version.version.desc())
    )
    return [_to_article(row[0], row[1], searchable=row[2]) for row in await session.execute(statement)]


async def articles(
    session: Session, wanted: ArticleFilter, after: ArticleKey | None, limit: int
) -> tuple[list[ArticleRow], int]:
    """The articles wanted, from `after` on, and the number of all of them."""
    titled = (_article.title.icontains(word, autoescape=True) for word in wanted.words)
    rank = case((and_(true(), *titled), 0), else_=1)
    found = (
        select(_article, _version, rank, _is_searchable())
        .join(_version, and_(_version.article_id == _article.id, _version.version == _article.current_version))
        .where(*wanted.conditions())
    )
    total = await session.scalar(select(func.count()).select_from(found.subquery()))
    page = found.order_by(rank, _article.title, _article.id).limit(limit)
    if after is not None:
        page = page.where(tuple_(rank, _article.title, _article.id) > (after.rank, after.title, after.id))
    rows = [_to_article(row[0], row[1], rank=row[2], searchable=row[3]) for row in await session.execute(page)]
    return rows, total or 0


async def texts_after(session: Session, after: UUID | None, limit: int) -> list[ArticleRow]:
    """Articles of every status with their current texts, by id, those behind `after`; for exports."""
    statement = (
        select(_article, _version)
        .join(_version, and_(_version.article_id == _article.id, _version.version == _article.current_version))
        .order_by(_article.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(_article.id > after)
    return [_to_article(row[0], row[1], body=row[1].body) for row in await session.execute(statement)]


async def learned(session: Session) -> Learned:
    """Names, texts and subjects; a reading of the whole knowledge base."""
    return Learned(
        names=await names(session),
        texts=await passage_texts(session),
        articles=await subject_articles(session),
    )


async def names(session: Session) -> KnowledgeNames:
    """Titles, tags, products and subjects of the articles in force."""
    titles = select(_article.title).where(_article.status == "approved").distinct()
    tag = func.jsonb_array_elements_text(_article.tags)
    tags = select(tag).where(_article.status == "approved").distinct()
    product = _article.attributes["product"]
    products = select(product).where(_article.status == "approved", product.is_not(None)).distinct()
    subject = func.jsonb_array_elements(_article.subjects)
    subjects = select(subject).where(_article.status == "approved").distinct()
    listed = [_as_list(value) for value in await session.scalars(products)]
    return KnowledgeNames(
        titles=tuple(await session.scalars(titles)),
        tags=tuple(await session.scalars(tags)),
        products=tuple(dict.fromkeys(str(name) for names_ in listed for name in names_)),
        subjects=tuple(sorted((str(it["kind"]), str(it["name"])) for it in await session.scalars(subjects))),
    )


async def subject_articles(session: Session) -> list[SubjectArticle]:
    """Every article in force with what it is about, and the beginning of its text."""
    columns = (_article.subjects, _article.tags, _version.title, func.left(_version.body, LEARNED_CHARS))
    query = (
        select(*columns)
        .join(_version, and_(_version.article_id == _article.id, _version.version == _article.current_version))
        .where(_article.status == "approved")
    )
    return [
        SubjectArticle(
            subjects=tuple((str(it["name"]), str(it["kind"])) for it in subjects),
            tags=tuple(tags),
            text=f"{title} {beginning}",
        )
        for subjects, tags, title, beginning in await session.execute(query)
    ]


async def passage_texts(session: Session) -> list[str]:
    """Text of every passage in force."""
    return list(await session.scalars(select(_passage.text).where(_passage.state != "removing")))


async def last_change(session: Session) -> tuple[int, datetime | None]:
    """Another value whenever any article has changed."""
    row = (await session.execute(select(func.count(), func.max(_article.updated_at)))).one()
    return row[0], row[1]


def _is_searchable() -> ColumnElement[bool]:
    current = and_(_passage.article_id == _article.id, _passage.version == _article.current_version)
    some, waiting = exists().where(current), exists().where(current, _passage.state != "indexed")
    return and_(_article.status == "approved", some, ~waiting)


def _to_article(
    row: KnowledgeArticle,
    version: KnowledgeArticleVersion,
    *,
    searchable: bool = False,
    body: str | None = None,
    rank: int = 0,
) -> ArticleRow:
    return ArticleRow(
        id=row.id,
        title=version.title,
        version=version.version,
        url=row.url,
        tags=row.tags,
        language=row.language,
        updated_at=version.source_updated_at or version.created_at,
        status=row.status,
        audience=row.audience,
        source=row.source,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        review_by=row.review_by,
        author=version.author,
        current_version=row.current_version,
        searchable=searchable,
        asked_as=[str(it) for it in row.attributes.get(ASKED_AS) or ()],
        change_note=version.change_note,
        provenance=version.provenance,
        created_at=version.created_at,
        body=body,
        rank=rank,
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
