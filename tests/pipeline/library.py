"""Knowledge bases for scenarios: the samples, and small ones of our own in YAML."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid5

import yaml

from assist.db.articles import KnowledgeNames, Learned
from assist.samples import KNOWLEDGE
from assist.thinking import Parts, Thinking
from integrations.embedding import LocalEmbedder
from integrations.packaged_model import PACKAGED_MODEL
from integrations.qdrant.edge import EdgeIndex
from integrations.qdrant.layout import Layout
from knowledge_ingest.chunk import Splitter
from knowledge_ingest.documents import Document
from knowledge_ingest.load import article_id, embedding_text, passage_id
from knowledge_ingest.sources import read
from pipeline.run import Pipeline
from pipeline.subject_lore import SubjectArticle
from pipeline.types import Passage
from tests.pipeline.shelf import NAMESPACE

_FOLDER = Path(__file__).parent / "scenarios" / "knowledge"
_LANGUAGE = {"german": "de", "spanish": "es", "french": "fr"}


def passages_of(knowledge: str) -> list[Passage]:
    """One passage an entry; entries with the same title are sections of one article."""
    if knowledge == "samples":
        return sample_passages()
    entries = yaml.safe_load((_FOLDER / f"{knowledge}.yaml").read_text(encoding="utf-8"))
    return [
        Passage(
            id=uuid5(NAMESPACE, f"{knowledge}{number}"),
            article_id=uuid5(NAMESPACE, knowledge + entry["title"]),
            version=1,
            title=entry["title"],
            heading=entry.get("heading"),
            text=entry["text"],
            start=0,
            end=len(entry["text"]),
            url=entry["title"],
            language=_LANGUAGE.get(knowledge, "en"),
            subjects=tuple(entry.get("subjects", ())),
        )
        for number, entry in enumerate(entries)
    ]


def sample_passages() -> list[Passage]:
    """Every passage of the sample knowledge base; `url` is the name of its file."""
    splitter = Splitter()
    passages: list[Passage] = []
    for document in read(KNOWLEDGE):
        assert isinstance(document, Document)
        owner = article_id("samples", document.uri)
        for chunk in splitter.split(document):
            assert document.body[chunk.start : chunk.end] == chunk.text
            passages.append(
                Passage(
                    id=passage_id(owner, 1, chunk),
                    article_id=owner,
                    version=1,
                    title=document.title,
                    heading=chunk.heading,
                    text=chunk.text,
                    start=chunk.start,
                    end=chunk.end,
                    url=Path(document.uri).stem,
                    tags=document.tags,
                    subjects=tuple(topic.name for topic in document.subjects),
                )
            )
    return passages


@asynccontextmanager
async def chain_over(passages: Sequence[Passage], embedder: LocalEmbedder, directory: Path) -> AsyncIterator[Pipeline]:
    """The product's own pipeline over an index of these passages alone."""
    index = await EdgeIndex.open(directory, Layout(dimensions=384, model=PACKAGED_MODEL))
    try:
        await index.put(passages, await embedder.embed([embedding_text(it) for it in passages], "passage"))
        thinking = Thinking(Parts(embedder=embedder, index=index, embedding_model=PACKAGED_MODEL))
        await thinking.learn(learned_from(passages))
        yield thinking.pipeline()
    finally:
        await index.close()


def learned_from(passages: Sequence[Passage]) -> Learned:
    """What a pipeline learns from these passages."""
    subjects = {name for it in passages for name in it.subjects}
    return Learned(
        names=KnowledgeNames(
            titles=tuple({it.title for it in passages}),
            tags=tuple({tag for it in passages for tag in it.tags}),
            products=tuple(subjects),
            subjects=tuple(("product", name) for name in subjects),
        ),
        texts=[it.text for it in passages],
        articles=[
            SubjectArticle(
                subjects=tuple((name, "product") for name in it.subjects), tags=it.tags, text=f"{it.title} {it.text}"
            )
            for it in passages
        ],
    )
