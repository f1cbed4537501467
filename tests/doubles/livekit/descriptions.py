"""Session descriptions (SDP) as the small SFU writes them: everything bundled, Opus only."""

from collections.abc import Iterable, Sequence

from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpParameters,
)
from aiortc.rtcsctptransport import RTCSctpTransport
from aiortc.sdp import GroupDescription, MediaDescription, SessionDescription, SsrcDescription

_NOWHERE = "0.0.0.0"
_DISCARD = 9
_CHANNELS = ["webrtc-datachannel"]
_KNOWN_EXTENSIONS = {"urn:ietf:params:rtp-hdrext:sdes:mid", "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}

OPUS = RTCRtpCodecParameters(
    mimeType="audio/opus",
    clockRate=48000,
    channels=2,
    payloadType=111,
    parameters={"minptime": 10, "useinbandfec": 1},
)
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(id=number, uri=uri) for number, uri in enumerate(sorted(_KNOWN_EXTENSIONS), 1)
]


def parse(text: str) -> SessionDescription:
    """A client's description."""
    return SessionDescription.parse(text)


def write(media: Sequence[MediaDescription]) -> str:
    """The whole description; sections without a port are refused ones and stay outside the bundle."""
    description = SessionDescription()
    description.origin = "- 1 1 IN IP4 127.0.0.1"
    description.msid_semantic.append(GroupDescription(semantic="WMS", items=["*"]))
    bundled: list[int | str] = [section.rtp.muxId for section in media if section.port]
    description.group.append(GroupDescription(semantic="BUNDLE", items=bundled))
    description.media = list(media)
    return str(description)


def channels(mid: str, sctp: RTCSctpTransport) -> MediaDescription:
    """The section of the data channels."""
    section = _section("application", "UDP/DTLS/SCTP", _CHANNELS, mid)
    section.sctp_port = sctp.port
    section.sctpCapabilities = sctp.getCapabilities()
    return section


def sent_audio(mid: str, msid: str, ssrc: int | None) -> MediaDescription:
    """A track for a subscriber; no SSRC: it has ended, and only its section remains."""
    section = _audio(mid, OPUS, EXTENSIONS)
    section.direction = "inactive" if ssrc is None else "sendonly"
    if ssrc is not None:
        section.msid = msid
        section.ssrc = [SsrcDescription(ssrc=ssrc, cname="sfu")]
    return section


def taken_audio(offered: MediaDescription) -> MediaDescription:
    """The answer to a track that a publisher offers, or has stopped."""
    codec = opus_of(offered)
    section = _audio(offered.rtp.muxId, codec, known_extensions(offered)) if codec else refused(offered)
    section.direction = "recvonly" if codec and is_sent(offered) else "inactive"
    return section


def refused(offered: MediaDescription) -> MediaDescription:
    """The answer to what the SFU does not carry."""
    section = _section(offered.kind, offered.profile, offered.fmt, offered.rtp.muxId)
    section.port = 0
    section.direction = "inactive"
    return section


def is_sent(section: MediaDescription) -> bool:
    """Whether the one who describes it sends."""
    return section.direction in ("sendonly", "sendrecv")


def opus_of(section: MediaDescription) -> RTCRtpCodecParameters | None:
    """Opus with the payload type that the client uses."""
    return next((codec for codec in section.rtp.codecs if codec.name.lower() == "opus"), None)


def payload_type_of(codec: RTCRtpCodecParameters) -> int:
    """Agreed codecs have one."""
    assert codec.payloadType is not None
    return codec.payloadType


def known_extensions(section: MediaDescription) -> list[RTCRtpHeaderExtensionParameters]:
    """Header extensions which are carried on."""
    return [extension for extension in section.rtp.headerExtensions if extension.uri in _KNOWN_EXTENSIONS]


def _audio(
    mid: str, codec: RTCRtpCodecParameters, extensions: Iterable[RTCRtpHeaderExtensionParameters]
) -> MediaDescription:
    section = _section("audio", "UDP/TLS/RTP/SAVPF", [payload_type_of(codec)], mid)
    plain = RTCRtpCodecParameters(
        mimeType="audio/opus",
        clockRate=codec.clockRate,
        channels=codec.channels,
        payloadType=codec.payloadType,
        parameters=dict(OPUS.parameters),
    )
    section.rtp = RTCRtpParameters(codecs=[plain], headerExtensions=list(extensions), muxId=mid)
    section.rtcp_host = _NOWHERE
    section.rtcp_port = _DISCARD
    section.rtcp_mux = True
    return section


def _section(kind: str, profile: str, formats: Sequence[int | str], mid: str) -> MediaDescription:
    section = MediaDescription(kind=kind, port=_DISCARD, profile=profile, fmt=list(formats))
    section.host = _NOWHERE
    section.rtp.muxId = mid
    return section
