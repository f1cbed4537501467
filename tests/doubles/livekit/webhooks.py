"""Webhooks, signed as LiveKit signs them: a token which holds the hash of the body."""

import asyncio
import base64
import hashlib
import time
from dataclasses import dataclass, field

import aiohttp
from google.protobuf.json_format import MessageToJson
from livekit import api
from livekit.protocol import models
from livekit.protocol.webhook import WebhookEvent

from tests.doubles.livekit.participants import new_sid

_PAUSES_S = (0.2, 0.5, 1.0, 2.0)
"""Between attempts."""
_TIMEOUT = aiohttp.ClientTimeout(total=5.0)


@dataclass(kw_only=True)
class Webhooks:
    """What has happened, and who is told."""

    api_key: str
    api_secret: str
    url: str | None
    """None: nobody is."""
    events: list[WebhookEvent] = field(default_factory=list)
    """All that has happened, also what nobody was told."""
    delivered: list[str] = field(default_factory=list)
    """Ids of the events that the receiver took, once for every time."""
    _queue: asyncio.Queue[WebhookEvent] = field(default_factory=asyncio.Queue)

    def send(
        self,
        event: str,
        room: models.Room,
        *,
        participant: models.ParticipantInfo | None = None,
        track: models.TrackInfo | None = None,
    ) -> None:
        """Something has happened; it is delivered later, in order."""
        happened = WebhookEvent(
            event=event,
            room=room,
            participant=participant,
            track=track,
            id=new_sid("EV_"),
            created_at=int(time.time()),
        )
        self.events.append(happened)
        self._queue.put_nowait(happened)

    def send_again(self, event: str) -> str:
        """Delivers the last event of this kind once more, with the same id; that id."""
        happened = next(known for known in reversed(self.events) if known.event == event)
        self._queue.put_nowait(happened)
        return happened.id

    async def deliver(self) -> None:
        """Delivers without end."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as client:
            while True:
                happened = await self._queue.get()
                if self.url is not None:
                    await self._deliver(client, self.url, happened)

    async def _deliver(self, client: aiohttp.ClientSession, url: str, happened: WebhookEvent) -> None:
        body = MessageToJson(happened)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        token = api.AccessToken(self.api_key, self.api_secret).with_sha256(digest).to_jwt()
        headers = {"Authorization": token, "Content-Type": "application/webhook+json"}
        for pause_s in (*_PAUSES_S, None):
            try:
                async with client.post(url, data=body, headers=headers) as response:
                    if response.ok:
                        self.delivered.append(happened.id)
                    if response.status < 500:
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            if pause_s is not None:
                await asyncio.sleep(pause_s)
