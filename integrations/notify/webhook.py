"""Outgoing webhooks, signed by the Standard Webhooks specification."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import msgspec
from msgspec import Struct
from standardwebhooks import Webhook as Signer

from integrations.notify import http_outcomes, public_addresses
from integrations.notify.http_outcomes import Answer, GoneEndpoints, UnreachableError
from integrations.notify.message import Envelope, SendError, Sent
from integrations.notify.public_addresses import Address, Resolve

_GONE = 410
_TRIED_ADDRESSES = 2


class Endpoint(Struct, frozen=True, kw_only=True):
    """One receiver."""

    url: str
    """May hold a secret."""
    secrets: Sequence[str]
    """whsec_…; the new one first. While a secret is replaced, both sign."""
    allow_private: bool = False
    """The operator allows this host to be inside the own network."""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """All receivers, by the names that the outbox has as their addresses."""

    endpoints: Mapping[str, Endpoint]
    client: httpx.AsyncClient = field(default_factory=lambda: http_outcomes.make_client(keep_alive=False))
    """Connections are not kept: they are made to checked addresses, which several hosts may share."""
    resolve: Resolve = public_addresses.resolve
    clock: Callable[[], float] = time.time
    name: str = "webhook"
    _gone: GoneEndpoints = field(default_factory=lambda: GoneEndpoints(_GONE))

    async def send(self, envelope: Envelope) -> Sent:
        """Signs for this attempt and posts; the id stays the same over all attempts."""
        name = envelope.address or ""
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            raise SendError("This webhook is not configured any more.", retryable=False)
        self._gone.turn_away(name)
        answer = await self._post(endpoint, envelope)
        self._gone.note(name, answer)
        http_outcomes.check(answer)
        return Sent(status_code=answer.status_code)

    async def close(self) -> None:
        """Lets connections go."""
        await self.client.aclose()

    async def _post(self, endpoint: Endpoint, envelope: Envelope) -> Answer:
        url = http_outcomes.parsed(endpoint.url)
        port = url.port or (443 if url.scheme == "https" else 80)
        body = payload(envelope)
        error = UnreachableError("The receiver cannot be reached.", retryable=True)
        for address in (await self._addresses(endpoint, url.host, port))[:_TRIED_ADDRESSES]:
            headers = {
                "Content-Type": "application/json",
                "Host": url.netloc.decode("ascii"),
                **signed_headers(envelope, endpoint.secrets, body, self.clock()),
            }
            try:
                return await http_outcomes.post(
                    self.client,
                    str(url.copy_with(host=str(address), username=None, password=None)),
                    content=body,
                    headers=headers,
                    auth=(url.username, url.password) if url.userinfo else None,
                    extensions={"sni_hostname": url.host},
                )
            except UnreachableError as failed:
                error = failed
        raise error

    async def _addresses(self, endpoint: Endpoint, host: str, port: int) -> Sequence[Address]:
        """Checked ones; the connection is made to these, whatever the name resolves to later."""
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError):
            raise SendError("The receiver's name cannot be resolved.", retryable=True) from None
        if not endpoint.allow_private and not all(public_addresses.is_public(address) for address in found):
            detail = "The receiver is in a private network. Allow its host by ASSIST_WEBHOOK_ALLOWED_HOSTS."
            raise SendError(detail, retryable=False)
        return found


def payload(envelope: Envelope) -> bytes:
    """The body: the same at every attempt."""
    message = envelope.message
    data = {
        **message.data,
        "title": message.title,
        "body": message.body,
        "url": message.url,
        "request_id": message.request_id,
        "urgent": message.urgent,
    }
    return msgspec.json.encode({"type": message.event, "timestamp": envelope.created_at.astimezone(UTC), "data": data})


def signed_headers(envelope: Envelope, secrets: Sequence[str], body: bytes, now_s: float) -> dict[str, str]:
    """Id, time of this attempt, and a signature by every secret."""
    identity, text = f"msg_{envelope.id.hex}", body.decode()
    moment = datetime.fromtimestamp(int(now_s), UTC)
    signatures = (Signer(secret).sign(msg_id=identity, timestamp=moment, data=text) for secret in secrets)
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(now_s)),
        "webhook-signature": " ".join(signatures),
    }
