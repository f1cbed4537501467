"""The Deepgram double itself: it hears which utterance it was, how much of it, and in which process it runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiortc.codecs import get_decoder, get_encoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import AudioFrame

from integrations.livekit.stt import make_recogniser
from tests.doubles import tone_marks, voices
from tests.doubles.deepgram_hearing import words_in
from tests.doubles.deepgram_server import KEY, DeepgramDouble, Faults, deepgram_double, deepgram_process
from tests.doubles.tone_marks import Samples
from tests.doubles.voices import AGENT, Utterance, attenuate, hold_music, joined, mix, resampled, silence
from tests.integrations.livekit.hearing import deepgram_at, finals, hear, hear_deepgram, texts

LONG = Utterance("I have moved to a new flat last week and now my internet does not work any more.")
SHORT = Utterance("Yes.", AGENT)
PAUSE = silence(0.6)


def heard(*sounds: Samples) -> str:
    return " ".join(words_in(resampled(joined(*sounds), tone_marks.RATE)))


def through_opus(pcm: Samples) -> Samples:
    """As it comes out of a call."""
    codec = RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48000, channels=2, payloadType=111)
    encoder, decoder = get_encoder(codec), get_decoder(codec)
    size, received = voices.RATE // 50, []
    for number in range(len(pcm) // size):
        frame = AudioFrame.from_ndarray(pcm[None, number * size : (number + 1) * size], layout="mono")
        frame.sample_rate, frame.pts = voices.RATE, number * size
        for payload in encoder.encode(frame)[0]:
            (out,) = decoder.decode(JitterFrame(data=payload, timestamp=number * size))
            assert isinstance(out, AudioFrame)
            received.append(out.to_ndarray().reshape(-1, 2)[:, 0])
    return np.concatenate(received)


@pytest.fixture
async def double() -> AsyncIterator[DeepgramDouble]:
    async with deepgram_double() as running:
        yield running


def test_an_utterance_is_recognised_by_its_marks() -> None:
    assert heard(PAUSE, LONG.pcm, PAUSE) == LONG.text
    assert heard(SHORT.pcm) == SHORT.text
    assert heard(SHORT.pcm, LONG.pcm) == f"{SHORT.text} {LONG.text}"


@pytest.mark.parametrize("level_db", [0, 10, 20])
def test_marks_survive_opus_and_other_levels(level_db: float) -> None:
    sounds = joined(PAUSE, LONG.pcm, PAUSE, SHORT.pcm, PAUSE)
    assert heard(through_opus(attenuate(sounds, level_db))) == f"{LONG.text} {SHORT.text}"


def test_lost_beginnings_ends_and_middles_lose_their_words() -> None:
    half, third = len(LONG.pcm) // 2, len(LONG.pcm) // 3
    first, second = heard(LONG.pcm[:half]), heard(LONG.pcm[half:])
    assert f"{first} {second}" == LONG.text
    assert len(first.split()) > 4
    before, _, after = heard(LONG.pcm[:third], LONG.pcm[-third:]).partition(" ? ")
    assert LONG.text.startswith(before)
    assert LONG.text.endswith(after)
    assert after


def test_a_weaker_voice_below_does_not_disturb() -> None:
    assert heard(mix(LONG.pcm, attenuate(SHORT.pcm, 20))) == LONG.text


def test_what_has_no_marks_is_not_understood() -> None:
    assert heard(hold_music(5)) == "?"
    assert heard(voices.speech("Nobody has registered this.")) == "?"


def test_each_text_and_voice_has_a_number_of_its_own() -> None:
    said = [Utterance(text, voice) for text in ("One.", "Two.", "Three.") for voice in (voices.CUSTOMER, AGENT)]
    assert len({utterance.known.number for utterance in said}) == len(said)
    assert Utterance("One.").known == said[0].known


async def test_two_sockets_are_told_from_each_other(double: DeepgramDouble) -> None:
    options = deepgram_at(double.url)
    sides = [make_recogniser(options, role=role, identity=role) for role in ("customer", "agent")]
    sounds = [joined(PAUSE, LONG.pcm, PAUSE), joined(SHORT.pcm, PAUSE, SHORT.pcm, PAUSE)]
    told = await asyncio.gather(
        *(
            hear(side, sound, is_over=lambda: double.record.ended == 2)
            for side, sound in zip(sides, sounds, strict=True)
        )
    )
    assert [texts(events) for events in told] == [[LONG.text], [SHORT.text, SHORT.text]]
    assert len({said.connection for said in double.said if said.text == SHORT.text}) == 1
    assert len({said.connection for said in double.said}) == 2


async def test_music_is_a_question_mark_that_a_gate_has_to_drop(double: DeepgramDouble) -> None:
    assert texts(await hear_deepgram(double, PAUSE, hold_music(3), PAUSE)) == ["?"]
    assert finals(await hear_deepgram(double, silence(3))) == []


async def messages_of(double: DeepgramDouble, pcm: bytes, *told: str) -> list[dict[str, Any]]:
    """What a plain client of /v1/listen gets."""
    headers = {"Authorization": f"Token {KEY}"}
    url = f"{double.url}/listen?encoding=linear16&sample_rate=16000"
    async with aiohttp.ClientSession(headers=headers) as session, session.ws_connect(url) as socket:
        await socket.send_bytes(pcm)
        for kind in told:
            await socket.send_json({"type": kind})
        return [json.loads(message.data) async for message in socket]


async def test_a_conversation_follows_the_protocol(double: DeepgramDouble) -> None:
    pcm = resampled(joined(PAUSE, SHORT.pcm), 16_000).tobytes()
    messages = await messages_of(double, pcm, "KeepAlive", "Finalize", "CloseStream")
    kinds = [message["type"] for message in messages]
    assert kinds == ["SpeechStarted", *["Results"] * (len(kinds) - 2), "Metadata"]
    final = messages[-2]
    assert (final["is_final"], final["speech_final"], final["from_finalize"]) == (True, True, True)
    assert final["channel"]["alternatives"][0]["transcript"] == SHORT.text
    assert messages[0]["timestamp"] == pytest.approx(0.6, abs=0.05)
    assert messages[-1]["duration"] == pytest.approx(0.6 + SHORT.duration_s, abs=0.05)
    assert double.record.messages == {"KeepAlive": 1, "Finalize": 1, "CloseStream": 1}


async def test_finals_may_be_late_or_never_come(double: DeepgramDouble) -> None:
    double.listen = Faults(final_delay_s=0.3)
    pcm = resampled(joined(SHORT.pcm, PAUSE), 16_000).tobytes()
    assert (await messages_of(double, pcm, "CloseStream"))[-2]["is_final"]
    double.listen = Faults(hangs=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await messages_of(double, pcm, "CloseStream")


async def test_as_many_sockets_are_cut_as_it_was_told(double: DeepgramDouble) -> None:
    double.listen = Faults(cut_after_s=0.5, cuts=2)
    pcm = resampled(joined(SHORT.pcm, PAUSE), 16_000).tobytes()
    assert await messages_of(double, pcm, "CloseStream") == []
    assert await messages_of(double, pcm, "CloseStream") == []
    assert (await messages_of(double, pcm, "CloseStream"))[-1]["type"] == "Metadata"


async def test_it_also_runs_in_a_process_of_its_own() -> None:
    with deepgram_process() as process:
        first = await hear_deepgram(process, LONG.pcm, PAUSE)
        process.fail(listen=Faults(final_copies=2))
        second = await hear_deepgram(process, SHORT.pcm, PAUSE)
        record = process.record
    assert texts(first) == [LONG.text]
    assert texts(second) == [SHORT.text, SHORT.text]
    assert [said.text for said in record.said] == [LONG.text, SHORT.text]
    assert record.connections[0].path == "/v1/listen"
