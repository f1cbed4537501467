"""Working hours in many time zones: nights, holidays, and the two days a year on which clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.escalation.policy import Hours, Shift
from assist.escalation.working_hours import is_open, next_opening

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
WEEKDAYS = (0, 1, 2, 3, 4)
ZONES = (
    "UTC", "Europe/Copenhagen", "America/New_York", "America/St_Johns", "Asia/Kathmandu", "Asia/Tokyo",
    "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Pacific/Chatham", "America/Santiago",
)  # fmt: skip
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59]))
SHIFTS = st.builds(
    Shift, days=st.lists(st.sampled_from(EVERY_DAY), min_size=1, max_size=7).map(tuple), start=CLOCKS, end=CLOCKS
)
HOURS = st.builds(
    Hours,
    time_zone=st.sampled_from(ZONES),
    shifts=st.lists(SHIFTS, min_size=1, max_size=3).map(tuple),
    holidays=st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5).map(tuple),
)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def hours(zone: str, start: str, end: str, days: tuple[int, ...] = EVERY_DAY, *holidays: date) -> Hours:
    shift = Shift(days=days, start=time.fromisoformat(start), end=time.fromisoformat(end))
    return Hours(time_zone=zone, shifts=(shift,), holidays=holidays)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def test_without_shifts_it_is_always_open() -> None:
    now = utc("2026-12-25T03:00")
    assert is_open(Hours(holidays=(now.date(),)), now)
    assert next_opening(Hours(), now) == now


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T08:59:59", False),
        ("2026-11-20T09:00", True),
        ("2026-11-20T16:59:59", True),
        ("2026-11-20T17:00", False),
        ("2026-11-21T12:00", False),
    ],
)
def test_a_day_shift_counts_in_its_own_zone_from_its_start_to_before_its_end(moment: str, *, expected: bool) -> None:
    office = hours("Asia/Tokyo", "09:00", "17:00", WEEKDAYS)
    assert is_open(office, local("Asia/Tokyo", moment)) is expected
    assert is_open(office, local("Asia/Tokyo", moment).astimezone(ZoneInfo("America/New_York"))) is expected


def test_a_night_shift_goes_on_into_a_day_that_is_not_its_own() -> None:
    night = hours("Europe/Copenhagen", "22:00", "06:00", (4,))
    assert is_open(night, local("Europe/Copenhagen", "2026-11-20T23:00"))
    assert is_open(night, local("Europe/Copenhagen", "2026-11-21T05:59"))
    assert not is_open(night, local("Europe/Copenhagen", "2026-11-20T05:59"))
    assert not is_open(night, local("Europe/Copenhagen", "2026-11-21T22:30"))


def test_a_shift_that_ends_when_it_starts_lasts_a_day() -> None:
    around = hours("Europe/Copenhagen", "08:00", "08:00", (0,))
    assert is_open(around, local("Europe/Copenhagen", "2026-11-16T08:00"))
    assert is_open(around, local("Europe/Copenhagen", "2026-11-17T07:59"))
    assert not is_open(around, local("Europe/Copenhagen", "2026-11-17T08:00"))


def test_on_a_holiday_no_shift_starts_and_the_night_before_goes_on() -> None:
    eve, christmas = local("Europe/Copenhagen", "2026-12-25T03:00"), local("Europe/Copenhagen", "2026-12-25T23:00")
    night = hours("Europe/Copenhagen", "22:00", "06:00", EVERY_DAY, date(2026, 12, 25))
    assert is_open(night, eve)
    assert not is_open(night, christmas)
    assert next_opening(night, christmas) == local("Europe/Copenhagen", "2026-12-26T22:00")


def test_a_shift_that_would_start_in_the_skipped_hour_starts_after_it() -> None:
    early = hours("Europe/Copenhagen", "02:30", "05:00")
    assert not is_open(early, utc("2026-03-29T00:59:59"))
    assert is_open(early, utc("2026-03-29T01:00"))
    assert next_opening(early, utc("2026-03-29T00:00")) == utc("2026-03-29T01:00")


def test_a_shift_that_would_end_in_the_skipped_hour_ends_before_it() -> None:
    late = hours("Europe/Copenhagen", "22:00", "02:30")
    assert is_open(late, utc("2026-03-29T00:59:59"))
    assert not is_open(late, utc("2026-03-29T01:00"))


def test_a_shift_within_the_skipped_hour_does_not_take_place() -> None:
    brief = hours("Europe/Copenhagen", "02:10", "02:50")
    assert next_opening(brief, utc("2026-03-29T00:00")) == local("Europe/Copenhagen", "2026-03-30T02:10")


def test_an_hour_that_comes_twice_belongs_to_the_shift_both_times() -> None:
    night = hours("Europe/Copenhagen", "22:00", "02:30")
    for moment in ("2026-10-25T00:15", "2026-10-25T00:45", "2026-10-25T01:15"):
        assert is_open(night, utc(moment))
    assert not is_open(night, utc("2026-10-25T01:30"))
    morning = hours("Europe/Copenhagen", "02:30", "05:00")
    assert is_open(morning, local("Europe/Copenhagen", "2026-10-25T02:30", fold=0))
    assert is_open(morning, local("Europe/Copenhagen", "2026-10-25T02:15", fold=1))


def test_a_day_that_a_country_skipped_has_no_shift() -> None:
    office = hours("Pacific/Apia", "09:00", "17:00")
    assert next_opening(office, local("Pacific/Apia", "2011-12-29T18:00")) == local("Pacific/Apia", "2011-12-31T09:00")


def test_when_every_day_is_a_holiday_it_never_opens() -> None:
    closed = tuple(date(2026, 11, 20) + day * timedelta(days=7) for day in range(200))
    assert next_opening(hours("UTC", "09:00", "17:00", (4,), *closed), utc("2026-11-20T08:00")) is None


@given(HOURS, MOMENTS)
def test_the_next_opening_is_open_and_just_before_it_was_not(given_hours: Hours, at: datetime) -> None:
    found = next_opening(given_hours, at)
    if is_open(given_hours, at):
        assert found == at
        return
    assert found is not None
    assert found > at
    assert is_open(given_hours, found)
    assert not is_open(given_hours, found - timedelta(microseconds=1)) or found - timedelta(microseconds=1) < at


@given(HOURS, MOMENTS, st.floats(0.0, 1.0))
def test_nothing_is_open_between_now_and_the_next_opening(given_hours: Hours, at: datetime, share: float) -> None:
    found = next_opening(given_hours, at)
    assert found is not None
    between = at + share * (found - at)
    assert between >= found or not is_open(given_hours, between)


@given(HOURS, MOMENTS)
def test_away_from_clock_changes_it_is_what_the_wall_clock_says(given_hours: Hours, at: datetime) -> None:
    zone = ZoneInfo(given_hours.time_zone)
    day_ago, day_ahead = (at + timedelta(days=days) for days in (-2, 2))
    if day_ago.astimezone(zone).utcoffset() != day_ahead.astimezone(zone).utcoffset():
        return
    wall = at.astimezone(zone).replace(tzinfo=None)
    assert is_open(given_hours, at) is any(_covers(given_hours, shift, wall) for shift in given_hours.shifts)


@given(HOURS, MOMENTS, st.sampled_from(ZONES))
def test_the_zone_in_which_a_moment_is_written_makes_no_difference(given_hours: Hours, at: datetime, zone: str) -> None:
    assert is_open(given_hours, at) is is_open(given_hours, at.astimezone(ZoneInfo(zone)))


def _covers(given_hours: Hours, shift: Shift, wall: datetime) -> bool:
    for day in (wall.date(), wall.date() - timedelta(days=1)):
        start = datetime.combine(day, shift.start)
        end = datetime.combine(day, shift.end)
        end += timedelta(days=1) if end <= start else timedelta()
        if day.weekday() in shift.days and day not in given_hours.holidays and start <= wall < end:
            return True
    return False
