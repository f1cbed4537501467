"""Rooms: who is in them, what they publish, and who is told what."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from livekit.protocol import models, rtc
from livekit.protocol.agent_dispatch import RoomAgentDispatch
from livekit.protocol.room import RoomConfiguration

from tests.doubles.livekit.background import Background
from tests.doubles.livekit.participants import Participant, State, Track, new_sid
from tests.doubles.livekit.webhooks import Webhooks

Reason = models.DisconnectReason
_EMPTY_TIMEOUT_S = 300


@dataclass(kw_only=True)
class Room:
    """One room."""

    name: str
    metadata: str = ""
    departure_timeout_s: float
    sid: str = field(default_factory=lambda: new_sid("RM_"))
    created_at_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    participants: dict[str, Participant] = field(default_factory=dict)
    """By identity."""

    def info(self) -> models.Room:
        """What everybody is told."""
        seen = [participant for participant in self.participants.values() if not participant.permission.hidden]
        return models.Room(
            sid=self.sid,
            name=self.name,
            empty_timeout=_EMPTY_TIMEOUT_S,
            departure_timeout=int(self.departure_timeout_s),
            creation_time=self.created_at_ms // 1000,
            creation_time_ms=self.created_at_ms,
            metadata=self.metadata,
            num_participants=len(seen),
            num_publishers=sum(bool(participant.tracks) for participant in seen),
        )

    def tell(self, response: rtc.SignalResponse, *, but: Participant | None = None) -> None:
        """Tells everybody."""
        for participant in self.participants.values():
            if participant is not but and participant.session is not None:
                participant.session.tell(response)

    def show(self, participant: Participant, *, also_self: bool = False) -> None:
        """Tells the others how a participant is now. Of one who is hidden only that one hears."""
        response = rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=[participant.info()]))
        if participant.permission.hidden:
            if also_self and participant.session is not None:
                participant.session.tell(response)
            return
        self.tell(response, but=None if also_self else participant)

    def tracks(self) -> Iterable[tuple[Participant, Track]]:
        """All that is sent, and by whom."""
        return [(sender, track) for sender in self.participants.values() for track in sender.tracks.values()]

    def subscribe(self, listener: Participant, sender: Participant, track: Track) -> None:
        """From now on the listener hears the track, if it may. `negotiate` tells it."""
        if listener is sender or listener.session is None or track.incoming is None:
            return
        if listener.permission.can_subscribe and not sender.permission.hidden:
            listener.session.hear(track.info.sid, f"{sender.sid}|{track.info.sid} {track.info.sid}", track.incoming)


@dataclass(kw_only=True)
class Rooms:
    """All rooms of the server."""

    webhooks: Webhooks
    background: Background
    departure_timeout_s: float
    on_created: Callable[[Room, Sequence[RoomAgentDispatch]], None] = lambda room, agents: None
    """The agents which whoever made the room asked for."""
    on_finished: Callable[[Room], None] = lambda room: None
    by_name: dict[str, Room] = field(default_factory=dict)
    joined: asyncio.Condition = field(default_factory=asyncio.Condition)
    """Somebody has become active in a room."""

    def open(self, name: str, config: RoomConfiguration) -> Room:
        """The room of that name; a new one begins with what is asked for."""
        room = self.by_name.get(name)
        if room is None:
            room = Room(
                name=name,
                metadata=config.metadata,
                departure_timeout_s=config.departure_timeout or self.departure_timeout_s,
            )
            self.by_name[name] = room
            self.webhooks.send("room_started", room.info())
            self.on_created(room, list(config.agents))
        return room

    def join(self, room: Room, participant: Participant) -> None:
        """Lets somebody in; whoever has the same identity is put out."""
        before = room.participants.get(participant.identity)
        if before is not None:
            self.leave(room, before, Reason.DUPLICATE_IDENTITY)
        room.participants[participant.identity] = participant
        room.show(participant)
        if participant.auto_subscribe:
            for sender, track in room.tracks():
                room.subscribe(participant, sender, track)

    def activate(self, room: Room, participant: Participant) -> None:
        """The media connection stands."""
        if participant.has_joined or participant.state == State.DISCONNECTED:
            return
        participant.has_joined = True
        participant.state = State.ACTIVE
        room.show(participant, also_self=True)
        self.webhooks.send("participant_joined", room.info(), participant=participant.info())
        self.background.run(self._tell_joined())

    def leave(self, room: Room, participant: Participant, reason: models.DisconnectReason) -> None:
        """Somebody is out, by their own will or not; again: nothing happens."""
        if participant.state == State.DISCONNECTED:
            return
        for track in list(participant.tracks.values()):
            self.unpublish(room, participant, track)
        participant.state = State.DISCONNECTED
        participant.disconnect_reason = reason
        room.show(participant)
        if room.participants.get(participant.identity) is participant:
            del room.participants[participant.identity]
        if participant.session is not None:
            participant.session.part(reason)
        event = "participant_left" if participant.has_joined else "participant_connection_aborted"
        self.webhooks.send(event, room.info(), participant=participant.info())
        self.background.run(self._finish_when_empty(room))

    def finish(self, room: Room, reason: models.DisconnectReason) -> None:
        """Ends the room; again: nothing happens."""
        if self.by_name.get(room.name) is not room:
            return
        del self.by_name[room.name]
        for participant in list(room.participants.values()):
            self.leave(room, participant, reason)
        self.on_finished(room)
        self.webhooks.send("room_finished", room.info())

    def publish(self, room: Room, participant: Participant) -> None:
        """Compares what the participant sends now with what was known, and tells everybody what is new or gone."""
        assert participant.session is not None
        sent, mids = participant.session.publisher.tracks(), participant.session.publisher.mids()
        for track in list(participant.tracks.values()):
            if sent.get(track.cid) is not track.incoming:
                self.unpublish(room, participant, track)
        for cid, incoming in sent.items():
            if cid not in participant.announced:
                continue
            track = participant.announced.pop(cid)
            track.incoming = incoming
            track.info.mid = mids[cid]
            participant.tracks[track.info.sid] = track
            room.show(participant)
            self.webhooks.send("track_published", room.info(), participant=participant.info(), track=track.info)
            for listener in list(room.participants.values()):
                if listener.auto_subscribe and listener.session is not None:
                    room.subscribe(listener, participant, track)
                    listener.session.negotiate()

    def unpublish(self, room: Room, participant: Participant, track: Track) -> None:
        """A track has ended."""
        del participant.tracks[track.info.sid]
        for listener in room.participants.values():
            if listener.session is not None:
                listener.session.unhear(track.info.sid)
        if participant.session is not None:
            gone = rtc.TrackUnpublishedResponse(track_sid=track.info.sid)
            participant.session.tell(rtc.SignalResponse(track_unpublished=gone))
        room.show(participant)
        self.webhooks.send("track_unpublished", room.info(), participant=participant.info(), track=track.info)

    async def close(self) -> None:
        """Everybody out."""
        for room in list(self.by_name.values()):
            for participant in list(room.participants.values()):
                if participant.session is not None:
                    participant.session.part(Reason.SERVER_SHUTDOWN)

    async def _tell_joined(self) -> None:
        async with self.joined:
            self.joined.notify_all()

    async def _finish_when_empty(self, room: Room) -> None:
        await asyncio.sleep(room.departure_timeout_s)
        if all(participant.is_dependent for participant in room.participants.values()):
            self.finish(room, Reason.ROOM_CLOSED)
