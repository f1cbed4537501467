"""Data sets as people bring them: right, broken, and written by a checkout that knows no links."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assist.evaluation.dataset import DataSetError, find, load, row_id

ROWS = [
    {"id": "inn/1", "title": "Is there parking?", "body": "Yes, behind the inn.", "entity": "Moor Inn"},
    {"id": "inn/2", "title": "", "body": "Dogs are welcome in the bar of the inn.", "entity": "Moor Inn"},
]


def judged(dialog: str = "d#1", *, seeking: bool | None = True, relevant: Sequence[str] = ("inn/1",)) -> dict[str, Any]:
    turns = [
        {"speaker": "agent", "text": "How can I help?", "asr_nbest": ["how can i help"]},
        {"speaker": "customer", "text": "Can I park at the Moor Inn?"},
    ]
    label = {} if seeking is None else {"knowledge_seeking": seeking}
    return {"dialog_id": dialog, "turns": turns, "relevant_ids": relevant, "response": "Yes, behind it."} | label


def write(folder: Path, turns: Sequence[Any] = (judged(),), rows: Sequence[Any] = ROWS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("kb.jsonl", rows), ("turns.jsonl", turns)):
        content = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        (folder / name).write_text(content + "\n", encoding="utf-8")
    return folder


def test_rows_become_documents_that_know_their_id_and_what_they_are_about(tmp_path: Path) -> None:
    dataset = load(write(tmp_path / "inns"))
    assert dataset.name == "inns"
    assert [row_id(document) for document in dataset.documents] == ["inn/1", "inn/2"]
    assert dataset.documents[1].title == "Dogs are welcome in the bar of the inn."
    assert {topic.name for document in dataset.documents for topic in document.subjects} == {"Moor Inn"}


def test_of_a_turn_only_what_was_said_and_its_judgement_is_kept(tmp_path: Path) -> None:
    (turn,) = load(write(tmp_path)).turns
    assert turn.call == "d"
    assert [(said.speaker.value, said.text) for said in turn.turns][-1] == ("customer", "Can I park at the Moor Inn?")
    assert "behind it" not in repr(turn)


@pytest.mark.parametrize(
    ("labels", "judges"), [((True, False), True), ((True, True), False), ((None, None), False), ((False,), False)]
)
def test_detection_is_judged_only_where_labels_differ(
    tmp_path: Path, labels: Sequence[bool | None], judges: bool
) -> None:
    turns = [judged(f"d{place}", seeking=label) for place, label in enumerate(labels)]
    assert load(write(tmp_path, turns)).judges_detection is judges


def test_a_limit_takes_turns_from_all_over_the_file_and_keeps_what_is_known_of_the_labels(tmp_path: Path) -> None:
    turns = [judged(f"d{place}", seeking=place < 50) for place in range(100)]
    dataset = load(write(tmp_path, turns), limit=4)
    assert [turn.dialog_id for turn in dataset.turns] == ["d0", "d25", "d50", "d75"]
    assert dataset.judges_detection


def test_relevant_ids_that_no_row_has_are_counted_and_told(tmp_path: Path) -> None:
    turns = [judged("d1", relevant=["inn/9", "inn/1"]), judged("d2", relevant=["inn/9"])]
    (note,) = load(write(tmp_path, turns)).notes
    assert note.startswith("1 relevant ids (of 2 turns) are not in kb.jsonl: inn/9.")


def test_rows_without_text_are_left_out_and_told(tmp_path: Path) -> None:
    dataset = load(write(tmp_path, rows=[*ROWS, {"id": "inn/3", "title": "Empty", "body": ""}]))
    assert len(dataset.documents) == 2
    assert dataset.notes == ("1 rows of kb.jsonl have no text and were left out.",)


def test_a_link_that_was_checked_out_as_text_is_followed(tmp_path: Path) -> None:
    write(tmp_path / "one")
    other = write(tmp_path / "other", rows=["../one/kb.jsonl"])
    assert len(load(other).documents) == 2


@pytest.mark.parametrize(
    ("turns", "rows", "told"),
    [
        ([judged(), "{broken"], ROWS, "turns.jsonl, line 2:"),
        ([judged(), '{"dialog_id": "d"}'], ROWS, "turns.jsonl, line 2: Object missing required field `turns`"),
        ([{"dialog_id": "d", "turns": []}], ROWS, "line 1: it has no turns"),
        ([{"dialog_id": "d", "turns": [{"speaker": "robot", "text": "hi"}]}], ROWS, "line 1: Invalid enum value"),
        ([], ROWS, "turns.jsonl holds no turns"),
        ([judged()], [ROWS[0], "[]"], "Line 2 is not a JSON object"),
        ([judged()], [ROWS[0], ROWS[0]], "Line 2 repeats the id"),
        ([judged()], [], "kb.jsonl holds no articles"),
        ([judged()], ["../elsewhere/kb.jsonl"], "There is no file"),
    ],
)
def test_what_is_broken_is_named(tmp_path: Path, turns: Sequence[Any], rows: Sequence[Any], told: str) -> None:
    with pytest.raises(DataSetError) as raised:
        load(write(tmp_path, turns, rows))
    assert told in str(raised.value)


def test_a_folder_of_sets_stands_for_all_of_them(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write(tmp_path / name)
    write(tmp_path / "only-articles")
    (tmp_path / "only-articles" / "turns.jsonl").unlink()
    (tmp_path / "something-else").mkdir()
    found, notes = find([tmp_path, tmp_path / "a"])
    assert [path.name for path in found] == ["a", "b"]
    assert notes == ["only-articles has no turns.jsonl; it was left out."]


def test_a_folder_without_a_set_and_a_missing_one_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="There is no folder"):
        find([tmp_path / "nowhere"])
    with pytest.raises(DataSetError, match="holds no data set"):
        find([tmp_path])


def test_a_set_without_one_of_its_files_is_told(tmp_path: Path) -> None:
    (write(tmp_path) / "turns.jsonl").unlink()
    assert find([tmp_path])[0] == [tmp_path.resolve()]
    with pytest.raises(DataSetError, match=r"There is no file .*turns\.jsonl"):
        load(tmp_path)
