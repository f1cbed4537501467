"""What a desk says over its socket, as typed messages, and how each is carried out."""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from assist.access import Principal
from assist.db.errors import DataError
from assist.errors import NotPermittedError, RequestError
from assist.escalation.call_questions import ByHand
from assist.rate_limit import RateLimit
from assist.services import Services
from assist.views import Json


def limit_messages() -> RateLimit:
    """Messages of one socket."""
    return RateLimit(most=240, window_s=60.0, code="too_many_messages", detail="Too many messages within a minute.")


class Feedback(Struct, frozen=True, kw_only=True, tag="feedback"):
    """What the agent thinks of a suggestion."""

    suggestion_id: UUID
    feedback: Literal["helpful", "not_helpful", "irrelevant"]
    reason: str | None = None


class Shown(Struct, frozen=True, kw_only=True, tag="shown"):
    """A suggestion was visible."""

    suggestion_id: UUID


class Clicked(Struct, frozen=True, kw_only=True, tag="clicked"):
    """A suggestion was opened."""

    suggestion_id: UUID


class Copied(Struct, frozen=True, kw_only=True, tag="copied"):
    """A suggestion's answer was copied."""

    suggestion_id: UUID


class Dismissed(Struct, frozen=True, kw_only=True, tag="dismissed"):
    """A suggestion was put away."""

    suggestion_id: UUID


class Ask(Struct, frozen=True, kw_only=True, tag="ask"):
    """A question to the knowledge base."""

    text: str
    request_id: str | None = None


class Escalate(Struct, frozen=True, kw_only=True, tag="escalate"):
    """A question to a supervisor."""

    question: str
    request_id: Annotated[str, Meta(max_length=100)] | None = None
    turn: Annotated[int, Meta(ge=1, le=2_000_000_000)] | None = None


class DismissSubject(Struct, frozen=True, kw_only=True, tag="dismiss_subject"):
    """The call is not about it."""

    name: str


class RestoreSubject(Struct, frozen=True, kw_only=True, tag="restore_subject"):
    """It is, after all."""

    name: str


DeskMessage = Feedback | Shown | Clicked | Copied | Dismissed | Ask | Escalate | DismissSubject | RestoreSubject
_MARKS = {Shown: "shown", Clicked: "clicked", Copied: "copied", Dismissed: "dismissed"}


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """Carries out the messages of one socket."""

    services: Services
    principal: Principal
    session_id: UUID
    limit: RateLimit = field(default_factory=limit_messages)

    async def take(self, text: str) -> Json | None:
        """One message. Returns what to tell the sender when it cannot be done.

        Raises:
            RequestError: 429, too many messages; the socket is to be closed.
        """
        self.limit.take()
        try:
            message = msgspec.json.decode(text, type=DeskMessage)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return error_message("invalid_message", "This message is not one the server understands.")
        try:
            await self._carry_out(message)
        except RequestError as error:
            return error_message(error.code, error.detail)
        except DataError:
            return error_message("invalid_field", "A value cannot be stored, for example because of a NUL character.")
        return None

    async def _carry_out(self, message: DeskMessage) -> None:
        if not self.principal.may_act:
            raise NotPermittedError("This account may watch the call, not act on it.")
        desk, actor = self.services.desk, self.principal.actor
        match message:
            case Feedback():
                await desk.give_feedback(
                    self.session_id,
                    message.suggestion_id,
                    feedback=message.feedback,
                    reason=message.reason,
                    actor=actor,
                )
            case Ask():
                await desk.ask(self.session_id, message.text, message.request_id)
            case Escalate():
                asked = ByHand(question=message.question, turn=message.turn, request_id=message.request_id)
                await desk.escalate(self.session_id, asked, self.principal)
            case DismissSubject() | RestoreSubject():
                dismissed = isinstance(message, DismissSubject)
                await desk.set_subject(self.session_id, message.name, dismissed=dismissed)
            case _:
                action = _MARKS[type(message)]
                await desk.mark(self.session_id, message.suggestion_id, action=action, actor=actor)


def error_message(code: str, detail: str) -> Json:
    """An error about something that the other side sent."""
    return {"type": "error", "code": code, "detail": detail}
