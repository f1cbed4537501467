"""The embedder that an evaluation runs on: passages are embedded once, and queries never profit from other calls."""

import fcntl
import hashlib
import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pipeline.ports import Embedder, Vector

_KEY_BYTES = 16
_FLOAT_BYTES = 4
_BATCH_TEXTS = 64


class VectorFile:
    """Vectors of passages by a hash of their text, in a file that is only ever appended to.

    Several processes may write at once; a record that was cut short is overwritten.
    """

    def __init__(self, path: Path, dimensions: int) -> None:
        """Reads which texts are known."""
        self._path = path
        self._record_bytes = _KEY_BYTES + _FLOAT_BYTES * dimensions
        self._places: dict[bytes, int] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        with path.open("rb") as stream:
            place = 0
            while len(record := stream.read(self._record_bytes)) == self._record_bytes:
                self._places[record[:_KEY_BYTES]] = place
                place += self._record_bytes

    def get(self, texts: Sequence[str]) -> dict[str, Vector]:
        """The vectors that are known."""
        found: dict[str, Vector] = {}
        with self._path.open("rb") as stream:
            for text in texts:
                place = self._places.get(_key(text))
                if place is not None:
                    stream.seek(place + _KEY_BYTES)
                    values = array("f", stream.read(self._record_bytes - _KEY_BYTES))
                    found[text] = tuple(values)
        return found

    def add(self, vectors: dict[str, Vector]) -> None:
        """Appends behind the last whole record."""
        content = b"".join(_key(text) + array("f", vector).tobytes() for text, vector in vectors.items())
        with self._path.open("r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            end = stream.seek(0, os.SEEK_END)
            start = end - end % self._record_bytes
            stream.seek(start)
            stream.write(content)
        for number, text in enumerate(vectors):
            self._places[_key(text)] = start + number * self._record_bytes


class CallEmbedder:
    """An `Embedder` that remembers passages on disk, and queries only until the next call begins.

    A server remembers queries too, but over a data set that would make one call profit from another: what it
    wraps must remember none.
    """

    def __init__(self, model: Embedder, file: VectorFile) -> None:
        self._model = model
        self._file = file
        self._heard: dict[str, Vector] = {}

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        return self._model.dimensions

    async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
        """See `pipeline.ports.Embedder`."""
        if kind == "passage":
            return await self._passages(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in self._heard]
        if missing:
            self._heard.update(zip(missing, await self._model.embed(missing, "query"), strict=True))
        return [self._heard[text] for text in texts]

    async def plain(self, text: str) -> Vector:
        """One query, embedded whether it was heard before or not."""
        return (await self._model.embed([text], "query"))[0]

    def new_call(self) -> None:
        """Forgets the queries of the call before."""
        self._heard.clear()

    async def _passages(self, texts: Sequence[str]) -> list[Vector]:
        known = self._file.get(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        for start in range(0, len(missing), _BATCH_TEXTS):
            batch = missing[start : start + _BATCH_TEXTS]
            embedded = dict(zip(batch, await self._model.embed(batch, "passage"), strict=True))
            self._file.add(embedded)
            known |= embedded
        return [known[text] for text in texts]


def vector_file(folder: Path, model: str, dimensions: int) -> VectorFile:
    """The file for one model; `model` must name another when its weights change."""
    name = hashlib.sha256(model.encode()).hexdigest()[:12]
    return VectorFile(folder / f"passages-{name}-{dimensions}.vectors", dimensions)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:_KEY_BYTES]
