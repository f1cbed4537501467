"""The answer comes back: onto the agent's desk while the call goes on, to the customer after it has ended."""

from dataclasses import dataclass

from assist.db.engine import Session
from assist.db.models import HelpRequest
from assist.notifications.notifier import Notifier


@dataclass(frozen=True, kw_only=True)
class AnswerDelivery:
    """Delivers in the transaction that ends a request."""

    notifier: Notifier

    async def deliver(self, session: Session, request: HelpRequest) -> None:
        """A `supervisor_answer` suggestion for a call that goes on, else one follow-up to the customer. The call's row
        must be locked already where there is a call; sets `request.suggestion_id`."""
        raise NotImplementedError
