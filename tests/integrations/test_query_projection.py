"""The packaged projection of questions, and weights files that cannot be used."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save

from integrations.packaged_model import PACKAGED_DIMENSIONS, PACKAGED_MODEL
from integrations.query_projection import (
    ProjectionError,
    ProjectionInfo,
    TrainedProjection,
    load_projection,
    projection_for,
    save_projection,
)
from pipeline.ports import Unprojected

_BYTES_MAX = 1_000_000
_INFO = np.frombuffer(msgspec.json.encode(ProjectionInfo(embedding_model="m")), dtype=np.uint8)


def _projection(model: str = "m") -> TrainedProjection:
    matrix = np.array([[0.0, 1.0], [-0.5, 0.0]], dtype=np.float32)
    return TrainedProjection(info=ProjectionInfo(embedding_model=model), matrix=matrix)


def test_the_packaged_projection_is_of_the_packaged_model_and_stays_small() -> None:
    projection = projection_for(PACKAGED_MODEL)
    assert isinstance(projection, TrainedProjection)
    assert projection.matrix.shape == (PACKAGED_DIMENSIONS, PACKAGED_DIMENSIONS)
    unit = [1.0] + [0.0] * (PACKAGED_DIMENSIONS - 1)
    assert projection.project(unit) == projection.matrix[0].tolist()


def test_a_written_projection_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_projection(_projection(), path)
    assert path.stat().st_size < _BYTES_MAX
    read = load_projection(path)
    assert read.info == ProjectionInfo(embedding_model="m")
    assert read.project([1.0, 2.0]) == [-1.0, 1.0]


def test_the_same_matrix_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_projection(_projection(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_vectors_of_another_model_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_projection(_projection("m"), path)
    assert isinstance(projection_for("m", path), TrainedProjection)
    other = projection_for("another", path)
    assert isinstance(other, Unprojected)
    assert list(other.project([1.0, 2.0])) == [1.0, 2.0]


def test_a_missing_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ProjectionError, match=r"none\.safetensors cannot be read .*assist train ranking"):
        load_projection(tmp_path / "none.safetensors")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no weights at all",
        save({"matrix": np.eye(2, dtype=np.float16)}),
        save({"info": _INFO}),
        save({"info": np.frombuffer(b"{}", dtype=np.uint8), "matrix": np.eye(2, dtype=np.float16)}),
        save({"info": np.frombuffer(b"\xff{", dtype=np.uint8), "matrix": np.eye(2, dtype=np.float16)}),
        save({"info": _INFO, "matrix": np.zeros((2, 3), dtype=np.float16)}),
        save({"info": _INFO, "matrix": np.zeros(4, dtype=np.float16)}),
        save({"info": _INFO, "matrix": np.full((2, 2), np.nan, dtype=np.float16)}),
    ],
)
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(ProjectionError, match=r"weights\.safetensors .*assist train ranking"):
        load_projection(path)


def test_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_projection(_projection(), path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ProjectionError, match="damaged"):
        load_projection(path)
