"""Statistics of help requests: volume, times, limits kept, load, and what was learned."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from assist.db import statistics as rows
from assist.db.engine import Sessions
from assist.errors import InvalidError

_DEFAULT_PERIOD = timedelta(days=7)
_LONGEST_PERIOD = timedelta(days=400)
_BY_HOUR_UP_TO = timedelta(days=3)


class Volume(Struct, frozen=True, kw_only=True):
    """Requests raised within an hour or a day."""

    at: datetime
    total: int
    low: int
    medium: int
    high: int
    urgent: int


class Spread(Struct, frozen=True, kw_only=True):
    """How long something took, in seconds; None: it never happened."""

    count: int
    mean_s: float | None
    p50_s: float | None
    p90_s: float | None


class Attainment(Struct, frozen=True, kw_only=True):
    """How many time limits were kept; running ones count as neither."""

    kept: int
    missed: int
    share: float | None
    """[0, 1]; None: no limit has ended."""


class Labelled(Struct, frozen=True, kw_only=True):
    """A count under a name."""

    name: str
    total: int


class Workload(Struct, frozen=True, kw_only=True):
    """What one supervisor did, and has to do."""

    user_id: UUID
    name: str
    answered: int
    open: int
    resolution_mean_s: float | None


class LearningFigures(Struct, frozen=True, kw_only=True):
    """What became knowledge, and what that was good for."""

    answered: int
    learned: int
    share_learned: float | None
    open_drafts: int
    answered_calls: int
    """Calls with a cited suggestion."""
    calls_from_learned: int
    """Of those, calls with a suggestion from a learned answer."""
    share_from_learned: float | None


class StatisticsView(Struct, frozen=True, kw_only=True):
    """A period at a glance."""

    since: datetime
    until: datetime
    bucket: str
    time_zone: str
    total: int
    volume: list[Volume]
    by_status: list[Labelled]
    by_priority: list[Labelled]
    by_origin: list[Labelled]
    by_tag: list[Labelled]
    first_response: Spread
    resolution: Spread
    first_response_by_priority: dict[str, Spread]
    resolution_by_priority: dict[str, Spread]
    first_response_sla: Attainment
    resolution_sla: Attainment
    supervisors: list[Workload]
    learning: LearningFigures


class Period(Struct, frozen=True, kw_only=True):
    """What is asked for; None: the last seven days, in buckets that fit."""

    since: datetime | None = None
    until: datetime | None = None
    bucket: str | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Reads the figures."""

    sessions: Sessions

    async def of(self, period: Period) -> StatisticsView:
        """Everything about a period, as of one moment.

        Raises:
            InvalidError: the period is empty or too long, or the time zone or bucket unknown.
        """
        since, until, bucket = _bounds(period)
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            volume = await rows.volume(session, since, until, bucket=bucket, time_zone=period.time_zone)
            counts = await rows.counts(session, since, until)
            tags = await rows.by_tag(session, since, until)
            times = {row.priority: row for row in await rows.times(session, since, until)}
            limits = await rows.limits(session, since, until)
            people = await rows.supervisors(session, since, until)
            learned = await rows.learned(session, since, until)
            reused = await rows.reused(session, since, until)
        return StatisticsView(
            since=since,
            until=until,
            bucket=bucket,
            time_zone=period.time_zone,
            total=sum(row.total for row in counts),
            volume=[Volume(**row._mapping) for row in volume],
            by_status=_totals(counts, "status"),
            by_priority=_totals(counts, "priority"),
            by_origin=_totals(counts, "origin"),
            by_tag=[Labelled(name=row.tag, total=row.total) for row in tags],
            first_response=_spread(times.get(None), "response"),
            resolution=_spread(times.get(None), "resolution"),
            first_response_by_priority={name: _spread(row, "response") for name, row in times.items() if name},
            resolution_by_priority={name: _spread(row, "resolution") for name, row in times.items() if name},
            first_response_sla=_attainment(limits.response_kept, limits.response_missed),
            resolution_sla=_attainment(limits.resolution_kept, limits.resolution_missed),
            supervisors=[_workload(row) for row in people],
            learning=_learning(learned, reused),
        )


def _bounds(period: Period) -> tuple[datetime, datetime, str]:
    until = period.until or datetime.now(UTC)
    since = period.since or until - _DEFAULT_PERIOD
    if since.tzinfo is None or until.tzinfo is None:
        raise InvalidError("Give times with a time zone, for example 2026-11-20T00:00:00Z.")
    if not timedelta(0) < until - since <= _LONGEST_PERIOD:
        raise InvalidError(f"The period must not be empty, and not longer than {_LONGEST_PERIOD.days} days.")
    fitting = "hour" if until - since <= _BY_HOUR_UP_TO else "day"
    bucket = period.bucket or fitting
    if bucket not in ("hour", "day"):
        raise InvalidError("`bucket` is hour or day.")
    try:
        ZoneInfo(period.time_zone)
    except (KeyError, ValueError, OSError):
        raise InvalidError("`time_zone` is no known IANA time zone, for example Europe/Berlin.") from None
    return since, until, bucket


def _totals(counts: Any, column: str) -> list[Labelled]:
    totals: Counter[str] = Counter()
    for row in counts:
        totals[getattr(row, column)] += row.total
    return [Labelled(name=name, total=total) for name, total in totals.most_common()]


def _spread(row: Any, what: str) -> Spread:
    if row is None:
        return Spread(count=0, mean_s=None, p50_s=None, p90_s=None)
    fields = {f"{name}_s": _rounded(getattr(row, f"{what}_{name}")) for name in ("mean", "p50", "p90")}
    return Spread(count=getattr(row, f"{what}_count"), **fields)


def _attainment(kept: int, missed: int) -> Attainment:
    return Attainment(kept=kept, missed=missed, share=_share(kept, kept + missed))


def _workload(row: Any) -> Workload:
    mean = _rounded(row.resolution_mean)
    return Workload(user_id=row.id, name=row.name, answered=row.answered, open=row.open, resolution_mean_s=mean)


def _learning(learned: Any, reused: Any) -> LearningFigures:
    return LearningFigures(
        answered=learned.answered,
        learned=learned.learned,
        share_learned=_share(learned.learned, learned.answered),
        open_drafts=learned.open_drafts,
        answered_calls=reused.answered_calls,
        calls_from_learned=reused.from_learned,
        share_from_learned=_share(reused.from_learned, reused.answered_calls),
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(float(seconds), 1)
