"""Microsoft Teams: the workflow “When a Teams webhook request is received”, with an Adaptive Card."""

from dataclasses import dataclass, field

import httpx
import msgspec

from integrations.notify import http_outcomes
from integrations.notify.message import Envelope, Message, Sent
from integrations.notify.texts import cut, headline, one_line

CARD_BYTES_MAX = 20 * 1024
"""Teams documents 28 KB; less arrives in practice."""
_TITLE_CHARS = 200
_FACT_CHARS = 300
_FACTS = 12
_LINES = 40

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Teams:
    """One workflow."""

    url: str
    """A secret: its query holds the signature."""
    client: httpx.AsyncClient = field(default_factory=http_outcomes.make_client)
    name: str = "teams"

    async def send(self, envelope: Envelope) -> Sent:
        """Posts the card. Accepted (202) is all that Teams tells."""
        headers = {"Content-Type": "application/json"}
        answer = await http_outcomes.post(self.client, self.url, content=payload(envelope.message), headers=headers)
        http_outcomes.check(answer)
        return Sent(status_code=answer.status_code)

    async def close(self) -> None:
        """Lets connections go."""
        await self.client.aclose()


def payload(message: Message) -> bytes:
    """The body, at most 20 KiB: the text gives way."""
    text = cut(message.body, CARD_BYTES_MAX, lambda part: len(_encoded(message, part)))
    return _encoded(message, text)


def card(message: Message, text: str) -> Json:
    """The card. Everything that people said is in text runs, which know no markup and no links."""
    body: list[Json] = [_paragraph(_run(cut(headline(message.title), _TITLE_CHARS), size="Medium", weight="Bolder"))]
    body += [_paragraph(_run(line)) for line in _lines(text)]
    for label, value in message.facts[:_FACTS]:
        body.append(_paragraph(_run(f"{one_line(label)}: ", weight="Bolder"), _run(cut(one_line(value), _FACT_CHARS))))
    made: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "fallbackText": cut(headline(message.title), _TITLE_CHARS),
        "body": body,
    }
    if message.url is not None:
        title = "Answer" if message.request_id else "Open"
        made["actions"] = [{"type": "Action.OpenUrl", "title": title, "url": message.url}]
    return made


def _encoded(message: Message, text: str) -> bytes:
    attachment: Json = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card(message, text),
    }
    return msgspec.json.encode({"type": "message", "attachments": [attachment]})


def _lines(text: str) -> list[str]:
    """A run shows no line breaks, so every line is a paragraph; very many become one."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[:_LINES] + ([" ".join(lines[_LINES:])] if len(lines) > _LINES else [])


def _paragraph(*runs: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: str) -> Json:
    return {"type": "TextRun", "text": text, **style}
