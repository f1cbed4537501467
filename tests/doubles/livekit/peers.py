"""The two WebRTC connections of a participant, on aiortc's transports: one that it publishes on, one that it hears."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiortc.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport
from aiortc.rtcsctptransport import RTCSctpTransport
from aiortc.sdp import MediaDescription, candidate_from_sdp

from tests.doubles.livekit import descriptions
from tests.doubles.livekit.forwarding import Copy, Incoming

_CERTIFICATE = RTCCertificate.generateCertificate()
_CHANNELS_MID = "data"

RELIABLE, LOSSY = "_reliable", "_lossy"


class Peer:
    """ICE, DTLS and SCTP in one bundle."""

    def __init__(self, *, offers: bool) -> None:
        self._gatherer = RTCIceGatherer(iceServers=[])
        self.ice = RTCIceTransport(self._gatherer)
        self.ice._connection.ice_controlling = offers
        self.dtls = RTCDtlsTransport(self.ice, [_CERTIFICATE])
        self.sctp = RTCSctpTransport(self.dtls)
        self._connecting: asyncio.Task[None] | None = None

    async def add_candidate(self, text: str) -> None:
        """An address of the client. Names that only multicast resolves are not needed: the client finds us."""
        line = text.removeprefix("candidate:")
        if not line or " udp " not in line.lower() or ".local " in line:
            return
        await self.ice.addRemoteCandidate(candidate_from_sdp(line))

    async def close(self) -> None:
        """Ends the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(asyncio.CancelledError):
                await self._connecting
        await self.sctp.stop()
        await self.dtls.stop()
        await self.ice.stop()

    async def describe(self, media: list[MediaDescription], role: str) -> str:
        """The description with addresses and fingerprint of this connection."""
        await self._gatherer.gather()
        for section in media:
            section.ice_candidates = self._gatherer.getLocalCandidates()
            section.ice_candidates_complete = True
            section.ice = self._gatherer.getLocalParameters()
            section.dtls = RTCDtlsParameters(fingerprints=self.dtls.getLocalParameters().fingerprints, role=role)
        return descriptions.write(media)

    def connect(self, media: list[MediaDescription], role: str, *, connected: Callable[[], None]) -> None:
        """Begins to connect, once; later descriptions change only what flows."""
        if self._connecting is None:
            self.dtls._set_role(role)
            self._connecting = asyncio.create_task(self._connect(media, connected))

    async def _connect(self, media: list[MediaDescription], connected: Callable[[], None]) -> None:
        main = next(section for section in media if section.port)
        channels = next((section for section in media if section.kind == "application"), None)
        for candidate in main.ice_candidates:
            if candidate.protocol.lower() == "udp" and not candidate.ip.endswith(".local"):
                await self.ice.addRemoteCandidate(candidate)
        assert main.ice is not None
        assert main.dtls is not None
        await self.ice.start(main.ice)
        if self.ice.state == "completed":
            await self.dtls.start(main.dtls)
        if self.dtls.state == "connected":
            if channels is not None and channels.sctp_port is not None:
                await self.sctp.start(channels.sctpCapabilities, channels.sctp_port)
            connected()


class PublisherPeer(Peer):
    """The client offers, the SFU answers and takes what is sent."""

    def __init__(self, *, receive: Callable[[str, bytes], None]) -> None:
        super().__init__(offers=False)
        self._incoming: dict[str, tuple[str, Incoming]] = {}
        """By section: which of the client's tracks it carries, and where its packets go."""

        @self.sctp.on("datachannel")
        def opened(channel: RTCDataChannel) -> None:
            @channel.on("message")
            def arrived(message: Any) -> None:
                if isinstance(message, bytes):
                    receive(channel.label, message)

    async def answer(self, offer: str) -> str:
        """Takes over what the offer says. `tracks` then tells what is sent."""
        media = descriptions.parse(offer).media
        for section in media:
            if section.kind == "audio":
                self._route(section)
        answered = await self.describe([self._answered(section) for section in media], "client")
        self.connect(media, "client", connected=lambda: None)
        return answered

    def tracks(self) -> dict[str, Incoming]:
        """What is sent just now, by the client's id of the track."""
        return dict(self._incoming.values())

    def mids(self) -> dict[str, str]:
        """The section of each track that is sent, by the client's id of the track."""
        return {cid: mid for mid, (cid, _) in self._incoming.items()}

    def _route(self, section: MediaDescription) -> None:
        mid = section.rtp.muxId
        cid = (section.msid or "").split(" ")[-1] if descriptions.is_sent(section) else ""
        known = self._incoming.get(mid)
        if known is not None and known[0] != cid:
            known[1].unregister(self.dtls)
            del self._incoming[mid]
        if cid and mid not in self._incoming and descriptions.opus_of(section) is not None:
            incoming = Incoming()
            incoming.register(self.dtls, section)
            self._incoming[mid] = (cid, incoming)

    def _answered(self, section: MediaDescription) -> MediaDescription:
        if section.kind == "application":
            return descriptions.channels(section.rtp.muxId, self.sctp)
        return descriptions.taken_audio(section) if section.kind == "audio" else descriptions.refused(section)


class SubscriberPeer(Peer):
    """The SFU offers, the client answers and hears. Every subscription has a section of its own for ever."""

    def __init__(self, *, connected: Callable[[], None]) -> None:
        super().__init__(offers=True)
        self._connected = connected
        self._sections: list[tuple[str, Copy | None]] = []
        """Stream and track as clients are told, and the copy; None: it has ended."""
        self._channels = {
            label: RTCDataChannel(self.sctp, RTCDataChannelParameters(label=label, **how))
            for label, how in ((RELIABLE, {"ordered": True}), (LOSSY, {"ordered": False, "maxRetransmits": 0}))
        }
        self._waiting: list[bytes] = []
        """What was sent reliably before the channel was open."""
        self._channels[RELIABLE].on("open", self._open)

    def subscribe(self, msid: str) -> Copy:
        """A new section; the client hears of it with the next offer."""
        copy = Copy(self.dtls, str(len(self._sections)))
        self._sections.append((msid, copy))
        return copy

    def end(self, copy: Copy) -> None:
        """The section stays, without sound."""
        self._sections[int(copy.mid)] = ("", None)

    async def offer(self) -> str:
        """What there is to hear."""
        sections = [descriptions.channels(_CHANNELS_MID, self.sctp)]
        for number, (msid, copy) in enumerate(self._sections):
            sections.append(descriptions.sent_audio(str(number), msid, copy.ssrc if copy else None))
        return await self.describe(sections, "auto")

    def answered(self, answer: str) -> list[Copy]:
        """The client's answer to the offer before; the copies it takes."""
        media = descriptions.parse(answer).media
        taken = []
        for section in media[1:]:
            copy = self._sections[int(section.rtp.muxId)][1]
            if copy is not None and section.port:
                copy.accept(section)
                taken.append(copy)
        role = "server" if media[0].dtls is None or media[0].dtls.role == "client" else "client"
        self.connect(media, role, connected=self._connected)
        return taken

    def send(self, label: str, data: bytes) -> None:
        """Data for the client. What is lossy is lost while there is no connection."""
        channel = self._channels[label]
        if channel.readyState == "open":
            channel.send(data)
        elif label == RELIABLE and channel.readyState == "connecting":
            self._waiting.append(data)

    def _open(self) -> None:
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self._channels[RELIABLE].send(data)
