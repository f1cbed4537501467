"""Answers to customers whose call has ended: what is on its way, and whom somebody still has to call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from assist import audit
from assist.access import Principal
from assist.db import call_backs, follow_ups
from assist.db.engine import Sessions
from assist.db.follow_ups import Listed
from assist.db.models import CallBack
from assist.delivery import SUPERVISION, Hub
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.escalation.answers import FOLLOW_UP_CALL, FOLLOW_UP_QUEUE, AnswerDelivery
from assist.escalation.steps import Actor, write
from assist.jobs import Job

_CALLABLE = ("open", "failed")


class CallBackState(Struct, frozen=True, kw_only=True):
    """What the receptionist does about a callback."""

    state: str
    """waiting, ringing, talking, told or given_up (somebody has to ring)."""
    attempts: int
    next_attempt_at: datetime | None
    """None: it does not wait for another attempt."""
    last_status: str | None
    """Why the last attempt came to nothing."""


class FollowUpView(Struct, frozen=True, kw_only=True):
    """An answer for a customer."""

    id: UUID
    request_id: UUID
    session_id: UUID | None
    customer_name: str | None
    question: str
    channel: str
    """sms, email or callback."""
    address: str | None
    text: str
    state: str
    """pending, sent, failed (somebody should call instead), open (a callback) or done."""
    answered_by_name: str | None
    done_by: str | None
    created_at: datetime
    done_at: datetime | None
    call_back: CallBackState | None = None
    """None: the receptionist does not ring."""


class FollowUpPage(Struct, frozen=True, kw_only=True):
    """Part of the list, who waits longest first."""

    items: list[FollowUpView]
    total: int
    next: str | None
    """Cursor of the next part; None at the end."""


@dataclass(frozen=True, kw_only=True)
class FollowUps:
    """The follow-ups of this installation."""

    sessions: Sessions
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""
    answers: AnswerDelivery

    @property
    def job(self) -> Job:
        """What could not be put into the outbox when a call ended."""
        return Job(name=FOLLOW_UP_CALL, queue=FOLLOW_UP_QUEUE, body=self._follow_up_call)

    async def page(self, states: Sequence[str], *, limit: int, cursor: str | None) -> FollowUpPage:
        """Those in one of these states; all of them when none is given.

        Raises:
            InvalidError: an unknown state, or a cursor of somebody else's.
        """
        if not set(states) <= set(follow_ups.STATES):
            raise InvalidError(f"state is one of {', '.join(follow_ups.STATES)}, or several of them with commas.")
        after = _decode(cursor) if cursor else None
        async with self.sessions() as session:
            total = await follow_ups.count(session, states)
            found = await follow_ups.page(session, states, limit=limit + 1, after=after)
            rung = await call_backs.of_follow_ups(session, [one.follow_up.id for one in found])
        shown = found[:limit]
        following = _encode(shown[-1]) if len(found) > limit else None
        return FollowUpPage(
            items=[_view(one, rung.get(one.follow_up.id)) for one in shown], total=total, next=following
        )

    async def done(self, follow_up_id: UUID, principal: Principal) -> FollowUpView:
        """Notes that somebody has told the customer; again is as good as once.

        Raises:
            NotFoundError: there is no such follow-up.
            ConflictError: it is on its way by itself, or has arrived.
        """
        async with self.sessions.begin() as session:
            found = await follow_ups.lock(session, follow_up_id)
            if found is None:
                raise NotFoundError("unknown_follow_up", "There is no such follow-up.")
            if found.state == "done":
                return _view(found)
            if found.state not in _CALLABLE:
                detail = "The answer goes to the customer by itself; there is nobody to call."
                raise ConflictError("follow_up_not_open", detail, current=msgspec.to_builtins(_view(found)))
            await follow_ups.set_done(session, follow_up_id, principal.name)
            changed = await follow_ups.lock(session, follow_up_id)
            assert changed is not None  # it is locked
            before, after = {"state": found.state}, {"state": "done"}
            await audit.record(
                session, principal, "follow_up.done", ("follow_up", str(follow_up_id)), before=before, after=after
            )
            by = Actor(id=principal.actor, name=principal.name)
            await write(session, changed.request, by, "followed_up", before=before, after=after)
        self.hub.wake(SUPERVISION)
        self.announce()
        return _view(changed)

    async def _follow_up_call(self, *, session_id: str) -> None:
        async with self.sessions.begin() as session:
            await self.answers.follow_up_call(session, UUID(session_id))
        self.hub.wake(SUPERVISION)
        self.announce()


def _view(listed: Listed, rung: CallBack | None = None) -> FollowUpView:
    row, request = listed.follow_up, listed.request
    own = ("id", "request_id", "channel", "address", "text", "done_by", "created_at", "done_at")
    of_request = ("session_id", "customer_name", "question", "answered_by_name")
    return FollowUpView(
        state=listed.state,
        call_back=_state(rung) if rung else None,
        **{name: getattr(row, name) for name in own},
        **{name: getattr(request, name) for name in of_request},
    )


def _state(row: CallBack) -> CallBackState:
    return CallBackState(
        state=row.state,
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at if row.state == "waiting" else None,
        last_status=row.last_status,
    )


def _encode(last: Listed) -> str:
    return f"{last.follow_up.created_at.isoformat()}~{last.follow_up.id}"


def _decode(cursor: str) -> tuple[datetime, UUID]:
    moment, _, identity = cursor.partition("~")
    try:
        return datetime.fromisoformat(moment), UUID(identity)
    except ValueError:
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor") from None
