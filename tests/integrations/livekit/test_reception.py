"""A receptionist on the line: turns, interruptions, silence, dead parts, transfers, and how calls end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integrations.livekit.talk import Limits
from pipeline.conversation import HangUp, News, Say, Unraised
from tests.doubles import voices
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import sfu_process
from tests.integrations.livekit.patience import until
from tests.integrations.livekit.receiving import BOT, GREETING, Desk, desk, heard_by, hears, say

pytestmark = pytest.mark.spoken

QUESTION = "Where is my parcel?"


@pytest.fixture(scope="module")
def sfu() -> Iterator[Sfu]:
    with sfu_process(departure_timeout_s=30.0) as running:
        yield running


@pytest.fixture
async def at(sfu: Sfu, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(sfu, tmp_path) as found:
        yield found


async def test_a_caller_who_speaks_into_the_goodbye_is_not_hung_up_on(at: Desk) -> None:
    farewell = "Thank you for calling us today. Goodbye!"
    at.mind.replies = lambda words: (Say(text=farewell), HangUp(reason="goodbye"))
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING)
        await say(vera, "That is all.")
        await hears(vera, farewell)
        at.mind.replies = lambda words: (Say(text="Of course."),)
        await say(vera, "Wait, one more thing!")
        await hears(vera, "Of course.")
        assert not running.done()
        at.mind.replies = lambda words: (Say(text="Bye."), HangUp(reason="goodbye"))
        await say(vera, "Never mind.")
        await running
        await until(vera.disconnected.is_set)
    await vera.leave()
    assert list(at.assist.ended.values()) == ["goodbye"]
    agent = [text for speaker, text in at.said() if speaker == "agent"]
    assert farewell not in agent
    assert farewell.startswith(agent[1].rstrip("."))


async def test_an_answer_from_a_supervisor_counts_as_told_when_it_was_heard(at: Desk) -> None:
    answer = "The parcel is in Oslo and comes tomorrow by bicycle."
    at.mind.owed.append(Unraised(question="Where is my parcel?"))
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING)
        at.mind.waiting.put_nowait(
            News(acts=(Say(text=answer),), then=(Say(text="Anything else?"),), suggestion_id="s1")
        )
        await hears(vera, answer)
        at.mind.replies = lambda words: (Say(text="Yes."),)
        await say(vera, "Sorry, are you still there?")
        await hears(vera, answer, times=2)
        assert at.mind.shown == []
        await until(lambda: at.mind.shown)
        at.mind.waiting.put_nowait(News(acts=(Say(text="It is in Bergen now."),), suggestion_id="s2"))
        await hears(vera, "It is in Bergen now.")
        await vera.leave()
        await running
    assert at.mind.shown == ["s1"]
    assert at.mind.finished == ["caller_left"]
    assert heard_by(vera).count(answer) == 2
    assert [one["question"] for one in at.assist.asked.values()] == ["Where is my parcel?"]


async def test_silence_and_hold_music_end_the_call(at: Desk) -> None:
    at.limits = Limits(idle_s=2.0, max_s=600.0)
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING)
        playing = asyncio.create_task(vera.speak(voices.hold_music(12.0), voices.RATE))
        await running
        playing.cancel()
        await until(vera.disconnected.is_set)
    assert heard_by(vera) == [GREETING, "Are you there?", "Bye then."]
    assert (at.mind.heard, list(at.assist.ended.values())) == ([], ["idle"])
    await vera.leave()


async def test_who_answers_whether_they_are_there_is_listened_to(at: Desk) -> None:
    at.limits = Limits(idle_s=3.0, max_s=600.0)
    vera = await at.caller()
    async with at.job():
        await hears(vera, "Are you there?")
        await say(vera, "Yes.")
        await hears(vera, "You said: Yes.")
        await hears(vera, "Are you there?", times=2)
        assert "Bye then." not in heard_by(vera)
    await vera.leave()


async def test_a_call_that_lasts_too_long_is_ended_whatever_the_caller_says(at: Desk) -> None:
    at.limits = Limits(idle_s=60.0, max_s=3.0)
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, "That was long.")
        await say(vera, "But I have a question!")
        await running
    await vera.leave()
    assert list(at.assist.ended.values()) == ["too_long"]


async def test_dead_ears_are_told_to_the_caller_and_to_the_desk(at: Desk) -> None:
    at.deepgram.listen.unauthorized = True
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, "Something is broken.")
        await until(lambda: any(beat["transcription"] == "unavailable" for beat in at.assist.beats))
        await running
    await vera.leave()
    assert (at.mind.broke, list(at.assist.ended.values())) == (["stt"], ["out_of_order"])
    assert len(at.deepgram.record.refused) == 1


async def test_a_recogniser_that_nobody_reaches_any_more_is_given_up(at: Desk) -> None:
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING)
        at.deepgram.listen.refuse = -1
        at.deepgram.listen.cut_into_speech_s = 0.5
        await say(vera, QUESTION)
        await hears(vera, "Something is broken.")
        await running
    await vera.leave()
    assert at.mind.broke == ["stt"]
    assert len(at.deepgram.record.refused) > 2
    (gap,) = at.assist.gaps.values()
    assert (gap["speaker"], gap["reason"]) == ("customer", "stt_down")


async def test_a_recogniser_that_is_cut_in_mid_sentence_costs_no_word(at: Desk) -> None:
    at.deepgram.listen.cut_into_speech_s = 0.8
    at.deepgram.listen.final_copies = 2
    vera = await at.caller("sip")  # of browsers the first second is muted, for their echo cancellers
    async with at.job():
        await hears(vera, GREETING)
        await say(vera, QUESTION)
        await hears(vera, f"You said: {QUESTION}", closing=True)
    await vera.leave()
    assert at.deepgram.listen.cuts == 0
    assert at.mind.heard == [QUESTION]
    assert [text for speaker, text in at.said() if speaker == "customer"] == [QUESTION]
    assert at.assist.gaps == {}


async def test_a_caller_who_loses_the_connection_is_heard_again(at: Desk) -> None:
    vera = await at.caller()
    async with at.job() as running:
        await hears(vera, GREETING)
        at.sfu.cut(at.room, "vera")
        await until(lambda: "vera" not in at.sfu.identities(at.room))
        await until(lambda: "vera" in at.sfu.identities(at.room))
        await say(vera, QUESTION)
        await hears(vera, f"You said: {QUESTION}")
        assert not running.done()
    await vera.leave()


async def test_where_nothing_works_a_recording_is_heard_to_its_end_and_no_news_is_told(at: Desk) -> None:
    at.deepgram.listen.unauthorized = at.deepgram.speak.unauthorized = True
    at.mind.waiting.put_nowait(News(acts=(Say(text="It is in Oslo."),), suggestion_id="s1"))
    vera = await at.caller()
    async with at.job() as running:
        await running
        await until(vera.disconnected.is_set)
    assert vera.heard[BOT].spoken_s > 3.0
    assert (at.mind.broke[-1], at.mind.shown) == ("tts", [])
    assert list(at.assist.ended.values()) == ["out_of_order"]
    await vera.leave()
