"""The server's HTTP API (Twirp): rooms, participants, dispatches and telephone calls."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from livekit.protocol import agent_dispatch, models, rtc, sip
from livekit.protocol import room as protocol
from livekit.protocol.room import RoomConfiguration

from tests.doubles.livekit import data
from tests.doubles.livekit.access import Access, Gate, RefusedError
from tests.doubles.livekit.participants import Participant
from tests.doubles.livekit.rooms import Reason, Room, Rooms
from tests.doubles.livekit.sip import SipError, Telephone
from tests.doubles.livekit.workers import Workers

_STATUS = {
    "invalid_argument": 400,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "deadline_exceeded": 408,
    "resource_exhausted": 429,
}


class TwirpError(Exception):
    """An answer that is none."""

    def __init__(self, code: str, message: str, metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.metadata = dict(metadata or {})

    def response(self) -> web.Response:
        """As it is on the wire."""
        body = {"code": self.code, "msg": self.message, "meta": self.metadata}
        return web.json_response(body, status=_STATUS.get(self.code, 500))


Operation = tuple[type[Message], Callable[[Any], Awaitable[Message]]]


@dataclass(frozen=True, kw_only=True)
class Twirp:
    """The services."""

    gate: Gate
    rooms: Rooms
    workers: Workers
    telephone: Telephone
    calls: list[dict[str, Any]] = field(default_factory=list)
    """What was asked, in order: method, request."""

    async def serve(self, request: web.Request) -> web.Response:
        """One operation."""
        method = request.match_info["method"]
        try:
            operation = self._operations().get(method)
            if operation is None:
                raise TwirpError("bad_route", f"no handler for {method}")
            kind, perform = operation
            asked = kind.FromString(await request.read())
            _check(self._admit(request), method, getattr(asked, "room", "") or getattr(asked, "room_name", ""))
            self.calls.append({"method": method, "request": MessageToDict(asked, preserving_proto_field_name=True)})
            answer = await perform(asked)
        except TwirpError as error:
            return error.response()
        except SipError as failure:
            text = f"sip status {failure.metadata['sip_status_code']}: {failure.phrase}"
            return TwirpError(failure.code, text, failure.metadata).response()
        return web.Response(body=answer.SerializeToString(), content_type="application/protobuf")

    def _admit(self, request: web.Request) -> Access:
        try:
            return self.gate.admit(request)
        except RefusedError as error:
            raise TwirpError("unauthenticated", str(error)) from error

    def _operations(self) -> dict[str, Operation]:
        return {
            "CreateRoom": (protocol.CreateRoomRequest, self._create_room),
            "ListRooms": (protocol.ListRoomsRequest, self._list_rooms),
            "DeleteRoom": (protocol.DeleteRoomRequest, self._delete_room),
            "ListParticipants": (protocol.ListParticipantsRequest, self._list_participants),
            "GetParticipant": (protocol.RoomParticipantIdentity, self._get_participant),
            "RemoveParticipant": (protocol.RoomParticipantIdentity, self._remove_participant),
            "UpdateParticipant": (protocol.UpdateParticipantRequest, self._update_participant),
            "MutePublishedTrack": (protocol.MuteRoomTrackRequest, self._mute),
            "SendData": (protocol.SendDataRequest, self._send_data),
            "CreateDispatch": (agent_dispatch.CreateAgentDispatchRequest, self._create_dispatch),
            "ListDispatch": (agent_dispatch.ListAgentDispatchRequest, self._list_dispatch),
            "DeleteDispatch": (agent_dispatch.DeleteAgentDispatchRequest, self._delete_dispatch),
            "CreateSIPParticipant": (sip.CreateSIPParticipantRequest, self._ring),
            "TransferSIPParticipant": (sip.TransferSIPParticipantRequest, self._transfer),
        }

    def _room(self, name: str) -> Room:
        room = self.rooms.by_name.get(name)
        if room is None:
            raise TwirpError("not_found", "requested room does not exist")
        return room

    def _participant(self, name: str, identity: str) -> tuple[Room, Participant]:
        room = self._room(name)
        if identity not in room.participants:
            raise TwirpError("not_found", "participant does not exist")
        return room, room.participants[identity]

    async def _create_room(self, asked: protocol.CreateRoomRequest) -> Message:
        config = RoomConfiguration(
            metadata=asked.metadata, departure_timeout=asked.departure_timeout, agents=asked.agents
        )
        return self.rooms.open(asked.name, config).info()

    async def _list_rooms(self, asked: protocol.ListRoomsRequest) -> Message:
        wanted = set(asked.names)
        rooms = [room.info() for room in self.rooms.by_name.values() if not wanted or room.name in wanted]
        return protocol.ListRoomsResponse(rooms=rooms)

    async def _delete_room(self, asked: protocol.DeleteRoomRequest) -> Message:
        self.rooms.finish(self._room(asked.room), Reason.ROOM_DELETED)
        return protocol.DeleteRoomResponse()

    async def _list_participants(self, asked: protocol.ListParticipantsRequest) -> Message:
        room = self.rooms.by_name.get(asked.room)
        found = [participant.info() for participant in room.participants.values()] if room else []
        return protocol.ListParticipantsResponse(participants=found)

    async def _get_participant(self, asked: protocol.RoomParticipantIdentity) -> Message:
        return self._participant(asked.room, asked.identity)[1].info()

    async def _remove_participant(self, asked: protocol.RoomParticipantIdentity) -> Message:
        room, participant = self._participant(asked.room, asked.identity)
        self.rooms.leave(room, participant, Reason.PARTICIPANT_REMOVED)
        return protocol.RemoveParticipantResponse()

    async def _update_participant(self, asked: protocol.UpdateParticipantRequest) -> Message:
        room, participant = self._participant(asked.room, asked.identity)
        participant.change(name=asked.name, metadata=asked.metadata, attributes=asked.attributes)
        if asked.HasField("permission"):
            participant.permission = asked.permission
        room.show(participant, also_self=True)
        return participant.info()

    async def _mute(self, asked: protocol.MuteRoomTrackRequest) -> Message:
        room, participant = self._participant(asked.room, asked.identity)
        track = participant.tracks.get(asked.track_sid)
        if track is None:
            raise TwirpError("not_found", "track is not found")
        track.info.muted = asked.muted
        if participant.session is not None:
            mute = rtc.MuteTrackRequest(sid=asked.track_sid, muted=asked.muted)
            participant.session.tell(rtc.SignalResponse(mute=mute))
        room.show(participant)
        return protocol.MuteRoomTrackResponse(track=track.info)

    async def _send_data(self, asked: protocol.SendDataRequest) -> Message:
        user = models.UserPacket(payload=asked.data, topic=asked.topic, destination_sids=asked.destination_sids)
        packet = models.DataPacket(kind=asked.kind, user=user, destination_identities=asked.destination_identities)
        data.send_from_server(self._room(asked.room), packet)
        return protocol.SendDataResponse()

    async def _create_dispatch(self, asked: agent_dispatch.CreateAgentDispatchRequest) -> Message:
        room = self.rooms.open(asked.room, RoomConfiguration())
        return self.workers.dispatch(room, asked.agent_name, asked.metadata)

    async def _list_dispatch(self, asked: agent_dispatch.ListAgentDispatchRequest) -> Message:
        found = self.workers.listed(asked.room)
        if asked.dispatch_id:
            found = [dispatch for dispatch in found if dispatch.id == asked.dispatch_id]
        return agent_dispatch.ListAgentDispatchResponse(agent_dispatches=found)

    async def _delete_dispatch(self, asked: agent_dispatch.DeleteAgentDispatchRequest) -> Message:
        dispatch = self.workers.withdraw(asked.dispatch_id)
        if dispatch is None:
            raise TwirpError("not_found", "dispatch does not exist")
        return dispatch

    async def _ring(self, asked: sip.CreateSIPParticipantRequest) -> Message:
        return await self.telephone.ring(asked, self.rooms.open(asked.room_name, RoomConfiguration()))

    async def _transfer(self, asked: sip.TransferSIPParticipantRequest) -> Message:
        room, participant = self._participant(asked.room_name, asked.participant_identity)
        if participant.access.kind != "SIP":
            raise TwirpError("invalid_argument", "participant is not a SIP participant")
        return self.telephone.transfer(room, participant)


def _check(access: Access, method: str, room: str) -> None:
    """The grants that LiveKit wants for each operation."""
    grants = access.grants
    if method in ("CreateRoom", "DeleteRoom"):
        allowed = bool(grants.room_create)
    elif method == "ListRooms":
        allowed = bool(grants.room_list)
    elif method == "CreateSIPParticipant":
        allowed = access.can_dial
    else:
        allowed = bool(grants.room_admin) and grants.room == room
    if not allowed:
        raise TwirpError("permission_denied", "permissions denied")
