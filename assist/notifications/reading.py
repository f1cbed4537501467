"""What the outbox shows people: the history of deliveries, dead letters, and what each person wishes to be told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from assist import audit
from assist.access import Person, Principal
from assist.db import help_requests
from assist.db import notifications as rows
from assist.db.engine import Session, Sessions
from assist.db.notifications import Listed, Wanted
from assist.delivery import SUPERVISION, Hub
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.notifications import occasions
from assist.notifications.channels import PERSONAL, WEB, Channels
from assist.notifications.notifier import Clock, Entry, add, address_of, enqueue_sending
from assist.notifications.occasions import console_path
from assist.notifications.preferences import Preferences, from_document, problem_of

_HISTORY_MAX = 500


class AttemptView(Struct, frozen=True, kw_only=True):
    """One try at sending."""

    at: datetime
    outcome: str
    """sent, retry or dead."""
    status_code: int | None
    detail: str | None
    elapsed_ms: float


class NotificationView(Struct, frozen=True, kw_only=True):
    """A message and what became of it."""

    id: UUID
    event: str
    channel: str
    address: str | None
    """Masked."""
    state: str
    """pending, sent, dead or cancelled."""
    attempts: int
    last_error: str | None
    next_attempt_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    read_at: datetime | None
    request_id: UUID | None
    urgent: bool
    title: str
    body: str
    url: str | None
    """On our own screens."""
    user_id: UUID | None
    user_name: str | None
    history: list[AttemptView]


class NotificationPage(Struct, frozen=True, kw_only=True):
    """Part of a list, newest first."""

    items: list[NotificationView]
    total: int
    next: str | None = None
    """Cursor of the next part; None at the end."""


class ChannelView(Struct, frozen=True, kw_only=True):
    """A configured channel."""

    channel: str
    reaches: str
    """person (supervisors by their preferences), customer (follow-ups, and persons) or installation."""
    endpoints: list[str] = []
    """Names of a webhook's receivers."""


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """The outbox, to read and to act on."""

    sessions: Sessions
    channels: Channels
    hub: Hub
    announce: Callable[[], None]
    """Tells other processes that something was stored."""
    public_url: str | None = None
    clock: Clock = rows.database_now

    async def page(self, wanted: Wanted, *, limit: int, cursor: str | None) -> NotificationPage:
        """Newest first.

        Raises:
            InvalidError: a cursor of somebody else's.
        """
        after = _decode(cursor) if cursor else None
        async with self.sessions() as session:
            total = await rows.count(session, wanted)
            found = await rows.page(session, wanted, limit=limit + 1, after=after)
        following = _encode(found[limit - 1]) if len(found) > limit else None
        return NotificationPage(items=[view(one) for one in found[:limit]], total=total, next=following)

    async def of_request(self, request_id: UUID) -> NotificationPage | None:
        """Who was told what about a request; None: there is no such request."""
        async with self.sessions() as session:
            if await help_requests.by_id(session, request_id) is None:
                return None
        return await self.page(Wanted(request_id=request_id), limit=_HISTORY_MAX, cursor=None)

    async def resend(self, notification_id: UUID, principal: Principal) -> NotificationView:
        """Has a dead letter sent again, from the beginning of the schedule.

        Raises:
            NotFoundError: there is no such message.
            ConflictError: it is not dead.
        """
        async with self.sessions.begin() as session:
            row = await rows.lock(session, notification_id)
            if row is None:
                raise _unknown()
            if row.state != "dead":
                current = msgspec.to_builtins(view(await rows.one_listed(session, notification_id)))
                detail = "Only a message that could not be delivered can be sent again."
                raise ConflictError("not_dead", detail, current=current)
            fresh = {"state": "pending", "attempts": 0, "not_before": None, "last_error": None}
            await rows.change(session, notification_id, fresh)
            await enqueue_sending(session, notification_id)
            target = ("notification", str(notification_id))
            before, after = {"state": "dead"}, {"state": "pending", "channel": row.channel}
            await audit.record(session, principal, "notification.resent", target, before=before, after=after)
            shown = view(await rows.one_listed(session, notification_id))
        self._changed()
        return shown

    async def mark_read(self, notification_id: UUID, who: Person) -> NotificationView:
        """The person has seen it; again is as good as once.

        Raises:
            NotFoundError: there is none of theirs with this id.
        """
        async with self.sessions.begin() as session:
            row = await rows.lock(session, notification_id)
            if row is None or row.user_id != who.id:
                raise _unknown()
            if row.read_at is None:
                await rows.change(session, notification_id, {"read_at": await self.clock(session)})
            shown = view(await rows.one_listed(session, notification_id))
        self._changed()
        return shown

    async def preferences(self, who: Person) -> Preferences:
        """What a person wishes."""
        async with self.sessions() as session:
            return from_document(await rows.preferences(session, who.id))

    async def set_preferences(self, who: Person, wished: Preferences) -> Preferences:
        """Replaces what a person wishes.

        Raises:
            InvalidError: an address or the time zone is none.
        """
        if (wrong := problem_of(wished)) is not None:
            raise InvalidError(wrong)
        async with self.sessions.begin() as session:
            await rows.put_preferences(session, who.id, msgspec.to_builtins(wished))
        return wished

    async def send_test(self, who: Person, channel: str) -> NotificationPage:
        """A test message by a channel: to the person's own address, or to the installation's endpoints.

        Raises:
            ConflictError: the channel is not configured, or the person has no address there.
        """
        async with self.sessions.begin() as session:
            wished = from_document(await rows.preferences(session, who.id))
            address = address_of(wished, channel, who.email)
            addresses = self.channels.webhooks if channel == rows.WEBHOOK else (address,)
            if channel != WEB and channel not in self.channels.by_name:
                raise ConflictError("channel_not_configured", f"The channel {channel} is not configured.")
            if channel in PERSONAL and address is None:
                detail = "Your preferences have no address for this channel. Enter one and save it first."
                raise ConflictError("no_address", detail)
            sent = [await self._test(session, who, channel, address) for address in addresses]
            found = [view(await rows.one_listed(session, identity)) for identity in sent]
        self._changed()
        return NotificationPage(items=found, total=len(found))

    def configured(self) -> list[ChannelView]:
        """The channels there are."""
        found = [ChannelView(channel=WEB, reaches="person")]
        for name in self.channels.by_name:
            endpoints = list(self.channels.webhooks) if name == rows.WEBHOOK else []
            reaches = "customer" if name in PERSONAL else "installation"
            found.append(ChannelView(channel=name, reaches=reaches, endpoints=endpoints))
        return found

    async def _test(self, session: Session, who: Person, channel: str, address: str | None) -> UUID:
        entry = Entry(
            key=f"{occasions.TEST}:{uuid4()}",
            channel=channel,
            address=address,
            user_id=who.id,
            message=occasions.test_message(self.public_url),
        )
        return await add(session, entry, await self.clock(session))

    def _changed(self) -> None:
        self.hub.wake(SUPERVISION)
        self.announce()


