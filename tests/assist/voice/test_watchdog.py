"""The watchdog: jobs that die are sent again until one reports in; calls that nobody is in any more end."""

import asyncio
from uuid import UUID

import pytest

from assist.db.engine import Sessions
from integrations.livekit.rooms import Caller, Dispatch, RoomEvent
from tests.assist.voice.studio import Studio, agent, studio

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Studio:
    return studio(sessions)


async def heard(desk: Studio, room: str = "r1") -> UUID:
    """A call with a job, and two people in the room."""
    session_id = await desk.call()
    await desk.job(session_id, room=room)
    await desk.beat(session_id)
    desk.rooms.present[room] = {"alice", "customer"}
    return session_id


async def test_a_job_that_beats_is_left_alone(desk: Studio) -> None:
    await heard(desk)
    await desk.later(3.0)
    await desk.watchdog.look()
    assert desk.rooms.sent == []


async def test_a_job_that_falls_silent_is_sent_again(desk: Studio) -> None:
    session_id = await heard(desk)
    await desk.later(7.0)
    await desk.watchdog.look()
    assert [(room, job.agent_name, job.metadata["session_id"]) for room, job in desk.rooms.sent] == [
        ("r1", "assist", str(session_id))
    ]
    seen = (await desk.snapshot(session_id)).voice
    assert seen is not None
    assert seen.state == "lost"
    await desk.job(session_id, "J2")
    assert [one["state"] for one in await desk.events(session_id, "voice")] == ["listening", "lost", "listening"]


async def test_it_asks_again_with_growing_pauses_until_a_job_is_there(desk: Studio) -> None:
    session_id = await heard(desk)
    await desk.later(7.0)
    await desk.watchdog.look()
    await desk.watchdog.look()
    assert len(desk.rooms.sent) == 1
    for expected, wait_s in ((2, 1.1), (2, 1.1), (3, 1.1), (3, 3.0), (4, 1.1)):
        await desk.later(wait_s)
        await desk.watchdog.look()
        assert len(desk.rooms.sent) == expected
    await desk.job(session_id, "J2")
    await desk.later(5.0)
    await desk.watchdog.look()
    assert len(desk.rooms.sent) == 4


async def test_a_job_that_beats_again_after_a_pause_is_asked_for_no_more(desk: Studio) -> None:
    session_id = await heard(desk)
    await desk.beat(session_id)
    await desk.later(7.0)
    await desk.watchdog.look()
    await desk.beat(session_id)
    await desk.later(3.0)
    await desk.watchdog.look()
    assert len(desk.rooms.sent) == 1


async def test_two_processes_send_one_job(desk: Studio) -> None:
    await heard(desk)
    await desk.later(7.0)
    await asyncio.gather(*(desk.watchdog.look() for _ in range(5)))
    assert len(desk.rooms.sent) == 1


async def test_the_first_job_of_a_browser_call_is_asked_for_when_it_does_not_come(desk: Studio) -> None:
    ticket = await desk.browser.start(agent(), None, None)
    desk.rooms.present[ticket.room] = {ticket.identity}
    await desk.watchdog.look()
    assert desk.rooms.sent == []
    await desk.later(9.0)
    await desk.watchdog.look()
    assert [room for room, _ in desk.rooms.sent] == [ticket.room]


async def test_a_call_that_nobody_ever_joined_ends_when_its_token_is_void(desk: Studio) -> None:
    ticket = await desk.browser.start(agent(), None, None)
    for wait_s in (9.0, 300.0, 300.0):
        await desk.later(wait_s)
        await desk.watchdog.look()
    assert (await desk.snapshot(ticket.session_id)).call.status == "active"
    await desk.later(100.0)
    await desk.watchdog.look()
    assert (await desk.snapshot(ticket.session_id)).call.status == "ended"
    assert desk.rooms.sent == []


