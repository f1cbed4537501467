"""Help requests and their history. Whoever changes one locks the call's row first, then the request's."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import CallSession, HelpRequest, HelpRequestEvent, Participant, TranscriptionSegment, User
from assist.db.models.base import Json

OPEN = ("pending", "in_progress")
ENDED = ("resolved", "unresolved")
_NEVER_S = 10**11
"""Stands for the due time of a request without one: after all others."""

Place = tuple[int, Decimal, UUID]
"""Where a request stands in lists: open (0) or ended (1), seconds, id."""


class Visible(Struct, frozen=True, kw_only=True):
    """Whose requests are shown; those of any of these. All None: everybody's."""

    agent_identities: tuple[str, ...] | None = None
    """Of calls that one of these agents is on."""
    raised_by: str | None = None
    started_by_key: UUID | None = None
    """Of calls that this key has started."""

    def condition(self) -> ColumnElement[bool]:
        """As a WHERE clause on requests joined with their calls."""
        found: list[ColumnElement[bool]] = []
        if self.agent_identities is not None:
            found.append(_on_calls_of(self.agent_identities))
        if self.raised_by is not None:
            found.append(HelpRequest.raised_by == self.raised_by)
        if self.started_by_key is not None:
            found.append(CallSession.started_by_key == self.started_by_key)
        return or_(*found) if found else true()


class Filter(Struct, frozen=True, kw_only=True):
    """Which requests to list."""

    statuses: tuple[str, ...] = ()
    """Any of these; `escalated`: open ones that were passed on."""
    priorities: tuple[str, ...] = ()
    tag: str | None = None
    group: str | None = None
    assigned_to: UUID | None = None
    unassigned: bool = False
    session_id: UUID | None = None
    words: tuple[str, ...] = ()
    """All of them in question, answer, topic, customer or notes."""
    visible: Visible = Visible()

    def conditions(self) -> list[ColumnElement[bool]]:
        """As WHERE clauses."""
        found = [self.visible.condition()]
        if self.statuses:
            found.append(or_(*map(_has_status, self.statuses)))
        if self.priorities:
            found.append(HelpRequest.priority.in_(self.priorities))
        if self.tag is not None:
            found.append(func.jsonb_exists(HelpRequest.tags, self.tag))
        if self.unassigned:
            found.append(HelpRequest.assigned_to.is_(None))
        columns: dict[str, ColumnElement[Any]] = {
            "group": HelpRequest.group_name.expression,
            "assigned_to": HelpRequest.assigned_to.expression,
            "session_id": HelpRequest.session_id.expression,
        }
        found += [column == getattr(self, name) for name, column in columns.items() if getattr(self, name) is not None]
        return found + [_mentions(word) for word in self.words]


class Listed(Struct, frozen=True, kw_only=True):
    """A request with what other tables say of it."""

    request: HelpRequest
    call_id: str | None
    call_active: bool
    assignee_name: str | None
    place: Place


async def insert_request(session: Session, values: Json) -> HelpRequest | None:
    """None: its id exists, or the same question in the same call; nothing is changed then."""
    statement = insert(HelpRequest).values(**values).on_conflict_do_nothing().returning(HelpRequest)
    return (await session.execute(statement)).scalar_one_or_none()


