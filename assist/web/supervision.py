"""What supervisors' consoles stand on: the team, the policy, and a stream that says when to look again."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Controller, Request, get, patch, put
from litestar.types import ASGIApp
from msgspec import Struct

from assist.delivery import PING_S, SUPERVISION
from assist.errors import NotFoundError
from assist.escalation.policies import PolicyVersion
from assist.escalation.policy import Policy
from assist.escalation.team import Availability, MemberView, TeamChange, TeamView
from assist.services import Services
from assist.web.api_document import PERSON, PROBLEM
from assist.web.authentication import caller, is_admin, may_read_supervision, person, services_of, supervises
from assist.web.streams import event_stream


class AvailabilityIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the caller is there."""

    availability: Availability


class PolicyIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A policy that replaces another; what it leaves out has its default."""

    version: int
    """Of the one that it replaces, as read; 0: the defaults."""
    policy: Policy


class SupervisionController(Controller):
    """Team and policy."""

    path = "/api/supervision"
    tags = ("supervision",)

    @get("/team", guards=[may_read_supervision], operation_id="GetTeam")
    async def team(self, request: Request[Any, Any, Any]) -> TeamView:
        """Who answers requests, what they have in hand, and which groups work just now."""
        return await services_of(request).supervision.team.view()

    @put(
        "/availability", guards=[supervises], operation_id="SetAvailability", security=PERSON, responses={404: PROBLEM}
    )
    async def set_availability(self, request: Request[Any, Any, Any], data: AvailabilityIn) -> MemberView:
        """The caller comes or goes. Who goes keeps what they have in hand; who comes gets what waits."""
        return await services_of(request).supervision.team.set_availability(person(request), data.availability)

    @patch("/team/{user_id:str}", guards=[supervises], operation_id="ChangeTeamMember")
    async def change_member(self, request: Request[Any, Any, Any], user_id: str, data: TeamChange) -> MemberView:
        """Administrators change anybody's profile, supervisors their own availability."""
        try:
            identity = UUID(user_id)
        except ValueError:
            raise NotFoundError("unknown_supervisor", "There is no supervisor or administrator with this id.") from None
        return await services_of(request).supervision.team.change(identity, data, caller(request))

    @get("/policy", guards=[may_read_supervision], operation_id="GetPolicy")
    async def policy(self, request: Request[Any, Any, Any]) -> PolicyVersion:
        """By which rules questions reach supervisors, and the version that a change must name."""
        return await services_of(request).supervision.policies.latest()

    @put("/policy", guards=[is_admin], operation_id="ChangePolicy", responses={409: PROBLEM})
    async def change_policy(self, request: Request[Any, Any, Any], data: PolicyIn) -> PolicyVersion:
        """Replaces the policy. It counts for whatever happens from now on; timers that run stay."""
        policies = services_of(request).supervision.policies
        number = await policies.change(data.policy, caller(request), version=data.version)
        return PolicyVersion(version=number, policy=data.policy)


@get(
    "/api/supervision/stream",
    guards=[may_read_supervision],
    operation_id="StreamSupervision",
    tags=["supervision"],
    media_type="text/event-stream",
)
async def supervision_stream(request: Request[Any, Any, Any]) -> ASGIApp:
    """Says `supervision_changed` whenever requests, drafts, notifications, the team or the policy did."""
    services, principal = services_of(request), caller(request)
    return event_stream(_changes(services), services, principal)


async def _changes(services: Services) -> AsyncIterator[bytes]:
    with services.hub.watch(SUPERVISION) as watcher:
        while True:
            watcher.take()
            yield b'data: {"type":"supervision_changed"}\n\n'
            while not await watcher.rings(PING_S):
                yield b": ping\n\n"
