"""Help requests: raised once per question and call, worked on by one supervisor at a time, answered once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from assist.access import Principal
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest
from assist.db.models.base import Json
from assist.delivery import Hub
from assist.escalation.answers import AnswerDelivery
from assist.escalation.policies import Policies
from assist.escalation.routing import Router
from assist.escalation.views import HelpRequestPage, HelpRequestView
from assist.learning.drafts import Drafts
from assist.notifications.notifier import Notifier


class NewRequest(Struct, frozen=True, kw_only=True):
    """A question that is to reach a supervisor."""

    question: str
    channel: str = "call"
    origin: str = "api"
    """pipeline, agent, receptionist or api."""
    raised_by: str | None = None
    """Actor; None: the pipeline."""
    raised_by_name: str = "Assist"
    session_id: UUID | None = None
    turn: int | None = None
    customer_name: str | None = None
    customer_contact: str | None = None
    queue: str | None = None
    context_excerpt: str | None = None
    priority: str | None = None
    """None: by the policy's rules."""
    tags: tuple[str, ...] = ()
    """Added to those of the rules."""
    metadata: Json = {}


class Response(Struct, frozen=True, kw_only=True):
    """What a supervisor says to a request."""

    answer: str
    topic: str | None = None
    notes: str | None = None
    unresolved: bool = False
    learn: str = "draft"
    """draft, approve or none."""


class Raised(Struct, frozen=True, kw_only=True):
    """A request, and whether it is new."""

    request: HelpRequest
    created: bool


class Wanted(Struct, frozen=True, kw_only=True):
    """Which requests to list."""

    status: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    tag: str | None = None
    group: str | None = None
    assigned_to: UUID | None = None
    unassigned: bool = False
    session_id: UUID | None = None
    text: str = ""


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
        """
        raise NotImplementedError

    def told(self, session_id: UUID | None) -> None:
        """After the commit: wakes the call's desks and the supervisors' consoles, here and in other processes."""
        raise NotImplementedError

    async def create(self, new: NewRequest, principal: Principal) -> tuple[HelpRequestView, bool]:
        """Raises a request in a transaction of its own; True: it is new."""
        raise NotImplementedError

    async def page(self, wanted: Wanted, *, limit: int, cursor: str | None) -> HelpRequestPage:
        """What breaches first at the top."""
        raise NotImplementedError

    async def get(self, request_id: UUID) -> HelpRequestView:
        """One request with its history."""
        raise NotImplementedError

    async def claim(self, request_id: UUID, principal: Principal) -> HelpRequestView:
        """The caller takes it in hand."""
        raise NotImplementedError

    async def hand_back(self, request_id: UUID, principal: Principal, note: str | None) -> HelpRequestView:
        """Nobody has it in hand any more."""
        raise NotImplementedError

    async def reassign(
        self, request_id: UUID, principal: Principal, *, user_id: UUID | None, group: str | None, note: str | None
    ) -> HelpRequestView:
        """To a person or a group."""
        raise NotImplementedError

    async def escalate(self, request_id: UUID, principal: Principal, note: str | None) -> HelpRequestView:
        """To the next level."""
        raise NotImplementedError

    async def edit(self, request_id: UUID, principal: Principal, changes: Json) -> HelpRequestView:
        """Sets priority, tags, notes or question."""
        raise NotImplementedError

    async def answer(self, request_id: UUID, principal: Principal, response: Response) -> HelpRequestView:
        """Ends it. The first answer counts; a second one gets a conflict with the first."""
        raise NotImplementedError

    async def time_out(self, request_id: UUID, principal: Principal) -> HelpRequestView:
        """Ends it unresolved because nobody answered."""
        raise NotImplementedError

    async def became_due(self, session: Session, request: HelpRequest, kind: str, now: datetime) -> None:
        """A timer fired (in its transaction): reminds, passes on to the next level, or ends it unresolved."""
        raise NotImplementedError
