"""Reranking by a sentence-transformers CrossEncoder inside this process; none comes with the product."""

import asyncio
import importlib
import math
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.torch_threads import usual_threads
from pipeline.errors import UpstreamError

if TYPE_CHECKING:
    from integrations.sentence_model import PairModel

SERVICE = "reranker"
_REMEDY = (
    "Set ASSIST_RERANKER to the directory of a sentence-transformers CrossEncoder with one output, or to the name of "
    "one that can be fetched, and restart; without the setting nothing is reranked."
)


class LocalReranker:
    """A `Reranker` that works in one thread of its own, one question after the other. Ends with `close`."""

    def __init__(self, model: str, *, device: str | None = None, threads: int | None = None) -> None:
        """Loads nothing yet.

        Args:
            model: a directory, or a name to be fetched.
            device: "cpu", "cuda", …; None takes the best there is.
            threads: that torch may use; None takes half of the processors, at most four.
        """
        self.model = model
        self._device = device
        self._threads = threads or usual_threads()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reranking")
        self._loading: Future[PairModel] | None = None
        self._closed = False

    async def load(self) -> None:
        """Loads and warms the model, once: a failure is remembered. Cancelling does not stop it.

        Raises:
            UpstreamError: it cannot be loaded; says what to do.
        """
        await asyncio.shield(asyncio.wrap_future(self._begun()))

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """See `pipeline.ports.Reranker`. Does not wait for the model to be loaded, but begins it if nobody has.

        Raises:
            UpstreamError: the model is not loaded yet, cannot be loaded, or failed; or the reranker is closed.
        """
        begun = self._begun()
        if not begun.done():
            raise UpstreamError(SERVICE, f"the model {self.model!r} is not loaded yet", retryable=True)
        model = begun.result()
        if not texts:
            return []
        return await asyncio.wrap_future(self._thread.submit(self._scored, model.scores, question, texts))

    async def close(self) -> None:
        """What waits for the model gets an UpstreamError; what it is busy with is finished. Closing twice is fine."""
        self._closed = True
        self._thread.shutdown(wait=False)

    def _begun(self) -> "Future[PairModel]":
        if self._closed:
            raise _closed()
        if self._loading is None:
            self._loading = self._thread.submit(self._load)
        return self._loading

    def _load(self) -> "PairModel":
        place = Path(self.model).expanduser()
        if (place.is_absolute() or self.model.startswith(".")) and not place.is_dir():
            raise UpstreamError(SERVICE, f"there is no directory {self.model!r}. {_REMEDY}", retryable=False)
        try:
            library = importlib.import_module("integrations.sentence_model")
            where = str(place) if place.is_dir() else self.model
            model: PairModel = library.PairModel(where, device=self._device, threads=self._threads)
        except Exception as error:
            message = f"the model {self.model!r} cannot be loaded ({type(error).__name__}: {error}). {_REMEDY}"
            raise UpstreamError(SERVICE, message, retryable=False) from error
        return model

    def _scored(
        self, score: Callable[[str, Sequence[str]], list[float]], question: str, texts: Sequence[str]
    ) -> list[float]:
        if self._closed:
            raise _closed()
        try:
            scores = score(question, texts)
        except Exception as error:
            # The model's own words may quote the text.
            message = f"the model failed on {len(texts)} texts ({type(error).__name__})"
            raise UpstreamError(SERVICE, message, retryable=True) from error
        if len(scores) != len(texts) or not all(map(math.isfinite, scores)):
            raise UpstreamError(SERVICE, f"the model gave no usable scores for {len(texts)} texts", retryable=False)
        return scores


def _closed() -> UpstreamError:
    return UpstreamError(SERVICE, "the reranker is closed", retryable=False)
