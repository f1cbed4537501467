"""LiveKit's signalling, version 0: one WebSocket at /rtc for each participant."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import WSMsgType, web
from livekit.protocol import models, rtc

from tests.doubles.livekit import data
from tests.doubles.livekit.access import Access, Gate, RefusedError
from tests.doubles.livekit.background import Background
from tests.doubles.livekit.participants import Participant, State, Track, new_sid
from tests.doubles.livekit.rooms import Reason, Room, Rooms
from tests.doubles.livekit.sessions import Session

_CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
_PROTOCOL = 15
_PING_INTERVAL_S = 5
_PING_TIMEOUT_S = 15
_NO = {"", "0", "false"}

SERVER_INFO = models.ServerInfo(version="1.9.0", protocol=_PROTOCOL, agent_protocol=1, node_id="double")


async def not_here(request: web.Request) -> web.Response:
    """What clients ask first; they fall back when it is not there."""
    return web.Response(status=404, headers=_CORS)


def refused(error: RefusedError) -> web.Response:
    """The answer to a bad token."""
    return web.Response(status=401, text=str(error), headers=_CORS)


@dataclass(frozen=True, kw_only=True)
class Signalling:
    """The endpoints for participants."""

    gate: Gate
    rooms: Rooms
    background: Background

    async def validate(self, request: web.Request) -> web.Response:
        """Tells why a WebSocket could not be opened."""
        try:
            self.gate.admit_to_room(request)
        except RefusedError as error:
            return refused(error)
        return web.Response(text="success", headers=_CORS)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A participant's stay in a room."""
        try:
            access = self.gate.admit_to_room(request)
        except RefusedError as error:
            return refused(error)
        socket = web.WebSocketResponse(heartbeat=_PING_TIMEOUT_S)
        await socket.prepare(request)
        if request.query.get("reconnect", "") not in _NO:
            await self._send_back(socket, access)
            return socket
        await self._stay(socket, request, access)
        return socket

    async def _send_back(self, socket: web.WebSocketResponse, access: Access) -> None:
        """Sessions cannot be resumed here: the client is to join anew."""
        room = self.rooms.by_name.get(access.grants.room)
        participant = room.participants.get(access.identity) if room else None
        if room is not None and participant is not None:
            self.rooms.leave(room, participant, Reason.SIGNAL_CLOSE)
        leave = rtc.LeaveRequest(
            can_reconnect=True, action=rtc.LeaveRequest.RECONNECT, reason=models.DisconnectReason.STATE_MISMATCH
        )
        await socket.send_bytes(rtc.SignalResponse(leave=leave).SerializeToString())
        await socket.close()

    async def _stay(self, socket: web.WebSocketResponse, request: web.Request, access: Access) -> None:
        room = self.rooms.open(access.grants.room, access.room_config)
        session = Session(
            socket,
            transport=request.transport,
            active=lambda: self.rooms.activate(room, participant),
            receive=lambda label, message: data.relay(room, participant, label, message),
        )
        auto_subscribe = request.query.get("auto_subscribe", "1") not in _NO
        participant = Participant(access=access, session=session, auto_subscribe=auto_subscribe)
        self.rooms.join(room, participant)
        session.tell(rtc.SignalResponse(join=_join_response(room, participant)))
        session.negotiate()
        self.background.run(session.write())
        requests = Requests(rooms=self.rooms, room=room, participant=participant, session=session)
        try:
            async for message in socket:
                if message.type == WSMsgType.BINARY:
                    await requests.handle(rtc.SignalRequest.FromString(message.data))
        finally:
            self.rooms.leave(room, participant, Reason.SIGNAL_CLOSE)
            await session.close()


def _join_response(room: Room, participant: Participant) -> rtc.JoinResponse:
    others = [
        other.info() for other in room.participants.values() if other is not participant and not other.permission.hidden
    ]
    return rtc.JoinResponse(
        room=room.info(),
        participant=participant.info(),
        other_participants=others,
        server_version=SERVER_INFO.version,
        subscriber_primary=True,
        ping_interval=_PING_INTERVAL_S,
        ping_timeout=_PING_TIMEOUT_S,
        server_info=SERVER_INFO,
        enabled_publish_codecs=[models.Codec(mime="audio/opus")],
    )


