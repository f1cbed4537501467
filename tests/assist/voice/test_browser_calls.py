"""Calls with a browser: whose they are, who may join them, and what an invitation is worth."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from assist.access import Role
from assist.db.engine import Sessions
from assist.errors import ConflictError, NotFoundError, RequestError
from assist.voice.browser_calls import INVITE_S
from tests.assist.voice.studio import Studio, agent, studio

pytestmark = pytest.mark.db


@pytest.fixture
def desk(sessions: Sessions) -> Studio:
    return studio(sessions)


async def test_an_agents_call_is_on_the_desk_and_waits_for_its_listener(desk: Studio) -> None:
    marcus = agent()
    ticket = await desk.browser.start(marcus, "Vera Holm", None)
    seen = await desk.snapshot(ticket.session_id)
    assert (seen.call.agent_id, seen.call.customer_name) == (marcus.email, "Vera Holm")
    assert seen.call.acd_metadata == {"source": "browser", "room": ticket.room}
    assert seen.voice is not None
    assert (seen.voice.state, seen.voice.room) == ("waiting", ticket.room)
    assert json.loads(ticket.token)["role"] == "agent"


async def test_only_its_agent_joins_again(desk: Studio) -> None:
    marcus = agent()
    ticket = await desk.browser.start(marcus, None, None)
    assert (await desk.browser.rejoin(marcus, ticket.session_id)).room == ticket.room
    with pytest.raises(NotFoundError):
        await desk.browser.rejoin(agent("priya"), ticket.session_id)
    await desk.calls.end(ticket.session_id, "completed")
    with pytest.raises(ConflictError):
        await desk.browser.rejoin(marcus, ticket.session_id)


async def test_listening_in_is_audited(desk: Studio) -> None:
    ticket = await desk.browser.start(agent(), None, None)
    helena = agent("helena", Role.SUPERVISOR)
    place = await desk.browser.listen_in(helena, ticket.session_id)
    assert json.loads(place.token)["role"] == "supervisor"
    rows = await desk.sql("SELECT action, target_id FROM audit_log")
    assert rows == [("call.listened_in", str(ticket.session_id))]


async def test_calls_that_nobody_speaks_in_over_livekit_cannot_be_joined(desk: Studio) -> None:
    typed = await desk.call()
    for session_id in (typed, uuid4()):
        with pytest.raises(NotFoundError):
            await desk.browser.listen_in(agent("helena", Role.SUPERVISOR), session_id)


async def test_an_invitation_opens_its_call_for_an_hour(desk: Studio) -> None:
    now = 1_800_000_000.0
    browser = replace(desk.browser, clock=lambda: now)
    ticket = await browser.start(agent(), None, None)
    assert ticket.customer_link is not None
    invite = ticket.customer_link.removeprefix("/call?invite=")
    assert await browser.host(invite) == "marcus"
    place = await browser.visit(invite, "Vera", "there")
    assert (place.room, json.loads(place.token)["role"]) == (ticket.room, "customer")
    late = replace(desk.browser, clock=lambda: now + INVITE_S + 1)
    identity, until, signature = invite.split(".")
    forged = (
        f"{uuid4().hex}.{until}.{signature}",
        f"{identity}.{int(until) + 9}.{signature}",
        "x",
        "",
        f"{identity}.x.y",
    )
    for which, sent in ((late, invite), *((browser, one) for one in forged)):
        with pytest.raises(RequestError) as refused:
            await which.visit(sent, None, "there")
        assert (refused.value.status, refused.value.code) == (410, "invite_expired")
        assert await which.host(sent) is None
    await desk.calls.end(ticket.session_id, "completed")
    with pytest.raises(ConflictError):
        await browser.visit(invite, None, "there")


async def test_visitors_without_an_invitation_are_for_the_receptionist(desk: Studio) -> None:
    first, second = await desk.browser.visit(None, None, "there"), await desk.browser.visit(None, None, "there")
    assert first.room != second.room
    assert first.room.startswith("visit-")


async def test_nobody_calls_all_the_time(desk: Studio) -> None:
    for _ in range(10):
        await desk.browser.visit(None, None, "there")
    with pytest.raises(RequestError) as refused:
        await desk.browser.visit(None, None, "there")
    assert (refused.value.status, refused.value.code) == (429, "too_many_calls")
    await desk.browser.visit(None, None, "elsewhere")


async def test_what_is_switched_off_says_so(desk: Studio) -> None:
    with pytest.raises(NotFoundError) as refused:
        await replace(desk.browser, test_calls=False).visit(None, None, "there")
    assert refused.value.code == "feature_off"
    unconfigured = replace(desk.browser, rooms=None)
    assert not unconfigured.enabled
    with pytest.raises(ConflictError) as conflict:
        await unconfigured.start(agent(), None, None)
    assert conflict.value.code == "voice_not_configured"
