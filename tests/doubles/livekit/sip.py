"""People who are rung by telephone: each attempt ends as the test has said beforehand."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from livekit import api
from livekit.protocol import sip

from tests.doubles.livekit.access import Access
from tests.doubles.livekit.participants import Participant, State, new_sid
from tests.doubles.livekit.rooms import Reason, Room, Rooms

_RING_S = 30.0

ANSWERED = "answered"
"""Somebody is in the room then who says nothing."""
JOINS = "joins"
"""It rings until the test itself joins the room, with the identity that was rung."""
FAILED_QUIETLY = "failed_quietly"
"""A transfer whose answer is a status that is not success, with no error raised."""

PHRASES = {
    "404": ("not_found", "Not Found"),
    "408": ("deadline_exceeded", "Request Timeout"),
    "480": ("resource_exhausted", "Temporarily Unavailable"),
    "486": ("resource_exhausted", "Busy Here"),
    "603": ("permission_denied", "Decline"),
}
"""By SIP status: the code of the error as LiveKit maps it, and SIP's own words."""


class SipError(Exception):
    """The other side's status."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.code, self.phrase = PHRASES[status]
        self.metadata = {"sip_status_code": status, "sip_status": self.phrase}


@dataclass(kw_only=True)
class Telephone:
    """Outcomes of calls and transfers to come; the last of each stays."""

    rooms: Rooms
    calls: deque[str] = field(default_factory=lambda: deque([ANSWERED]))
    transfers: deque[str] = field(default_factory=lambda: deque([ANSWERED]))

    async def ring(self, asked: sip.CreateSIPParticipantRequest, room: Room) -> sip.SIPParticipantInfo:
        """Rings somebody.

        Raises:
            SipError: busy, declined, no answer.
        """
        outcome = _next(self.calls)
        identity = asked.participant_identity or f"sip_{asked.sip_call_to}"
        call_id = new_sid("SCL_")
        if outcome == JOINS:
            await self._wait_for(room, identity)
        elif outcome == ANSWERED:
            self._answer(room, asked, identity, call_id)
        else:
            raise SipError(outcome)
        return sip.SIPParticipantInfo(
            participant_id=room.participants[identity].sid,
            participant_identity=identity,
            room_name=room.name,
            sip_call_id=call_id,
        )

    def transfer(self, room: Room, participant: Participant) -> sip.TransferSIPParticipantResponse:
        """Sends a caller elsewhere; it leaves the room when that works.

        Raises:
            SipError: nobody took the call.
        """
        outcome = _next(self.transfers)
        response = sip.TransferSIPParticipantResponse(transfer_id=new_sid("ST_"))
        if outcome == FAILED_QUIETLY:
            response.status = sip.SIPTransferStatus.STS_TRANSFER_FAILED
            return response
        if outcome != ANSWERED:
            raise SipError(outcome)
        response.status = sip.SIPTransferStatus.STS_TRANSFER_SUCCESSFUL
        self.rooms.leave(room, participant, Reason.CLIENT_INITIATED)
        return response

    def _answer(self, room: Room, asked: sip.CreateSIPParticipantRequest, identity: str, call_id: str) -> None:
        attributes = {
            **asked.participant_attributes,
            "sip.callID": call_id,
            "sip.callStatus": "active",
            "sip.trunkID": asked.sip_trunk_id,
        }
        if not asked.hide_phone_number:
            attributes["sip.phoneNumber"] = asked.sip_call_to
        access = Access(
            identity=identity,
            name=asked.participant_name,
            kind="SIP",
            metadata=asked.participant_metadata,
            attributes=attributes,
            grants=api.VideoGrants(room_join=True, room=room.name),
        )
        participant = Participant(access=access, session=None)
        self.rooms.join(room, participant)
        self.rooms.activate(room, participant)

    async def _wait_for(self, room: Room, identity: str) -> None:
        def is_there() -> bool:
            participant = room.participants.get(identity)
            return participant is not None and participant.state == State.ACTIVE

        try:
            async with asyncio.timeout(_RING_S), self.rooms.joined:
                await self.rooms.joined.wait_for(is_there)
        except TimeoutError as error:
            raise SipError("408") from error


def _next(outcomes: deque[str]) -> str:
    return outcomes.popleft() if len(outcomes) > 1 else outcomes[0]
