"""The receptionist passes callers on: away to another number, or to somebody who joins the room; or to nobody."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.livekit.talk import Limits
from pipeline.conversation import HandOver, HangUp, Say
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import sfu_process
from tests.integrations.livekit.patience import until
from tests.integrations.livekit.receiving import GREETING, Desk, desk, heard_by, hears, say

pytestmark = pytest.mark.spoken

CONNECTING = (Say(text="One moment."), HandOver(reason="asked_for_human"))


@pytest.fixture(scope="module")
def sfu() -> Iterator[Sfu]:
    with sfu_process(departure_timeout_s=30.0) as running:
        yield running


@pytest.fixture
async def at(sfu: Sfu, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(sfu, tmp_path, transfer_to="+46812345") as found:
        found.mind.replies = lambda words: CONNECTING
        yield found


def asked_of(at: Desk, method: str) -> list[dict[str, Any]]:
    """Requests of this call to the telephone."""
    asked = [call["request"] for call in at.sfu.twirp_calls(method)]
    return [request for request in asked if request["room_name"] == at.room]


async def test_a_transfer_that_fails_without_an_error_is_told(at: Desk) -> None:
    at.sfu.transfers_end("failed_quietly")
    vera = await at.caller("sip")
    async with at.job() as running:
        await hears(vera, GREETING, closing=True)
        await say(vera, "A person please.")
        await hears(vera, "Nobody is free.", closing=True)
        at.mind.replies = lambda words: (Say(text="Bye."), HangUp(reason="goodbye"))
        await say(vera, "Then not.")
        await running
    assert (at.mind.failed, list(at.assist.ended.values())) == (["STS_TRANSFER_FAILED"], ["goodbye"])
    await vera.leave()


async def test_where_no_listener_comes_the_server_knows_that_one_is_needed(at: Desk) -> None:
    at.is_warm = True
    at.sfu.calls_end("answered")
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING, closing=True)
        await say(vera, "A person please.")
        await running
    assert [(job["kind"], job["job_id"]) for job in at.assist.jobs] == [("receptionist", "AJ_1"), ("assist", "AJ_1")]
    assert at.assist.ended == {}
    await vera.leave()


async def test_while_it_rings_nothing_is_asked_and_a_caller_who_leaves_ends_the_call(at: Desk) -> None:
    at.is_warm, at.limits = True, Limits(idle_s=2.5, max_s=600.0)
    at.sfu.calls_end("joins")
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING, closing=True)
        await say(vera, "A person please.")
        await until(lambda: asked_of(at, "CreateSIPParticipant"))
        await asyncio.sleep(3.5)
        await vera.leave()
        await running
    assert heard_by(vera) == [GREETING, "One moment."]
    assert (list(at.assist.ended.values()), at.mind.failed) == (["caller_left"], [])
