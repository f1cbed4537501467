"""The production parts around one knowledge base, with an index in a directory that is thrown away."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from msgspec import Struct

from assist.db.articles import LEARNED_CHARS, KnowledgeNames, Learned
from assist.evaluation.dataset import DataSet, row_id
from assist.evaluation.vectors import CallEmbedder, vector_file
from assist.settings import Settings
from assist.thinking import Thinking
from assist.wiring import make_parts, make_reranker
from integrations.embedding import LocalEmbedder
from integrations.packaged_model import PACKAGED_MODEL
from integrations.packaged_tokenizer import packaged_token_counter
from integrations.qdrant.edge import EdgeIndex
from integrations.qdrant.layout import Layout
from integrations.reranking import LocalReranker
from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document
from knowledge_ingest.load import article_id, embedding_text, passage_id
from pipeline.ports import Embedder
from pipeline.subject_lore import SubjectArticle
from pipeline.types import Passage

Progress = Callable[[str, int, int], None]
"""Takes what is being done, how much of it is done, and how much there is."""

_SOURCE = "evaluation"
_BATCH_PASSAGES = 256


class Workshop(Struct, frozen=True, kw_only=True):
    """What all data sets of a run share."""

    settings: Settings
    model: LocalEmbedder
    embedder: CallEmbedder
    directory: Path
    """Thrown away at the end."""
    reranker: LocalReranker | None = None


class Row(Struct, frozen=True, kw_only=True):
    """A row of the knowledge base, for people and for judging."""

    id: str
    title: str
    subjects: tuple[str, ...]
    body: str


class System(Struct, frozen=True, kw_only=True):
    """A pipeline that has learned one knowledge base and finds its passages."""

    thinking: Thinking
    embedder: CallEmbedder
    rows: dict[str, Row]
    """By id."""
    row_ids: dict[UUID, str]
    """By the article that the row became."""


@asynccontextmanager
async def open_workshop(settings: Settings, cache: Path | None, progress: Progress) -> AsyncIterator[Workshop]:
    """The embedding model that the settings name, and room for indexes; nothing of the user's data is touched.

    `cache` keeps the vectors of passages for later runs; None: for this run only.

    Raises:
        UpstreamError: the model, or the reranker, cannot be loaded.
    """
    progress("loading the model", 0, 1)
    # It must not remember queries: the ratio of a turn to one embedding would be flattered.
    model = LocalEmbedder(
        settings.embedding.model or PACKAGED_MODEL, threads=settings.embedding.threads, cached_queries=0
    )
    reranker = make_reranker(settings)
    try:
        await model.load()
        if reranker is not None:
            await reranker.load()
        progress("loading the model", 1, 1)
        with TemporaryDirectory(prefix="assist-eval-", ignore_cleanup_errors=True) as directory:
            file = vector_file(cache or Path(directory, "vectors"), model.model, model.dimensions)
            yield Workshop(
                settings=settings,
                model=model,
                embedder=CallEmbedder(model, file),
                directory=Path(directory),
                reranker=reranker,
            )
    finally:
        if reranker is not None:
            await reranker.close()
        await model.close()


@asynccontextmanager
async def open_system(workshop: Workshop, dataset: DataSet, progress: Progress) -> AsyncIterator[System]:
    """Takes the documents in as production does: split, embedded, indexed, and their words learned.

    Raises:
        UpstreamError: the model or the index failed.
    """
    layout = Layout(model=workshop.model.model, dimensions=workshop.model.dimensions)
    index = await EdgeIndex.open(workshop.directory / "index", layout, recreate=True)
    try:
        passages = passages_of(dataset.documents, progress)
        await _put(passages, index, workshop.embedder, progress)
        thinking = Thinking(make_parts(workshop.settings, workshop.embedder, index, reranker=workshop.reranker))
        await thinking.learn(learned_from(dataset.documents, passages))
        rows = {row.id: row for row in map(_row, dataset.documents)}
        row_ids = {article_id(_SOURCE, document.uri): row_id(document) for document in dataset.documents}
        yield System(thinking=thinking, embedder=workshop.embedder, rows=rows, row_ids=row_ids)
    finally:
        await index.close()


def learned_from(documents: Sequence[Document], passages: Sequence[Passage]) -> Learned:
    """What `assist.db.articles.learned` gives for stored articles."""
    return Learned(
        names=names_of(documents),
        texts=[passage.text for passage in passages],
        articles=[
            SubjectArticle(
                subjects=tuple((topic.name, topic.kind) for topic in document.subjects),
                tags=document.tags,
                text=f"{document.title} {document.body[:LEARNED_CHARS]}",
            )
            for document in documents
        ],
    )


def names_of(documents: Sequence[Document]) -> KnowledgeNames:
    """What `assist.db.articles.names` gives for stored articles."""
    products = [document.attributes.get("product") for document in documents]
    listed = [value if isinstance(value, list | tuple) else [value] for value in products if value is not None]
    return KnowledgeNames(
        titles=tuple(dict.fromkeys(document.title for document in documents)),
        tags=tuple(dict.fromkeys(tag for document in documents for tag in document.tags)),
        products=tuple(dict.fromkeys(str(name) for names in listed for name in names)),
        subjects=tuple(sorted({(topic.kind, topic.name) for document in documents for topic in document.subjects})),
    )


def passages_of(documents: Sequence[Document], progress: Progress) -> list[Passage]:
    """What `assist.db.knowledge.pending_passages` gives for stored articles, but for the time of storing."""
    splitter = Splitter(count_tokens=packaged_token_counter())
    passages: list[Passage] = []
    for done, document in enumerate(documents, start=1):
        passages += _cut(document, splitter)
        if done % _BATCH_PASSAGES == 0 or done == len(documents):
            progress("splitting articles", done, len(documents))
    return passages


def _cut(document: Document, splitter: Splitter) -> Iterable[Passage]:
    owner = article_id(_SOURCE, document.uri)
    for chunk in splitter.split(document):
        yield Passage(
            id=passage_id(owner, 1, chunk),
            article_id=owner,
            version=1,
            title=document.title,
            heading=chunk.heading,
            text=chunk.text,
            start=chunk.start,
            end=chunk.end,
            url=document.url,
            tags=document.tags,
            audience=document.audience,
            language=document.language,
            subjects=_subjects(document),
            page=chunk.page,
            valid_from=document.valid_from,
            valid_until=document.valid_until,
            updated_at=document.updated_at,
        )


async def _put(passages: Sequence[Passage], index: EdgeIndex, embedder: Embedder, progress: Progress) -> None:
    for start in range(0, len(passages), _BATCH_PASSAGES):
        batch = passages[start : start + _BATCH_PASSAGES]
        vectors = await embedder.embed([embedding_text(passage) for passage in batch], "passage")
        await index.put(batch, vectors)
        progress("indexing passages", start + len(batch), len(passages))


def _row(document: Document) -> Row:
    return Row(id=row_id(document), title=document.title, subjects=_subjects(document), body=document.body)


def _subjects(document: Document) -> tuple[str, ...]:
    return tuple(dict.fromkeys(topic.name for topic in document.subjects))
