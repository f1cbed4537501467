"""The policy of this installation: read often, changed rarely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec import Struct, inspect

from assist import audit
from assist.access import Principal
from assist.db import policy as rows
from assist.db.engine import Session, Sessions
from assist.db.models.base import Json
from assist.db.policy import StoredPolicy
from assist.errors import ConflictError, InvalidError
from assist.escalation.assigning import enqueue_assigning
from assist.escalation.policy import Group, Policy

log = structlog.get_logger(__name__)


def _nobody() -> None:
    """Nobody looks."""


class PolicyVersion(Struct, frozen=True, kw_only=True):
    """The policy, and the number that a change of it must name."""

    version: int
    """0: the defaults, never stored."""
    policy: Policy


@dataclass(frozen=True, kw_only=True)
class Policies:
    """Reads and changes the one policy."""

    sessions: Sessions
    timeout_minutes: float
    """REQUEST_TIMEOUT_MINUTES: resolution limit where the policy names none."""
    changed: Callable[[], None] = _nobody
    """Told after a change: consoles show it, here and in other processes."""

    async def current(self, session: Session) -> Policy:
        """In force now; the defaults when none was ever stored."""
        return (await self.read(session)).policy

    async def read(self, session: Session) -> PolicyVersion:
        """In force now, with its version. One small row, read anew each time: a change counts at once everywhere."""
        return _readable(await rows.read(session))

    async def latest(self) -> PolicyVersion:
        """The same, in a transaction of its own."""
        async with self.sessions() as session:
            return await self.read(session)

    async def change(self, policy: Policy, principal: Principal, *, version: int) -> int:
        """Replaces version `version` (0: the defaults) and returns the new number.

        Raises:
            InvalidError: it contradicts itself; says where.
            ConflictError: it was changed meanwhile; `current` is what is in force.
        """
        check(policy)
        async with self.sessions.begin() as session:
            before = await self.read(session)
            number = await rows.replace(session, msgspec.to_builtins(policy), version)
            if number is None:
                raise _changed(await self.read(session))
            documents: list[Json] = [msgspec.to_builtins(one) for one in (before.policy, policy)]
            await audit.record(
                session, principal, "policy.changed", ("policy", str(number)), before=documents[0], after=documents[1]
            )
            await enqueue_assigning(session)
        self.changed()
        return number


def check(policy: Policy) -> None:
    """What types cannot tell.

    Raises:
        InvalidError: names what is wrong.
    """
    groups = {group.name: group for group in policy.groups}
    _check_names([group.name for group in policy.groups], "groups")
    if policy.owner_group not in groups:
        raise _invalid(f"The owner group “{policy.owner_group}” is not among the groups.")
    if groups[policy.owner_group].next is not None:
        raise _invalid(f"The owner group “{policy.owner_group}” ends every chain and has no next group.")
    for group in policy.groups:
        _check_group(group, groups)
    _check_names([rule.name for rule in policy.rules], "rules")
    _check_limits(policy)


def _check_names(names: Sequence[str], kind: str) -> None:
    if len(set(names)) < len(names):
        raise _invalid(f"Two {kind} have the same name.")


def _check_limits(policy: Policy) -> None:
    if any(later <= earlier for earlier, later in zip(policy.reminders, policy.reminders[1:], strict=False)):
        raise _invalid("The reminders must increase, for example 0.5, 0.8.")
    for priority, sla in policy.sla.items():
        first, resolution = sla.first_response_minutes, sla.resolution_minutes
        if first is not None and resolution is not None and first > resolution:
            raise _invalid(f"For {priority.value}, the first response may not take longer than the resolution.")


def _check_group(group: Group, groups: dict[str, Group]) -> None:
    passed, at = [group.name], group
    while at.next is not None:
        if at.next not in groups:
            raise _invalid(f"The group “{at.name}” passes on to “{at.next}”, which is not among the groups.")
        if at.next in passed:
            raise _invalid(f"The groups pass on in a circle: {' → '.join([*passed, at.next])}.")
        passed.append(at.next)
        at = groups[at.next]
    if not _is_time_zone(group.hours.time_zone):
        raise _unknown_zone(group)
    for shift in group.hours.shifts:
        if shift.start.tzinfo is not None or shift.end.tzinfo is not None:
            raise _invalid(f"The shifts of “{group.name}” are in its time zone; give times without an offset.")


def _readable(stored: StoredPolicy | None) -> PolicyVersion:
    """What another version of the code stored stays in force as far as this one understands it."""
    if stored is None:
        return PolicyVersion(version=0, policy=Policy())
    try:
        return PolicyVersion(version=stored.version, policy=msgspec.convert(stored.document, Policy))
    except msgspec.ValidationError:
        return PolicyVersion(version=stored.version, policy=_salvaged(stored.document))


def _salvaged(document: Json) -> Policy:
    """Fields that this version does not know are left out; one whose value it cannot read has its default."""
    kept: Json = {}
    known = _pruned(document, inspect.type_info(Policy))
    for name, value in known.items():
        try:
            msgspec.convert({name: value}, Policy)
        except msgspec.ValidationError as error:
            log.warning("policy_field_not_read", field=name, reason=str(error))
        else:
            kept[name] = value
    return msgspec.convert(kept, Policy)


def _pruned(value: Any, kind: inspect.Type) -> Any:
    """A stored value without the fields that its type does not have."""
    if isinstance(kind, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        return {name: _pruned(one, fields[name]) for name, one in value.items() if name in fields}
    if isinstance(kind, inspect.VarTupleType) and isinstance(value, list):
        return [_pruned(one, kind.item_type) for one in value]
    if isinstance(kind, inspect.DictType) and isinstance(value, dict):
        return {name: _pruned(one, kind.value_type) for name, one in value.items()}
    return value


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown; a folder of zones; no name at all
        return False
    return True


def _changed(now: PolicyVersion) -> ConflictError:
    return ConflictError(
        "policy_changed",
        "Somebody else has changed the policy meanwhile. Look at what is in force now, and change that.",
        current=msgspec.to_builtins(now),
    )


def _unknown_zone(group: Group) -> InvalidError:
    zone = group.hours.time_zone
    return _invalid(
        f"The group “{group.name}” has the time zone “{zone}”, which is not known. Try “Europe/Copenhagen”."
    )


def _invalid(detail: str) -> InvalidError:
    return InvalidError(detail, code="invalid_policy")
