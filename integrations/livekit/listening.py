"""One room is listened to: everybody who speaks in it gets a leg, and what the legs hear goes to the server."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import structlog
from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext
from msgspec import Struct

from integrations.livekit.crosstalk import Crosstalk
from integrations.livekit.dispatch import Dispatch, call_fields, read_dispatch
from integrations.livekit.feed import Feed, Report
from integrations.livekit.ingress import Ingress
from integrations.livekit.leg import Ears, Leg, Patience, Recogniser, State
from integrations.livekit.presence import Grace, Presence, as_told
from integrations.livekit.roles import Person, person_of
from integrations.livekit.speech_gate import SAMPLE_RATE, Detect, SpeechGate, voice_detector
from integrations.livekit.spoken import Gap, Utterance
from integrations.livekit.spool import Call
from pipeline.errors import UpstreamError

MakeRecogniser = Callable[[Person, tuple[str, ...]], Recogniser]
"""Given the names it should expect."""

_FRAME_MS = 50
_TICK_S = 0.25
_KEYTERMS_S = 2.0
_LAST_BEAT_S = 1.0
_PEOPLE = 50
"""Of whom the server is told."""
_GONE_ROOMS = frozenset({rtc.DisconnectReason.ROOM_DELETED, rtc.DisconnectReason.ROOM_CLOSED})
_WORSE: tuple[State, ...] = ("ok", "degraded", "unavailable")

log = structlog.get_logger(__name__)


class Job(Struct, frozen=True, kw_only=True):
    """What LiveKit gave this worker to do."""

    id: str
    metadata: str = ""


class Setting(Struct, frozen=True, kw_only=True):
    """What a room is listened to with."""

    ingress: Ingress
    spool: Path
    make_recogniser: MakeRecogniser
    make_detector: Callable[[], Detect] = voice_detector
    patience: Patience = Patience()
    grace: Grace = Grace()
    first_human_s: float = 3.0
    """Wait for somebody before the server is told of a call that it knows; others it is told when somebody comes."""


class RoomListener:
    """One room's; made before it is connected. `run` it, and `aclose` it however that ended."""

    def __init__(self, room: rtc.Room, job: Job, setting: Setting) -> None:
        self._room = room
        self._job = job
        self._setting = setting
        self._started = time.time()
        self._presence = Presence(setting.grace, time.monotonic())
        self._arrived = asyncio.Event()
        self._legs: dict[str, Leg] = {}
        self._closing: dict[asyncio.Task[None], Leg] = {}
        self._crosstalk = Crosstalk()
        self._echoes = 0
        self._feed: asyncio.Future[Feed] = asyncio.get_running_loop().create_future()
        self._keyterms = asyncio.create_task(self._ask_for_keyterms(), name="keyterms")
        self._leaving = asyncio.Event()
        self._is_over = False
        room.on("participant_connected", self._come)
        room.on("participant_disconnected", self._go)
        room.on("track_subscribed", self._hear)
        room.on("disconnected", self._lose)

    async def run(self) -> None:
        """Once the room is connected: until the call is over, or there is no reason to be here any more."""
        for participant in self._room.remote_participants.values():
            self._come(participant)
        feed = await self._open()
        while feed is not None and not feed.over.is_set() and not self._leaving.is_set():
            now = time.monotonic()
            for identity in self._presence.gone(now):
                self._close_leg(identity)
            if self._presence.is_over(now):
                self._is_over = True
                return
            await _within(_TICK_S, self._leaving)

    async def aclose(self) -> None:
        """Waits a little for last words and the server. The call is ended if it is over, not if only the job is."""
        for identity in list(self._legs):
            self._close_leg(identity)
        await asyncio.gather(*self._closing)
        self._keyterms.cancel()
        if not self._feed.done():
            self._feed.cancel()
            return
        feed = self._feed.result()
        with suppress(UpstreamError, TimeoutError):
            await asyncio.wait_for(feed.beat(), _LAST_BEAT_S)
        if self._is_over and not feed.over.is_set() and self._presence.has_begun:
            feed.end()
        await feed.aclose()
        log.info("listening_ended", session_id=feed.session_id, call_is_over=self._is_over, echoes=self._echoes)

    async def _open(self) -> Feed | None:
        """Tells the server of the call once it is known whose it is; None: nobody came."""
        dispatch = read_dispatch(self._job.metadata)
        is_known = bool(dispatch.session_id or dispatch.call_id)
        setting = self._setting
        await _within(setting.first_human_s if is_known else setting.grace.first_s, self._arrived, self._leaving)
        if not is_known and not self._arrived.is_set():
            return None
        call = await self._call(dispatch)
        feed = Feed(setting.ingress, setting.spool, call, self._report)
        self._feed.set_result(feed)
        return feed

    async def said(self, utterance: Utterance) -> None:
        """Final words of a leg."""
        feed = await asyncio.shield(self._feed)
        try:
            is_echo = await self._crosstalk.is_echo(utterance)
        except asyncio.CancelledError:
            feed.say(utterance)
            raise
        if is_echo:
            self._echoes += 1
        else:
            feed.say(utterance)

    def saying(self, utterance: Utterance) -> None:
        """Words of a leg so far."""
        if self._feed.done():
            self._feed.result().show(utterance)

    def missed(self, gap: Gap) -> None:
        """Speech of a leg that nobody could write down."""
        if self._feed.done() and not self._feed.cancelled():
            self._feed.result().miss(gap)

    def _come(self, participant: rtc.RemoteParticipant) -> None:
        person = person_of(participant)
        if person is not None:
            self._presence.arrive(person)
            self._arrived.set()

    def _go(self, participant: rtc.RemoteParticipant) -> None:
        self._presence.leave(participant.identity, time.monotonic())

    def _hear(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        person = person_of(participant)
        is_voice = track.kind == rtc.TrackKind.KIND_AUDIO
        if person is None or not is_voice or publication.source == rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO:
            return
        self._come(participant)
        if person.identity not in self._legs:
            self._legs[person.identity] = Leg(person, self._ears(person), self)
        self._legs[person.identity].attach(frames_of(track))

    def _lose(self, reason: rtc.DisconnectReason.ValueType) -> None:
        log.info("room_lost", room=self._room.name, reason=rtc.DisconnectReason.Name(reason))
        self._is_over = self._is_over or reason in _GONE_ROOMS
        self._leaving.set()

    def _ears(self, person: Person) -> Ears:
        return Ears(
            make_recogniser=self._recogniser,
            gate=SpeechGate(self._setting.make_detector()),
            loudness=self._crosstalk.leg(person.identity),
            patience=self._setting.patience,
        )

    async def _recogniser(self, person: Person) -> Recogniser:
        return self._setting.make_recogniser(person, await asyncio.shield(self._keyterms))

    async def _ask_for_keyterms(self) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(_KEYTERMS_S):
                return await self._setting.ingress.keyterms()
        except (UpstreamError, TimeoutError):
            return ()

    async def _call(self, dispatch: Dispatch) -> Call:
        people = [person for person, _ in self._presence.everybody()]
        return Call(
            room=self._room.name,
            job_id=self._job.id,
            kind="assist",
            started=self._started,
            session_id=dispatch.session_id,
            fields=call_fields(dispatch, self._room.name, await self._room.sid, people),
        )

    def _close_leg(self, identity: str) -> None:
        leg = self._legs.pop(identity, None)
        if leg is None:
            return
        closing = asyncio.create_task(self._close(leg), name=f"close-{identity}")
        self._closing[closing] = leg
        closing.add_done_callback(self._closing.pop)

    async def _close(self, leg: Leg) -> None:
        await leg.aclose()
        counts = leg.counts
        log.info(
            "leg_closed",
            room=self._room.name,
            role=leg.person.role,
            utterances=counts.utterances,
            repeats=counts.repeats,
            not_speech=counts.not_speech,
            stt_cuts=counts.cuts,
            dropped_frames=leg.dropped_frames,
        )

    def _report(self) -> Report:
        legs = list(self._legs.values())
        worst = max(legs, key=lambda leg: _WORSE.index(leg.state), default=None)
        unsettled = [leg.unsettled_since for leg in (*legs, *self._closing.values())]
        return Report(
            settled=min((since for since in unsettled if since is not None), default=time.time()),
            transcription=worst.state if worst else "ok",
            detail=worst.detail if worst else None,
            participants=tuple(as_told(person, present) for person, present in self._presence.everybody())[:_PEOPLE],
        )


async def listen_to(context: JobContext, setting: Setting) -> None:
    """Begins to listen in a job's room; the job goes on until the call is over, or the worker stops."""
    listener = RoomListener(context.room, Job(id=context.job.id, metadata=context.job.metadata), setting)

    async def until_over() -> None:
        try:
            await listener.run()
        except Exception:
            log.exception("listening_failed", room=context.room.name)
        finally:
            context.shutdown("listening is over")

    async def leave() -> None:
        running.cancel()
        await listener.aclose()
        await setting.ingress.aclose()

    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    running = asyncio.create_task(until_over(), name="listening")
    context.add_shutdown_callback(leave)


async def frames_of(track: rtc.Track) -> AsyncIterator[rtc.AudioFrame]:
    """A track's audio as recognisers take it, until the track ends."""
    audio = rtc.AudioStream.from_track(track=track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=_FRAME_MS)
    try:
        async for event in audio:
            yield event.frame
    finally:
        await audio.aclose()


async def _within(timeout_s: float, *events: asyncio.Event) -> None:
    """Until one of them is set, or the time has passed."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
