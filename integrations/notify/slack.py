"""Slack: an incoming webhook, with Block Kit."""

from dataclasses import dataclass, field

import httpx

from integrations.notify import http_outcomes
from integrations.notify.message import Envelope, Message, SendError, Sent
from integrations.notify.texts import cut, headline, one_line

ANSWER_ACTION = "help_request_answer"
"""`action_id` of the button; its value is the request's id."""

_TEXT_CHARS = 3000
_HEADER_CHARS = 150
_FIELD_CHARS = 2000
_FIELDS = 10
_BUTTON_URL_CHARS = 3000

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Slack:
    """One channel of a workspace."""

    url: str
    """A secret: whoever has it can post."""
    client: httpx.AsyncClient = field(default_factory=http_outcomes.make_client)
    name: str = "slack"

    async def send(self, envelope: Envelope) -> Sent:
        """Posts the message."""
        answer = await http_outcomes.post(self.client, self.url, json=payload(envelope.message))
        http_outcomes.check(answer)
        return Sent(status_code=answer.status_code)

    async def respond(self, response_url: str, reply: Json) -> None:
        """Answers a click, at the address that came with it, which must be of the webhook's own host.

        Raises:
            SendError: it was not taken, or the address is another host's.
        """
        own, other = http_outcomes.parsed(self.url), http_outcomes.parsed(response_url)
        if (own.scheme, own.netloc) != (other.scheme, other.netloc):
            raise SendError("The answer's address is not Slack's.", retryable=False)
        http_outcomes.check(await http_outcomes.post(self.client, response_url, json=reply))

    async def close(self) -> None:
        """Lets connections go."""
        await self.client.aclose()


def payload(message: Message) -> Json:
    """The body: blocks, and a text for notifications and screen readers."""
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(headline(message.title), _HEADER_CHARS)}},
        {"type": "section", "text": _markup(escape(message.body, _TEXT_CHARS) or " ")},
    ]
    if message.facts:
        blocks.append({"type": "section", "fields": [_fact(*fact) for fact in message.facts[:_FIELDS]]})
    blocks.append({"type": "context", "elements": [_markup(escape(message.event, _TEXT_CHARS))]})
    if message.url is not None and len(message.url) <= _BUTTON_URL_CHARS:
        blocks.append({"type": "actions", "elements": [_button(message, message.url)]})
    return {"text": escape(f"{headline(message.title)}\n{message.body}", _TEXT_CHARS), "blocks": blocks}


def escape(text: str, most: int) -> str:
    """Slack's three control characters made inert, in at most so many characters; no entity is cut apart."""
    return _escaped(cut(text, most, lambda part: len(_escaped(part))))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markup(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _fact(label: str, value: str) -> Json:
    bold = f"*{escape(one_line(label), 100)}*\n"
    return _markup(bold + escape(one_line(value), _FIELD_CHARS - len(bold)))


def _button(message: Message, url: str) -> Json:
    button: Json = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Answer" if message.request_id else "Open"},
        "action_id": ANSWER_ACTION,
        "url": url,
    }
    if message.urgent:
        button["style"] = "danger"
    if message.request_id is not None:
        button["value"] = str(message.request_id)
    return button
