"""Help requests to read: who sees which, one with its history, and lists of them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from assist.access import KeyScope, Machine, Person, Principal, may_use_any_call, require_scope
from assist.db import calls
from assist.db import help_requests as rows
from assist.db.engine import Session, Sessions
from assist.db.help_requests import Filter, Listed, Place, Visible
from assist.db.models import CallSession
from assist.db.models.base import Json
from assist.errors import InvalidError, NotFoundError, NotPermittedError
from assist.escalation.policy import Priority
from assist.escalation.steps import unknown_request
from assist.escalation.views import HelpRequestPage, HelpRequestView, Participants, history_view, request_view

STATUSES = ("pending", "in_progress", "escalated", "resolved", "unresolved")
PRIORITIES = tuple(priority.value for priority in Priority)
EVERYTHING = Visible()
_SECONDS = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


class Wanted(Struct, frozen=True, kw_only=True):
    """Which requests to list."""

    status: tuple[str, ...] = ()
    """Any of these; `escalated`: open ones that were passed on to another level."""
    priority: tuple[str, ...] = ()
    tag: str | None = None
    group: str | None = None
    assigned_to: UUID | None = None
    unassigned: bool = False
    session_id: UUID | None = None
    text: str = ""
    """Words that are all in it."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Reads requests."""

    sessions: Sessions

    async def page(
        self, wanted: Wanted, principal: Principal | None, *, limit: int, cursor: str | None
    ) -> HelpRequestPage:
        """What breaches first at the top; then ended ones, newest first.

        Raises:
            InvalidError: an unknown status or priority, or a cursor that is none of ours.
        """
        after = _decoded(cursor) if cursor else None
        found = _filter(wanted, visible_to(principal))
        async with self.sessions() as session:
            total = await rows.count(session, found)
            listed = await rows.page(session, found, limit=limit + 1, after=after)
        shown = listed[:limit]
        return HelpRequestPage(
            items=[_view(one) for one in shown],
            total=total,
            next=_encoded(shown[-1].place) if len(listed) > limit else None,
        )

    async def get(self, request_id: UUID, principal: Principal | None) -> HelpRequestView:
        """One request with its history.

        Raises:
            NotFoundError: there is none, or it is not the caller's.
        """
        async with self.sessions() as session:
            return await view_of(session, request_id, visible_to(principal))


async def view_of(session: Session, request_id: UUID, visible: Visible = EVERYTHING) -> HelpRequestView:
    """A request with its history, as it is in this transaction.

    Raises:
        NotFoundError: there is none, or it is not to be seen.
    """
    listed = await rows.listed(session, request_id, visible)
    if listed is None:
        raise unknown_request()
    lines = await rows.history(session, request_id)
    return request_view(listed.request, _around(listed), [history_view(line) for line in lines])


async def current_of(session: Session, request_id: UUID) -> Json:
    """A request as JSON, for a conflict."""
    plain: Json = msgspec.to_builtins(await view_of(session, request_id))
    return plain


def visible_to(principal: Principal | None) -> Visible:
    """Whose requests somebody sees: agents those of their calls, ingesting keys what they raised and started, all
    others everything. None: the program itself.

    Raises:
        NotPermittedError: a key without a scope for it.
    """
    if isinstance(principal, Person) and principal.sees is not None:
        return Visible(agent_identities=principal.sees)
    if isinstance(principal, Machine) and not principal.has(KeyScope.READ):
        require_scope(principal, KeyScope.INGEST)
        return Visible(raised_by=principal.actor, started_by_key=principal.id)
    return EVERYTHING


async def check_may_raise(session: Session, principal: Principal, session_id: UUID | None) -> None:
    """Whether somebody may raise a request, in this call where there is one.

    Raises:
        NotFoundError: the call does not exist, or is not the caller's.
        NotPermittedError: the caller raises none, or none outside a call.
    """
    if isinstance(principal, Machine):
        require_scope(principal, KeyScope.INGEST)
    elif not principal.may_act:
        raise NotPermittedError("This account reads help requests, it does not raise them.")
    if session_id is None:
        if isinstance(principal, Person) and principal.sees is not None:
            raise NotPermittedError("Agents raise help requests in their calls: send the session_id of one.")
        return
    call = await calls.by_session_id(session, session_id)
    if call is None or not await _is_open_to(session, principal, call):
        raise NotFoundError("unknown_session", "There is no such call session, or it is not yours.")


async def _is_open_to(session: Session, principal: Principal, call: CallSession) -> bool:
    if may_use_any_call(principal):
        return True
    if isinstance(principal, Machine):
        return call.started_by_key == principal.id
    return await calls.is_on_call(session, call.session_id, principal.agent_identities)


def _filter(wanted: Wanted, visible: Visible) -> Filter:
    _check_known("status", wanted.status, STATUSES)
    _check_known("priority", wanted.priority, PRIORITIES)
    return Filter(
        statuses=wanted.status,
        priorities=wanted.priority,
        tag=wanted.tag,
        group=wanted.group,
        assigned_to=wanted.assigned_to,
        unassigned=wanted.unassigned,
        session_id=wanted.session_id,
        words=tuple(wanted.text.split()[:10]),
        visible=visible,
    )


def _check_known(name: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    if not set(given) <= set(known):
        raise InvalidError(f"{name} is one of {', '.join(known)}; several are separated by commas.")


def _view(listed: Listed) -> HelpRequestView:
    return request_view(listed.request, _around(listed))


def _around(listed: Listed) -> Participants:
    return Participants(call_id=listed.call_id, call_active=listed.call_active, assignee_name=listed.assignee_name)


def _encoded(place: Place) -> str:
    return "~".join(map(str, place))


def _decoded(cursor: str) -> Place:
    try:
        ended, seconds, identity = cursor.split("~")
        if ended not in ("0", "1") or not _SECONDS.fullmatch(seconds):
            raise ValueError
        return int(ended), Decimal(seconds), UUID(identity)
    except ValueError:
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor") from None
