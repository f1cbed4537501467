"""One person's leg: whatever the recogniser does, no word is lost or doubled, or a gap says so."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import pytest
from livekit import rtc
from structlog.testing import capture_logs

from integrations.livekit.crosstalk import Loudness
from integrations.livekit.leg import Ears, Leg, Patience, Recogniser
from integrations.livekit.roles import Person
from integrations.livekit.speech_gate import Samples, SpeechGate
from integrations.livekit.spoken import Gap, Utterance
from tests.integrations.livekit.patience import until
from tests.integrations.livekit.recogniser import (
    FRAME_S,
    WORD_S,
    Fault,
    Script,
    ScriptedRecogniser,
    detect,
    frames,
    silent,
    spoken,
)

PATIENCE = Patience(first_retry_s=0.02, longest_retry_s=0.1, refused_retry_s=0.3, trusted_after_s=0.2, last_words_s=5.0)
PERSON = Person(identity="ann", role="customer")


@dataclass
class Heard:
    """All that a leg told."""

    utterances: list[Utterance] = field(default_factory=list)
    interims: list[Utterance] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    holding: asyncio.Event | None = None

    @property
    def texts(self) -> list[str]:
        return [utterance.bare_words for utterance in self.utterances]

    async def said(self, utterance: Utterance) -> None:
        if self.holding is not None:
            await self.holding.wait()
        self.utterances.append(utterance)

    def saying(self, utterance: Utterance) -> None:
        self.interims.append(utterance)

    def missed(self, gap: Gap) -> None:
        self.gaps.append(gap)


@asynccontextmanager
async def leg_of(script: Script, heard: Heard, gate: SpeechGate | None = None) -> AsyncIterator[Leg]:
    async def make(_: Person) -> Recogniser:
        return ScriptedRecogniser(script)

    ears = Ears(make_recogniser=make, gate=gate or SpeechGate(detect), loudness=Loudness(), patience=PATIENCE)
    leg = Leg(PERSON, ears, heard)
    try:
        yield leg
    finally:
        await leg.aclose()


async def play(leg: Leg, *parts: Samples, start: float) -> float:
    """Much faster than it is spoken; the walls are those of a person who speaks from `start` on. Its end."""
    wall = start
    for part in parts:
        for frame in frames(part):
            leg.hear(frame, wall)
            wall += frame.duration
            await asyncio.sleep(0.001)
    return wall


async def test_what_is_said_comes_with_its_times_words_and_confidence() -> None:
    heard = Heard()
    async with leg_of(Script(), heard) as leg:
        await play(leg, silent(1.0), spoken("one two three"), silent(1.0), start=1000.0)
        await until(lambda: heard.utterances)
    utterance = heard.utterances[0]
    assert utterance.text == "One two three."
    assert utterance.speaker == "customer"
    assert utterance.start == pytest.approx(1001.0, abs=0.06)
    assert utterance.end == pytest.approx(1001.9, abs=0.06)
    assert [word.text for word in utterance.words] == ["one", "two", "three"]
    assert utterance.words[1].start == pytest.approx(1001.0 + WORD_S, abs=0.06)
    assert (utterance.confidence, utterance.language) == (0.9, "en")
    assert heard.interims
    assert leg.state == "ok"


@pytest.mark.parametrize("cut_after_s", [0.3, 1.2, 1.6, 2.1, 2.5])
async def test_a_cut_stream_loses_no_word_and_repeats_none(cut_after_s: float) -> None:
    heard = Heard()
    async with leg_of(Script(faults=[Fault(cut_after_s=cut_after_s)]), heard) as leg:
        await play(leg, silent(1.0), spoken("one two three four"), silent(1.0), spoken("five"), silent(1), start=50.0)
        await until(lambda: "five" in heard.texts)
    assert heard.texts == ["one two three four", "five"]
    assert heard.utterances[0].start == pytest.approx(51.0, abs=0.1)
    assert leg.counts.cuts == 1
    assert heard.gaps == []


async def test_many_cuts_in_one_utterance_lose_nothing() -> None:
    faults: list[Fault | None] = [Fault(cut_after_s=1.0), Fault(ends_after_s=0.8), Fault(status=500)]
    heard = Heard()
    async with leg_of(Script(faults=faults), heard) as leg:
        await play(leg, silent(0.5), spoken("one two three four five six seven"), silent(1.0), start=50.0)
        await until(lambda: heard.texts)
    assert heard.texts == ["one two three four five six seven"]
    assert leg.counts.cuts == 3


async def test_finals_that_are_sent_twice_are_passed_on_once() -> None:
    heard = Heard()
    async with leg_of(Script(repeats=3), heard) as leg:
        await play(leg, spoken("one two"), silent(1), spoken("one two"), silent(1), start=50.0)
        await until(lambda: leg.counts.repeats == 4)
    assert heard.texts == ["one two", "one two"]


async def test_words_that_are_understood_in_silence_are_dropped_and_counted() -> None:
    heard = Heard()
    async with leg_of(Script(inventing="one"), heard) as leg:
        await play(leg, silent(5.0), start=50.0)
        await until(lambda: leg.counts.not_speech >= 4)
    assert heard.texts == []
    assert heard.interims == []


async def test_a_refused_key_makes_transcription_unavailable_without_a_storm_of_attempts() -> None:
    script = Script(always=Fault(status=401))
    heard = Heard()
    async with leg_of(script, heard) as leg:
        await until(lambda: leg.state == "unavailable")
        assert leg.detail == "stt_unauthorized"
        connections = script.connections
        for number in range(20):
            await play(leg, spoken("one"), start=50.0 + number)
        assert script.connections <= connections + 2
        script.always = None
        await play(leg, spoken("two"), silent(1.0), start=80.0)
        await until(lambda: leg.state == "ok")
        await until(lambda: heard.texts)


async def test_speech_that_no_recogniser_ever_took_is_a_gap() -> None:
    heard = Heard()
    async with leg_of(Script(always=Fault(status=401)), heard) as leg:
        await play(leg, silent(1.0), spoken("one two three"), silent(1.0), start=50.0)
        await until(lambda: leg.state == "unavailable")
    assert len(heard.gaps) == 1
    gap = heard.gaps[0]
    assert (gap.speaker, gap.reason) == ("customer", "stt_down")
    assert gap.start == pytest.approx(51.0, abs=0.1)
    assert gap.end == pytest.approx(51.9, abs=0.1)


async def test_what_falls_out_while_the_recogniser_is_down_for_long_is_a_gap_and_the_rest_is_not() -> None:
    script = Script(always=Fault(status=503))
    heard = Heard()
    async with leg_of(script, heard) as leg:
        end = 1000.0
        for _ in range(10):
            end = await play(leg, spoken("one two three four five six seven eight nine ten"), start=end)
        assert leg.state == "degraded"
        assert leg.detail == "stt_unreachable"
        script.always = None
        await play(leg, silent(1.0), start=end)
        await until(lambda: heard.utterances)
        await until(lambda: leg.state == "ok")
    assert len(heard.gaps) == 1
    assert heard.gaps[0].start == pytest.approx(1000.0, abs=0.3)  # an attempt has read the first frames
    assert heard.gaps[0].end == pytest.approx(end - 20.0 + 1.0, abs=1.2)
    assert heard.utterances[0].start == pytest.approx(heard.gaps[0].end, abs=0.3)
    assert leg.dropped_frames > 0


async def test_a_recogniser_that_takes_everything_and_answers_nothing_is_left_and_the_gap_is_told() -> None:
    script = Script(faults=[Fault(hangs=True)])
    heard = Heard()
    with capture_logs() as logs:
        async with leg_of(script, heard) as leg:
            end = 1000.0
            while script.connections < 2:
                end = await play(leg, spoken("one two three four five six seven eight nine ten"), start=end)
                assert end < 1100.0
            await play(leg, silent(1.0), start=end)
            await until(lambda: heard.utterances and heard.gaps)
            assert leg.state == "ok"
    assert [log["detail"] for log in logs if log["event"] == "stt_cut"] == ["stt_silent"]
    assert heard.gaps[0].start == pytest.approx(1000.0, abs=0.1)
    assert heard.utterances[0].start == pytest.approx(heard.gaps[0].end, abs=0.4)


async def test_whatever_a_recogniser_raises_the_leg_goes_on() -> None:
    heard = Heard()
    faults: list[Fault | None] = [Fault(error=KeyError("words")), Fault(error=OSError("reset"))]
    async with leg_of(Script(faults=faults), heard) as leg:
        await play(leg, spoken("one two"), silent(1.0), start=50.0)
        await until(lambda: heard.texts == ["one two"])
        assert leg.counts.cuts == 2


async def test_words_whose_audio_came_late_were_spoken_all_the_same() -> None:
    heard, gate = Heard(), SpeechGate(detect)
    async with leg_of(Script(), heard, gate) as leg:
        said, wall = np.concatenate([silent(1.0), spoken("one"), silent(1.0)]), 50.0
        for frame in frames(said):
            leg.hear(frame, wall + 0.28 if wall > 50.5 else wall)
            wall += frame.duration
            await asyncio.sleep(0.001)
        await until(lambda: heard.texts == ["one"])
    share = gate.speech_share(heard.utterances[0].start, heard.utterances[0].end)
    assert share is not None
    assert share > 0.75


async def test_audio_that_stops_in_the_middle_of_speech_is_understood_at_once() -> None:
    heard = Heard()
    async with leg_of(Script(), heard) as leg:
        await play(leg, spoken("one two"), start=50.0)
        await until(lambda: heard.texts == ["one two"])
        await play(leg, spoken("three"), silent(1.0), start=90.0)
        await until(lambda: heard.texts == ["one two", "three"])
    assert heard.utterances[1].start == pytest.approx(90.0, abs=0.1)


async def test_the_last_words_before_the_end_are_not_lost() -> None:
    heard = Heard()
    async with leg_of(Script(), heard) as leg:
        await play(leg, silent(0.5), spoken("one two three"), start=50.0)
    assert heard.texts == ["one two three"]


async def test_closing_a_leg_on_which_nobody_speaks_does_not_wait() -> None:
    async with leg_of(Script(), Heard()) as leg:
        await play(leg, silent(0.5), start=50.0)
        began = time.monotonic()
    assert time.monotonic() - began < PATIENCE.last_words_s


async def test_speech_is_settled_when_its_words_were_handed_over() -> None:
    heard = Heard(holding=asyncio.Event())
    assert heard.holding is not None
    async with leg_of(Script(), heard) as leg:
        assert leg.unsettled_since is None
        await play(leg, silent(0.5), spoken("one two"), start=50.0)
        assert leg.unsettled_since == pytest.approx(50.5, abs=0.06)
        await play(leg, silent(3.0), start=51.1)
        await asyncio.sleep(0.1)
        assert leg.unsettled_since == pytest.approx(50.5, abs=0.06)
        heard.holding.set()
        await until(lambda: leg.unsettled_since is None)
    assert heard.texts == ["one two"]


async def test_a_new_track_of_the_same_person_goes_on_where_the_old_one_ended() -> None:
    heard = Heard()
    async with leg_of(Script(), heard) as leg:
        leg.attach(_track(frames(spoken("one two"))))
        await until(lambda: heard.texts == ["one two"])
        leg.attach(_track(frames(spoken("three four"))))
        await until(lambda: heard.texts == ["one two", "three four"])
    assert heard.utterances[0].end < heard.utterances[1].start <= time.time()


async def _track(given: Iterable[rtc.AudioFrame]) -> AsyncIterator[rtc.AudioFrame]:
    for frame in given:
        await asyncio.sleep(FRAME_S)
        yield frame
    await asyncio.Event().wait()
