"""What every channel sends, and how it says what became of it."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct


class Message(Struct, frozen=True, kw_only=True):
    """Content without a channel's form; each channel renders and escapes it in its own way."""

    event: str
    """"help_request.created", "customer.follow_up", …: [a-z_.]."""
    title: str
    """One line."""
    body: str
    """Plain text; what people said, so never to be interpreted as markup, mentions or links."""
    facts: tuple[tuple[str, str], ...] = ()
    """Labelled details: priority, customer, due, …"""
    url: str | None = None
    """Where to act on it; our own page."""
    urgent: bool = False
    request_id: UUID | None = None
    data: dict[str, Any] = {}
    """For programs: `data` of an outgoing webhook."""


class Envelope(Struct, frozen=True, kw_only=True):
    """A message for one address."""

    id: UUID
    """The same over all attempts: receivers drop repeats by it."""
    address: str | None
    """Telephone number, e-mail address; None: the channel's configured endpoint."""
    message: Message
    created_at: datetime


class Sent(Struct, frozen=True, kw_only=True):
    """The receiver took it."""

    status_code: int | None = None
    detail: str | None = None
    """The receiver's id of it, where it told one. Never its words."""


class SendError(Exception):
    """The receiver did not take it.

    Attributes:
        retryable: trying again may help.
        retry_after_s: how long the receiver wants to be left alone, where it said so.
        status_code: of HTTP or SMTP; None: nothing was answered.
    """

    def __init__(
        self, detail: str, *, retryable: bool, retry_after_s: float | None = None, status_code: int | None = None
    ) -> None:
        super().__init__(detail)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.status_code = status_code


class Channel(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str:
        """sms, slack, teams, discord, email, webhook or console."""

    async def send(self, envelope: Envelope) -> Sent:
        """Sends once; trying again is the outbox's business.

        Raises:
            SendError: it was not taken; details never contain secrets or what people said.
        """

    async def close(self) -> None:
        """Lets connections go."""
