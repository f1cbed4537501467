"""One step in the life of a help request: the guarded change, its history, the audit entry, the call's event."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from assist import audit
from assist.access import Principal
from assist.db import calls
from assist.db import help_requests as rows
from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.db.models.base import Json
from assist.errors import NotFoundError
from assist.escalation.views import escalation_view


class Actor(Struct, frozen=True, kw_only=True):
    """Who takes a step."""

    id: str
    """user:…, key:…, pipeline or timer."""
    name: str
    principal: Principal | None = None
    """Of people and keys: what they do is audited."""


ROUTING = Actor(id="pipeline", name="Assist")
TIMER = Actor(id="timer", name="Timer")


class Step(Struct, frozen=True, kw_only=True):
    """What somebody does."""

    actor: Actor
    action: str
    """As in the history: claimed, handed_back, …"""
    values: Json
    """Columns to set."""
    stamps: tuple[str, ...] = ()
    """Moments that are now, unless they were before."""
    note: str | None = None
    only: Sequence[str] = rows.OPEN
    """Statuses in which it can be done."""


class Taken(Struct, frozen=True, kw_only=True):
    """A step that was taken."""

    request: HelpRequest
    number: int
    """Of its line in the history; tells occasions apart."""


def actor_of(principal: Principal) -> Actor:
    """A person or a key."""
    return Actor(id=principal.actor, name=principal.name, principal=principal)


def unknown_request() -> NotFoundError:
    """The same for requests that do not exist and for those of others."""
    return NotFoundError("unknown_request", "There is no such help request, or it is not yours.")


async def hold(session: Session, request_id: UUID) -> HelpRequest:
    """The request as it is now; it and its call stay locked until the end of the transaction.

    Raises:
        NotFoundError: there is none.
    """
    request = await rows.by_id(session, request_id)
    if request is not None and request.session_id is not None:
        await calls.lock_call(session, request.session_id)
    locked = await rows.lock(session, request_id) if request is not None else None
    if locked is None:
        raise unknown_request()
    return locked


async def take(session: Session, request: HelpRequest, step: Step) -> Taken | None:
    """Takes a step. None: the request is in a state that does not allow it; nothing is changed. Timers and the call's
    desks follow with what the step brings about (`timers.schedule`, `show`)."""
    before = await _state(session, request, step)
    changed = await rows.change(session, request.id, step.values, only=step.only, stamps=step.stamps)
    if changed is None:
        return None
    after = await _state(session, changed, step)
    said = {name: value for name, value in before.items() if after[name] != value}
    became = {name: after[name] for name in said}
    number = await write_line(session, changed, step, said, became)
    return Taken(request=changed, number=number)


async def write(
    session: Session,
    request: HelpRequest,
    actor: Actor,
    action: str,
    *,
    before: Json | None = None,
    after: Json | None = None,
) -> int:
    """Notes something that changes no column of the request; returns the line's number."""
    return await write_line(session, request, Step(actor=actor, action=action, values={}), before or {}, after or {})


async def write_line(session: Session, request: HelpRequest, step: Step, before: Json, after: Json) -> int:
    """Appends to the history, and to the audit log what people and keys do; returns the line's number."""
    if step.actor.principal is not None:
        noted = {**after, "note": step.note} if step.note else after
        target = ("help_request", str(request.id))
        await audit.record(
            session,
            step.actor.principal,
            f"help_request.{step.action}",
            target,
            before=before or None,
            after=noted or None,
        )
    line: Json = {
        "request_id": request.id,
        "actor": step.actor.id,
        "actor_name": step.actor.name,
        "action": step.action,
        "before": before or None,
        "after": after or None,
        "note": step.note,
    }
    return await rows.insert_history(session, line)


async def show(session: Session, request: HelpRequest) -> None:
    """Tells the call's desks how the request stands."""
    if request.session_id is None:
        return
    await session.flush()
    assignee = await rows.user(session, request.assigned_to)
    view = msgspec.to_builtins(escalation_view(request, assignee.name if assignee else None))
    await calls.append_event(session, request.session_id, "escalation", {"escalation": view})


async def _state(session: Session, request: HelpRequest, step: Step) -> Json:
    """What a step may change, as JSON; of a person also the name, as it is now."""
    names = [*dict.fromkeys([*step.values, "status", "assigned_to", "group_name"])]
    state: Json = {name: msgspec.to_builtins(_plain(getattr(request, name))) for name in names}
    assignee = await rows.user(session, request.assigned_to)
    return {**state, "assigned_to_name": assignee.name if assignee else None}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value
