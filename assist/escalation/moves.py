"""What moves a request whoever asks for it, a person or a timer: to the next level, back into its queue, to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assist.db import timers as clock
from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.escalation import timers
from assist.escalation.alerts import Alerts
from assist.escalation.assigning import enqueue_assigning
from assist.escalation.policies import Policies
from assist.escalation.policy import Policy
from assist.escalation.routing import Route, Router
from assist.escalation.steps import TIMER, Actor, Step, Taken, show, take, write_line

_QUEUED = {"status": "pending", "assigned_to": None}


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Moves requests in the caller's transaction, which holds them (`steps.hold`). None: not open any more."""

    policies: Policies
    router: Router
    alerts: Alerts

    def is_at_the_end(self, request: HelpRequest, policy: Policy) -> bool:
        """There is no further level."""
        return request.group_name == policy.owner_group

    async def pass_on(
        self,
        session: Session,
        request: HelpRequest,
        policy: Policy,
        now: datetime,
        *,
        by: Actor,
        note: str | None = None,
    ) -> Taken | None:
        """To the next level, to whoever is there."""
        route = await self.router.route(session, request, policy, now, after=request.group_name)
        values = {"status": "pending", "level": request.level + 1, **_placed(route)}
        taken = await take(session, request, Step(actor=by, action="escalated", values=values, note=note))
        if taken is not None:
            await self._settle(session, taken, policy, "escalated", unattended=route.unattended)
        return taken

    async def reroute(
        self, session: Session, request: HelpRequest, policy: Policy, step: Step, *, chain: Sequence[str]
    ) -> Taken | None:
        """To whoever is there in the first of these groups that has somebody."""
        route = await self.router.choose(session, request, policy, await clock.now(session), chain=chain)
        taken = await take(session, request, _with(step, _placed(route)))
        if taken is not None:
            await self._settle(session, taken, policy, "assigned", unattended=route.unattended)
        return taken

    async def put_back(self, session: Session, request: HelpRequest, policy: Policy, step: Step) -> Taken | None:
        """Into the queue of its group, or of the one among the step's values."""
        taken = await take(session, request, _with(step, _QUEUED))
        if taken is not None:
            await self._settle(session, taken, policy, "assigned")
            await enqueue_assigning(session)
        return taken

    async def run_out(self, session: Session, request: HelpRequest, policy: Policy, *, by: Actor) -> Taken | None:
        """Ends it unresolved because nobody answered."""
        values = {"status": "unresolved", "resolution": "timed_out"}
        step = Step(actor=by, action="timed_out", values=values, stamps=("resolved_at",))
        taken = await take(session, request, step)
        if taken is not None:
            await self.end(session, taken, policy, by)
        return taken

    async def end(self, session: Session, taken: Taken, policy: Policy, by: Actor) -> None:
        """After a request has ended: nothing becomes due any more, and whoever had it has room for another."""
        await timers.cancel(session, taken.request.id)
        await self.alerts.tell_ended(session, taken, policy, by)
        await enqueue_assigning(session)
        await show(session, taken.request)

    async def remind(self, session: Session, request: HelpRequest, policy: Policy, note: str | None = None) -> None:
        """Tells whoever is to answer that time is running out; with `note`, everybody who could."""
        step = Step(actor=TIMER, action="reminded", values={}, note=note)
        number = await write_line(session, request, step, {}, {})
        taken = Taken(request=request, number=number)
        await self.alerts.tell(session, "reminder", taken, policy)
        if note is not None:
            await self.alerts.unattended(session, taken, policy)

    async def follow(self, session: Session, taken: Taken, policy: Policy) -> None:
        """Has timers and the call's desks follow a step."""
        await timers.schedule(session, taken.request, policy, self.policies.timeout_minutes)
        await show(session, taken.request)

    async def _settle(
        self, session: Session, taken: Taken, policy: Policy, event: str, *, unattended: bool = False
    ) -> None:
        await timers.schedule(session, taken.request, policy, self.policies.timeout_minutes)
        await self.alerts.tell(session, event, taken, policy)
        if unattended:
            await self.alerts.unattended(session, taken, policy)
        await show(session, taken.request)


def _placed(route: Route) -> Mapping[str, object]:
    return {"group_name": route.group, "assigned_to": route.assignee}


def _with(step: Step, values: Mapping[str, object]) -> Step:
    return Step(actor=step.actor, action=step.action, values={**values, **step.values}, note=step.note)
