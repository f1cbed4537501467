"""`assist train ranking` and `assist train confidence` as a person runs them, on a small set of our own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from integrations.packaged_model import PACKAGED_DIMENSIONS, PACKAGED_MODEL
from integrations.query_projection import load_projection
from pipeline.confidence import Features

DATA = Path(__file__).parent.parent / "evaluation" / "data"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("train")


def _train(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "assist", "train", *arguments],
        env={**os.environ, "ASSIST_DATA_DIR": str(place / "data"), "COLUMNS": "200", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def test_ranking_writes_the_projection_and_prints_the_weights(place: Path) -> None:
    out = place / "projection.safetensors"
    done = _train(place, "ranking", str(DATA), "--cache", str(place / "cache"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    projection = load_projection(out)
    assert projection.info.embedding_model == PACKAGED_MODEL
    assert projection.matrix.shape == (PACKAGED_DIMENSIONS, PACKAGED_DIMENSIONS)
    row = re.search(r"^data\t(\d+)\t([\d.]+)\t([\d.]+)", done.stdout, re.MULTILINE)
    assert row is not None
    assert float(row[2]) > 0.9
    assert float(row[3]) > 0.7
    names = ("nearness", "projection", "talk", "words", "subject", "shelf")
    weights = ", ".join(rf"{name}=-?[\d.]+" for name in names)
    assert re.search(rf"^NAMED = Weights\({weights}\)\nPLAIN = Weights\({weights}\)$", done.stdout, re.MULTILINE)


def test_confidence_prints_its_constants(place: Path) -> None:
    done = _train(place, "confidence", str(DATA), "--cache", str(place / "cache"))
    assert done.returncode == 0, done.stderr
    assert re.search(r"^data\t\d+\t", done.stdout, re.MULTILINE)
    assert re.search(r"^_INTERCEPT = -?[\d.]+$", done.stdout, re.MULTILINE)
    assert re.findall(r"^    (\w+)=-?[\d.]+,$", done.stdout, re.MULTILINE) == list(Features.__struct_fields__)


def test_a_folder_that_is_not_there_is_named(place: Path) -> None:
    done = _train(place, "ranking", str(place / "nowhere"))
    assert done.returncode == 1
    assert "There is no folder" in done.stderr
    assert "Traceback" not in done.stderr
