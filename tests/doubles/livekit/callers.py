"""People on the telephone, for tests: tokens, and callers who speak and listen on real LiveKit clients."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

import numpy as np
from livekit import api, rtc
from numpy.typing import NDArray

from tests.doubles.livekit.control import Sfu

Kind = Literal["standard", "egress", "ingress", "sip", "agent"]
Pcm = NDArray[np.int16]

HEARD_RATE = 16000
"""Samples a second of what callers record."""
_RATE = 48000
_FRAME = _RATE // 50
_LOUD = 300.0
"""Mean level above which a piece counts as speech; full scale is 32767."""
_PATIENCE_S = 30.0
_PAUSE_S = 0.02


def token_for(
    sfu: Sfu,
    room: str,
    identity: str,
    *,
    role: str | None = None,
    kind: Kind = "standard",
    name: str = "",
    attributes: Mapping[str, str] | None = None,
    agents: Iterable[str | tuple[str, Mapping[str, Any]]] = (),
    grants: api.VideoGrants | None = None,
    ttl_s: float = 600.0,
) -> str:
    """A token as the server mints them: microphone only, the role signed as `aa.role`.

    Agents are names, or names with the dispatch metadata. Own grants replace all others but room and joining.
    """
    allowed = grants or api.VideoGrants(can_publish_sources=["microphone"], can_update_own_metadata=False)
    allowed = replace(allowed, room_join=True, room=room)
    signed = {**({"aa.role": role} if role else {}), **(attributes or {})}
    token = api.AccessToken(sfu.api_key, sfu.api_secret).with_identity(identity).with_name(name).with_kind(kind)
    token = token.with_grants(allowed).with_attributes(signed).with_ttl(timedelta(seconds=ttl_s))
    asked = [agent if isinstance(agent, tuple) else (agent, {}) for agent in agents]
    dispatches = [
        api.RoomAgentDispatch(agent_name=agent_name, metadata=json.dumps(dict(metadata)) if metadata else "")
        for agent_name, metadata in asked
    ]
    if dispatches:
        token = token.with_room_config(api.RoomConfiguration(agents=dispatches))
    return token.to_jwt()


async def eventually(
    condition: Callable[[], object], *, patience_s: float = _PATIENCE_S, pause_s: float = 0.05
) -> None:
    """Waits until the condition holds.

    Raises:
        TimeoutError: it does not.
    """
    async with asyncio.timeout(patience_s):
        while not condition():
            await asyncio.sleep(pause_s)


@dataclass(frozen=True, kw_only=True)
class Message:
    """Data that arrived."""

    identity: str | None
    """Of the sender; None: the server itself."""
    topic: str
    payload: bytes
    reliable: bool

    @property
    def json(self) -> Any:
        """The payload, where it is JSON."""
        return json.loads(self.payload)


@dataclass(kw_only=True)
class Text:
    """A text stream that arrived whole."""

    identity: str
    topic: str
    text: str
    attributes: dict[str, str]


class Heard:
    """What somebody has said, at 16 kHz, mono; silence too."""

    def __init__(self) -> None:
        self._frames: list[Pcm] = []
        self.spoken_s = 0.0
        """How much of it is loud enough for speech."""
        self.seconds = 0.0
        """How long it is, with silence."""

    def add(self, samples: Pcm) -> None:
        """The next piece."""
        self._frames.append(samples)
        self.seconds += len(samples) / HEARD_RATE
        if np.sqrt((samples.astype(np.float64) ** 2).mean()) > _LOUD:
            self.spoken_s += len(samples) / HEARD_RATE

    @property
    def pcm(self) -> Pcm:
        """All of it."""
        return np.concatenate(self._frames) if self._frames else np.zeros(0, np.int16)


@dataclass(kw_only=True)
class Caller:
    """Somebody in a room. `join` makes one; it is silent until it speaks, and then says silence between utterances."""

    room: rtc.Room
    sfu: Sfu
    heard: dict[str, Heard] = field(default_factory=dict)
    """By identity of who spoke."""
    data: list[Message] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    """Text streams of the topics which were named on joining."""
    departed: list[str] = field(default_factory=list)
    """Identities of those who left, in order."""
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    """The stay in the room is over, for whatever reason."""
    _source: rtc.AudioSource | None = None
    _pending: asyncio.Queue[tuple[Pcm, asyncio.Future[None] | None]] = field(default_factory=asyncio.Queue)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    async def join(
        cls,
        sfu: Sfu,
        room: str,
        identity: str,
        role: str | None = None,
        *,
        topics: Iterable[str] = (),
        auto_subscribe: bool = True,
        token: str | None = None,
        **claims: Any,
    ) -> "Caller":
        """Joins with a token of one's own, or with one that `token_for` makes of the claims."""
        caller = cls(room=rtc.Room(), sfu=sfu)
        caller._listen(topics)
        token = token or token_for(sfu, room, identity, role=role, **claims)
        await caller.room.connect(sfu.url, token, rtc.RoomOptions(auto_subscribe=auto_subscribe))
        return caller

    @property
    def identity(self) -> str:
        """One's own."""
        return self.room.local_participant.identity

    async def publish(self) -> None:
        """Opens the microphone; again: nothing happens."""
        if self._source is not None:
            return
        self._source = rtc.AudioSource(_RATE, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=False)
        self._run(self._talk(self._source))
        await self.room.local_participant.publish_track(track, options)

    async def speak(self, pcm: bytes | Pcm, sample_rate: int = HEARD_RATE) -> None:
        """Says it in real time as soon as everybody hears, and returns when it is said."""
        await self.publish()
        await eventually(lambda: self.sfu.is_heard(self.room.name, self.identity))
        samples = np.frombuffer(pcm, np.int16) if isinstance(pcm, bytes) else pcm
        frames = _resampled(samples, sample_rate)
        said = asyncio.get_running_loop().create_future()
        for number in range(0, len(frames), _FRAME):
            is_last = number + _FRAME >= len(frames)
            self._pending.put_nowait((frames[number : number + _FRAME], said if is_last else None))
        await said

    async def hears(self, identity: str, *, spoken_s: float = 0.3, patience_s: float = _PATIENCE_S) -> Heard:
        """Waits until so many more seconds of speech of somebody have been heard.

        Raises:
            TimeoutError: they were not.
        """
        heard = self.heard.setdefault(identity, Heard())
        before_s = heard.spoken_s
        await eventually(lambda: heard.spoken_s >= before_s + spoken_s, patience_s=patience_s, pause_s=0.1)
        return heard

    async def leave(self) -> None:
        """Hangs up."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.room.disconnect()
        if self._source is not None:
            await self._source.aclose()

    def _listen(self, topics: Iterable[str]) -> None:
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("data_received", self._received)
        self.room.on("participant_disconnected", lambda participant: self.departed.append(participant.identity))
        self.room.on("disconnected", lambda reason: self.disconnected.set())
        for topic in topics:
            self.room.register_text_stream_handler(
                topic, lambda reader, identity: self._run(self._read(reader, identity))
            )

    def _run(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _subscribed(self, track: rtc.Track, publication: Any, participant: rtc.RemoteParticipant) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._run(self._record(track, self.heard.setdefault(participant.identity, Heard())))

    def _received(self, packet: rtc.DataPacket) -> None:
        identity = packet.participant.identity if packet.participant else None
        is_reliable = packet.kind == rtc.DataPacketKind.KIND_RELIABLE
        self.data.append(
            Message(identity=identity, topic=packet.topic or "", payload=packet.data, reliable=is_reliable)
        )

    async def _record(self, track: rtc.Track, heard: Heard) -> None:
        audio = rtc.AudioStream(track, sample_rate=HEARD_RATE, num_channels=1)
        try:
            async for event in audio:
                heard.add(np.frombuffer(event.frame.data, np.int16).copy())
        finally:
            await audio.aclose()

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = await reader.read_all()
        attributes = dict(reader.info.attributes or {})
        self.texts.append(Text(identity=identity, topic=reader.info.topic, text=text, attributes=attributes))

    async def _talk(self, source: rtc.AudioSource) -> None:
        silence = np.zeros(_FRAME, np.int16)
        while True:
            samples, said = self._pending.get_nowait() if not self._pending.empty() else (silence, None)
            frame = rtc.AudioFrame(samples.tobytes(), _RATE, 1, len(samples))
            await source.capture_frame(frame)
            if said is not None and not said.done():
                said.set_result(None)


def _resampled(samples: Pcm, sample_rate: int) -> Pcm:
    """At the rate of the microphone, in whole frames."""
    if sample_rate != _RATE:
        resampler = rtc.AudioResampler(sample_rate, _RATE)
        frames = [*resampler.push(bytearray(samples.tobytes())), *resampler.flush()]
        samples = np.concatenate([np.frombuffer(frame.data, np.int16) for frame in frames])
    return np.pad(samples, (0, -len(samples) % _FRAME))
