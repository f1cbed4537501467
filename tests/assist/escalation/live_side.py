"""A live path with supervision around it: real parts, but nothing leaves the outbox, and nothing is learned."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select

from assist.access import Machine, Person, Principal, Role
from assist.db.engine import Session, Sessions
from assist.db.models import FollowUp, HelpRequest, HelpRequestEvent, Notification, User
from assist.delivery import Hub
from assist.escalation.answers import AnswerDelivery
from assist.escalation.call_questions import CallQuestions
from assist.escalation.follow_ups import FollowUps
from assist.escalation.policies import Policies
from assist.escalation.policy import Policy
from assist.escalation.raising import NewRequest, Raised
from assist.escalation.requests import HelpRequests, Response
from assist.escalation.routing import Router
from assist.floor import Floor
from assist.learning.drafts import Drafts
from assist.notifications.channels import Channels
from assist.notifications.notifier import Notifier
from integrations.notify.message import Envelope, Message, SendError, Sent
from tests.assist.scripted import Node, Script, Supervised, node


@dataclass(frozen=True, kw_only=True)
class Mute:
    """A channel that is configured and never used: no worker runs here."""

    name: str

    async def send(self, envelope: Envelope) -> Sent:
        """Nobody sends."""
        raise SendError("Nothing is sent here.", retryable=False)

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, kw_only=True)
class Stumbling(Notifier):
    """Fails to write to customers, for so many times."""

    failures: list[Exception] = field(default_factory=list)

    async def send_to_customer(
        self, session: Session, *, key: str, channel: str, address: str, message: Message, request_id: UUID
    ) -> UUID:
        """Fails as long as there are failures left."""
        if self.failures:
            raise self.failures.pop()
        return await super().send_to_customer(
            session, key=key, channel=channel, address=address, message=message, request_id=request_id
        )


class Forgetful:
    """Learns nothing."""

    async def take(self, session: Session, request: HelpRequest, learn: str, principal: Principal) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, kw_only=True)
class FixedPolicies(Policies):
    """A policy that a test has chosen."""

    policy: Policy = field(default_factory=Policy)

    async def current(self, session: Session) -> Policy:
        """Always the same."""
        return self.policy


@dataclass(frozen=True, kw_only=True)
class Failing(HelpRequests):
    """Raises nothing for so many times."""

    failures: list[Exception] = field(default_factory=list)

    async def raise_in(self, session: Session, new: NewRequest) -> Raised:
        """Fails after it has written, as long as there are failures left."""
        raised = await super().raise_in(session, new)
        if self.failures:
            raise self.failures.pop()
        return raised


@dataclass(frozen=True, kw_only=True)
class LiveSide:
    """A live path, and the supervisors behind it."""

    node: Node
    sessions: Sessions
    help_requests: HelpRequests
    questions: CallQuestions
    follow_ups: FollowUps
    floor: Floor
    supervisor: Person

    async def requests(self, session_id: UUID | None = None) -> list[HelpRequest]:
        """Of a call, or all, oldest first."""
        statement = select(HelpRequest).order_by(HelpRequest.created_at)
        if session_id is not None:
            statement = statement.where(HelpRequest.session_id == session_id)
        async with self.sessions() as session:
            return list((await session.execute(statement)).scalars())

    async def history(self, request_id: UUID) -> list[str]:
        """What was done, in order."""
        statement = select(HelpRequestEvent.action).where(HelpRequestEvent.request_id == request_id)
        async with self.sessions() as session:
            return list((await session.execute(statement.order_by(HelpRequestEvent.id))).scalars())

    async def followed_up(self) -> list[FollowUp]:
        """All follow-ups, oldest first."""
        async with self.sessions() as session:
            return list((await session.execute(select(FollowUp).order_by(FollowUp.created_at))).scalars())

    async def sent(self) -> list[Message]:
        """What is in the outbox for customers."""
        statement = select(Notification.message).where(Notification.event == "customer.follow_up")
        async with self.sessions() as session:
            rows = (await session.execute(statement.order_by(Notification.created_at))).scalars()
            return [msgspec.convert(row, Message) for row in rows]

    async def answer(self, request_id: UUID, text: str, **more: Any) -> None:
        """As the supervisor."""
        await self.help_requests.answer(request_id, self.supervisor, Response(answer=text, learn="none", **more))


@asynccontextmanager
async def live_side(
    sessions: Sessions,
    script: Script | None = None,
    *,
    policy: Policy | None = None,
    channels: tuple[str, ...] = ("sms", "email"),
    failures: list[Exception] | None = None,
    unsent: list[Exception] | None = None,
    **more: Any,
) -> AsyncIterator[LiveSide]:
    """One process with supervision; `failures` of raising, `unsent` of writing to customers; `more` for the node."""
    hub = Hub(sessions=sessions)
    configured = Channels(by_name={name: Mute(name=name) for name in channels})
    notifier = Stumbling(channels=configured, failures=unsent if unsent is not None else [])
    policies = FixedPolicies(sessions=sessions, timeout_minutes=30.0, policy=policy or Policy())
    answers = AnswerDelivery(notifier=notifier)
    help_requests = Failing(
        sessions=sessions,
        policies=policies,
        router=Router(),
        notifier=notifier,
        answers=answers,
        drafts=cast(Drafts, Forgetful()),
        hub=hub,
        announce=_nobody,
        failures=failures if failures is not None else [],
    )
    questions = CallQuestions(sessions=sessions, help_requests=help_requests, policies=policies)
    supervised = Supervised(hub=hub, questions=questions, answers=answers)
    supervisor = await person(sessions, "grace", Role.SUPERVISOR)
    async with node(sessions, script, supervised=supervised, **more) as made:
        yield LiveSide(
            node=made,
            sessions=sessions,
            help_requests=help_requests,
            questions=questions,
            follow_ups=FollowUps(sessions=sessions, hub=hub, announce=_nobody, answers=answers),
            floor=Floor(sessions=sessions, hub=hub, announce=_nobody),
            supervisor=supervisor,
        )


async def person(sessions: Sessions, name: str, role: Role) -> Person:
    """Somebody with an account, without a password."""
    identity, email = uuid4(), f"{name}-{uuid4().hex[:8]}@team.example"
    async with sessions.begin() as session:
        session.add(User(id=identity, email=email, name=name.title(), role=role.value, password_hash="-"))
    return Person(id=identity, email=email, name=name.title(), role=role, agent_identities=(email,), session_hash="-")


def machine() -> Machine:
    """A key that may do everything."""
    return Machine(id=uuid4(), name="Telephony", scopes=frozenset())


def _nobody() -> None:
    """There is no other process."""
