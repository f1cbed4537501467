"""Recordings and what is counted when they are played."""

from pathlib import Path

import pytest

from assist.recordings import RecordedSegment, RecordingError, read_recording
from assist.replay import percentile
from assist.samples import CALLS

_SEGMENT = '{"speaker": "agent", "text": "Hello", "start_time": 0, "end_time": 1.5}'


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.99, 7.0),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.95, 95.0),
        ([float(n) for n in range(1, 21)], 0.95, 19.0),
        ([float(n) for n in range(1, 21)], 0.99, 20.0),
        ([1.0, 2.0], 0.0, 1.0),
        ([1.0, 2.0], 1.0, 2.0),
    ],
)
def test_a_percentile_is_the_nearest_rank(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected


def test_a_recording_is_its_call_and_its_segments(tmp_path: Path) -> None:
    path = tmp_path / "late-fee.jsonl"
    path.write_text(f'{{"call": {{"agent_id": "ada"}}}}\n\n{_SEGMENT}\n', encoding="utf-8")
    recording = read_recording(path)
    assert recording.call == {"call_id": "late-fee", "agent_id": "ada"}
    assert recording.segments == (RecordedSegment(speaker="agent", text="Hello", start_time=0.0, end_time=1.5),)


def test_a_recording_without_its_call_is_named_after_the_file(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(_SEGMENT, encoding="utf-8")
    assert read_recording(path).call == {"call_id": "plain"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no segments"),
        (b'{"call": {"call_id": "x"}}\n', "no segments"),
        (b"{not json\n", "line 1"),
        (_SEGMENT.encode() + b'\n{"speaker": "agent", "text": "Hi"}\n', "line 2"),
        (_SEGMENT.encode() + b'\n["agent"]\n', "line 2"),
        (b'{"call": "x"}\n', "line 1"),
        (b"\xff\xfe\n", "cannot be read"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_place(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=reason) as refused:
        read_recording(path)
    assert str(path) in str(refused.value)


def test_a_recording_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"gone\.jsonl cannot be read"):
        read_recording(tmp_path / "gone.jsonl")


@pytest.mark.parametrize("path", sorted(CALLS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_sample_call_can_be_played(path: Path) -> None:
    recording = read_recording(path)
    assert {segment.speaker for segment in recording.segments} <= {"agent", "customer"}
    assert all(segment.start_time <= segment.end_time for segment in recording.segments)
