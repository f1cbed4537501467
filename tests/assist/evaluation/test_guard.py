"""`assist eval` on a small set of our own: what it prints, and floors below which no change may fall.

The set is made up (8 places and products, 40 articles, 60 turns, a third of them as a speech recogniser writes).
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"

FLOORS = {
    ("detection", "f1"): 0.85,
    ("gold", "r1"): 0.80,
    ("gold", "r5"): 0.95,
    ("gold", "mrr5"): 0.87,
    ("official", "mrr5"): 0.78,
}


def evaluate(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "assist", "eval", *arguments],
        env={**os.environ, "ASSIST_DATA_DIR": str(directory / "data"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("eval")


@pytest.fixture(scope="module")
def printed(place: Path) -> dict[str, Any]:
    done = evaluate(place, str(DATA), "--json", "--errors", str(place / "errors.txt"))
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize(("part", "figure"), FLOORS)
def test_suggestions_are_no_worse_than_they_were(printed: dict[str, Any], part: str, figure: str) -> None:
    assert printed[part][figure] >= FLOORS[part, figure]


def test_every_stage_and_the_plain_embedding_are_timed(printed: dict[str, Any]) -> None:
    stages = {"context", "query", "retrieve", "answer", "clarify", "total", "query_embedding"}
    assert set(printed["stage_ms"]) == stages
    assert all(0.0 < times["p50"] <= times["p95"] for times in printed["stage_ms"].values())
    assert printed["embedding_ratio"] > 0.0


def test_the_report_says_what_it_was_made_from(printed: dict[str, Any]) -> None:
    assert (printed["set"], printed["turns"]) == ("data", 60)
    assert set(printed["detection"]) == {"precision", "recall", "f1"}
    assert 0.0 <= printed["ece"] <= 1.0
    assert printed["notes"] == []


def test_mistakes_are_listed_and_the_users_data_is_left_alone(printed: dict[str, Any], place: Path) -> None:
    listed = (place / "errors.txt").read_text()
    assert ("mistakes" in listed) is (printed["gold"]["r1"] < 1.0 or printed["detection"]["f1"] < 1.0)
    assert not (place / "data").exists()


def test_a_wrong_folder_is_told_in_one_line(tmp_path: Path) -> None:
    done = evaluate(tmp_path, str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "There is no folder" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
