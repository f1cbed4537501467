"""Jobs that hear calls: gaps between them, who is there, and how well they hear."""

import asyncio
from uuid import uuid4

import pytest

from assist.db.engine import Sessions
from assist.errors import ConflictError, NotFoundError
from assist.voice.jobs import Gap, Present
from tests.assist.voice.studio import Studio, agent, studio

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Studio:
    return studio(sessions)


async def test_the_first_job_of_a_call_makes_no_gap(desk: Studio) -> None:
    session_id = await desk.call()
    begun = await desk.job(session_id)
    assert not begun.resumed
    seen = await desk.snapshot(session_id)
    assert seen.voice is not None
    assert (seen.voice.state, seen.voice.transcription, seen.gaps) == ("listening", "ok", [])


async def test_what_lies_between_two_jobs_is_a_gap(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id, "J1")
    await desk.beat(session_id, "J1", settled_s=3.0)
    await desk.sql("UPDATE call_sessions SET started_at = started_at - interval '9 seconds'")
    await desk.later(7.0)
    assert (await desk.job(session_id, "J2")).resumed
    (gap,) = (await desk.snapshot(session_id)).gaps
    assert (gap.speaker, gap.start_time, gap.reason) == (None, 3.0, "job_lost")
    assert gap.end_time >= 9.0
    assert [one["id"] for one in await desk.events(session_id, "gap")] == ["job:J1"]


async def test_a_job_that_reports_twice_is_the_same_job(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id)
    await desk.beat(session_id, settled_s=1.0)
    assert not (await desk.job(session_id)).resumed
    assert (await desk.snapshot(session_id)).gaps == []


async def test_the_listener_that_takes_over_from_the_receptionist_leaves_no_gap(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id, "J1", kind="receptionist")
    await desk.sql("UPDATE call_sessions SET started_at = started_at - interval '60 seconds'")
    await desk.job(session_id, "J2")
    assert (await desk.snapshot(session_id)).gaps == []
    assert (await desk.beat(session_id, "J1")).replaced


async def test_a_job_is_told_when_the_call_has_ended_or_another_one_has_it(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id, "J1")
    await desk.later(7.0)
    await desk.job(session_id, "J2")
    assert (await desk.beat(session_id, "J1")).replaced
    first = await desk.beat(session_id, "J2")
    assert (first.ended, first.replaced) == (False, False)
    await desk.calls.end(session_id, "completed")
    assert (await desk.beat(session_id, "J2")).ended
    with pytest.raises(ConflictError) as refused:
        await desk.job(session_id, "J3")
    assert refused.value.code == "call_ended"


async def test_a_second_job_is_sent_away_while_the_first_one_beats(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id, "J1")
    await desk.beat(session_id, "J1")
    with pytest.raises(ConflictError) as refused:
        await desk.job(session_id, "J2")
    assert refused.value.code == "job_present"
    assert not (await desk.beat(session_id, "J1")).replaced
    await desk.watchdog.lost(session_id)
    assert (await desk.job(session_id, "J2")).resumed


async def test_unknown_calls_have_no_jobs(desk: Studio) -> None:
    with pytest.raises(NotFoundError):
        await desk.job(uuid4())
    with pytest.raises(NotFoundError):
        await desk.beat(uuid4())
    with pytest.raises(NotFoundError):
        await desk.jobs.miss(uuid4(), [])


async def test_a_dead_recogniser_shows_on_the_desk_and_passes(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id)
    await desk.beat(session_id, transcription="unavailable", detail="stt_unauthorized")
    await desk.beat(session_id, transcription="unavailable", detail="stt_unauthorized")
    await desk.beat(session_id)
    told = [(one["transcription"], one["detail"]) for one in await desk.events(session_id, "voice")]
    assert told == [("ok", None), ("unavailable", "stt_unauthorized"), ("ok", None)]


async def test_gaps_that_a_job_reports_are_kept_once(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id)
    gap = Gap(id="g1", speaker="customer", start_time=4.0, end_time=9.5, reason="stt_down")
    empty = Gap(id="g2", start_time=4.0, end_time=4.0, reason="stt_down")
    await desk.jobs.miss(session_id, [gap, empty])
    await desk.calls.end(session_id, "completed")
    await desk.jobs.miss(session_id, [gap])
    (kept,) = (await desk.snapshot(session_id)).gaps
    assert (kept.id, kept.speaker, kept.start_time, kept.end_time) == ("g1", "customer", 4.0, 9.5)
    assert len(await desk.events(session_id, "gap")) == 1


async def test_an_agent_who_is_swapped_in_has_the_call_on_the_desk(desk: Studio) -> None:
    alice, bob = agent("alice"), agent("bob")
    session_id = await desk.call(agent_id=alice.email, agent_name="Alice")
    await desk.job(session_id)
    people = [Present(identity="agent:a", agent_id=alice.email, role="agent", name="Alice")]
    await desk.beat(session_id, participants=people)
    people = [
        Present(identity="agent:a", agent_id=alice.email, role="agent", name="Alice", present=False),
        Present(identity="agent:b", agent_id="BOB@voice.example", role="agent", name="Bob"),
    ]
    await desk.beat(session_id, participants=people)
    seen = await desk.snapshot(session_id)
    assert (seen.call.agent_id, seen.call.agent_name) == (bob.email, "Bob")
    for person in (alice, bob):
        page = await desk.calls.page(person, status=None, limit=10, before=None)
        assert [call.session_id for call in page.items] == [session_id]
    rows = await desk.sql("SELECT identity, left_at IS NULL FROM participants WHERE role = 'agent' ORDER BY 1")
    assert rows == [(alice.email, False), (bob.email, True)]


async def test_a_caller_is_reached_as_they_say(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.jobs.contact(session_id, "Vera Holm", "+4670123456")
    seen = (await desk.snapshot(session_id)).call
    assert (seen.customer_name, seen.customer_phone) == ("Vera Holm", "+4670123456")
    await desk.jobs.contact(session_id, None, None)
    await desk.jobs.contact(session_id, None, "+4670999")
    seen = (await desk.snapshot(session_id)).call
    assert (seen.customer_name, seen.customer_phone) == ("Vera Holm", "+4670999")
    with pytest.raises(NotFoundError):
        await desk.jobs.contact(uuid4(), "Vera", None)


async def test_many_beats_at_once_do_no_harm(desk: Studio) -> None:
    session_id = await desk.call()
    await desk.job(session_id)
    gap = Gap(id="g", start_time=1.0, end_time=2.0, reason="overload")
    beats = [desk.beat(session_id, settled_s=float(number)) for number in range(20)]
    await asyncio.gather(*beats, *(desk.jobs.miss(session_id, [gap]) for _ in range(5)))
    assert await desk.sql("SELECT settled_s FROM voice_rooms") == [(19.0,)]
    assert len(await desk.events(session_id, "gap")) == 1
