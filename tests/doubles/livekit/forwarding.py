"""Audio packets on their way: taken from a publisher and copied, still encoded, to everyone who subscribed."""

import random
from contextlib import suppress
from typing import Any

from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpparameters import (
    RTCRtpDecodingParameters,
    RTCRtpParameters,
    RTCRtpReceiveParameters,
)
from aiortc.rtp import HeaderExtensions, HeaderExtensionsMap, RtpPacket
from aiortc.sdp import MediaDescription

from tests.doubles.livekit import descriptions


class Copy:
    """One subscriber's copy of a track."""

    def __init__(self, dtls: RTCDtlsTransport, mid: str) -> None:
        self.mid = mid
        self.ssrc = random.getrandbits(31) | 1
        self.packets = 0
        """How many have been sent."""
        self._dtls = dtls
        self._payload_type = 0
        self._extensions = HeaderExtensionsMap()
        self._ready = False

    def accept(self, answered: MediaDescription) -> None:
        """The subscriber has agreed; packets flow from now on."""
        codec = descriptions.opus_of(answered)
        if codec is None:
            return
        self._payload_type = descriptions.payload_type_of(codec)
        extensions = descriptions.known_extensions(answered)
        self._extensions.configure(RTCRtpParameters(headerExtensions=extensions))
        self._ready = True

    async def send(self, packet: RtpPacket) -> None:
        """Sends a copy, unless the subscriber is not there (yet)."""
        if not self._ready or self._dtls.state != "connected":
            return
        copy = RtpPacket(
            payload_type=self._payload_type,
            marker=packet.marker,
            sequence_number=packet.sequence_number,
            timestamp=packet.timestamp,
            ssrc=self.ssrc,
            payload=packet.payload,
        )
        copy.extensions = HeaderExtensions(mid=self.mid, audio_level=packet.extensions.audio_level)
        with suppress(ConnectionError):
            await self._dtls._send_rtp(copy.serialize(self._extensions))
            self.packets += 1


class Incoming:
    """What a publisher sends for one track; takes the place of aiortc's receiver, which would decode it."""

    def __init__(self) -> None:
        self.copies: list[Copy] = []
        self.packets = 0
        """How many have arrived."""

    @property
    def fewest(self) -> int:
        """Packets of whoever has got the fewest; without listeners, how many have arrived."""
        return min((copy.packets for copy in self.copies), default=self.packets)

    def register(self, dtls: RTCDtlsTransport, offered: MediaDescription) -> None:
        """Has the connection route the section's packets here."""
        codec = descriptions.opus_of(offered)
        assert codec is not None
        payload_type = descriptions.payload_type_of(codec)
        encodings = [
            RTCRtpDecodingParameters(ssrc=source.ssrc, payloadType=payload_type) for source in offered.ssrc[:1]
        ]
        dtls._register_rtp_receiver(
            self,
            RTCRtpReceiveParameters(
                codecs=[codec],
                headerExtensions=descriptions.known_extensions(offered),
                muxId=offered.rtp.muxId,
                encodings=encodings,
            ),
        )

    def unregister(self, dtls: RTCDtlsTransport) -> None:
        """The track has ended."""
        dtls._unregister_rtp_receiver(self)

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.packets += 1
        for copy in tuple(self.copies):
            await copy.send(packet)

    async def _handle_rtcp_packet(self, packet: Any) -> None:
        """Reports are not needed."""

    def _handle_disconnect(self) -> None:
        """Nothing to clean up."""
