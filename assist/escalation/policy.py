"""By which rules questions reach supervisors: one document that administrators edit, with defaults that work."""

from datetime import date, time
from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from assist.access import Role

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Words = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=200)]


class Priority(Enum):
    """How urgent a request is, lowest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Raising(Enum):
    """What happens when the knowledge base has no answer."""

    AUTO = "auto"
    OFFER = "offer"
    """The agent is offered to ask a supervisor with one click."""
    OFF = "off"


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sets priority and tags of requests that fulfil every condition given; within one, any of its values will do."""

    name: Name
    keywords: Words = ()
    """Whole words or phrases in the question or its excerpt, whatever their case."""
    intents: Words = ()
    sentiments: Words = ()
    """negative, neutral or positive."""
    customer_tiers: Words = ()
    queues: Words = ()
    priority: Priority | None = None
    """Of all rules that hold, the most urgent one counts."""
    tags: Words = ()


class Shift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When people work. An end before the start is on the next day."""

    days: Annotated[tuple[Annotated[int, Meta(ge=0, le=6)], ...], Meta(min_length=1, max_length=7)]
    """0 is Monday."""
    start: time
    end: time


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Working hours in a time zone; without shifts: always."""

    time_zone: Name = "UTC"
    """IANA name."""
    shifts: Annotated[tuple[Shift, ...], Meta(max_length=50)] = ()
    holidays: Annotated[tuple[date, ...], Meta(max_length=400)] = ()


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Supervisors who share a queue of requests."""

    name: Name
    skills: Words = ()
    """Tags whose requests come here first. A group without any takes everything."""
    hours: Hours = Hours()
    next: Name | None = None
    """The group that takes over when nobody is there or the time is up; None: the owner group."""


class Sla(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time limits in minutes, counted from raising; None: derived from REQUEST_TIMEOUT_MINUTES."""

    first_response_minutes: Annotated[float, Meta(gt=0.0, le=100_000.0)] | None = None
    resolution_minutes: Annotated[float, Meta(gt=0.0, le=100_000.0)] | None = None


_SHARE_OF_TIMEOUT = {Priority.URGENT: 0.1, Priority.HIGH: 0.2, Priority.MEDIUM: 1 / 3, Priority.LOW: 0.5}
"""First response, as a share of the resolution limit, where the policy names none."""

_DEFAULT_RULES = (
    Rule(
        name="Danger",
        keywords=("emergency", "fire", "smoke", "injury", "injured", "hospital", "gas leak", "unsafe"),
        priority=Priority.URGENT,
        tags=("safety",),
    ),
    Rule(
        name="Fraud and access",
        keywords=("fraud", "stolen", "hacked", "unauthorized", "unauthorised", "identity theft", "data breach"),
        priority=Priority.URGENT,
        tags=("security",),
    ),
    Rule(
        name="Leaving or complaining",
        keywords=("cancel", "lawyer", "legal action", "complaint", "complain", "regulator", "sue"),
        priority=Priority.HIGH,
        tags=("retention",),
    ),
    Rule(
        name="Money",
        keywords=("refund", "charged twice", "overcharged", "invoice", "billing", "payment", "chargeback"),
        tags=("billing",),
    ),
    Rule(name="Service down", keywords=("outage", "not working", "broken", "down"), priority=Priority.HIGH),
    Rule(name="Upset customer", sentiments=("negative",), priority=Priority.HIGH),
    Rule(name="Important customer", customer_tiers=("vip", "enterprise", "premium"), priority=Priority.HIGH),
)


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of it."""

    raising: Raising = Raising.AUTO
    raising_by_queue: dict[str, Raising] = {}
    """Queue of the call (`acd_metadata.queue`) → what counts there instead."""
    rules: Annotated[tuple[Rule, ...], Meta(max_length=200)] = _DEFAULT_RULES
    groups: Annotated[tuple[Group, ...], Meta(min_length=1, max_length=50)] = (
        Group(name="supervisors", next="owners"),
        Group(name="owners"),
    )
    """Supervisors without a group of their own are in the first, administrators in the owner group."""
    owner_group: Name = "owners"
    """Urgent requests go here at once, and all that no other group takes."""
    sla: dict[Priority, Sla] = {}
    reminders: Annotated[tuple[Annotated[float, Meta(gt=0.0, lt=1.0)], ...], Meta(max_length=5)] = (0.5, 0.8)
    """Shares of the resolution limit after which the assignee, or the group, is reminded."""
    auto_approve: tuple[Role, ...] = ()
    """Whose answers become articles without a review."""
    review_after_days: Annotated[int, Meta(ge=1, le=3650)] | None = 365
    """When a learned article should be read again."""

    def limits_minutes(self, priority: Priority, timeout_minutes: float) -> tuple[float, float]:
        """First response and resolution."""
        sla = self.sla.get(priority, Sla())
        resolution = sla.resolution_minutes or timeout_minutes
        first = sla.first_response_minutes or resolution * _SHARE_OF_TIMEOUT[priority]
        return min(first, resolution), resolution

    def raising_in(self, queue: str | None) -> Raising:
        """What counts for a call of that queue."""
        return self.raising_by_queue.get(queue or "", self.raising)
