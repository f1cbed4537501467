"""Who is told of what becomes of a request: its assignee, or the group in whose queue it waits."""

from dataclasses import dataclass
from uuid import UUID

from assist.db import help_requests as rows
from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.escalation.policy import Policy
from assist.escalation.routing import Router
from assist.escalation.steps import Actor, Taken
from assist.notifications.notifier import Notifier, Occasion


@dataclass(frozen=True, kw_only=True)
class Alerts:
    """Finds the recipients; what they are told by which channel is the notifier's business."""

    router: Router
    notifier: Notifier

    async def tell(self, session: Session, event: str, taken: Taken, policy: Policy) -> None:
        """Tells whoever is to answer it now."""
        await self._send(session, event, taken, await self._concerned(session, taken.request, policy))

    async def tell_ended(self, session: Session, taken: Taken, policy: Policy, by: Actor) -> None:
        """Tells whoever raised it or had it to do, except the one who has ended it."""
        request = taken.request
        concerned = await self._concerned(session, request, policy) if by.principal is None else _assignee(request)
        raiser = (request.raised_by or "").removeprefix("user:")
        person = await rows.user(session, UUID(raiser)) if raiser != (request.raised_by or "") else None
        recipients = [*concerned, *([person.id] if person is not None else [])]
        event = "answered" if request.status == "resolved" else "unresolved"
        await self._send(session, event, taken, [one for one in recipients if f"user:{one}" != by.id])

    async def unattended(self, session: Session, taken: Taken, policy: Policy) -> None:
        """Nobody can take it now: everybody in its group and among the owners is alerted, there or not."""
        groups = dict.fromkeys((taken.request.group_name or policy.owner_group, policy.owner_group))
        found = [member for name in groups for member in await self.router.members(session, policy, name)]
        await self._send(session, "unattended", taken, found)

    async def _concerned(self, session: Session, request: HelpRequest, policy: Policy) -> list[UUID]:
        if request.assigned_to is not None or request.group_name is None:
            return _assignee(request)
        return await self.router.members(session, policy, request.group_name)

    async def _send(self, session: Session, event: str, taken: Taken, recipients: list[UUID]) -> None:
        occasion = Occasion(
            event=f"help_request.{event}",
            request=taken.request,
            recipients=tuple(dict.fromkeys(recipients)),
            ordinal=taken.number,
        )
        await self.notifier.tell(session, occasion)


def _assignee(request: HelpRequest) -> list[UUID]:
    return [request.assigned_to] if request.assigned_to is not None else []
