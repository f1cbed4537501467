"""Figures of help requests, over requests whose times the test sets."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from assist.db.engine import Sessions
from assist.db.models import (
    CallSession,
    HelpRequest,
    KnowledgeArticle,
    KnowledgeArticleVersion,
    KnowledgeDraft,
    Suggestion,
    User,
)
from assist.errors import InvalidError
from assist.statistics import Period, Spread, Statistics, StatisticsView

pytestmark = pytest.mark.db

START = datetime(2026, 3, 28, 10, 0, tzinfo=UTC)
WEEK = Period(since=START, until=START + timedelta(days=7))


class Desk:
    """Writes rows as they would have been left behind."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def supervisor(self, name: str) -> UUID:
        identity = uuid4()
        values = {
            "id": identity,
            "email": f"{name}@x.example",
            "name": name,
            "role": "supervisor",
            "password_hash": "-",
        }
        async with self._sessions.begin() as session:
            await session.execute(insert(User).values(**values))
        return identity

    async def request(self, at: datetime, **columns: object) -> UUID:
        identity = uuid4()
        fixed = {"id": identity, "channel": "call", "question": "?", "normalised_question": str(identity)}
        async with self._sessions.begin() as session:
            await session.execute(insert(HelpRequest).values(created_at=at, **fixed, **columns))
        return identity

    async def answered(self, at: datetime, minutes: float, by: UUID, **columns: object) -> UUID:
        """Taken in hand after half of the time; limits of 10 and 30 minutes."""
        return await self.request(
            at,
            status="resolved",
            answered_by=by,
            first_response_at=at + timedelta(minutes=minutes / 2),
            resolved_at=at + timedelta(minutes=minutes),
            first_response_due_at=at + timedelta(minutes=10),
            due_at=at + timedelta(minutes=30),
            **columns,
        )

    async def article(self, provenance: dict[str, str] | None, versions: int = 1) -> UUID:
        identity = uuid4()
        async with self._sessions.begin() as session:
            await session.execute(
                insert(KnowledgeArticle).values(
                    id=identity, source="s", uri=str(identity), title="t", current_version=versions
                )
            )
            for version in range(1, versions + 1):
                told = provenance if version == versions else None
                values = {"article_id": identity, "version": version, "title": "t", "body": "b", "content_hash": "h"}
                await session.execute(insert(KnowledgeArticleVersion).values(**values, provenance=told))
        return identity

    async def call_that_cited(self, at: datetime, article: UUID, version: int = 1) -> None:
        session_id = uuid4()
        async with self._sessions.begin() as session:
            await session.execute(insert(CallSession).values(session_id=session_id, call_id=str(session_id)))
            values = {
                "id": uuid4(),
                "session_id": session_id,
                "suggestion_type": "answer",
                "title": "t",
                "text": "x",
                "confidence_score": 0.9,
                "query": "q",
                "citations": [{"article_id": str(article), "version": version}],
                "passage_ids": [],
                "created_at": at,
            }
            await session.execute(insert(Suggestion).values(**values))


@pytest.fixture
def desk(sessions: Sessions) -> Desk:
    return Desk(sessions)


async def _of(sessions: Sessions, period: Period = WEEK) -> StatisticsView:
    return await Statistics(sessions=sessions).of(period)


async def test_times_and_limits_are_those_of_the_rows(sessions: Sessions, desk: Desk) -> None:
    helena = await desk.supervisor("Helena")
    for minutes in (4.0, 8.0, 40.0):
        await desk.answered(START + timedelta(hours=1), minutes, helena, priority="high", tags=["billing"])
    late = START + timedelta(hours=2)
    await desk.request(late, status="unresolved", resolved_at=late + timedelta(minutes=30), tags=["billing", "vip"])
    found = await _of(sessions)
    assert found.total == 4
    assert found.first_response == Spread(count=3, mean_s=520.0, p50_s=240.0, p90_s=1008.0)
    assert found.resolution == Spread(count=3, mean_s=1040.0, p50_s=480.0, p90_s=2016.0)
    assert found.resolution_by_priority["high"] == found.resolution
    assert (found.first_response_sla.kept, found.first_response_sla.missed) == (2, 1)
    assert (found.resolution_sla.kept, found.resolution_sla.missed, found.resolution_sla.share) == (2, 2, 0.5)
    assert [(one.name, one.total) for one in found.by_tag] == [("billing", 4), ("vip", 1)]
    assert {one.name: one.total for one in found.by_status} == {"resolved": 3, "unresolved": 1}


