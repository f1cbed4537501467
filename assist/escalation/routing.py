"""Who gets a request: by skills, priority, working hours, presence and load, along the chain of groups. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.escalation.policy import Policy


class Route(Struct, frozen=True, kw_only=True):
    """Where a request goes."""

    group: str
    assignee: UUID | None
    """None: nobody there can take it; it waits in the group's queue."""
    assignee_name: str | None = None
    skipped: tuple[str, ...] = ()
    """Groups that had nobody, in order."""
    unattended: bool = False
    """Nobody in the whole chain: everybody who could is alerted."""


@dataclass(frozen=True, kw_only=True)
class Router:
    """Reads who is there and decides."""

    async def route(
        self, session: Session, request: HelpRequest, policy: Policy, now: datetime, *, after: str | None = None
    ) -> Route:
        """For a new request; with `after`, for one that this group passes on."""
        raise NotImplementedError
