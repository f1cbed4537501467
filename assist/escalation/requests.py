"""Help requests: raised once per question and call, worked on by one supervisor at a time, answered once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from assist import audit
from assist.access import Person, Principal
from assist.db import help_requests as rows
from assist.db import timers as clock
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest
from assist.db.models.base import Json
from assist.delivery import SUPERVISION, Hub
from assist.errors import ConflictError, InvalidError, NotPermittedError
from assist.escalation.alerts import Alerts
from assist.escalation.answers import AnswerDelivery
from assist.escalation.changes import Response, checked_changes, checked_note, checked_response, is_repeat
from assist.escalation.listing import Listing, Wanted, check_may_raise, current_of, view_of, visible_to
from assist.escalation.moves import Moves
from assist.escalation.policies import Policies
from assist.escalation.policy import Policy
from assist.escalation.raising import NewRequest, Raised, Raising
from assist.escalation.routing import Router, chain_from, first_chain, question_of
from assist.escalation.steps import ROUTING, TIMER, Step, Taken, actor_of, hold, take, unknown_request
from assist.escalation.views import HelpRequestPage, HelpRequestView
from assist.learning.drafts import Drafts
from assist.notifications.notifier import Notifier

__all__ = ["HelpRequests", "NewRequest", "Raised", "Response", "Wanted"]

_EDITED_WHEN_ENDED = frozenset({"tags", "notes"})


@dataclass(frozen=True, kw_only=True)
class HelpRequests:
    """The requests of this installation."""

    sessions: Sessions
    policies: Policies
    router: Router
    notifier: Notifier
    answers: AnswerDelivery
    drafts: Drafts
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""

    async def raise_in(self, session: Session, new: NewRequest) -> Raised:
        """Raises a request in the caller's transaction; the same question in the same call is the same request. Writes
        its history, timers, notifications and the call's `escalation` event. `told` afterwards wakes whoever follows.

        Raises:
            InvalidError: the question is empty or too long, or a field is.
            NotFoundError: there is no such call.
        """
        return await Raising(policies=self.policies, router=self.router, alerts=self._alerts)(session, new)

    def told(self, session_id: UUID | None) -> None:
        """After the commit: wakes the call's desks and the supervisors' consoles, here and in other processes."""
        if session_id is not None:
            self.hub.wake(session_id)
        self.hub.wake(SUPERVISION)
        self.announce()

    async def create(self, new: NewRequest, principal: Principal) -> tuple[HelpRequestView, bool]:
        """Raises a request in a transaction of its own; True: it is new.

        Raises:
            NotFoundError: the call does not exist, or is not the caller's.
            NotPermittedError: the caller raises none, or none outside a call.
        """
        async with self.sessions.begin() as session:
            await check_may_raise(session, principal, new.session_id)
            raised = await self.raise_in(session, new)
            view = await view_of(session, raised.request.id)
            if raised.created:
                after = {"priority": view.priority, "tags": view.tags, "channel": view.channel}
                target = ("help_request", str(view.id))
                await audit.record(session, principal, "help_request.created", target, after=after)
        if raised.created:
            self.told(view.session_id)
        return view, raised.created

    async def page(
        self, wanted: Wanted, *, limit: int, cursor: str | None, principal: Principal | None = None
    ) -> HelpRequestPage:
        """What breaches first at the top; of those that the caller may see.

        Raises:
            InvalidError: an unknown status or priority, or a cursor that is none of ours.
        """
        return await Listing(sessions=self.sessions).page(wanted, principal, limit=limit, cursor=cursor)

    async def get(self, request_id: UUID, principal: Principal | None = None) -> HelpRequestView:
        """One request with its history.

        Raises:
            NotFoundError: there is none, or the caller may not see it.
        """
        return await Listing(sessions=self.sessions).get(request_id, principal)

    async def claim(self, request_id: UUID, principal: Principal) -> HelpRequestView:
        """The caller takes it in hand; again is as good as once.

        Raises:
            ConflictError: somebody else has it in hand, or it has ended.
        """
        if not isinstance(principal, Person):
            raise NotPermittedError("A key cannot take a request in hand. Sign in as a supervisor.")
        async with self._open(request_id) as (session, request, policy):
            if request.status == "in_progress":
                if request.assigned_to == principal.id:
                    return await view_of(session, request_id)
                await _refuse(session, request, "already_claimed", "Somebody else has this request in hand.")
            values = {"status": "in_progress", "assigned_to": principal.id}
            step = Step(actor=actor_of(principal), action="claimed", values=values, stamps=("first_response_at",))
            taken = await self._take(session, request, step)
            await self._moves.follow(session, taken, policy)
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def hand_back(self, request_id: UUID, principal: Principal, note: str | None) -> HelpRequestView:
        """Nobody has it in hand any more; it waits in its group's queue.

        Raises:
            ConflictError: it has ended.
        """
        step = Step(actor=actor_of(principal), action="handed_back", values={}, note=checked_note(note))
        async with self._open(request_id) as (session, request, policy):
            if request.assigned_to is None and request.status == "pending":
                return await view_of(session, request_id)
            await self._must(session, request, await self._moves.put_back(session, request, policy, step))
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def reassign(
        self, request_id: UUID, principal: Principal, *, user_id: UUID | None, group: str | None, note: str | None
    ) -> HelpRequestView:
        """To a person, who has yet to claim it, or into the queue of a group.

        Raises:
            InvalidError: not exactly one of both, or not a supervisor or group of the policy.
            ConflictError: it has ended.
        """
        if (user_id is None) == (group is None):
            raise InvalidError("Say either user_id or group.")
        by, note = actor_of(principal), checked_note(note)
        async with self._open(request_id) as (session, request, policy):
            if group is not None:
                _check_group(policy, group)
            elif not await _may_answer(session, user_id):
                raise InvalidError("user_id is not a supervisor or administrator who can sign in.")
            values: Json = {"group_name": group} if group is not None else {"assigned_to": user_id}
            step = Step(actor=by, action="reassigned", values=values, note=note)
            await self._must(session, request, await self._moves.put_back(session, request, policy, step))
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def escalate(self, request_id: UUID, principal: Principal, note: str | None) -> HelpRequestView:
        """To the next level.

        Raises:
            ConflictError: it has ended, or there is no further level.
        """
        by, note = actor_of(principal), checked_note(note)
        async with self._open(request_id) as (session, request, policy):
            if self._moves.is_at_the_end(request, policy):
                detail = "It is with the owners already; there is no further level. Reassign it to a person."
                await _refuse(session, request, "no_further_level", detail)
            now = await clock.now(session)
            passed = await self._moves.pass_on(session, request, policy, now, by=by, note=note)
            await self._must(session, request, passed)
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def edit(self, request_id: UUID, principal: Principal, changes: Json) -> HelpRequestView:
        """Sets priority, tags, notes or question; of an ended request only tags and notes.

        Raises:
            InvalidError: another field, or a value out of its range.
            ConflictError: it has ended.
        """
        values = checked_changes(changes)
        only = rows.OPEN + rows.ENDED if set(values) <= _EDITED_WHEN_ENDED else rows.OPEN
        step = Step(actor=actor_of(principal), action="edited", values=values, only=only)
        async with self.sessions.begin() as session:
            request = await hold(session, request_id)
            if all(getattr(request, name) == value for name, value in values.items()):
                return await view_of(session, request_id)
            taken = await self._take(session, request, step)
            if taken.request.status in rows.OPEN:
                await self._follow_edit(session, taken, is_now_urgent=values.get("priority") == "urgent")
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def answer(self, request_id: UUID, principal: Principal, response: Response) -> HelpRequestView:
        """Ends it. The first answer counts; the same one sent again is answered like the first.

        Raises:
            InvalidError: the answer is empty or too long.
            ConflictError: it has ended; `current` is how.
        """
        response = checked_response(response)
        async with self.sessions.begin() as session:
            request = await hold(session, request_id)
            if is_repeat(request, response, principal):
                return await view_of(session, request_id)
            policy = await self.policies.current(session)
            taken = await self._take(session, request, await _ending(session, request, principal, response))
            await self.answers.deliver(session, taken.request)
            if not response.unresolved:
                await self.drafts.take(session, taken.request, response.learn, principal)
            await self._moves.end(session, taken, policy, actor_of(principal))
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def time_out(self, request_id: UUID, principal: Principal) -> HelpRequestView:
        """Ends it unresolved because nobody answered.

        Raises:
            NotFoundError: there is none, or a key may not see it.
            ConflictError: it has ended; `current` is how.
        """
        async with self._open(request_id, principal) as (session, request, policy):
            await self._must(
                session, request, await self._moves.run_out(session, request, policy, by=actor_of(principal))
            )
            view = await view_of(session, request_id)
        self.told(view.session_id)
        return view

    async def became_due(self, session: Session, request: HelpRequest, kind: str, now: datetime) -> None:
        """A timer fired (in its transaction, which has locked the call and the request): reminds, passes on to the next
        level, or ends it unresolved. `told` afterwards wakes whoever follows."""
        if request.status not in rows.OPEN:
            return
        policy = await self.policies.current(session)
        if kind == "resolution":
            await self._moves.run_out(session, request, policy, by=TIMER)
        elif kind == "reminder":
            await self._moves.remind(session, request, policy)
        elif request.status == "pending" and self._moves.is_at_the_end(request, policy):
            await self._moves.remind(session, request, policy, "Nobody has it in hand, and there is no further level.")
        elif request.status == "pending":
            await self._moves.pass_on(session, request, policy, now, by=TIMER)

    async def release_all_of(self, session: Session, user_id: UUID) -> list[UUID | None]:
        """Puts the open requests of somebody who cannot sign in any more back into routing; returns the calls of those
        requests, for `told`."""
        policy = await self.policies.current(session)
        released: list[UUID | None] = []
        # All are held before the first is routed: whoever routes waits for no call any more.
        held = [await hold(session, request_id) for request_id, _ in await rows.open_of(session, user_id)]
        for request in held:
            if request.assigned_to != user_id:
                continue
            note = "The account that had it was disabled."
            step = Step(actor=ROUTING, action="handed_back", values={"status": "pending"}, note=note)
            chain = chain_from(policy, request.group_name)
            if await self._moves.reroute(session, request, policy, step, chain=chain) is not None:
                released.append(request.session_id)
        return released

    async def release(self, user_id: str) -> None:
        """`release_all_of` as a job: only while the person is still shut out."""
        async with self.sessions.begin() as session:
            person = await rows.user(session, UUID(user_id))
            released = await self.release_all_of(session, UUID(user_id)) if person and not person.is_active else []
        for session_id in released:
            self.told(session_id)

    @property
    def _alerts(self) -> Alerts:
        return Alerts(router=self.router, notifier=self.notifier)

    @property
    def _moves(self) -> Moves:
        return Moves(policies=self.policies, router=self.router, alerts=self._alerts)

    @asynccontextmanager
    async def _open(
        self, request_id: UUID, principal: Principal | None = None
    ) -> AsyncIterator[tuple[Session, HelpRequest, Policy]]:
        """A request that has not ended, in a transaction that holds it."""
        async with self.sessions.begin() as session:
            if principal is not None and await rows.listed(session, request_id, visible_to(principal)) is None:
                raise unknown_request()
            request = await hold(session, request_id)
            if request.status not in rows.OPEN:
                await _refuse_ended(session, request)
            yield session, request, await self.policies.current(session)

    async def _follow_edit(self, session: Session, taken: Taken, *, is_now_urgent: bool) -> None:
        """What became urgent before anybody had it in hand goes to the owners."""
        policy, request = await self.policies.current(session), taken.request
        if is_now_urgent and request.status == "pending" and not self._moves.is_at_the_end(request, policy):
            chain = first_chain(question_of(request), policy)
            step = Step(actor=ROUTING, action="assigned", values={})
            await self._moves.reroute(session, request, policy, step, chain=chain)
        else:
            await self._moves.follow(session, taken, policy)

    async def _take(self, session: Session, request: HelpRequest, step: Step) -> Taken:
        return await self._must(session, request, await take(session, request, step))

    async def _must(self, session: Session, request: HelpRequest, taken: Taken | None) -> Taken:
        if taken is None:
            await _refuse_ended(session, request)
        assert taken is not None
        return taken


async def _refuse(session: Session, request: HelpRequest, code: str, detail: str) -> None:
    raise ConflictError(code, detail, current=await current_of(session, request.id))


async def _refuse_ended(session: Session, request: HelpRequest) -> None:
    if request.answer is not None:
        await _refuse(
            session, request, "already_answered", "This request has been answered already. Nothing was changed."
        )
    await _refuse(session, request, "already_ended", "This request has ended already. Nothing was changed.")


async def _ending(session: Session, request: HelpRequest, principal: Principal, response: Response) -> Step:
    person = principal if isinstance(principal, Person) else None
    values: Json = {
        "status": "unresolved" if response.unresolved else "resolved",
        "resolution": "unresolved" if response.unresolved else "answered",
        "answer": response.answer,
        "answered_by": person.id if person else None,
        "answered_by_name": principal.name,
        "assigned_to": request.assigned_to or (person.id if person else None),
        **({"topic": response.topic} if response.topic else {}),
        **({"notes": response.notes} if response.notes else {}),
    }
    holder = await rows.user(session, request.assigned_to if request.status == "in_progress" else None)
    others = holder is not None and holder.id != values["answered_by"]
    return Step(
        actor=actor_of(principal),
        action="unresolved" if response.unresolved else "answered",
        values=values,
        stamps=("first_response_at", "resolved_at"),
        note=f"{holder.name} had it in hand." if holder is not None and others else None,
    )


def _check_group(policy: Policy, name: str) -> None:
    names = [group.name for group in policy.groups]
    if name not in names:
        raise InvalidError(f"group is one of {', '.join(names)}.")


async def _may_answer(session: Session, user_id: UUID | None) -> bool:
    person = await rows.user(session, user_id)
    return person is not None and person.is_active and person.role in ("supervisor", "admin")
