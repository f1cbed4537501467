"""Vectors of texts, made once and kept in files between runs."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from assist.evaluation.system import Progress, passages_of
from assist.evaluation.vectors import VectorFile
from integrations.turn_features import Floats
from knowledge_ingest.documents import Document
from knowledge_ingest.load import embedding_text
from pipeline.ports import Embedder, Vector

_BATCH_TEXTS = 64
_DECIMALS = 4
"""Of the vectors' values: what is beyond differs between processors."""


class Vectors:
    """An `Embedder` too, that remembers every text."""

    def __init__(self, embedder: Embedder, queries: VectorFile, passages: VectorFile, progress: Progress) -> None:
        self.dimensions = embedder.dimensions
        self._embedder = embedder
        self._queries = queries
        self._passages = passages
        self._progress = progress

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
        """See `pipeline.ports.Embedder`."""
        if kind == "passage":
            rows: list[Vector] = (await self.of_passages(texts)).tolist()
            return rows
        known = await self.of_turns(texts)
        return [known[text].tolist() for text in texts]

    async def of_turns(self, texts: Sequence[str]) -> dict[str, Floats]:
        """By text; of an empty one too."""
        missing = self._missing(self._queries, texts)
        for start in range(0, len(missing), _BATCH_TEXTS):
            batch = missing[start : start + _BATCH_TEXTS]
            self._queries.add(dict(zip(batch, await self._embedder.embed(batch, "query"), strict=True)))
            self._progress("embedding turns", start + len(batch), len(missing))
        return {text: _rounded(vector) for text, vector in self._queries.get(list(dict.fromkeys(texts))).items()}

    async def of_documents(self, documents: Sequence[Document]) -> Floats:
        """A row for each of their passages."""
        return await self.of_passages(list(dict.fromkeys(map(embedding_text, passages_of(documents, self._progress)))))

    async def of_passages(self, texts: Sequence[str]) -> Floats:
        """A row for each text of a passage."""
        missing = self._missing(self._passages, texts)
        for start in range(0, len(missing), _BATCH_TEXTS):
            batch = missing[start : start + _BATCH_TEXTS]
            self._passages.add(dict(zip(batch, await self._embedder.embed(batch, "passage"), strict=True)))
            self._progress("embedding passages", start + len(batch), len(missing))
        known = self._passages.get(list(dict.fromkeys(texts)))
        return np.array([_rounded(known[text]) for text in texts], dtype=np.float32)

    @staticmethod
    def _missing(file: VectorFile, texts: Sequence[str]) -> list[str]:
        known = file.get(list(dict.fromkeys(texts)))
        return [text for text in dict.fromkeys(texts) if text not in known]


def turn_file(folder: Path, model: str, dimensions: int) -> VectorFile:
    """The file of questions for one model, beside that of passages."""
    name = hashlib.sha256(model.encode()).hexdigest()[:12]
    return VectorFile(folder / f"turns-{name}-{dimensions}.vectors", dimensions)


def _rounded(vector: Sequence[float]) -> Floats:
    rounded: Floats = np.round(np.array(vector), _DECIMALS).astype(np.float32)
    return rounded
