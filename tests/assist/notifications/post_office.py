"""The outbox of a test: a clock that is set, jobs that run when the test says so, and people who are told something."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import select, text

from assist.access import Person, Role
from assist.db import notifications as rows
from assist.db.accounts import insert_user
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest, Notification, NotificationAttempt
from assist.delivery import SUPERVISION, Hub
from assist.notifications.channels import Channels
from assist.notifications.notifier import SEND_NOTIFICATION, Notifier, Occasion
from assist.notifications.outbox import Outbox
from assist.notifications.preferences import Preferences
from assist.notifications.reading import Deliveries
from integrations.notify.message import Channel, Envelope, SendError, Sent
from integrations.notify.webhook import Endpoint, Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLIC_URL = "https://assist.example"
_DUE_JOBS = text(
    "DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = :name "
    "AND (scheduled_at IS NULL OR scheduled_at <= :now) RETURNING args->>'notification_id'"
)
_FORGET = text("DELETE FROM procrastinate_jobs WHERE task_name = :name")


@dataclass(kw_only=True)
class Clock:
    """Stands still until it is moved."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def __call__(self, session: Session) -> datetime:
        """As the database's clock."""
        return self.now

    def forward(self, **by: float) -> None:
        """Moves it."""
        self.now += timedelta(**by)


@dataclass(kw_only=True)
class Scripted:
    """A channel that does what a test says: an error, or nothing for what it takes. The last one again and again."""

    name: str
    outcomes: list[SendError | None] = field(default_factory=lambda: [None])
    taken: list[Envelope] = field(default_factory=list)
    tried: list[Envelope] = field(default_factory=list)

    async def send(self, envelope: Envelope) -> Sent:
        """Takes it, or not."""
        self.tried.append(envelope)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if outcome is not None:
            raise outcome
        self.taken.append(envelope)
        return Sent(status_code=200, detail="m1")

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, kw_only=True)
class PostOffice:
    """Everything around one outbox."""

    sessions: Sessions
    clock: Clock
    channels: Channels
    hub: Hub
    announced: list[None]

    @property
    def notifier(self) -> Notifier:
        """Fills it."""
        return Notifier(channels=self.channels, public_url=PUBLIC_URL, clock=self.clock)

    def outbox(self, **changes: Any) -> Outbox:
        """A process that empties it."""
        return Outbox(
            sessions=self.sessions,
            channels=self.channels,
            hub=self.hub,
            announce=lambda: self.announced.append(None),
            public_url=PUBLIC_URL,
            clock=self.clock,
            chance=lambda: 0.0,
            **changes,
        )

    @property
    def deliveries(self) -> Deliveries:
        """Shows it."""
        return Deliveries(
            sessions=self.sessions,
            channels=self.channels,
            hub=self.hub,
            announce=lambda: self.announced.append(None),
            public_url=PUBLIC_URL,
            clock=self.clock,
        )

    async def run_due(self, outbox: Outbox) -> int:
        """Runs the jobs that are due by the clock, as the worker does. How many."""
        async with self.sessions.begin() as session:
            due = (await session.execute(_DUE_JOBS, {"name": SEND_NOTIFICATION, "now": self.clock.now})).scalars().all()
        for identity in due:
            await outbox.send(identity)
        return len(due)

    async def forget_jobs(self) -> None:
        """All jobs are lost."""
        async with self.sessions.begin() as session:
            await session.execute(_FORGET, {"name": SEND_NOTIFICATION})

    async def person(self, name: str, role: Role = Role.SUPERVISOR, *, is_active: bool = True) -> Person:
        """Somebody who can sign in."""
        email = f"{name}@post.example"
        person = Person(id=uuid4(), email=email, name=name, role=role, agent_identities=(email,), session_hash="")
        values = {"id": person.id, "email": email, "name": name, "role": role.value, "password_hash": "x"}
        async with self.sessions.begin() as session:
            await insert_user(session, {**values, "is_active": is_active})
        return person

    async def prefer(self, person: Person, wished: Preferences) -> None:
        """Stores what a person wishes."""
        async with self.sessions.begin() as session:
            await rows.put_preferences(session, person.id, msgspec.to_builtins(wished))

    async def request(self, **changes: Any) -> HelpRequest:
        """A question of a customer."""
        question = "Can I pay in crypto?"
        request = HelpRequest(
            id=uuid4(),
            channel="call",
            origin="api",
            question=question,
            normalised_question=str(uuid4()),
            **{"priority": "medium", "status": "pending", "level": 0, "tags": [], "attributes": {}, **changes},
        )
        async with self.sessions.begin() as session:
            session.add(request)
        return request

    async def tell(self, event: str, request: HelpRequest, *people: Person, ordinal: int = 1) -> None:
        """As the escalation does."""
        occasion = Occasion(
            event=f"help_request.{event}",
            request=request,
            recipients=tuple(person.id for person in people),
            ordinal=ordinal,
        )
        async with self.sessions.begin() as session:
            await self.notifier.tell(session, occasion)

    async def rows(self, channel: str | None = None) -> list[Notification]:
        """All rows, or those of a channel, oldest first."""
        statement = select(Notification).order_by(Notification.created_at)
        if channel is not None:
            statement = statement.where(Notification.channel == channel)
        async with self.sessions() as session:
            return list((await session.execute(statement)).scalars())

    async def one(self, channel: str) -> Notification:
        """The only row of a channel."""
        (row,) = await self.rows(channel)
        return row

    async def outcomes(self, notification_id: UUID) -> list[tuple[str, int | None]]:
        """The history of a row."""
        statement = select(NotificationAttempt).where(NotificationAttempt.notification_id == notification_id)
        async with self.sessions() as session:
            found = (await session.execute(statement.order_by(NotificationAttempt.id))).scalars()
            return [(one.outcome, one.status_code) for one in found]


def post_office(sessions: Sessions, *channels: Channel, webhooks: Mapping[str, str] | None = None) -> PostOffice:
    """One with these channels; `webhooks`: URL by name."""
    made: dict[str, Channel] = {channel.name: channel for channel in channels}
    if webhooks:
        endpoints = {name: Endpoint(url=url, secrets=(SECRET,), allow_private=True) for name, url in webhooks.items()}
        made["webhook"] = Webhook(endpoints=endpoints)
    return PostOffice(
        sessions=sessions,
        clock=Clock(),
        channels=Channels(by_name=made, webhooks=tuple(webhooks or ())),
        hub=Hub(sessions=sessions),
        announced=[],
    )


__all__ = ["PUBLIC_URL", "SECRET", "SUPERVISION", "Clock", "PostOffice", "Scripted", "post_office"]