def view(listed: Listed) -> NotificationView:
    """A message from its row."""
    row, message = listed.row, listed.row.message
    same = (
        "id", "event", "channel", "state", "attempts", "last_error", "created_at", "sent_at", "read_at", "request_id",
        "user_id",
    )  # fmt: skip
    return NotificationView(
        **{name: getattr(row, name) for name in same},
        address=masked(row.channel, row.address),
        next_attempt_at=row.not_before if row.state == "pending" else None,
        urgent=bool(message.get("urgent")),
        title=message["title"],
        body=message["body"],
        url=console_path(row.request_id) if row.request_id is not None else None,
        user_name=listed.user_name,
        history=[
            AttemptView(**{name: getattr(one, name) for name in AttemptView.__struct_fields__})
            for one in listed.attempts
        ],
    )


def masked(channel: str, address: str | None) -> str | None:
    """Enough of an address to recognise it, too little to use it."""
    if address is None or channel not in PERSONAL:
        return address
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}•••{at}{domain}" if at else f"{address[:3]}•••{address[-2:]}"


def _unknown() -> NotFoundError:
    return NotFoundError("unknown_notification", "There is no such message.")


def _encode(last: Listed) -> str:
    return f"{last.row.created_at.isoformat()}~{last.row.id}"


def _decode(cursor: str) -> tuple[datetime, UUID]:
    moment, _, identity = cursor.partition("~")
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is None:
            raise ValueError("without a time zone it is not ours")
        return found, UUID(identity)
    except ValueError:
        raise InvalidError("The cursor is not one that this server gave.", code="invalid_cursor") from None
