"""The connection of one participant: what it is told, and what it hears."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web
from livekit.protocol import models, rtc

from tests.doubles.livekit.background import Background
from tests.doubles.livekit.forwarding import Copy, Incoming
from tests.doubles.livekit.peers import PublisherPeer, SubscriberPeer


class Session:
    """Signalling and media of one participant; lives as long as its WebSocket."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        *,
        transport: asyncio.Transport | None,
        active: Callable[[], None],
        receive: Callable[[str, bytes], None],
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._outbox: asyncio.Queue[rtc.SignalResponse | None] = asyncio.Queue()
        self._background = Background()
        self._copies: dict[str, tuple[Copy, Incoming]] = {}
        """What is heard, by the id of the track."""
        self._untold: dict[str, Copy] = {}
        """Copies that the client has not taken yet, by the id of the track."""
        self._offer_id = 0
        self._has_offered = False
        self._is_stale = False
        self.publisher = PublisherPeer(receive=receive)
        self.subscriber = SubscriberPeer(connected=active)

    def tell(self, response: rtc.SignalResponse) -> None:
        """Sends in order, without waiting."""
        self._outbox.put_nowait(response)

    def part(self, reason: models.DisconnectReason) -> None:
        """Tells the client that it is out of the room, and hangs up."""
        leave = rtc.LeaveRequest(reason=reason, action=rtc.LeaveRequest.DISCONNECT)
        self.tell(rtc.SignalResponse(leave=leave))
        self._outbox.put_nowait(None)

    def cut(self) -> None:
        """The network is gone: no message, no farewell."""
        if self._transport is not None:
            self._transport.abort()

    async def write(self) -> None:
        """Sends what there is to tell until the session ends."""
        with suppress(ConnectionError):
            while (response := await self._outbox.get()) is not None:
                await self._socket.send_bytes(response.SerializeToString())
            await self._socket.close()

    async def close(self) -> None:
        """Ends both media connections."""
        for sid in list(self._copies):
            self._drop(sid)
        await self._background.close()
        await self.publisher.close()
        await self.subscriber.close()

    def hear(self, sid: str, msid: str, incoming: Incoming) -> None:
        """Subscribes to a track; again: nothing happens. `negotiate` tells the client."""
        if sid in self._copies:
            return
        copy = self.subscriber.subscribe(msid)
        self._copies[sid] = (copy, incoming)
        self._untold[sid] = copy
        incoming.copies.append(copy)

    def unhear(self, sid: str) -> None:
        """The track has ended, or is not wanted any more."""
        if sid in self._copies:
            self._drop(sid)
            self.negotiate()

    def negotiate(self) -> None:
        """Offers what there is to hear; while an answer is awaited, afterwards."""
        if self._has_offered:
            self._is_stale = True
            return
        self._has_offered = True
        self._background.run(self._offer())

    def answered(self, answer: str) -> list[str]:
        """The client's answer; ids of tracks which it has taken by it."""
        taken = self.subscriber.answered(answer)
        sids = [sid for sid, copy in self._untold.items() if copy in taken]
        for sid in sids:
            del self._untold[sid]
        self._has_offered = False
        if self._is_stale:
            self._is_stale = False
            self.negotiate()
        return sids

    async def _offer(self) -> None:
        self._offer_id += 1
        offer = rtc.SessionDescription(type="offer", sdp=await self.subscriber.offer(), id=self._offer_id)
        self.tell(rtc.SignalResponse(offer=offer))

    def _drop(self, sid: str) -> None:
        copy, incoming = self._copies.pop(sid)
        self._untold.pop(sid, None)
        incoming.copies.remove(copy)
        self.subscriber.end(copy)
