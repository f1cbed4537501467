"""Timers move with their request, and each fires once whoever looks."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update

from assist.db import timers as clock
from assist.db.engine import Session, Sessions, create_engine, create_sessions, libpq_url
from assist.db.models import HelpRequest, HelpRequestEvent, HelpRequestTimer
from assist.escalation.policy import Policy, Priority, Sla
from assist.escalation.timer_firing import PARK_AFTER, TimerFiring
from assist.escalation.timers import FIRST_RESPONSE, REMINDER, RESOLUTION, Progress, cancel, planned, schedule
from tests.assist.escalation.supervised import add_request

POLICY = Policy(sla={Priority.URGENT: Sla(first_response_minutes=2.0, resolution_minutes=10.0)})
TIMEOUT = 30.0
RAISED = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Timers = dict[tuple[str, int], HelpRequestTimer]


def progress(priority: Priority = Priority.MEDIUM, level: int = 0, **fields: object) -> Progress:
    values = {"in_hand": False, "created_at": RAISED, "waiting_since": RAISED, "due_at": None, **fields}
    return Progress(priority=priority, level=level, **values)  # type: ignore[arg-type]


def test_a_new_request_is_reminded_of_passed_on_and_ended() -> None:
    plan = planned(progress(), POLICY, TIMEOUT, RAISED)
    assert {key: (moment - RAISED) / MINUTE for key, moment in plan.timers.items()} == {
        (FIRST_RESPONSE, 0): 10.0,
        (REMINDER, 1): 15.0,
        (REMINDER, 2): 24.0,
        (RESOLUTION, 0): 30.0,
    }
    assert plan.first_response_due_at == RAISED + 10 * MINUTE
    assert plan.due_at == RAISED + 30 * MINUTE


@pytest.mark.parametrize("minutes", [0.05, 1.0, 30.0, 1440.0, 100_000.0])
def test_any_timeout_will_do(minutes: float) -> None:
    plan = planned(progress(Priority.LOW), Policy(), minutes, RAISED)
    assert plan.due_at == RAISED + minutes * MINUTE
    assert len(plan.timers) == 4
    assert all(RAISED < moment <= plan.due_at for moment in plan.timers.values())


def test_a_new_priority_whose_limit_has_passed_leaves_the_time_of_a_first_response() -> None:
    now = RAISED + 20 * MINUTE
    plan = planned(progress(Priority.URGENT, due_at=RAISED + 30 * MINUTE), POLICY, TIMEOUT, now)
    assert plan.due_at == now + 2 * MINUTE
    assert plan.timers[FIRST_RESPONSE, 0] < now


def test_what_has_run_out_already_is_not_prolonged() -> None:
    late = planned(progress(due_at=RAISED + 30 * MINUTE), POLICY, TIMEOUT, RAISED + 31 * MINUTE)
    assert late.due_at == RAISED + 30 * MINUTE


PROGRESS = st.builds(
    Progress,
    priority=st.sampled_from(Priority),
    level=st.integers(0, 5),
    in_hand=st.booleans(),
    created_at=st.just(RAISED),
    waiting_since=st.floats(0, 60).map(lambda minutes: RAISED + minutes * MINUTE),
    due_at=st.none() | st.floats(0, 60).map(lambda minutes: RAISED + minutes * MINUTE),
)


@given(PROGRESS, st.floats(0.01, 2000.0), st.floats(0.0, 120.0))
def test_nothing_is_planned_after_the_end_and_reminders_lie_ahead(
    given_progress: Progress, timeout: float, minutes: float
) -> None:
    now = RAISED + minutes * MINUTE
    plan = planned(given_progress, POLICY, timeout, now)
    assert plan.timers[RESOLUTION, 0] == plan.due_at
    assert all(moment <= plan.due_at for moment in plan.timers.values())
    assert all(now < moment for (kind, _), moment in plan.timers.items() if kind == REMINDER)
    passed_on = {ordinal for kind, ordinal in plan.timers if kind == FIRST_RESPONSE}
    assert passed_on <= {given_progress.level}
    assert not (given_progress.in_hand and passed_on)


async def timers_of(session: Session, request: HelpRequest) -> Timers:
    rows = select(HelpRequestTimer).where(HelpRequestTimer.request_id == request.id)
    found = (await session.execute(rows.execution_options(populate_existing=True))).scalars()
    return {(row.kind, row.ordinal): row for row in found}


def waiting(timers: Timers) -> set[tuple[str, int]]:
    return {key for key, row in timers.items() if row.fired_at is None and row.cancelled_at is None}


async def moved(session: Session, request: HelpRequest, action: str, **values: object) -> None:
    """A step as those who change requests take it."""
    for name, value in values.items():
        setattr(request, name, value)
    session.add(HelpRequestEvent(request_id=request.id, actor="timer", actor_name="Timer", action=action))
    await session.flush()


async def test_raising_priority_moves_the_timers_and_the_limits_on_the_request(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        await schedule(session, request, POLICY, TIMEOUT)
        before = request.due_at
        request.priority = "urgent"
        await schedule(session, request, POLICY, TIMEOUT)
        timers = await timers_of(session, request)
    assert before == request.created_at + 30 * MINUTE
    assert request.due_at == timers[RESOLUTION, 0].due_at == request.created_at + 10 * MINUTE
    assert request.first_response_due_at == timers[FIRST_RESPONSE, 0].due_at == request.created_at + 2 * MINUTE
    assert waiting(timers) == {(FIRST_RESPONSE, 0), (REMINDER, 1), (REMINDER, 2), (RESOLUTION, 0)}


async def test_taken_in_hand_it_is_not_passed_on_and_handed_back_it_is_again(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        await schedule(session, request, POLICY, TIMEOUT)
        limit = request.first_response_due_at
        await moved(session, request, "claimed", status="in_progress")
        await schedule(session, request, POLICY, TIMEOUT)
        assert (FIRST_RESPONSE, 0) not in waiting(await timers_of(session, request))
        assert request.first_response_due_at == limit
        await moved(session, request, "handed_back", status="pending")
        await schedule(session, request, POLICY, TIMEOUT)
        again = await timers_of(session, request)
    assert limit is not None
    assert (FIRST_RESPONSE, 0) in waiting(again)
    assert again[FIRST_RESPONSE, 0].due_at > limit


async def test_the_next_level_has_a_first_response_of_its_own_that_keeps_its_start(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        await schedule(session, request, POLICY, TIMEOUT)
        await moved(session, request, "escalated", level=1)
        await schedule(session, request, POLICY, TIMEOUT)
        first = (await timers_of(session, request))[FIRST_RESPONSE, 1].due_at
        request.priority = "high"
        await schedule(session, request, POLICY, TIMEOUT)
        request.priority = "medium"
        await schedule(session, request, POLICY, TIMEOUT)
        timers = await timers_of(session, request)
    assert first > request.created_at + 10 * MINUTE
    assert abs(timers[FIRST_RESPONSE, 1].due_at - first) < timedelta(seconds=5)
    assert timers[FIRST_RESPONSE, 0].cancelled_at is not None


async def test_nothing_becomes_due_any_more_once_it_is_cancelled_or_ended(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        await schedule(session, request, POLICY, TIMEOUT)
        await cancel(session, request.id)
        assert waiting(await timers_of(session, request)) == set()
        request.status = "resolved"
        await schedule(session, request, POLICY, TIMEOUT)
        assert waiting(await timers_of(session, request)) == set()


async def test_what_has_fired_stays_fired(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        await schedule(session, request, POLICY, TIMEOUT)
        reminder = (await timers_of(session, request))[REMINDER, 1]
        reminder.fired_at = await clock.now(session)
        await session.flush()
        await schedule(session, request, POLICY, 60.0)
        assert waiting(await timers_of(session, request)) == {(FIRST_RESPONSE, 0), (REMINDER, 2), (RESOLUTION, 0)}


async def test_one_job_waits_for_the_next_moment_at_the_time_of_the_database(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        await schedule(session, request, POLICY, TIMEOUT)
        jobs = (await session.execute(text("SELECT task_name, scheduled_at FROM procrastinate_jobs"))).all()
        assert jobs == [("fire_timers", request.first_response_due_at)]


@dataclass
class Handler:
    """What fires, and what the requests become."""

    fired: list[tuple[UUID, str]] = field(default_factory=list)
    fails: Callable[[HelpRequest], bool] = lambda _: False

    async def __call__(self, session: Session, request: HelpRequest, kind: str, now: datetime) -> None:
        assert now.tzinfo is not None
        await session.execute(update(HelpRequest).where(HelpRequest.id == request.id).values(level=request.level + 1))
        await asyncio.sleep(0.005)
        if self.fails(request):
            raise RuntimeError("the handler failed")
        self.fired.append((request.id, kind))


def firing(sessions: Sessions, handler: Handler, told: list[UUID | None] | None = None) -> TimerFiring:
    heard = [] if told is None else told
    return TimerFiring(sessions=sessions, became_due=handler, told=heard.append, first_pause_s=0.0)


async def add_due(sessions: Sessions, count: int, *, late: timedelta = MINUTE) -> list[UUID]:
    """Requests that should have ended already."""
    async with sessions.begin() as session:
        now = await clock.now(session)
        requests = [await add_request(session, created_at=now - 30 * MINUTE - late) for _ in range(count)]
        for number, request in enumerate(requests):
            await clock.set_timers(session, request.id, {(RESOLUTION, 0): now - late + number * timedelta(seconds=1)})
    return [request.id for request in requests]


async def levels(sessions: Sessions) -> list[int]:
    async with sessions() as session:
        return sorted((await session.execute(select(HelpRequest.level))).scalars())


async def test_what_is_due_fires_earliest_first_and_is_told(sessions: Sessions) -> None:
    handler, told = Handler(), list[UUID | None]()
    due = await add_due(sessions, 5)
    await add_due(sessions, 1, late=-MINUTE)
    await firing(sessions, handler, told).fire_due()
    assert handler.fired == [(request, RESOLUTION) for request in due]
    assert told == [None] * 5


async def test_processes_that_look_at_once_fire_each_timer_once(sessions: Sessions, database_url: str) -> None:
    handler = Handler()
    await add_due(sessions, 40)
    engines = [create_engine(database_url, pool_size=3) for _ in range(4)]
    try:
        lookers = [firing(create_sessions(engine), handler) for engine in engines for _ in range(2)]
        for _ in range(2):  # what another had in hand is looked at again
            await asyncio.gather(*(looker.fire_due() for looker in lookers))
    finally:
        for engine in engines:
            await engine.dispose()
    assert len(handler.fired) == len(set(handler.fired)) == 40
    assert await levels(sessions) == [1] * 40


async def test_a_handler_that_fails_leaves_no_trace_and_holds_up_no_other(sessions: Sessions) -> None:
    due = await add_due(sessions, 3)
    broken = {due[0]}
    handler = Handler(fails=lambda request: request.id in broken)
    looker = firing(sessions, handler)
    await looker.fire_due()
    assert [request for request, _ in handler.fired] == due[1:]
    assert await levels(sessions) == [0, 1, 1]
    broken.clear()
    await looker.fire_due()
    assert await levels(sessions) == [1, 1, 1]


async def test_a_timer_that_keeps_failing_is_left_alone_until_the_next_start(sessions: Sessions) -> None:
    tries: list[UUID] = []

    def fails(request: HelpRequest) -> bool:
        tries.append(request.id)
        return True

    handler = Handler(fails=fails)
    await add_due(sessions, 1)
    looker = firing(sessions, handler)
    for _ in range(PARK_AFTER + 3):
        await looker.fire_due()
    assert len(tries) == PARK_AFTER
    await firing(sessions, handler).fire_due()
    assert len(tries) == PARK_AFTER + 1


async def test_a_request_that_somebody_has_in_hand_is_looked_at_later(sessions: Sessions) -> None:
    handler = Handler()
    request_id = (await add_due(sessions, 1))[0]
    async with sessions.begin() as session:
        await session.execute(select(HelpRequest).where(HelpRequest.id == request_id).with_for_update())
        await firing(sessions, handler).fire_due()
        assert handler.fired == []
        await cancel(session, request_id)
    await firing(sessions, handler).fire_due()
    assert handler.fired == []


async def test_firing_goes_on_when_the_database_comes_back(sessions: Sessions, database_url: str) -> None:
    handler = Handler()
    looker = TimerFiring(sessions=sessions, became_due=handler, told=lambda _: None, every_s=0.02)
    running = asyncio.create_task(looker.run())
    try:
        async with await psycopg.AsyncConnection.connect(libpq_url(database_url), autocommit=True) as other:
            await other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        due = await add_due(sessions, 2)
        while len(handler.fired) < 2:
            assert not running.done()
            await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert [request for request, _ in handler.fired] == due


async def test_the_next_timer_has_a_job_as_soon_as_one_has_fired(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        request = await add_request(session)
        now = await clock.now(session)
        await clock.set_timers(session, request.id, {(REMINDER, 1): now - MINUTE, (RESOLUTION, 0): now + MINUTE})
    await firing(sessions, Handler()).fire_due()
    async with sessions() as session:
        jobs = select(func.count()).select_from(text("procrastinate_jobs")).where(text("task_name = 'fire_timers'"))
        assert (await session.execute(jobs)).scalar_one() == 1


@pytest.mark.parametrize("hours", [-48, 48])
async def test_a_process_whose_clock_jumped_fires_what_the_database_says(
    sessions: Sessions, database_url: str, hours: int
) -> None:
    async with sessions.begin() as session:
        now = await clock.now(session)
        for question, due_at in (("late", now - MINUTE), ("early", now + 60 * MINUTE)):
            request = await add_request(session, question=question)
            await clock.set_timers(session, request.id, {(RESOLUTION, 0): due_at})
    command = [sys.executable, "-W", "ignore", "-m", "tests.assist.escalation.skewed", database_url, str(hours)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert json.loads(told) == ["late"]
