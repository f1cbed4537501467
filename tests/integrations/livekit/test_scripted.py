"""The scripted recogniser on real synthetic audio: when somebody speaks is heard, what they say is read."""

from pathlib import Path

import pytest
from livekit.agents import stt

from integrations.livekit.scripted_stt import ScriptError, parse_script, spoken_by
from integrations.livekit.stt import RecogniserOptions, make_recogniser
from tests.doubles import voices
from tests.doubles.tone_marks import MARK_S
from tests.doubles.voices import Utterance, silence
from tests.integrations.livekit.hearing import finals, hear, interims, texts

SCRIPT = """
# A short call.
agent: Hello, how can I help?
customer: My router does not start.
customer ann: It is the new one.

customer: Thank you.
"""
PAUSE = silence(1.0)
SPOKEN = Utterance("These are not the words of the script at all.")


@pytest.fixture
def customer(tmp_path: Path) -> stt.STT[str]:
    script = tmp_path / "call.txt"
    script.write_text(SCRIPT)
    options = RecogniserOptions(recogniser="scripted", script=script)
    return make_recogniser(options, role="customer", identity="ann")


async def test_each_utterance_uses_up_a_line_of_the_role(customer: stt.STT[str]) -> None:
    events = await hear(customer, *[PAUSE, SPOKEN.pcm] * 2, PAUSE)
    assert texts(events) == ["My router does not start.", "It is the new one."]


async def test_times_are_those_of_the_speech(customer: stt.STT[str]) -> None:
    events = await hear(customer, PAUSE, SPOKEN.pcm, PAUSE, PAUSE, SPOKEN.pcm, PAUSE)
    for said, start in zip(finals(events), (1.0, 3.0 + SPOKEN.duration_s), strict=True):
        assert said.start_time == pytest.approx(start + MARK_S, abs=0.25)
        assert said.end_time == pytest.approx(start + SPOKEN.duration_s - MARK_S, abs=0.25)
        assert said.words is not None
        assert [str(word) for word in said.words] == said.text.split()
        assert said.words[-1].end_time == pytest.approx(said.end_time)
        assert 0.0 < said.confidence <= 1.0


async def test_interims_grow_while_somebody_speaks(customer: stt.STT[str]) -> None:
    shown = [said.text for said in interims(await hear(customer, PAUSE, SPOKEN.pcm, PAUSE))]
    assert len(shown) > 2
    assert shown[0] == "My"
    assert all("My router does not start.".startswith(text) for text in shown)


async def test_a_stream_that_follows_goes_on_with_the_script(customer: stt.STT[str]) -> None:
    assert texts(await hear(customer, SPOKEN.pcm, PAUSE)) == ["My router does not start."]
    assert texts(await hear(customer, SPOKEN.pcm)) == ["It is the new one."]


async def test_a_used_up_script_is_silent(customer: stt.STT[str]) -> None:
    events = await hear(customer, *[SPOKEN.pcm, PAUSE] * 4)
    assert len(finals(events)) == 3
    assert events[-1].type is stt.SpeechEventType.END_OF_SPEECH
    assert len([event for event in events if event.type is stt.SpeechEventType.START_OF_SPEECH]) == 3


async def test_somebody_who_never_pauses_is_told_in_pieces(customer: stt.STT[str]) -> None:
    words = voices.speech("One two three four five six seven eight nine ten eleven twelve")
    said = finals(await hear(customer, *[words] * int(1 + 35 * voices.RATE / len(words)), PAUSE))
    assert [part.text for part in said] == ["My router does not start.", "It is the new one."]
    assert said[0].end_time <= said[1].start_time + 0.1


async def test_music_silence_and_crosstalk_from_afar_are_nobodys_words(customer: stt.STT[str]) -> None:
    far = voices.attenuate(voices.speech("Somebody speaks in another room."), 50)
    assert await hear(customer, voices.hold_music(8), silence(3), far, PAUSE) == []


def test_a_line_with_a_name_is_for_that_participant_only() -> None:
    lines = parse_script(SCRIPT)
    assert spoken_by(lines, role="customer", identity="ann")[1] == "It is the new one."
    assert spoken_by(lines, role="unknown", identity="x") == ["My router does not start.", "Thank you."]
    assert spoken_by(lines, role="agent", identity="ann") == ["Hello, how can I help?"]
    assert spoken_by(lines, role="supervisor", identity="eve") == []


def test_a_line_that_nobody_says_is_an_error() -> None:
    with pytest.raises(ScriptError, match="line 1"):
        parse_script("Hello, how can I help?")
