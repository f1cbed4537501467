"""Data packets: messages, text streams and calls between participants, and what the server sends by itself."""

from livekit.protocol import models

from tests.doubles.livekit.participants import Participant
from tests.doubles.livekit.peers import LOSSY, RELIABLE
from tests.doubles.livekit.rooms import Room


def relay(room: Room, sender: Participant, label: str, message: bytes) -> None:
    """Passes a packet on to its destinations; to all others when it names none."""
    if label not in (RELIABLE, LOSSY) or not sender.permission.can_publish_data:
        return
    packet = models.DataPacket.FromString(message)
    packet.participant_identity = sender.identity
    packet.participant_sid = sender.sid
    if packet.HasField("user"):
        packet.user.participant_identity = sender.identity
        packet.user.participant_sid = sender.sid
    _send(room, packet, label, but=sender)


def send_from_server(room: Room, packet: models.DataPacket) -> None:
    """A packet without a sender."""
    _send(room, packet, LOSSY if packet.kind == models.DataPacket.LOSSY else RELIABLE, but=None)


def _send(room: Room, packet: models.DataPacket, label: str, *, but: Participant | None) -> None:
    identities = {*packet.destination_identities, *packet.user.destination_identities}
    sids = set(packet.user.destination_sids)
    written = packet.SerializeToString()
    for participant in room.participants.values():
        is_meant = not (identities or sids) or participant.identity in identities or participant.sid in sids
        if is_meant and participant is not but and participant.session is not None:
            participant.session.subscriber.send(label, written)
