"""When a group works, in its own time zone. Pure; moments are aware datetimes.

A shift lasts from the moment a wall clock there first shows its start until it last shows its end: one that begins in
an hour that is skipped begins after it, one that ends in an hour that comes twice ends after the second. A shift whose
end equals its start lasts a day. On a holiday no shift starts; one that started the day before goes on.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assist.escalation.policy import Hours

_DAY = timedelta(days=1)
_LOOK_AHEAD_DAYS = 800
_EXACT = timedelta(microseconds=1)


def is_open(hours: Hours, at: datetime) -> bool:
    """Whether people work at that moment."""
    if not hours.shifts:
        return True
    today = _local_date(hours, at)
    # A shift of yesterday may go on past midnight, and one that ends in a skipped or doubled hour a little longer.
    return any(start <= at < end for day in range(-2, 2) for start, end in _shifts(hours, today + day * _DAY))


def next_opening(hours: Hours, at: datetime) -> datetime | None:
    """When people work again; `at` itself if they do. None: not within two years."""
    if is_open(hours, at):
        return at
    today = _local_date(hours, at)
    for day in range(-1, _LOOK_AHEAD_DAYS):
        starts = [start for start, _ in _shifts(hours, today + day * _DAY) if start > at]
        if starts:
            return min(starts)
    return None


def _local_date(hours: Hours, at: datetime) -> date:
    return at.astimezone(ZoneInfo(hours.time_zone)).date()


def _shifts(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    """The shifts that start on a day, from and until, in UTC."""
    if day in hours.holidays:
        return
    for shift in hours.shifts:
        if day.weekday() not in shift.days:
            continue
        last = day if shift.start < shift.end else day + _DAY
        start, end = _moment(hours, day, shift.start, fold=0), _moment(hours, last, shift.end, fold=1)
        if start < end:
            yield start, end


def _moment(hours: Hours, day: date, clock: time, *, fold: int) -> datetime:
    """When a wall clock shows that; of two times the one that `fold` names; of a skipped one when it is skipped."""
    zone = ZoneInfo(hours.time_zone)
    local = datetime.combine(day, clock.replace(tzinfo=None, fold=fold), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _skipped_at(zone, local)


def _skipped_at(zone: ZoneInfo, local: datetime) -> datetime:
    """When clocks are put forward past a wall-clock time that does not exist."""
    before = local.replace(fold=1).astimezone(UTC)
    after = local.replace(fold=0).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while after - before > _EXACT:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
