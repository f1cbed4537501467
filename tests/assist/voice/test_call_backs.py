"""The receptionist rings customers: until somebody takes the call, and never for nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from assist.db.engine import Sessions
from assist.errors import NotFoundError
from assist.escalation.answers import AnswerDelivery
from assist.escalation.raising import NewRequest
from assist.notifications.preferences import QuietHours
from tests.assist.escalation.live_side import LiveSide, live_side
from tests.assist.voice.studio import Studio, studio
from tests.doubles.livekit_rooms import ANSWERED, BUSY, DECLINED

pytestmark = pytest.mark.db

QUESTION, ANSWER = "Do you ship to Norway?", "Yes, within four days."


@dataclass(frozen=True, kw_only=True)
class Reception:
    """Supervisors who answer, and somebody who rings."""

    desk: Studio
    side: LiveSide

    async def asked_and_answered(self, *, unresolved: bool = False, contact: str | None = "+4670123456") -> UUID:
        """The follow-up of a call that ended before its answer came."""
        session_id = await self.desk.call(customer_phone=contact, customer_name="Vera")
        await self.desk.calls.end(session_id, "completed")
        new = NewRequest(question=QUESTION, session_id=session_id, origin="receptionist")
        async with self.side.sessions.begin() as session:
            raised = await self.side.help_requests.raise_in(session, new)
        await self.side.answer(raised.request.id, ANSWER, unresolved=unresolved)
        return (await self.side.followed_up())[-1].id

    async def state(self, follow_up_id: UUID) -> tuple[str, str, int, str | None]:
        """Of the follow-up, and of its call-back."""
        query = (
            "SELECT f.state, c.state, c.attempts, c.last_status FROM follow_ups f JOIN call_backs c"
            " ON c.follow_up_id = f.id WHERE f.id = :id"
        )
        row = (await self.desk.sql(query, id=follow_up_id))[0]
        return row[0], row[1], row[2], row[3]

    async def ring(self, times: int = 1) -> None:
        """So many looks, an hour between them."""
        for _ in range(times):
            await self.desk.call_backs.ring_due()
            await self.desk.later(3600.0)


@asynccontextmanager
async def reception(sessions: Sessions, *, rings: bool = True) -> AsyncIterator[Reception]:
    async with live_side(sessions, channels=()) as side:
        answers = AnswerDelivery(notifier=side.help_requests.notifier, rings=rings)
        requests = replace(side.help_requests, answers=answers)
        yield Reception(desk=studio(sessions), side=replace(side, help_requests=requests))


async def test_nobody_is_rung_in_the_night_and_the_morning_is_told(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        now = datetime.now(UTC)
        opens = (now + timedelta(hours=2)).replace(second=0, microsecond=0)
        closed = QuietHours(start=(now - timedelta(hours=1)).time(), end=opens.time())
        night = replace(at.desk.call_backs, quiet=closed)
        await night.ring_due()
        assert at.desk.rooms.rung == []
        assert (await at.desk.sql("SELECT next_attempt_at FROM call_backs"))[0][0] == opens
        assert await at.state(follow_up) == ("open", "waiting", 0, None)
        await at.desk.later(7300.0)
        later = QuietHours(start=(now + timedelta(hours=3)).time(), end=(now + timedelta(hours=4)).time())
        await replace(at.desk.call_backs, quiet=later).ring_due()
        assert len(at.desk.rooms.rung) == 1


async def test_a_customer_whom_no_message_reaches_is_rung(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        await at.ring()
        (ring,) = at.desk.rooms.rung
        assert (ring.number, ring.name) == ("+4670123456", "Vera")
        ((room, job),) = at.desk.rooms.sent
        assert room == ring.room
        assert (job.agent_name, job.metadata["purpose"], job.metadata["follow_up_id"]) == (
            "receptionist",
            "callback",
            str(follow_up),
        )
        assert await at.state(follow_up) == ("open", "talking", 1, None)
        told = await at.desk.call_backs.view(follow_up)
        assert (told.question, told.answer, told.customer_name) == (QUESTION, ANSWER, "Vera")
        await at.desk.call_backs.result(follow_up, "told")
        await at.desk.call_backs.result(follow_up, "told")
        assert await at.state(follow_up) == ("done", "told", 1, None)
        await at.ring(3)
        assert len(at.desk.rooms.rung) == 1


async def test_somebody_who_is_busy_is_rung_again_and_then_left_to_a_person(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        at.desk.rooms.answers = (BUSY,)
        await at.desk.call_backs.ring_due()
        await at.desk.call_backs.ring_due()
        assert await at.state(follow_up) == ("open", "waiting", 1, "486")
        await at.desk.later(299.0)
        await at.desk.call_backs.ring_due()
        assert len(at.desk.rooms.rung) == 1
        await at.ring(5)
        assert len(at.desk.rooms.rung) == 3
        assert await at.state(follow_up) == ("open", "given_up", 3, "486")
        page = await at.side.follow_ups.page(["open"], limit=10, cursor=None)
        assert page.items[0].call_back is not None
        assert (page.items[0].call_back.state, page.items[0].call_back.next_attempt_at) == ("given_up", None)
        ended = await at.desk.sql("SELECT end_status FROM call_sessions WHERE call_id LIKE 'callback-%'")
        assert ended == [("not_answered",)] * 3
        assert len(at.desk.rooms.deleted) == 3


async def test_somebody_who_declines_is_not_rung_again(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        at.desk.rooms.answers = (DECLINED,)
        await at.ring(3)
        assert await at.state(follow_up) == ("open", "given_up", 1, "603")


async def test_who_hangs_up_before_the_answer_is_rung_again(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        await at.ring()
        (session_id,) = (await at.desk.sql("SELECT session_id FROM call_backs"))[0]
        await at.desk.calls.end(session_id, "completed")
        at.desk.rooms.answers = (ANSWERED,)
        await at.desk.call_backs.ring_due()
        assert await at.state(follow_up) == ("open", "waiting", 1, "hung up")
        await at.ring(2)
        assert await at.state(follow_up) == ("open", "talking", 2, None)


async def test_a_process_that_died_while_it_rang_is_replaced(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        at.desk.rooms.holding = asyncio.Event()
        ringing = asyncio.create_task(at.desk.call_backs.ring_due())
        while not at.desk.rooms.rung:
            await asyncio.sleep(0.01)
        ringing.cancel()
        await asyncio.gather(ringing, return_exceptions=True)
        at.desk.rooms.holding = None
        await at.desk.call_backs.ring_due()
        assert len(at.desk.rooms.rung) == 1
        await at.ring(2)
        assert await at.state(follow_up) == ("open", "talking", 2, None)


async def test_two_processes_ring_once(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        await at.asked_and_answered()
        await asyncio.gather(*(at.desk.call_backs.ring_due() for _ in range(5)))
        assert len(at.desk.rooms.rung) == 1


async def test_a_voicemail_is_tried_again_and_a_refusal_is_not(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        await at.desk.call_backs.ring_due()
        await at.desk.call_backs.result(follow_up, "voicemail")
        assert await at.state(follow_up) == ("open", "waiting", 1, "voicemail")
        await at.ring(2)
        await at.desk.call_backs.result(follow_up, "refused")
        assert await at.state(follow_up) == ("open", "given_up", 2, "refused")


async def test_nobody_is_rung_without_a_number_an_answer_or_a_line(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        await at.asked_and_answered(contact=None)
        await at.asked_and_answered(unresolved=True)
        await at.ring()
        assert at.desk.rooms.rung == []
    async with reception(sessions, rings=False) as at:
        follow_up = await at.asked_and_answered()
        await at.ring()
        assert at.desk.rooms.rung == []
        with pytest.raises(NotFoundError):
            await at.desk.call_backs.view(follow_up)


async def test_a_person_who_was_faster_spares_the_call(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        follow_up = await at.asked_and_answered()
        await at.side.follow_ups.done(follow_up, at.side.supervisor)
        await at.ring()
        assert at.desk.rooms.rung == []


async def test_the_receptionist_raises_a_question_once_in_whatever_words(sessions: Sessions) -> None:
    async with reception(sessions) as at:
        session_id = await at.desk.call()
        created = []
        for question in ("Do you ship to Norway?", "do you ship to norway", "So, do you please ship to Norway?"):
            new = NewRequest(question=question, session_id=session_id, origin="receptionist")
            async with at.side.sessions.begin() as session:
                created.append((await at.side.help_requests.raise_in(session, new)).created)
        assert created == [True, False, False]
