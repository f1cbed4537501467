"""LiveKit's webhooks: genuine when their token is signed with our secret over the hash of the raw body."""

from livekit import api
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.webhook import WebhookEvent

from integrations.livekit.rooms import Caller, RoomEvent
from integrations.livekit.tokens import ROLE

_DIALLED = (ParticipantInfo.Kind.SIP, ParticipantInfo.Kind.CONNECTOR)


def genuine_event(api_key: str, api_secret: str, body: bytes, authorization: str | None) -> RoomEvent | None:
    """The event in a raw body; None: LiveKit has not signed it, or not lately."""
    if not authorization:
        return None
    receiver = api.WebhookReceiver(api.TokenVerifier(api_key, api_secret))
    try:
        event = receiver.receive(body.decode(), authorization.removeprefix("Bearer "))
    except Exception:  # noqa: BLE001 - the SDK refuses with plain exceptions and those of its JWT library
        return None
    return _event(event) if event.id else None


def _event(event: WebhookEvent) -> RoomEvent:
    participant = event.participant if event.HasField("participant") else None
    return RoomEvent(
        id=event.id,
        event=event.event,
        room=event.room.name or None,
        identity=participant.identity if participant else None,
        is_job=participant is not None and participant.kind == ParticipantInfo.Kind.AGENT,
        caller=_caller(event.room.sid, participant) if participant else None,
    )


def _caller(room_sid: str, participant: ParticipantInfo) -> Caller | None:
    attributes = participant.attributes
    if participant.kind not in _DIALLED and attributes.get(ROLE) != "customer":
        return None
    return Caller(
        call_id=attributes.get("sip.callID") or f"livekit:{room_sid}",
        phone=attributes.get("sip.phoneNumber") or None,
        name=participant.name or None,
    )
