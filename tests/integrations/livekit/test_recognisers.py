"""The recognisers by their settings: Deepgram's real plugin on a double of its service, pocketsphinx on real audio."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from livekit.agents import APIConnectionError, APIError, APIStatusError
from livekit.agents.stt import SpeechEventType

from integrations.livekit.stt import RecogniserError, RecogniserOptions, make_recogniser
from tests.doubles import voices
from tests.doubles.deepgram_server import DeepgramDouble, Faults, deepgram_double
from tests.doubles.tone_marks import Samples
from tests.doubles.voices import Utterance, silence
from tests.integrations.livekit.hearing import deepgram_at, finals, hear, hear_deepgram, interims, texts

INVOICE = Utterance("My invoice is wrong, it says ninety dollars but I only pay forty.")
ROUTER = Utterance("How do I reset the password of my router?")
PAUSE = silence(1.0)


@pytest.fixture
async def double() -> AsyncIterator[DeepgramDouble]:
    async with deepgram_double() as running:
        yield running


async def heard_at(double: DeepgramDouble, *sounds: Samples) -> list[str]:
    return texts(await hear_deepgram(double, *sounds))


async def query_at(double: DeepgramDouble, keyterms: list[str], **options: str) -> dict[str, list[str]]:
    """What Deepgram is asked for."""
    recogniser = make_recogniser(deepgram_at(double.url, **options), role="agent", identity="bob", keyterms=keyterms)
    await hear(recogniser, PAUSE, is_over=lambda: double.record.ended > 0)
    return double.record.connections[0].query


async def test_finals_have_times_words_and_confidence(double: DeepgramDouble) -> None:
    said = finals(await hear_deepgram(double, PAUSE, INVOICE.pcm, PAUSE, ROUTER.pcm, PAUSE))
    assert [part.text for part in said] == [INVOICE.text, ROUTER.text]
    second = 2 + INVOICE.duration_s
    for part, start, utterance in zip(said, (1.0, second), (INVOICE, ROUTER), strict=True):
        assert part.start_time == pytest.approx(start, abs=0.1)
        assert part.end_time == pytest.approx(start + utterance.duration_s, abs=0.1)
        assert 0.5 < part.confidence <= 1.0
        assert part.words is not None
        assert [str(word) for word in part.words] == utterance.text.split()
        assert part.words[0].start_time == part.start_time
        assert part.words[-1].end_time == part.end_time


async def test_interims_grow_while_somebody_speaks(double: DeepgramDouble) -> None:
    events = await hear_deepgram(double, INVOICE.pcm, PAUSE)
    shown = [part.text for part in interims(events)]
    assert len(shown) > 2
    assert all(INVOICE.text.startswith(text) for text in shown)
    assert sorted(shown, key=len) == shown
    kinds = [event.type for event in events if event.type is not SpeechEventType.RECOGNITION_USAGE]
    assert (kinds[0], kinds[-1]) == (SpeechEventType.START_OF_SPEECH, SpeechEventType.END_OF_SPEECH)


async def test_an_utterance_that_the_end_of_input_cuts_off_is_told(double: DeepgramDouble) -> None:
    assert await heard_at(double, PAUSE, ROUTER.pcm) == [ROUTER.text]


async def test_words_are_asked_for_as_they_were_said(double: DeepgramDouble) -> None:
    query = await query_at(double, ["Fibre Max", "Zedbox"], language="en-GB")
    assert query["model"] == ["nova-3"]
    assert query["language"] == ["en-GB"]
    assert query["keyterm"] == ["Fibre Max", "Zedbox"]
    assert "keywords" not in query
    assert query["interim_results"] == ["true"]
    assert {query[name][0] for name in ("profanity_filter", "filler_words")} == {"false"}
    assert query["mip_opt_out"] == ["true"]


async def test_an_older_model_is_given_keywords_of_one_word(double: DeepgramDouble) -> None:
    query = await query_at(double, ["Fibre Max", "Zedbox"], model="nova-2")
    assert query["keywords"] == ["Zedbox:1.5"]
    assert "keyterm" not in query


async def test_keyterms_are_as_many_as_deepgram_takes(double: DeepgramDouble) -> None:
    terms = [f"Product number {number}" for number in range(300)]
    sent = (await query_at(double, [" ", *terms, *terms]))["keyterm"]
    assert sent == terms[: len(sent)]
    assert 20 < len(sent) <= 100
    assert sum(map(len, sent)) <= 1500


async def test_a_refused_key_is_an_error_that_no_retry_heals(double: DeepgramDouble) -> None:
    double.listen.unauthorized = True
    with pytest.raises(APIStatusError) as refused:
        await heard_at(double, ROUTER.pcm)
    assert refused.value.status_code == 401
    assert not refused.value.retryable
    assert double.record.refused == [401]


async def test_a_wrong_key_is_refused(double: DeepgramDouble) -> None:
    with pytest.raises(APIStatusError) as refused:
        await hear_deepgram(double, ROUTER.pcm, options=deepgram_at(double.url, api_key="wrong"))
    assert refused.value.status_code == 401


async def test_an_overloaded_service_is_asked_once_and_can_be_asked_again(double: DeepgramDouble) -> None:
    double.listen.refuse = 1
    with pytest.raises(APIStatusError) as refused:
        await heard_at(double, ROUTER.pcm)
    assert refused.value.status_code == 503
    assert refused.value.retryable
    assert double.record.refused == [503]
    assert await heard_at(double, ROUTER.pcm) == [ROUTER.text]


async def test_a_cut_stream_raises_and_the_replayed_audio_comes_back_whole(double: DeepgramDouble) -> None:
    double.listen = Faults(cut_into_speech_s=1.5)
    recogniser = make_recogniser(deepgram_at(double.url), role="customer", identity="ann")
    with pytest.raises(APIError):
        await hear(recogniser, PAUSE, INVOICE.pcm, PAUSE, goes_on=True)
    assert double.said == []
    assert await heard_at(double, PAUSE, INVOICE.pcm, PAUSE) == [INVOICE.text]


async def test_words_before_a_cut_are_missing_without_a_replay(double: DeepgramDouble) -> None:
    later = INVOICE.pcm[len(INVOICE.pcm) // 2 :]
    (text,) = await heard_at(double, later, PAUSE)
    assert INVOICE.text.endswith(text)
    assert 3 <= len(text.split()) < len(INVOICE.text.split())


async def test_a_final_that_is_sent_twice_arrives_twice(double: DeepgramDouble) -> None:
    double.listen.final_copies = 2
    assert await heard_at(double, ROUTER.pcm, PAUSE) == [ROUTER.text, ROUTER.text]
    assert [said.text for said in double.said] == [ROUTER.text]


async def test_a_service_that_cannot_be_reached_is_an_error() -> None:
    recogniser = make_recogniser(deepgram_at("http://127.0.0.1:9/v1"), role="customer", identity="ann")
    with pytest.raises(APIConnectionError):
        await hear(recogniser, PAUSE)


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (RecogniserOptions(), "DEEPGRAM_API_KEY"),
        (RecogniserOptions(api_key=""), "DEEPGRAM_API_KEY"),
        (RecogniserOptions(recogniser="scripted"), "ASSIST_STT_SCRIPT"),
        (RecogniserOptions(recogniser="scripted", script=Path("/no/such/file")), "ASSIST_STT_SCRIPT"),
        (RecogniserOptions(recogniser="pocketsphinx", language="de"), "ASSIST_STT_LANGUAGE"),
    ],
)
def test_what_is_missing_is_said_before_any_call(options: RecogniserOptions, remedy: str) -> None:
    with pytest.raises(RecogniserError, match=remedy):
        make_recogniser(options, role="customer", identity="ann")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"customer: Hello\nHow are you?\n", "line 2"),
        (b"caller: Hello\n", "line 1"),
        (b"customer:\n", "line 1"),
        (b"# nothing\n\n", "nobody"),
        (b"customer: \xff\n", "UTF-8"),
    ],
)
def test_a_bad_script_is_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    script = tmp_path / "script.txt"
    script.write_bytes(content)
    with pytest.raises(RecogniserError, match=complaint):
        make_recogniser(RecogniserOptions(recogniser="scripted", script=script), role="customer", identity="ann")


def test_without_pocketsphinx_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    monkeypatch.delitem(sys.modules, "integrations.livekit.sphinx_stt", raising=False)
    with pytest.raises(RecogniserError, match=r"pip install 'assist\[sphinx\]'"):
        make_recogniser(RecogniserOptions(recogniser="pocketsphinx"), role="customer", identity="ann")


async def test_pocketsphinx_understands_a_synthetic_voice() -> None:
    recogniser = make_recogniser(RecogniserOptions(recogniser="pocketsphinx"), role="customer", identity="ann")
    await asyncio.to_thread(recogniser.prewarm)
    spoken = voices.speech("How do I reset the password of my router?")
    events = await hear(recogniser, PAUSE, spoken, PAUSE, voices.hold_music(3), spoken)
    first, second = finals(events)
    assert {"reset", "password"} <= set(first.text.split())
    assert "password" in second.text.split()
    assert first.start_time == pytest.approx(1.0, abs=0.3)
    assert second.start_time == pytest.approx(5.0 + len(spoken) / voices.RATE, abs=0.3)
    assert 0.0 < first.confidence <= 1.0
    assert first.words is not None
    starts = [word.start_time for word in first.words if isinstance(word.start_time, float)]
    assert len(starts) == len(first.text.split())
    assert sorted(starts) == starts
