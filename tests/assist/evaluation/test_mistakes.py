"""The list of mistakes that people read."""

import json

import pytest

from assist.evaluation.mistakes import mistakes, to_jsonl, to_text
from assist.evaluation.run import Judged
from tests.assist.evaluation.results import ROWS, dataset, judged

RIGHT = judged("right", seeking=True, detected=True, relevant=["inn/1"], found=["inn/1"], confidence=0.9)
QUIET = judged("quiet", seeking=False, detected=False)


@pytest.mark.parametrize(
    ("result", "kinds"),
    [
        (judged("d", seeking=False, detected=True, found=["inn/1"]), ("false alarm",)),
        (judged("d", seeking=True, detected=False, relevant=["inn/1"], found=["inn/1"]), ("missed",)),
        (
            judged("d", seeking=True, detected=False, relevant=["inn/1"], found=["pub/1"]),
            ("missed", "wrong subject", "not in top 5"),
        ),
        (judged("d", seeking=True, detected=True, relevant=["inn/1"], found=["pub/1", "inn/1"]), ("wrong subject",)),
        (
            judged("d", seeking=True, detected=True, relevant=["inn/1"], found=["inn/2", "inn/1"]),
            ("wrong passage of the right subject",),
        ),
        (judged("d", seeking=True, detected=True, relevant=["inn/1"]), ("nothing found",)),
        (
            judged("d", seeking=True, detected=True, relevant=["gone/1"], found=["inn/1"]),
            ("not first", "not in top 5"),
        ),
    ],
)
def test_the_kind_of_a_mistake_is_told(result: Judged, kinds: tuple[str, ...]) -> None:
    results = [RIGHT, result, QUIET]
    (mistake,) = mistakes(dataset(results), results, ROWS)
    assert mistake.kinds == kinds


def test_without_detection_labels_silence_and_unfounded_suggestions_are_told() -> None:
    silent = judged("silent", seeking=True, detected=False, relevant=["inn/1"], found=["inn/1"])
    unfounded = judged("unfounded", seeking=True, detected=True, found=["inn/1"], confidence=0.9)
    modest = judged("modest", seeking=True, detected=True, found=["inn/1"], confidence=0.1)
    results = [silent, unfounded, modest]
    found = mistakes(dataset(results, judges_detection=False), results, ROWS)
    assert {(mistake.dialog_id, mistake.kinds[0]) for mistake in found} == {
        ("silent", "silent"),
        ("unfounded", "suggestion without a relevant article"),
    }


def test_a_mistake_can_be_read_without_looking_anything_up() -> None:
    results = [judged("d9", seeking=True, detected=True, relevant=["inn/1"], found=["pub/1", "inn/1"], confidence=0.7)]
    text = to_text(mistakes(dataset(results), results, ROWS))
    assert "inns: 1 mistakes\n     1  wrong subject" in text
    for piece in (
        "d9 · wrong subject, first relevant at 2",
        ">> customer: Can I park there?",
        "expected   inn/1 [inn] About inn/1 | The text of inn/1.",
        "subjects   inn (place 0.90)",
        "confidence 0.70, 1 suggestions",
        "  1. 0.0300 cos 0.50 bm25 2.0  pub/1 [pub] About pub/1",
        "* 2. ",
    ):
        assert piece in text


def test_programs_get_one_object_a_line() -> None:
    results = [judged(f"d{n}", seeking=False, detected=True, found=["inn/1"], confidence=0.2) for n in range(3)]
    lines = to_jsonl(mistakes(dataset(results), results, ROWS)).splitlines()
    assert [json.loads(line)["dialog_id"] for line in lines] == ["d0", "d1", "d2"]
