"""The knowledge base: to read for everybody, to curate for supervisors."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, delete, get, post, put
from litestar.params import Parameter
from msgspec import Meta, Struct

from assist.access import Machine, Role
from assist.db.articles import ArticleFilter
from assist.desk import MAX_QUESTION_CHARS
from assist.errors import InvalidError, NotFoundError
from assist.knowledge import ArticlePage, ArticleTextView
from assist.knowledge_answers import KnowledgeAnswer
from assist.learning.article_text import ArticleChange, ArticleText
from assist.learning.curation import Curation, DiffView, VersionList
from assist.web.authentication import caller, may_read, may_read_supervision, services_of, supervises

_VERSION_MAX = 2_000_000_000
Version = Annotated[int, Parameter(ge=1, le=_VERSION_MAX)]


class Rollback(Struct, frozen=True, kw_only=True):
    """Back to where."""

    version: Annotated[int, Meta(ge=1, le=_VERSION_MAX)]


class QuestionIn(Struct, frozen=True, kw_only=True):
    """A customer's question."""

    question: Annotated[str, Meta(min_length=1, max_length=MAX_QUESTION_CHARS)]
    language: Annotated[str, Meta(min_length=2, max_length=35)] | None = None


class KnowledgeController(Controller):
    """Articles in force, and every version that a citation points to."""

    path = "/api/knowledge-base"
    tags = ("knowledge",)
    guards = (may_read,)

    @get("", operation_id="ListArticles")
    async def index(  # noqa: PLR0913, PLR0917 - one argument a query parameter
        self,
        request: Request[Any, Any, Any],
        q: Annotated[str, Parameter(max_length=200)] = "",
        status: Literal["approved", "draft", "archived", "all"] = "approved",
        tag: Annotated[str | None, Parameter(max_length=100)] = None,
        source: Annotated[str | None, Parameter(max_length=1000)] = None,
        review_due: bool = False,  # noqa: FBT001, FBT002 - a query parameter
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
        cursor: str | None = None,
    ) -> ArticlePage:
        """Articles with all these words in title or text. Agents see only what is in force."""
        if _is_agent(request):
            status = "approved"
        among = ArticleFilter(status=None if status == "all" else status, tag=tag, source=source, review_due=review_due)
        return await services_of(request).knowledge.articles(q, limit, cursor, among=among)

    @post("/answer", operation_id="AnswerFromKnowledge", status_code=200)
    async def answer(self, request: Request[Any, Any, Any], data: QuestionIn) -> KnowledgeAnswer:
        """What may be told to a customer who asks this: exact sentences, cited, from articles for everyone."""
        if not data.question.strip():
            raise InvalidError("question is empty.")
        return await services_of(request).answers.answer(data.question.strip(), data.language)

    @get("/{article_id:str}", operation_id="GetArticle")
    async def article(
        self,
        request: Request[Any, Any, Any],
        article_id: str,
        version: Annotated[int | None, Parameter(ge=1, le=_VERSION_MAX)] = None,
    ) -> ArticleTextView:
        """One article with its text; citations count the characters of `body`."""
        found = await services_of(request).knowledge.article(article_uuid(article_id), version)
        if found.status == "draft" and version is None and _is_agent(request):
            raise NotFoundError("article_not_found", "There is no such article.")
        return found

    @post("", operation_id="CreateArticle", guards=[supervises])
    async def create(self, request: Request[Any, Any, Any], data: ArticleText) -> ArticleTextView:
        """Writes a new article."""
        return await curation(request).create(data, caller(request))

    @put("/{article_id:str}", operation_id="EditArticle", guards=[supervises])
    async def edit(self, request: Request[Any, Any, Any], article_id: str, data: ArticleChange) -> ArticleTextView:
        """Makes a new version of the one that `base_version` names. 409 `article_changed` with what is there now."""
        return await curation(request).edit(article_uuid(article_id), data, caller(request))

    @get("/{article_id:str}/versions", operation_id="ListArticleVersions", guards=[may_read_supervision])
    async def versions(self, request: Request[Any, Any, Any], article_id: str) -> VersionList:
        """Every version, newest first."""
        return await curation(request).versions(article_uuid(article_id))

    @get("/{article_id:str}/diff", operation_id="CompareArticleVersions", guards=[may_read_supervision])
    async def diff(
        self,
        request: Request[Any, Any, Any],
        article_id: str,
        from_version: Annotated[int, Parameter(query="from", ge=1, le=_VERSION_MAX)],
        to_version: Annotated[int, Parameter(query="to", ge=1, le=_VERSION_MAX)],
    ) -> DiffView:
        """What makes one version out of another, line by line."""
        return await curation(request).diff(article_uuid(article_id), from_version, to_version)

    @post("/{article_id:str}/rollback", operation_id="RollBackArticle", guards=[supervises], status_code=200)
    async def rollback(self, request: Request[Any, Any, Any], article_id: str, data: Rollback) -> ArticleTextView:
        """A new version with the title and text of an old one."""
        return await curation(request).rollback(article_uuid(article_id), data.version, caller(request))

    @post("/{article_id:str}/archive", operation_id="ArchiveArticle", guards=[supervises], status_code=200)
    async def archive(self, request: Request[Any, Any, Any], article_id: str) -> ArticleTextView:
        """Out of force and out of search; its versions stay readable."""
        return await curation(request).archive(article_uuid(article_id), caller(request))

    @post("/{article_id:str}/restore", operation_id="RestoreArticle", guards=[supervises], status_code=200)
    async def restore(self, request: Request[Any, Any, Any], article_id: str) -> ArticleTextView:
        """An archived article or a draft in force (again)."""
        return await curation(request).restore(article_uuid(article_id), caller(request))

    @delete("/{article_id:str}", operation_id="DeleteArticle", guards=[supervises], status_code=200)
    async def remove(self, request: Request[Any, Any, Any], article_id: str) -> ArticleTextView:
        """The same as archiving: what citations point to is never deleted."""
        return await curation(request).archive(article_uuid(article_id), caller(request))


def curation(request: Request[Any, Any, Any]) -> Curation:
    """What changes articles."""
    return services_of(request).supervision.learning.curation


def article_uuid(text: str) -> UUID:
    """The id of an address.

    Raises:
        NotFoundError: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("article_not_found", "There is no such article.") from None


def _is_agent(request: Request[Any, Any, Any]) -> bool:
    principal = caller(request)
    return not isinstance(principal, Machine) and principal.role is Role.AGENT