async def by_id(session: Session, request_id: UUID) -> HelpRequest | None:
    """As it is now, not locked."""
    statement = select(HelpRequest).where(HelpRequest.id == request_id).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def by_question(session: Session, session_id: UUID, normalised_question: str) -> HelpRequest | None:
    """The request of a call for a question."""
    statement = select(HelpRequest).where(
        HelpRequest.session_id == session_id, HelpRequest.normalised_question == normalised_question
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def lock(session: Session, request_id: UUID) -> HelpRequest | None:
    """As it is now, locked until the end of the transaction."""
    statement = (
        select(HelpRequest)
        .where(HelpRequest.id == request_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def change(
    session: Session,
    request_id: UUID,
    values: Json,
    *,
    only: Sequence[str] = OPEN + ENDED,
    stamps: Sequence[str] = (),
) -> HelpRequest | None:
    """Sets columns of a request whose status is one of `only`; None: it is not, and nothing is changed. `stamps` names
    moments that are now, unless they were before.
    """
    moments = {name: func.coalesce(getattr(HelpRequest, name), func.clock_timestamp()) for name in stamps}
    statement = (
        update(HelpRequest)
        .where(HelpRequest.id == request_id, HelpRequest.status.in_(only))
        .values(updated_at=func.clock_timestamp(), **moments, **values)
        .returning(HelpRequest)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def insert_history(session: Session, line: Json) -> int:
    """Appends a line and returns its number."""
    statement = insert(HelpRequestEvent).values(**line).returning(HelpRequestEvent.id)
    return (await session.execute(statement)).scalar_one()


async def history(session: Session, request_id: UUID) -> Sequence[HelpRequestEvent]:
    """Oldest first."""
    statement = select(HelpRequestEvent).where(HelpRequestEvent.request_id == request_id).order_by(HelpRequestEvent.id)
    return (await session.execute(statement)).scalars().all()


async def listed(session: Session, request_id: UUID, visible: Visible) -> Listed | None:
    """One request, if it is to be seen."""
    statement = _with_surroundings().where(HelpRequest.id == request_id, visible.condition())
    row = (await session.execute(statement.execution_options(populate_existing=True))).one_or_none()
    return _listed(row) if row is not None else None


async def count(session: Session, wanted: Filter) -> int:
    """How many match."""
    statement = select(func.count()).select_from(HelpRequest).outerjoin(CallSession).where(*wanted.conditions())
    return (await session.execute(statement)).scalar_one()


async def page(session: Session, wanted: Filter, *, limit: int, after: Place | None) -> list[Listed]:
    """Open ones first, by due time; then ended ones, newest first."""
    place = (_is_ended(), _seconds(), HelpRequest.id)
    statement = _with_surroundings().where(*wanted.conditions())
    if after is not None:
        statement = statement.where(tuple_(*place) > tuple_(*after))
    rows = await session.execute(statement.order_by(*place).limit(limit))
    return [_listed(row) for row in rows]


async def open_of(session: Session, user_id: UUID) -> list[tuple[UUID, UUID | None]]:
    """(request, call) of what somebody has to do, in an order that is the same for everybody who locks them."""
    statement = (
        select(HelpRequest.id, HelpRequest.session_id)
        .where(HelpRequest.assigned_to == user_id, HelpRequest.status.in_(OPEN))
        .order_by(HelpRequest.session_id, HelpRequest.id)
    )
    return [(row.id, row.session_id) for row in await session.execute(statement)]


async def user(session: Session, user_id: UUID | None) -> User | None:
    """A person, whether active or not."""
    return await session.get(User, user_id) if user_id is not None else None


async def last_words(session: Session, session_id: UUID, limit: int) -> list[TranscriptionSegment]:
    """The latest segments of a call, in the order they were said."""
    statement = (
        select(TranscriptionSegment)
        .where(TranscriptionSegment.session_id == session_id)
        .order_by(TranscriptionSegment.number.desc())
        .limit(limit)
    )
    rows = (await session.execute(statement)).scalars()
    return sorted(rows, key=lambda row: (row.start_time, row.number))


def _with_surroundings() -> Select[Any]:
    call_active = func.coalesce(CallSession.status == "active", False)
    return (
        select(HelpRequest, CallSession.call_id, call_active, User.name, _is_ended(), _seconds())
        .outerjoin(CallSession, CallSession.session_id == HelpRequest.session_id)
        .outerjoin(User, User.id == HelpRequest.assigned_to)
    )


def _listed(row: Any) -> Listed:
    request, call_id, call_active, assignee_name, ended, seconds = row
    return Listed(
        request=request,
        call_id=call_id,
        call_active=call_active,
        assignee_name=assignee_name,
        place=(ended, Decimal(seconds), request.id),
    )


def _is_ended() -> ColumnElement[int]:
    return case((HelpRequest.status.in_(ENDED), 1), else_=0)


def _seconds() -> ColumnElement[Any]:
    due = func.coalesce(func.extract("epoch", HelpRequest.due_at), _NEVER_S)
    return case((HelpRequest.status.in_(ENDED), -func.extract("epoch", HelpRequest.resolved_at)), else_=due)


def _has_status(status: str) -> ColumnElement[bool]:
    if status == "escalated":
        return and_(HelpRequest.level > 0, HelpRequest.status.in_(OPEN))
    return HelpRequest.status == status


def _mentions(word: str) -> ColumnElement[bool]:
    columns = (
        HelpRequest.question, HelpRequest.answer, HelpRequest.topic, HelpRequest.customer_name, HelpRequest.notes,
    )  # fmt: skip
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _on_calls_of(agent_identities: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        Participant.session_id == HelpRequest.session_id,
        Participant.role == "agent",
        Participant.identity.in_(agent_identities),
    )
