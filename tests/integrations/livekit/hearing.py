"""Sounds of `tests.doubles.voices` pushed through a recogniser, and what it tells."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, stt
from livekit.agents.stt import SpeechEventType
from livekit.agents.utils import http_context

from integrations.livekit.stt import RecogniserOptions, make_recogniser
from tests.doubles import voices
from tests.doubles.deepgram_server import KEY, DeepgramDouble, DeepgramProcess
from tests.doubles.tone_marks import Samples
from tests.integrations.livekit import patience

ONCE = APIConnectOptions(max_retry=0, timeout=5)


def deepgram_at(url: str, **changes: Any) -> RecogniserOptions:
    """Deepgram's double, with the key that it takes."""
    return RecogniserOptions(**{"recogniser": "deepgram", "base_url": url, "api_key": KEY, **changes})


def frames(pcm: Samples) -> Iterator[rtc.AudioFrame]:
    """20 ms each, as a track gives them."""
    size = voices.RATE // 50
    for start in range(0, len(pcm), size):
        part = pcm[start : start + size]
        yield rtc.AudioFrame(part.tobytes(), voices.RATE, 1, len(part))


async def hear(
    recogniser: stt.STT[Any], *sounds: Samples, is_over: Callable[[], bool] = lambda: False, goes_on: bool = False
) -> list[stt.SpeechEvent]:
    """Everything that one stream tells of these sounds, until it ends or `is_over`; input ends unless it `goes_on`."""
    events: list[stt.SpeechEvent] = []
    async with http_context.open(), recogniser.stream(conn_options=ONCE) as stream:
        reading = asyncio.create_task(_collect(stream, events))
        for frame in frames(voices.joined(*sounds)):
            stream.push_frame(frame)
        if not goes_on:
            stream.end_input()
        await patience.until(lambda: reading.done() or is_over())
        for _ in range(20):
            await asyncio.sleep(0)  # what was received last is still in the stream's queues
        if reading.done():
            await reading
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return events


async def hear_deepgram(
    double: DeepgramDouble | DeepgramProcess, *sounds: Samples, options: RecogniserOptions | None = None
) -> list[stt.SpeechEvent]:
    """Of one conversation. The plugin's stream ends up to five seconds after it: nobody waits for that here."""
    recogniser = make_recogniser(options or deepgram_at(double.url), role="customer", identity="ann")
    before = double.record.ended
    return await hear(recogniser, *sounds, is_over=lambda: double.record.ended > before)


def finals(events: Sequence[stt.SpeechEvent]) -> list[stt.SpeechData]:
    """Final transcripts in order."""
    return [event.alternatives[0] for event in events if event.type is SpeechEventType.FINAL_TRANSCRIPT]


def interims(events: Sequence[stt.SpeechEvent]) -> list[stt.SpeechData]:
    """Interim transcripts in order."""
    return [event.alternatives[0] for event in events if event.type is SpeechEventType.INTERIM_TRANSCRIPT]


def texts(events: Sequence[stt.SpeechEvent]) -> list[str]:
    """Of the finals."""
    return [said.text for said in finals(events)]


async def _collect(stream: stt.RecognizeStream, events: list[stt.SpeechEvent]) -> None:
    async for event in stream:
        events.append(event)  # noqa: PERF401 - an error must not take along what was told before it