async def test_what_lies_outside_of_the_period_does_not_count(sessions: Sessions, desk: Desk) -> None:
    assert WEEK.until is not None
    await desk.request(START - timedelta(seconds=1))
    await desk.request(START)
    await desk.request(WEEK.until)
    assert (await _of(sessions)).total == 1


async def test_days_are_those_of_the_time_zone_also_when_the_clocks_change(sessions: Sessions, desk: Desk) -> None:
    await desk.request(datetime(2026, 3, 28, 22, 30, tzinfo=UTC), priority="urgent")
    await desk.request(datetime(2026, 3, 28, 23, 30, tzinfo=UTC))
    period = Period(
        since=START, until=datetime(2026, 3, 31, 10, 0, tzinfo=UTC), bucket="day", time_zone="Europe/Berlin"
    )
    found = await _of(sessions, period)
    days = [(one.at.astimezone(UTC).isoformat()[:16], one.total, one.urgent) for one in found.volume]
    assert days == [
        ("2026-03-27T23:00", 1, 1),
        ("2026-03-28T23:00", 1, 0),
        ("2026-03-29T22:00", 0, 0),
        ("2026-03-30T22:00", 0, 0),
    ]
    assert sum(one.total for one in found.volume) == found.total


async def test_load_is_what_a_supervisor_answered_and_has_open(sessions: Sessions, desk: Desk) -> None:
    helena, omar = await desk.supervisor("Helena"), await desk.supervisor("Omar")
    await desk.answered(START, 10.0, helena)
    await desk.answered(START, 20.0, helena)
    await desk.request(START, assigned_to=omar, status="in_progress")
    loads = [(one.name, one.answered, one.open, one.resolution_mean_s) for one in (await _of(sessions)).supervisors]
    assert loads == [("Helena", 2, 0, 900.0), ("Omar", 0, 1, None)]


async def test_shares_of_what_was_learned_and_used_again(sessions: Sessions, desk: Desk) -> None:
    helena = await desk.supervisor("Helena")
    taught, old = await desk.article({"request_id": "r"}), await desk.article({"edited_by": "x"})
    merged = await desk.article({"request_id": "r"}, versions=2)
    await desk.answered(START, 1.0, helena, learned_article_id=taught)
    await desk.answered(START, 1.0, helena)
    async with sessions.begin() as session:
        draft = {"id": uuid4(), "author_name": "Helena", "title": "t", "body": "b"}
        await session.execute(insert(KnowledgeDraft).values(**draft))
    for article, version in ((taught, 1), (old, 1), (merged, 1), (merged, 2)):
        await desk.call_that_cited(START + timedelta(hours=1), article, version)
    learning = (await _of(sessions)).learning
    assert (learning.answered, learning.learned, learning.share_learned, learning.open_drafts) == (2, 1, 0.5, 1)
    assert (learning.answered_calls, learning.calls_from_learned, learning.share_from_learned) == (4, 2, 0.5)


async def test_an_empty_period_has_no_shares(sessions: Sessions) -> None:
    found = await _of(sessions)
    assert (found.total, found.first_response.mean_s, found.resolution_sla.share) == (0, None, None)
    assert (found.learning.share_learned, found.learning.share_from_learned) == (None, None)
    assert len(found.volume) == 8


@pytest.mark.parametrize(
    "period",
    [
        Period(since=START, until=START),
        Period(since=START, until=START + timedelta(days=500)),
        Period(since=START.replace(tzinfo=None), until=START),
        Period(since=START, until=START + timedelta(days=1), time_zone="Mars/Olympus"),
        Period(since=START, until=START + timedelta(days=1), bucket="minute"),
    ],
)
async def test_periods_that_make_no_sense_are_refused(sessions: Sessions, period: Period) -> None:
    with pytest.raises(InvalidError):
        await _of(sessions, period)
