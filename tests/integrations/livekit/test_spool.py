"""What is owed to the server is on the disk, and one worker at a time works on it."""

import os
import stat
from pathlib import Path

import pytest

from integrations.livekit.spool import Call, Ended, Placed, Segment, Spool, left_behind

CALL = Call(room="room", job_id="AJ_1", kind="assist", started=100.0, fields={"call_id": "c"})
PLACED = Placed(session_id="s", zero=100.0)


def segment(number: int) -> Segment:
    return Segment(
        id=f"id-{number}", speaker="customer", text=f"word {number}", start=100.0 + number, end=101.0 + number
    )


def reopened(spool: Spool) -> Spool:
    """As another process finds it, when the first one has died."""
    assert spool._descriptor is not None
    os.close(spool._descriptor)
    found = Spool.take_over(spool.path)
    assert found is not None
    return found


def test_what_was_not_delivered_is_found_again_in_order(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path / "spool", CALL)
    spool.add(PLACED)
    for number in range(4):
        spool.add(segment(number))
    spool.delivered(segment(0))
    spool.delivered(segment(1))
    spool.add(Ended(status="completed"))
    found = reopened(spool)
    assert list(found.owed) == [segment(2), segment(3), Ended(status="completed")]
    assert (found.call, found.placed) == (CALL, PLACED)


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path / "spool", CALL)
    assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.path.parent.stat().st_mode) == 0o700


def test_nobody_takes_over_what_somebody_works_on(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, CALL)
    spool.add(segment(0))
    assert left_behind(tmp_path) == [spool.path]
    assert Spool.take_over(spool.path) is None
    spool.close()
    taken = Spool.take_over(spool.path)
    assert taken is not None
    assert Spool.take_over(spool.path) is None


def test_the_file_goes_when_nothing_is_owed(tmp_path: Path) -> None:
    spool = Spool.create(tmp_path, CALL)
    spool.add(segment(0))
    spool.delivered(segment(0))
    spool.close()
    assert left_behind(tmp_path) == []
    assert Spool.take_over(spool.path) is None


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_line_that_was_torn_by_a_kill_costs_only_itself(tmp_path: Path, cut: int) -> None:
    spool = Spool.create(tmp_path, CALL)
    spool.add(segment(0))
    spool.add(segment(1))
    content = spool.path.read_bytes()
    os.truncate(spool.path, len(content) - cut)
    found = reopened(spool)
    assert segment(0) in found.owed or cut > 110
    found.add(segment(2))
    assert list(reopened(found).owed)[-1] == segment(2)


def test_a_full_disk_keeps_words_in_memory_and_counts_what_is_too_much(tmp_path: Path) -> None:
    (tmp_path / "AJ_1.new").symlink_to("/dev/full")
    spool = Spool.create(tmp_path, CALL)
    for number in range(2100):
        spool.add(segment(number))
    assert len(spool.owed) == 2000
    assert spool.owed[0] == segment(100)
    assert spool.dropped == 100
    spool.delivered(segment(100))
    assert len(spool.owed) == 1999


def test_a_spool_that_cannot_be_made_lives_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    spool = Spool.create(tmp_path / "file", CALL)
    spool.add(segment(0))
    assert list(spool.owed) == [segment(0)]
    spool.close()


def test_names_of_jobs_do_not_leave_the_directory(tmp_path: Path) -> None:
    call = Call(room="room", job_id="../../etc/x", kind="assist", started=0.0)
    assert Spool.create(tmp_path / "spool", call).path.parent == tmp_path / "spool"


def test_what_others_left_in_the_directory_is_no_spool(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_bytes(b"\x00\xff hello\n{}\n[]\n")
    found = Spool.take_over(tmp_path / "x.jsonl")
    assert found is not None
    assert (found.call, list(found.owed)) == (None, [])
