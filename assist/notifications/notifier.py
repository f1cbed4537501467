"""Decides who is told what by which channel, and puts it into the outbox in the deciding transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from assist.db import notifications as rows
from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.db.notifications import Recipient
from assist.jobs import enqueue
from assist.notifications import occasions, preferences
from assist.notifications.channels import PERSONAL, WEB, Channels
from integrations.notify.message import Message

SEND_NOTIFICATION = "send_notification"
NOTIFICATIONS_QUEUE = "notifications"

Clock = Callable[[Session], Awaitable[datetime]]


class Occasion(Struct, frozen=True, kw_only=True):
    """Something that people should know."""

    event: str
    """help_request.created, .assigned, .reminder, .escalated, .unattended, .answered or .unresolved."""
    request: HelpRequest
    recipients: tuple[UUID, ...] = ()
    """Users."""
    ordinal: int = 0
    """Tells repeated occasions of one kind apart: level, number of the reminder, number of the event."""


class Entry(Struct, frozen=True, kw_only=True):
    """A row for the outbox."""

    key: str
    """The same is enqueued once."""
    channel: str
    message: Message
    address: str | None = None
    user_id: UUID | None = None
    request_id: UUID | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Fills the outbox."""

    channels: Channels = field(default_factory=Channels)
    public_url: str | None = None
    """Where people reach this installation; None: messages have no link."""
    clock: Clock = rows.database_now

    async def tell(self, session: Session, occasion: Occasion) -> None:
        """One row for each recipient and channel that they wish, and for the installation's own endpoints. The end of
        a request cancels what was still to be said about it.
        """
        await session.flush()
        request, event = occasion.request, occasion.event
        if event in occasions.ENDS:
            await rows.cancel_pending(session, request.id, occasions.CALLS_FOR_ACTION)
        message = occasions.request_message(event, request, self.public_url)
        now = await self.clock(session)
        entries = self._for_installation(occasion, message)
        for recipient in await rows.recipients(session, occasion.recipients):
            entries += self._for_person(occasion, message, recipient, now)
        for entry in entries:
            await add(session, entry, now)

    async def send_to_customer(
        self, session: Session, *, key: str, channel: str, address: str, message: Message, request_id: UUID
    ) -> UUID:
        """One row for a customer's telephone number or e-mail address; returns its id."""
        await session.flush()
        entry = Entry(key=key, channel=channel, address=address, message=message, request_id=request_id)
        return await add(session, entry, await self.clock(session))

    def customer_channels(self) -> Sequence[str]:
        """Configured ones that reach customers: sms, email."""
        return self.channels.personal()

    def _for_installation(self, occasion: Occasion, message: Message) -> list[Entry]:
        endpoints = self.channels.installation(calls_for_action=occasion.event in occasions.TOLD_TO_ROOMS)
        return [
            Entry(
                key=_key(occasion, "-", f"{channel}:{address}" if address else channel),
                channel=channel,
                address=address,
                message=message,
                request_id=occasion.request.id,
            )
            for channel, address in endpoints
        ]

    def _for_person(self, occasion: Occasion, message: Message, recipient: Recipient, now: datetime) -> list[Entry]:
        wished = preferences.from_document(recipient.preferences)
        quiet_until = wished.not_before(now, urgent=message.urgent)
        return [
            Entry(
                key=_key(occasion, str(recipient.user_id), channel),
                channel=channel,
                address=address_of(wished, channel, recipient.email),
                user_id=recipient.user_id,
                message=message,
                request_id=occasion.request.id,
                not_before=None if channel == WEB else quiet_until,
            )
            for channel in (WEB, *self.channels.personal())
            if wished.wishes(channel, occasion.event, occasion.request.priority)
        ]


async def add(session: Session, entry: Entry, now: datetime) -> UUID:
    """Puts a row into the outbox and has it sent after the commit; what is for the screens is there at once. Returns
    the id of the row, which may have been there before.
    """
    identity, is_web = uuid4(), entry.channel == WEB
    same = ("key", "channel", "address", "user_id", "request_id", "not_before")
    values = {
        "id": identity,
        **{name: getattr(entry, name) for name in same},
        "event": entry.message.event,
        "message": msgspec.to_builtins(entry.message),
        "state": "sent" if is_web else "pending",
        "sent_at": now if is_web else None,
    }
    if not await rows.insert_notification(session, values):
        return await rows.id_of_key(session, entry.key)
    if not is_web:
        await enqueue_sending(session, identity, entry.not_before)
    return identity


async def enqueue_sending(session: Session, notification_id: UUID, at: datetime | None = None) -> None:
    """Has a row sent after this transaction commits, not before `at`."""
    await enqueue(session, SEND_NOTIFICATION, queue=NOTIFICATIONS_QUEUE, at=at, notification_id=str(notification_id))


def address_of(wished: preferences.Preferences, channel: str, email: str) -> str | None:
    """Where a person is reached by a channel."""
    if channel not in PERSONAL:
        return None
    return wished.wish(channel).address or (email if channel == "email" else None)


def _key(occasion: Occasion, recipient: str, channel: str) -> str:
    return f"{occasion.event}:{occasion.request.id}:{occasion.ordinal}:{recipient}:{channel}"
