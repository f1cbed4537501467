"""Decides who is told what by which channel, and puts it into the outbox in the deciding transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from assist.db.engine import Session
from assist.db.models import HelpRequest
from integrations.notify.message import Message


class Occasion(Struct, frozen=True, kw_only=True):
    """Something that people should know."""

    event: str
    """help_request.created, .assigned, .reminder, .escalated, .unattended, .answered or .unresolved."""
    request: HelpRequest
    recipients: tuple[UUID, ...] = ()
    """Users."""
    ordinal: int = 0
    """Tells repeated occasions of one kind apart: level, number of the reminder, number of the event."""


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Fills the outbox."""

    async def tell(self, session: Session, occasion: Occasion) -> None:
        """One row for each recipient and channel that they wish, and for the installation's own endpoints."""
        raise NotImplementedError

    async def send_to_customer(
        self, session: Session, *, key: str, channel: str, address: str, message: Message, request_id: UUID
    ) -> UUID:
        """One row for a customer's telephone number or e-mail address; returns its id."""
        raise NotImplementedError

    def customer_channels(self) -> Sequence[str]:
        """Configured ones that reach customers: sms, email."""
        raise NotImplementedError
