"""The trained turn classifier: a linear model over sentence embeddings and hashed words, in plain numpy."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from safetensors import SafetensorError
from safetensors.numpy import load, save

from integrations.turn_features import BUCKETS, PLAIN, Floats, dense_features, word_features
from pipeline.speech_acts import Act
from pipeline.turn_kinds import TURN_KINDS, SaidTurn, TurnChances

PACKAGED_WEIGHTS = Path(__file__).with_name("turn_model.safetensors")

_FORMAT = 1
"""Counts up whenever the features change: weights of another format mean something else."""
LENIENCE = {Act.QUESTION: 1.0, Act.PROBLEM: 0.5}
"""Readings under which a doubtful turn rather seeks, and the share of `threshold_asking` that is enough for them.

In calls unlike those of the training such turns mostly do seek, reported problems nearly always.
"""
_REMEDY = "Run `assist train turns` to make a new one."


class TurnModelError(Exception):
    """A weights file cannot be used; the message says why and what to do."""


class TurnModelInfo(Struct, frozen=True, kw_only=True):
    """What the weights belong to."""

    format: int
    embedding_model: str
    """Whose vectors it reads."""
    dimensions: int
    temperature: float
    """Divides the scores; above 0."""
    threshold: float
    """Of `seek`, between 0 and 1, chosen for the best F1 of detection."""
    threshold_asking: float
    """The same where the rules read a question; for a problem half of it; not above `threshold`."""

    def limit(self, act: Act) -> float:
        """From where on `seek` counts."""
        return limit(act, (self.threshold_asking, self.threshold))


def limit(act: Act, thresholds: tuple[float, float]) -> float:
    """Which of the thresholds, for asking turns and for others, holds under a reading."""
    asking, other = thresholds
    return LENIENCE[act] * asking if act in LENIENCE else other


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnModel:
    """A `TurnClassifier`. Weights have a column for each of `TURN_KINDS`."""

    info: TurnModelInfo
    dense: Floats
    """Rows: both vectors, the plain features, and the constant."""
    words: Floats
    """A row for each bucket."""

    def classify(self, said: SaidTurn) -> TurnChances:
        """See `pipeline.turn_kinds.TurnClassifier`."""
        lengths = {len(vector) for vector in (said.vector, said.asked_vector) if vector is not None}
        if lengths != {self.info.dimensions}:
            raise ValueError(
                f"The turn model needs vectors of {self.info.embedding_model} (length {self.info.dimensions})."
            )
        buckets, values = word_features(said.text, said.asked)
        scores = dense_features(said) @ self.dense[:-1] + self.dense[-1] + values @ self.words[buckets]
        chances = probabilities(scores[np.newaxis], self.info.temperature)[0]
        seek, inform, social, end = (float(chance) for chance in chances)
        return TurnChances(seek=seek, inform=inform, social=social, end=end, seeking=seek >= self.info.limit(said.act))


def probabilities(scores: Floats, temperature: float) -> Floats:
    """A row of probabilities for each row of scores."""
    scaled = scores.astype(np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    chances: Floats = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
    return chances


def load_turn_model(path: Path = PACKAGED_WEIGHTS) -> TurnModel:
    """Reads a weights file.

    Raises:
        TurnModelError: it is missing, damaged, or of another format.
    """
    try:
        tensors = load(path.read_bytes())
        info = msgspec.json.decode(tensors["info"].tobytes(), type=TurnModelInfo)
        model = TurnModel(
            info=info, dense=tensors["dense"].astype(np.float32), words=tensors["words"].astype(np.float32)
        )
    except OSError as error:
        raise TurnModelError(f"The turn model {path} cannot be read ({error.strerror}). {_REMEDY}") from error
    except (SafetensorError, KeyError, msgspec.MsgspecError) as error:
        raise TurnModelError(f"{path} is no turn model, or it is damaged ({error}). {_REMEDY}") from error
    _check(model, path)
    return model


def turn_model_for(embedding_model: str, path: Path = PACKAGED_WEIGHTS) -> TurnModel | None:
    """The model that reads the vectors of `embedding_model`; None when it was made for another: use the rules then.

    Raises:
        TurnModelError: see `load_turn_model`.
    """
    model = load_turn_model(path)
    return model if model.info.embedding_model == embedding_model else None


def save_turn_model(model: TurnModel, path: Path) -> None:
    """Writes weights in half precision; the same model gives the same bytes."""
    info = np.frombuffer(msgspec.json.encode(model.info), dtype=np.uint8)
    content = save({"dense": model.dense.astype(np.float16), "info": info, "words": model.words.astype(np.float16)})
    path.write_bytes(content)


def _check(model: TurnModel, path: Path) -> None:
    info = model.info
    if info.format != _FORMAT:
        raise TurnModelError(f"{path} is a turn model of format {info.format}, this is {_FORMAT}. {_REMEDY}")
    shapes = ((2 * info.dimensions + PLAIN + 1, len(TURN_KINDS)), (BUCKETS, len(TURN_KINDS)))
    if (model.dense.shape, model.words.shape) != shapes or not _is_sound(info):
        raise TurnModelError(f"{path} does not fit together. {_REMEDY}")
    if not (np.isfinite(model.dense).all() and np.isfinite(model.words).all()):
        raise TurnModelError(f"{path} holds weights that are no numbers. {_REMEDY}")


def _is_sound(info: TurnModelInfo) -> bool:
    return 0 < info.threshold_asking <= info.threshold < 1 and info.temperature > 0


def info_for(
    embedding_model: str, dimensions: int, temperature: float, thresholds: tuple[float, float]
) -> TurnModelInfo:
    """Of a model of this format; `thresholds` are the one for asking turns and the other."""
    return TurnModelInfo(
        format=_FORMAT,
        embedding_model=embedding_model,
        dimensions=dimensions,
        temperature=temperature,
        threshold=thresholds[1],
        threshold_asking=thresholds[0],
    )
