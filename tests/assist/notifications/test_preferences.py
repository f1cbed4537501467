"""What people wish, and when they want to be left alone, whatever the clocks do."""

from datetime import UTC, datetime, time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.notifications.preferences import (
    EVENTS,
    Event,
    Preferences,
    QuietHours,
    Wish,
    from_document,
    problem_of,
    quiet_until,
)

NIGHT = QuietHours(start=time(22), end=time(7), time_zone="Europe/Copenhagen")
CREATED: Event = "help_request.created"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_without_a_wish_it_is_the_web_only_at_any_time() -> None:
    wished = Preferences()
    for event in EVENTS:
        assert wished.wishes("web", event, "low")
        assert not wished.wishes("sms", event, "urgent")
        assert not wished.wishes("email", event, "urgent")
    assert wished.not_before(at("2026-11-20T02:00"), urgent=False) is None


def test_a_channel_is_told_what_is_wished_and_urgent_enough() -> None:
    sms = Wish(enabled=True, address="+4512345678", minimum_priority="high", events=(CREATED,))
    wished = Preferences(sms=sms)
    told = {priority: wished.wishes("sms", CREATED, priority) for priority in ("low", "medium", "high", "urgent")}
    assert told == {"low": False, "medium": False, "high": True, "urgent": True}
    assert not wished.wishes("sms", "help_request.reminder", "urgent")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-20T20:59", None),
        ("2026-11-20T21:00", "2026-11-21T06:00"),
        ("2026-11-21T03:00", "2026-11-21T06:00"),
        ("2026-11-21T05:59", "2026-11-21T06:00"),
        ("2026-11-21T06:00", None),
        ("2026-07-01T20:30", "2026-07-02T05:00"),
        ("2026-07-02T04:59", "2026-07-02T05:00"),
        ("2026-07-02T05:00", None),
    ],
)
def test_a_night_in_copenhagen_winter_and_summer(now: str, until: str | None) -> None:
    assert quiet_until(NIGHT, at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [("2026-10-24T22:00", "2026-10-25T06:00"), ("2026-03-28T22:00", "2026-03-29T05:00")],
)
def test_a_night_in_which_the_clocks_change_ends_by_the_clock_on_the_wall(now: str, until: str) -> None:
    assert quiet_until(NIGHT, at(now)) == at(until)


def test_a_weekend_off_ends_on_monday_morning() -> None:
    weekend = QuietHours(start=time(0), end=time(0), days=(5, 6))
    assert quiet_until(weekend, at("2026-11-20T23:59")) is None
    assert quiet_until(weekend, at("2026-11-21T00:00")) == at("2026-11-23T00:00")
    assert quiet_until(weekend, at("2026-11-22T12:00")) == at("2026-11-23T00:00")


def test_the_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = QuietHours(start=time(22), end=time(7), days=(4,))
    assert quiet_until(friday_night, at("2026-11-21T03:00")) == at("2026-11-21T07:00")
    assert quiet_until(friday_night, at("2026-11-20T03:00")) is None


def test_urgent_breaks_through_unless_the_person_says_no() -> None:
    now = at("2026-11-21T03:00")
    assert Preferences(quiet_hours=NIGHT).not_before(now, urgent=True) is None
    assert Preferences(quiet_hours=NIGHT).not_before(now, urgent=False) == at("2026-11-21T06:00")
    stubborn = Preferences(quiet_hours=NIGHT, urgent_breaks_quiet_hours=False)
    assert stubborn.not_before(now, urgent=True) == at("2026-11-21T06:00")


@given(
    st.times(), st.times(), st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from(["UTC", "Europe/Copenhagen", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
                     "Pacific/Apia"]),
    st.integers(1_704_067_200, 1_830_297_600),
)  # fmt: skip
def test_quiet_always_ends_later_and_within_eight_days(
    start: time, end: time, days: set[int], zone: str, now: int
) -> None:
    quiet = QuietHours(start=start, end=end, days=tuple(days), time_zone=zone)
    moment = datetime.fromtimestamp(now, UTC)
    until = quiet_until(quiet, moment)
    assert until is None or 0 < (until - moment).total_seconds() <= 9 * 86400


@pytest.mark.parametrize(
    ("wished", "named"),
    [
        (Preferences(quiet_hours=QuietHours(start=time(22), end=time(7), time_zone="Mars/Olympus")), "time_zone"),
        (Preferences(quiet_hours=QuietHours(start=time(22), end=time(7), time_zone="../../etc/passwd")), "time_zone"),
        (Preferences(sms=Wish(enabled=True)), "sms.address"),
        (Preferences(sms=Wish(address="12345")), "sms.address"),
        (Preferences(email=Wish(address="a@x.example\r\nBcc: b@x.example")), "email.address"),
        (Preferences(web=Wish(enabled=True, address="x")), "web.address"),
    ],
)
def test_what_is_wrong_is_named(wished: Preferences, named: str) -> None:
    assert named in (problem_of(wished) or "")


def test_what_is_right_is_stored_and_read_as_it_was() -> None:
    wished = Preferences(sms=Wish(enabled=True, address="+45 12 34 56 78"), email=Wish(enabled=True), quiet_hours=NIGHT)
    assert problem_of(wished) is None
    assert from_document(msgspec.json.decode(msgspec.json.encode(wished))) == wished


def test_what_another_version_has_stored_does_not_stop_the_messages() -> None:
    assert from_document({"pager": True}) == Preferences()
    assert from_document(None) == Preferences()
