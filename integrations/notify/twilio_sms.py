"""Text messages by Twilio's Programmable Messaging."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from integrations.notify import http_outcomes
from integrations.notify.http_outcomes import Answer
from integrations.notify.message import Envelope, Message, SendError, Sent
from integrations.notify.texts import cut, headline

API_URL = "https://api.twilio.com"
BODY_CHARS_MAX = 1600
_TELEPHONE = re.compile(r"\+[1-9]\d{6,14}")
_SEPARATORS = re.compile(r"[\s().\-/]")
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_SERVICE_PREFIX = "MG"


@dataclass(frozen=True, kw_only=True)
class TwilioSms:
    """One account, and the number or messaging service that it sends from."""

    account_sid: str
    auth_token: str
    sender: str
    """+45… or MG…"""
    base_url: str = API_URL
    status_callback: str | None = None
    """Where Twilio tells what became of a message."""
    client: httpx.AsyncClient = field(default_factory=http_outcomes.make_client)
    name: str = "sms"

    async def send(self, envelope: Envelope) -> Sent:
        """Hands the message to Twilio, which has no way to recognise a repeat."""
        to = telephone(envelope.address or "")
        if to is None:
            raise SendError("The address is no telephone number in international form (+45…).", retryable=False)
        url = f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{self.account_sid}/Messages.json"
        form = self.form(to, envelope.message)
        answer = await http_outcomes.post(self.client, url, data=form, auth=(self.account_sid, self.auth_token))
        told = _decoded(answer)
        code = told.get("code")
        http_outcomes.check(answer, code=str(code) if isinstance(code, int) else None)
        sid = told.get("sid")
        known = isinstance(sid, str) and _MESSAGE_SID.fullmatch(sid)
        return Sent(status_code=answer.status_code, detail=sid if known else None)

    async def check_account(self) -> int:
        """The status that Twilio answers when asked for the account; sends nothing to anybody."""
        url = f"{self.base_url.rstrip('/')}/2010-04-01/Accounts/{self.account_sid}.json"
        return (await self.client.get(url, auth=(self.account_sid, self.auth_token))).status_code

    def form(self, to: str, message: Message) -> dict[str, str]:
        """The fields of the request."""
        sender = "MessagingServiceSid" if self.sender.startswith(_SERVICE_PREFIX) else "From"
        fields = {"To": to, sender: self.sender, "Body": text_of(message)}
        if self.status_callback is not None:
            fields["StatusCallback"] = self.status_callback
        return fields

    async def close(self) -> None:
        """Lets connections go."""
        await self.client.aclose()


def text_of(message: Message) -> str:
    """Title, text and link in 1,600 characters; the text gives way."""
    title = cut(headline(message.title), BODY_CHARS_MAX // 4)
    tail = f"\n{message.url}" if message.url and len(message.url) <= BODY_CHARS_MAX // 4 else ""
    room = BODY_CHARS_MAX - len(title) - len(tail) - 1
    return f"{title}\n{cut(message.body.strip(), room)}".strip() + tail


def telephone(text: str) -> str | None:
    """E.164, or None for what is no telephone number with a country code."""
    number = _SEPARATORS.sub("", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    return number if number.isascii() and _TELEPHONE.fullmatch(number) else None


def _decoded(answer: Answer) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
