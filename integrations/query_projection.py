"""The trained projection of questions: a square matrix that turns their vectors towards those of their answers."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from pipeline.ports import QueryProjection, Unprojected, Vector

PACKAGED_PROJECTION = Path(__file__).with_name("query_projection.safetensors")
_REMEDY = "Install Assist anew, or run `assist train ranking` to make a new one."

Floats = NDArray[np.float32]


class ProjectionError(Exception):
    """A weights file cannot be used; the message says why and what to do."""


class ProjectionInfo(Struct, frozen=True, kw_only=True):
    """What the matrix belongs to."""

    embedding_model: str
    """Whose vectors it turns."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedProjection:
    """A `QueryProjection`."""

    info: ProjectionInfo
    matrix: Floats

    def project(self, vector: Vector) -> Vector:
        """See `pipeline.ports.QueryProjection`."""
        turned: list[float] = (np.asarray(vector, dtype=np.float32) @ self.matrix).tolist()
        return turned


def load_projection(path: Path = PACKAGED_PROJECTION) -> TrainedProjection:
    """Reads a weights file.

    Raises:
        ProjectionError: it is missing, damaged, or no square matrix.
    """
    try:
        tensors = load(path.read_bytes())
        info = msgspec.json.decode(tensors["info"].tobytes(), type=ProjectionInfo)
        matrix = tensors["matrix"].astype(np.float32)
    except OSError as error:
        raise ProjectionError(f"The query projection {path} cannot be read ({error.strerror}). {_REMEDY}") from error
    except (SafetensorError, KeyError, msgspec.MsgspecError) as error:
        raise ProjectionError(f"{path} is no query projection, or it is damaged ({error}). {_REMEDY}") from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise ProjectionError(f"{path} holds no square matrix of numbers. {_REMEDY}")
    return TrainedProjection(info=info, matrix=matrix)


def projection_for(embedding_model: str, path: Path = PACKAGED_PROJECTION) -> QueryProjection:
    """The projection for the vectors of `embedding_model`; none at all when it was made for another.

    Raises:
        ProjectionError: see `load_projection`.
    """
    trained = load_projection(path)
    return trained if trained.info.embedding_model == embedding_model else Unprojected()


def save_projection(projection: TrainedProjection, path: Path) -> None:
    """Writes the matrix in half precision; the same matrix gives the same bytes."""
    info = np.frombuffer(msgspec.json.encode(projection.info), dtype=np.uint8)
    path.write_bytes(save({"info": info, "matrix": projection.matrix.astype(np.float16)}))
