"""The voices: flite in earnest, Deepgram's real plugin on a double of its service, and the recorded apology."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError, APIStatusError
from livekit.agents.utils import http_context

from integrations.livekit.stt import RecogniserOptions, make_recogniser
from integrations.livekit.voices import FliteVoice, VoiceError, VoiceOptions, apology, make_voice
from tests.doubles import voices
from tests.doubles.deepgram_server import KEY, DeepgramDouble, Faults, deepgram_double
from tests.doubles.tone_marks import Samples
from tests.integrations.livekit.hearing import ONCE, hear, texts

SENTENCE = "You can reset the password in your account."


@pytest.fixture
async def double() -> AsyncIterator[DeepgramDouble]:
    async with deepgram_double() as running:
        yield running


def samples(frames: list[rtc.AudioFrame]) -> Samples:
    return np.frombuffer(b"".join(bytes(frame.data) for frame in frames), dtype=np.int16)


def at_48_khz(frame: rtc.AudioFrame) -> Samples:
    pcm = samples([frame])
    return np.repeat(pcm, 2) if frame.sample_rate == 24_000 else np.repeat(pcm, 3)


async def spoken_at(double: DeepgramDouble, text: str, *, options: APIConnectOptions = ONCE) -> rtc.AudioFrame:
    voice = make_voice(VoiceOptions(base_url=double.url, api_key=KEY))
    async with http_context.open(), voice, voice.stream(conn_options=options) as stream:
        stream.push_text(text)
        stream.end_input()
        return rtc.combine_audio_frames([event.frame async for event in stream])


async def test_flite_speaks_so_that_pocketsphinx_understands() -> None:
    voice = make_voice(VoiceOptions(voice="flite"))
    async with voice.synthesize(SENTENCE, conn_options=ONCE) as stream:
        frame = await stream.collect()
    assert (frame.sample_rate, frame.num_channels) == (16_000, 1)
    assert 1.0 < frame.duration < 10.0
    recogniser = make_recogniser(RecogniserOptions(recogniser="pocketsphinx"), role="agent", identity="bob")
    (text,) = texts(await hear(recogniser, at_48_khz(frame), voices.silence(1)))
    assert {"reset", "password"} <= set(text.split())


async def test_flite_takes_text_that_looks_like_an_option() -> None:
    async with FliteVoice("flite").synthesize("-version; 'yes' $HOME", conn_options=ONCE) as stream:
        assert (await stream.collect()).duration > 0.5


async def test_a_voice_that_cannot_be_run_is_an_error() -> None:
    async with FliteVoice("/no/such/flite").synthesize(SENTENCE, conn_options=ONCE) as stream:
        with pytest.raises(APIError, match="flite"):
            await stream.collect()


def test_without_flite_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(VoiceError, match="apt install flite"):
        make_voice(VoiceOptions(voice="flite"))


def test_without_a_key_it_says_what_to_set() -> None:
    with pytest.raises(VoiceError, match="DEEPGRAM_API_KEY"):
        make_voice(VoiceOptions())


async def test_deepgram_speaks_what_it_is_told(double: DeepgramDouble) -> None:
    frame = await spoken_at(double, SENTENCE)
    assert double.record.spoken == [SENTENCE]
    assert double.record.connections[0].query["model"] == ["aura-2-andromeda-en"]
    assert frame.sample_rate == 24_000
    assert voices.texts(at_48_khz(frame)) == [SENTENCE]


async def test_deepgram_speaks_a_whole_text_in_one_request(double: DeepgramDouble) -> None:
    voice = make_voice(VoiceOptions(base_url=double.url, api_key=KEY))
    async with http_context.open(), voice, voice.synthesize(SENTENCE, conn_options=ONCE) as stream:
        assert voices.texts(at_48_khz(await stream.collect())) == [SENTENCE]


async def test_one_connection_speaks_several_times(double: DeepgramDouble) -> None:
    voice = make_voice(VoiceOptions(base_url=double.url, api_key=KEY))
    async with http_context.open(), voice:
        for text in (SENTENCE, "Anything else?"):
            async with voice.stream(conn_options=ONCE) as stream:
                stream.push_text(text)
                stream.end_input()
                assert [event async for event in stream]
    assert double.record.spoken == [SENTENCE, "Anything else?"]
    assert len(double.record.connections) == 1


@pytest.mark.parametrize(
    ("faults", "status"), [(Faults(unauthorized=True), 401), (Faults(refuse=-1), 503)], ids=["401", "503"]
)
async def test_a_refused_voice_is_an_error(double: DeepgramDouble, faults: Faults, status: int) -> None:
    double.speak = faults
    with pytest.raises(APIStatusError) as refused:
        await spoken_at(double, SENTENCE)
    assert refused.value.status_code == status


@pytest.mark.parametrize("faults", [Faults(cut_after_s=0.3), Faults(hangs=True)], ids=["cut", "hang"])
async def test_a_voice_that_breaks_off_or_says_nothing_is_an_error(double: DeepgramDouble, faults: Faults) -> None:
    double.speak = faults
    with pytest.raises(APIError):
        await spoken_at(double, SENTENCE, options=APIConnectOptions(max_retry=0, timeout=1))


async def test_the_apology_is_recorded_speech() -> None:
    frames = [frame async for frame in apology()]
    assert {(frame.sample_rate, frame.num_channels) for frame in frames} == {(16_000, 1)}
    assert frames[0].duration == pytest.approx(0.02)
    recogniser = make_recogniser(RecogniserOptions(recogniser="pocketsphinx"), role="agent", identity="bot")
    said = " ".join(texts(await hear(recogniser, np.repeat(samples(frames), 3))))
    assert {"sorry", "problem"} <= set(said.split())