async def test_a_call_without_job_and_people_ends_after_a_moment(desk: Studio) -> None:
    session_id = await heard(desk)
    desk.rooms.present.clear()
    await desk.later(7.0)
    await desk.watchdog.look()
    assert (await desk.snapshot(session_id)).call.status == "active"
    await desk.later(13.0)
    await desk.watchdog.look()
    assert (await desk.snapshot(session_id)).call.status == "ended"


async def test_people_who_come_back_keep_their_call(desk: Studio) -> None:
    session_id = await heard(desk)
    desk.rooms.present.clear()
    await desk.later(7.0)
    await desk.watchdog.look()
    desk.rooms.present["r1"] = {"customer"}
    await desk.later(13.0)
    await desk.watchdog.look()
    assert (await desk.snapshot(session_id)).call.status == "active"
    assert len(desk.rooms.sent) == 1


async def test_a_livekit_server_that_is_down_ends_no_call(desk: Studio) -> None:
    session_id = await heard(desk)
    desk.rooms.is_down = True
    for _ in range(4):
        await desk.later(40.0)
        await desk.watchdog.look()
    assert (await desk.snapshot(session_id)).call.status == "active"
    desk.rooms.is_down = False
    await desk.later(40.0)
    await desk.watchdog.look()
    assert len(desk.rooms.sent) == 1


async def test_the_webhook_of_a_job_that_left_sends_another_at_once(desk: Studio) -> None:
    await heard(desk)
    left = RoomEvent(id="E1", event="participant_left", room="r1", identity="agent-J1", is_job=True)
    await desk.watchdog.heard(left)
    await desk.watchdog.look()
    assert len(desk.rooms.sent) == 1


async def test_a_webhook_that_comes_twice_counts_once(desk: Studio) -> None:
    session_id = await heard(desk)
    left = RoomEvent(id="E1", event="participant_left", room="r1", identity="agent-J1", is_job=True)
    await desk.watchdog.heard(left)
    await desk.job(session_id, "J2")
    await desk.watchdog.heard(left)
    await desk.watchdog.look()
    assert desk.rooms.sent == []


async def test_a_person_who_leaves_costs_no_job(desk: Studio) -> None:
    await heard(desk)
    await desk.watchdog.heard(RoomEvent(id="E1", event="participant_left", room="r1", identity="alice"))
    await desk.watchdog.heard(RoomEvent(id="E2", event="participant_left", room="elsewhere", is_job=True))
    gave_way = RoomEvent(id="E3", event="participant_left", room="r1", identity="agent-J0", is_job=True)
    await desk.watchdog.heard(gave_way)
    await desk.watchdog.look()
    assert desk.rooms.sent == []


async def test_a_caller_whom_no_job_has_met_has_a_call_all_the_same(desk: Studio) -> None:
    desk.rooms.rules["sip-1"] = [
        Dispatch(agent_name="somebody else", metadata={}),
        Dispatch(agent_name="assist", metadata={}),
    ]
    desk.rooms.present["sip-1"] = {"sip_1"}
    caller = Caller(call_id="SCL_1", phone="+4670123", name=None)
    joined = RoomEvent(id="E1", event="participant_joined", room="sip-1", identity="sip_1", caller=caller)
    await desk.watchdog.heard(joined)
    await desk.later(9.0)
    await desk.watchdog.look()
    rows = await desk.sql("SELECT call_id, customer_phone FROM call_sessions")
    assert rows == [("SCL_1", "+4670123")]
    assert [(room, job.agent_name) for room, job in desk.rooms.sent] == [("sip-1", "assist")]


async def test_rooms_of_other_products_make_no_calls(desk: Studio) -> None:
    desk.rooms.rules["theirs"] = [Dispatch(agent_name="somebody else", metadata={})]
    caller = Caller(call_id="SCL_1", phone=None, name=None)
    await desk.watchdog.heard(RoomEvent(id="E1", event="participant_joined", room="theirs", caller=caller))
    assert await desk.sql("SELECT 1 FROM call_sessions") == []
