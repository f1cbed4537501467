"""Clicks on buttons in Slack. They open our page; here they are only acknowledged, with the state of the request."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from assist.db import help_requests
from assist.db.engine import Sessions
from assist.db.models import HelpRequest
from assist.errors import NotAuthenticatedError
from assist.notifications.channels import Channels
from assist.notifications.occasions import console_path
from integrations.notify import slack, slack_signature
from integrations.notify.message import SendError
from integrations.notify.slack import Slack

_FIELDS_MAX = 20

log = structlog.get_logger(__name__)


class Reply(Struct, frozen=True, kw_only=True):
    """What the one who clicked is shown, and only they."""

    text: str
    response_type: str = "ephemeral"
    replace_original: bool = False


class _Action(Struct, frozen=True):
    action_id: str = ""
    value: str = ""


class _Payload(Struct, frozen=True):
    type: str = ""
    actions: tuple[_Action, ...] = ()
    response_url: str = ""


class Click(Struct, frozen=True, kw_only=True):
    """A genuine click: what to show, and where to send it."""

    reply: Reply | None = None
    response_url: str = ""


@dataclass(frozen=True, kw_only=True)
class SlackInteractions:
    """Checks and answers clicks."""

    sessions: Sessions
    channels: Channels
    signing_secret: str | None
    public_url: str | None = None
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""

    async def clicked(self, headers: Mapping[str, str], body: bytes) -> Click:
        """What to show for a click; kinds of interactions that are not ours show nothing.

        Raises:
            NotAuthenticatedError: it is not Slack who sends this, or not now.
        """
        genuine = slack_signature.is_genuine(
            self.signing_secret or "",
            headers.get("X-Slack-Request-Timestamp", ""),
            headers.get("X-Slack-Signature", ""),
            body,
            self.clock(),
        )
        payload = _read(body) if genuine else None
        if payload is None:
            raise NotAuthenticatedError(
                "This request is not signed by Slack with the configured secret, or is too old."
            )
        wanted = [one.value for one in payload.actions if one.action_id == slack.ANSWER_ACTION]
        if payload.type != "block_actions" or not wanted:
            return Click()
        return Click(reply=Reply(text=await self._text(wanted[0])), response_url=payload.response_url)

    async def show(self, click: Click) -> None:
        """Sends what is to be shown; the button has opened the page all the same if this fails."""
        channel = self.channels.by_name.get("slack")
        if click.reply is None or not click.response_url or not isinstance(channel, Slack):
            return
        try:
            await channel.respond(click.response_url, msgspec.to_builtins(click.reply))
        except SendError as error:
            log.warning("slack_click_not_answered", reason=str(error))

    async def _text(self, value: str) -> str:
        request = await self._request(value)
        if request is None:
            return "There is no such question any more."
        if request.resolved_at is not None:
            return f"This question has ended: {request.status}."
        link = f"{self.public_url or ''}{console_path(request.id)}"
        return f"Answer it here: {link}"

    async def _request(self, value: str) -> HelpRequest | None:
        try:
            identity = UUID(value)
        except ValueError:
            return None
        async with self.sessions() as session:
            return await help_requests.by_id(session, identity)


def _read(body: bytes) -> _Payload | None:
    """The form's field `payload`; None for what is no such form."""
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=_FIELDS_MAX)
        return msgspec.json.decode(fields["payload"][0], type=_Payload)
    except (ValueError, KeyError, msgspec.MsgspecError, RecursionError):
        return None