@dataclass(frozen=True, kw_only=True)
class Requests:
    """What a client asks for."""

    rooms: Rooms
    room: Room
    participant: Participant
    session: Session

    async def handle(self, request: rtc.SignalRequest) -> None:
        """One request; those that are not known here are ignored."""
        name = request.WhichOneof("message")
        handlers: dict[str, Callable[[rtc.SignalRequest], Awaitable[None]]] = {
            "offer": self._offer,
            "answer": self._answer,
            "trickle": self._trickle,
            "add_track": self._add_track,
            "mute": self._mute,
            "subscription": self._subscription,
            "update_metadata": self._update_metadata,
            "leave": self._leave,
            "ping": self._ping,
            "ping_req": self._ping,
        }
        if name in handlers and self.participant.state != State.DISCONNECTED:
            await handlers[name](request)

    async def _offer(self, request: rtc.SignalRequest) -> None:
        sdp = await self.session.publisher.answer(request.offer.sdp)
        answer = rtc.SessionDescription(type="answer", sdp=sdp, id=request.offer.id)
        self.session.tell(rtc.SignalResponse(answer=answer))
        self.rooms.publish(self.room, self.participant)

    async def _answer(self, request: rtc.SignalRequest) -> None:
        taken = self.session.answered(request.answer.sdp)
        for sender, track in self.room.tracks():
            if track.info.sid in taken and not track.was_subscribed and sender.session is not None:
                track.was_subscribed = True
                subscribed = rtc.TrackSubscribed(track_sid=track.info.sid)
                sender.session.tell(rtc.SignalResponse(track_subscribed=subscribed))

    async def _trickle(self, request: rtc.SignalRequest) -> None:
        candidate = json.loads(request.trickle.candidateInit).get("candidate", "")
        is_published = request.trickle.target == rtc.SignalTarget.PUBLISHER
        peer = self.session.publisher if is_published else self.session.subscriber
        await peer.add_candidate(candidate)

    async def _add_track(self, request: rtc.SignalRequest) -> None:
        asked = request.add_track
        if asked.type != models.TrackType.AUDIO or not self.participant.may_publish(asked.source):
            self._respond(rtc.RequestResponse(reason=rtc.RequestResponse.NOT_ALLOWED, add_track=asked))
            return
        info = models.TrackInfo(
            sid=new_sid("TR_"),
            type=asked.type,
            name=asked.name,
            muted=asked.muted,
            source=asked.source,
            mime_type="audio/opus",
            disable_dtx=asked.disable_dtx,
            stereo=asked.stereo,
            stream=asked.stream,
        )
        self.participant.announced[asked.cid] = Track(cid=asked.cid, info=info)
        self.session.tell(rtc.SignalResponse(track_published=rtc.TrackPublishedResponse(cid=asked.cid, track=info)))
        self.rooms.publish(self.room, self.participant)

    async def _mute(self, request: rtc.SignalRequest) -> None:
        for track in (*self.participant.tracks.values(), *self.participant.announced.values()):
            if track.info.sid == request.mute.sid:
                track.info.muted = request.mute.muted
        self.room.show(self.participant)

    async def _subscription(self, request: rtc.SignalRequest) -> None:
        asked = request.subscription
        sids = {*asked.track_sids, *(sid for tracks in asked.participant_tracks for sid in tracks.track_sids)}
        for sender, track in self.room.tracks():
            if track.info.sid in sids and asked.subscribe:
                self.room.subscribe(self.participant, sender, track)
            elif track.info.sid in sids:
                self.session.unhear(track.info.sid)
        self.session.negotiate()

    async def _update_metadata(self, request: rtc.SignalRequest) -> None:
        asked = request.update_metadata
        response = rtc.RequestResponse(request_id=asked.request_id, update_metadata=asked)
        if not self.participant.permission.can_update_metadata:
            response.reason = rtc.RequestResponse.NOT_ALLOWED
            response.message = "does not have permission to update own metadata"
            self._respond(response)
            return
        self.participant.change(name=asked.name, metadata=asked.metadata, attributes=asked.attributes)
        self.room.show(self.participant, also_self=True)
        self._respond(response)

    async def _leave(self, request: rtc.SignalRequest) -> None:
        self.rooms.leave(self.room, self.participant, request.leave.reason or Reason.CLIENT_INITIATED)

    async def _ping(self, request: rtc.SignalRequest) -> None:
        now_ms = int(time.time() * 1000)
        if request.HasField("ping"):
            self.session.tell(rtc.SignalResponse(pong=now_ms))
        else:
            pong = rtc.Pong(last_ping_timestamp=request.ping_req.timestamp, timestamp=now_ms)
            self.session.tell(rtc.SignalResponse(pong_resp=pong))

    def _respond(self, response: rtc.RequestResponse) -> None:
        self.session.tell(rtc.SignalResponse(request_response=response))
