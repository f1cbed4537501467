"""The knowledge base, to read."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get
from litestar.params import Parameter

from assist.errors import NotFoundError
from assist.knowledge import ArticlePage, ArticleTextView
from assist.web.authentication import may_read, services_of


class KnowledgeController(Controller):
    """Articles in force, and every version that a citation points to."""

    path = "/api/knowledge-base"
    tags = ("knowledge",)
    guards = (may_read,)

    @get("", operation_id="ListArticles")
    async def index(
        self,
        request: Request[Any, Any, Any],
        q: Annotated[str, Parameter(max_length=200)] = "",
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
        cursor: str | None = None,
    ) -> ArticlePage:
        """Articles with all these words in title or text."""
        return await services_of(request).knowledge.articles(q, limit, cursor)

    @get("/{article_id:str}", operation_id="GetArticle")
    async def article(
        self,
        request: Request[Any, Any, Any],
        article_id: str,
        version: Annotated[int | None, Parameter(ge=1, le=2_000_000_000)] = None,
    ) -> ArticleTextView:
        """One article with its text; citations count the characters of `body`."""
        try:
            identity = UUID(article_id)
        except ValueError:
            raise NotFoundError("article_not_found", "There is no such article.") from None
        return await services_of(request).knowledge.article(identity, version)
