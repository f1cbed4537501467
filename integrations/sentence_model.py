"""Models of sentence-transformers inside this process. Importing this takes seconds (torch)."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from integrations.embedding_queue import SERVICE, Kind
from pipeline.errors import UpstreamError
from pipeline.ports import Vector

_hide_progress: Callable[[], None] = disable_progress_bar

# More than a usual model reads (512 tokens). The tokenizer would spend seconds on a megabyte, only to cut it.
_MAX_CHARS = 16_000


class SentenceModel:
    """A loaded and warm model. Belongs to the thread that made it."""

    def __init__(self, place: str, *, device: str | None, threads: int) -> None:
        """Loads from a directory, or fetches by name; any failure comes out as the library raised it."""
        _hide_progress()
        # OpenMP keeps the number per thread: it has to be set in the one that computes.
        torch.set_num_threads(threads)
        self._model = SentenceTransformer(place, device=device, local_files_only=Path(place).is_dir())
        self.encode(["warm up"], "query")
        self.encode(["warm up " * 100], "passage")

    def encode(self, texts: Sequence[str], kind: Kind) -> list[Vector]:
        """A unit vector for each text."""
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        rows = encode(
            [text[:_MAX_CHARS] for text in texts],
            batch_size=len(texts),
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return [tuple(row) for row in rows.tolist()]

    @property
    def dimensions(self) -> int:
        """Length of every vector.

        Raises:
            UpstreamError: the model does not say.
        """
        found = self._model.get_embedding_dimension()
        if found is None:
            raise UpstreamError(SERVICE, "the model does not say how long its vectors are", retryable=False)
        return found

    @property
    def device(self) -> str:
        """Where it computes: "cpu", "cuda:0", …"""
        return str(self._model.device)

    @property
    def max_tokens(self) -> int | None:
        """What a text has beyond is not looked at."""
        return self._model.max_seq_length


class PairModel:
    """A loaded and warm cross-encoder. Belongs to the thread that made it."""

    def __init__(self, place: str, *, device: str | None, threads: int) -> None:
        """Loads from a directory, or fetches by name; any failure comes out as the library raised it.

        Raises:
            ValueError: it does not give one score for a pair, or was saved without the layer that does.
        """
        _hide_progress()
        torch.set_num_threads(threads)
        self._model = CrossEncoder(place, device=device, local_files_only=Path(place).is_dir())
        if self._model.num_labels != 1:
            raise ValueError(f"it gives {self._model.num_labels} numbers for a pair of texts, not one score")
        # The library takes an embedding model as well, and puts a random layer on top.
        saved, made = self._model.config.architectures, type(self._model.model).__name__
        if saved and made not in saved:
            raise ValueError(f"it was saved as {saved[0]}, which does not score pairs of texts")
        self.scores("warm up", ["warm up", "warm up " * 100])

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """A logit for each text."""
        rows = self._model.predict(
            [(question[:_MAX_CHARS], text[:_MAX_CHARS]) for text in texts],
            batch_size=len(texts),
            activation_fn=torch.nn.Identity(),
            show_progress_bar=False,
        )
        return [float(row) for row in rows]
