"""Discord: a webhook of a channel."""

import re
from dataclasses import dataclass, field

import httpx
import msgspec

from integrations.notify import http_outcomes
from integrations.notify.http_outcomes import Answer, GoneEndpoints
from integrations.notify.message import Envelope, Message, Sent
from integrations.notify.texts import cut, headline, one_line

_CONTENT_CHARS = 2000
_TITLE_CHARS = 250
_FACT_CHARS = 150
_FACTS = 8
_URL_CHARS = 500
_NO_PREVIEWS = 1 << 2
_MARKUP = re.compile(r"([\\`*_~|<>\[\]()#:@-])")
_TOO_MANY = 429

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Discord:
    """One webhook."""

    url: str
    """A secret: its path holds the token."""
    client: httpx.AsyncClient = field(default_factory=http_outcomes.make_client)
    name: str = "discord"
    _gone: GoneEndpoints = field(default_factory=lambda: GoneEndpoints(401, 404))
    """Discord bans an address from which too many wrong requests come."""

    async def send(self, envelope: Envelope) -> Sent:
        """Posts the message and waits until Discord has stored it."""
        self._gone.turn_away(self.name)
        url = str(httpx.URL(self.url).copy_merge_params({"wait": "true"}))
        answer = await http_outcomes.post(self.client, url, json=payload(envelope.message))
        self._gone.note(self.name, answer)
        http_outcomes.check(answer, retry_after_s=_retry_after(answer))
        return Sent(status_code=answer.status_code, detail=_message_id(answer))

    async def close(self) -> None:
        """Lets connections go."""
        await self.client.aclose()


def payload(message: Message) -> Json:
    """The body: nobody is mentioned whatever the text says, and no link in it is looked up."""
    return {
        "content": _content(message),
        "username": "Assist",
        "allowed_mentions": {"parse": []},
        "flags": _NO_PREVIEWS,
    }


def _content(message: Message) -> str:
    head = f"**{escape(cut(headline(message.title), _TITLE_CHARS))}**\n"
    facts = [
        f"{escape(one_line(label))}: {escape(cut(one_line(value), _FACT_CHARS))}" for label, value in _few(message)
    ]
    tail = "".join(f"\n{line}" for line in facts)
    if message.url is not None and len(message.url) <= _URL_CHARS:
        tail += f"\n<{message.url}>"
    head, tail = cut(head, _CONTENT_CHARS // 4, _size), cut(tail, _CONTENT_CHARS // 2, _size)
    room = _CONTENT_CHARS - _size(head) - _size(tail)
    return head + escape(cut(message.body, room, lambda part: _size(escape(part)))) + tail


def _few(message: Message) -> tuple[tuple[str, str], ...]:
    return message.facts[:_FACTS]


def escape(text: str) -> str:
    """Markup, mentions and links made inert."""
    return _MARKUP.sub(r"\\\1", text)


def _size(text: str) -> int:
    """As Discord's clients count: a character outside the basic plane is two."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _retry_after(answer: Answer) -> float | None:
    found = _decoded(answer).get("retry_after") if answer.status_code == _TOO_MANY else None
    return http_outcomes.finite_seconds(found)


def _message_id(answer: Answer) -> str | None:
    found = _decoded(answer).get("id")
    return found if isinstance(found, str) and found.isdigit() else None


def _decoded(answer: Answer) -> Json:
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
