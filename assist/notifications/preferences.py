"""What a person wishes to be told, by which channel, and when they want to be left alone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct, field

from assist.db.models.base import Json
from integrations.notify.email import is_address
from integrations.notify.twilio_sms import telephone

Priority = Literal["low", "medium", "high", "urgent"]
PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high", "urgent")
URGENT = "urgent"

Event = Literal[
    "help_request.created",
    "help_request.assigned",
    "help_request.reminder",
    "help_request.escalated",
    "help_request.unattended",
    "help_request.answered",
    "help_request.unresolved",
]
EVENTS: tuple[Event, ...] = (
    "help_request.created",
    "help_request.assigned",
    "help_request.reminder",
    "help_request.escalated",
    "help_request.unattended",
    "help_request.answered",
    "help_request.unresolved",
)
_NIGHTS_MAX = 8


class Wish(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel of a person's."""

    enabled: bool = False
    address: Annotated[str, Meta(max_length=254)] | None = None
    """Telephone number in international form, or e-mail address; without one, mail goes to the sign-in address."""
    minimum_priority: Priority = "low"
    events: Annotated[tuple[Event, ...], Meta(max_length=20)] = EVENTS


class QuietHours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When nothing is sent but to the screens. An end at or before the start is on the next day."""

    start: time
    end: time
    time_zone: Annotated[str, Meta(min_length=1, max_length=100)] = "UTC"
    """IANA name."""
    days: Annotated[tuple[Annotated[int, Meta(ge=0, le=6)], ...], Meta(min_length=1, max_length=7)] = tuple(range(7))
    """On which they begin; 0 is Monday."""


class Preferences(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it. The defaults: the web only, at any time."""

    web: Wish = field(default_factory=lambda: Wish(enabled=True))
    sms: Wish = field(default_factory=Wish)
    email: Wish = field(default_factory=Wish)
    quiet_hours: QuietHours | None = None
    urgent_breaks_quiet_hours: bool = True

    def wish(self, channel: str) -> Wish:
        """web, sms or email."""
        found: Wish = getattr(self, channel)
        return found

    def wishes(self, channel: str, event: str, priority: str) -> bool:
        """Whether the person wants to be told this by that channel."""
        wish = self.wish(channel)
        rank = PRIORITIES.index(priority) if priority in PRIORITIES else 0
        return wish.enabled and event in wish.events and rank >= PRIORITIES.index(wish.minimum_priority)

    def not_before(self, now: datetime, *, urgent: bool) -> datetime | None:
        """When quiet hours that hold now end; None: it may be sent."""
        if self.quiet_hours is None or (urgent and self.urgent_breaks_quiet_hours):
            return None
        return quiet_until(self.quiet_hours, now)


def from_document(document: Json | None) -> Preferences:
    """From the row; what an older version has left and this one cannot read counts as the defaults."""
    if document is None:
        return Preferences()
    try:
        return msgspec.convert(document, Preferences, strict=False)
    except msgspec.ValidationError:
        return Preferences()


def problem_of(preferences: Preferences) -> str | None:
    """What is wrong with them, for people; None when nothing is."""
    if preferences.quiet_hours is not None and not _is_time_zone(preferences.quiet_hours.time_zone):
        return "quiet_hours.time_zone is no time zone. Use a name such as Europe/Copenhagen."
    if preferences.sms.enabled and preferences.sms.address is None:
        return "sms.address is missing: the telephone number, in international form (+45…)."
    if preferences.sms.address is not None and telephone(preferences.sms.address) is None:
        return "sms.address is no telephone number in international form (+45…)."
    if preferences.email.address is not None and not is_address(preferences.email.address):
        return "email.address is no e-mail address."
    return "web.address must be empty: the screens need none." if preferences.web.address is not None else None


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """When the quiet that holds at this moment ends, in UTC; several nights that touch are one. None: it is not quiet.

    Moments are compared in UTC, so that a night with a change of the clocks is as long as it is.
    """
    zone, moment = ZoneInfo(quiet.time_zone), now.astimezone(UTC)
    until = None
    for _ in range(_NIGHTS_MAX):
        end = _end_of_night(quiet, zone, moment)
        if end is None:
            break
        until = moment = end
    return until


def _end_of_night(quiet: QuietHours, zone: ZoneInfo, moment: datetime) -> datetime | None:
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        if day.weekday() not in quiet.days:
            continue
        start, end = _night(quiet, zone, day)
        if start <= moment < end:
            return end
    return None


def _night(quiet: QuietHours, zone: ZoneInfo, day: date) -> tuple[datetime, datetime]:
    last = day if quiet.end > quiet.start else day + timedelta(days=1)
    start = datetime.combine(day, quiet.start.replace(tzinfo=None), zone).astimezone(UTC)
    return start, datetime.combine(last, quiet.end.replace(tzinfo=None), zone).astimezone(UTC)


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
