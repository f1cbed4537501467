"""A receptionist on the line: turns, interruptions, silence, dead parts, transfers, and how calls end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integrations.livekit.talk import Limits
from pipeline.conversation import HangUp, News, Say
from tests.doubles import voices
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import sfu_process
from tests.integrations.livekit.patience import until
from tests.integrations.livekit.receiving import GREETING, Desk, desk, heard_by, say

pytestmark = pytest.mark.filterwarnings(
    # Handles of a room that is gone: livekit drops them with the room, and then once more.
    "ignore:Exception ignored in. <function FfiHandle.__del__:pytest.PytestUnraisableExceptionWarning"
)

QUESTION = "Where is my parcel?"


@pytest.fixture(scope="module")
def sfu() -> Iterator[Sfu]:
    with sfu_process(departure_timeout_s=30.0) as running:
        yield running


@pytest.fixture
async def at(sfu: Sfu, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(sfu, tmp_path) as found:
        yield found


async def test_what_the_caller_says_is_answered_and_written_down(at: Desk) -> None:
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: GREETING in heard_by(vera, at.bot()))
        await asyncio.sleep(1.0)
        await say(vera, QUESTION)
        await until(lambda: f"You said: {QUESTION}" in heard_by(vera, at.bot()))
        await until(lambda: len(at.assist.segments) == 3)
        await vera.leave()
        await running
    assert at.said() == [("agent", GREETING), ("customer", QUESTION), ("agent", f"You said: {QUESTION}")]
    assert list(at.assist.ended.values()) == ["caller_left"]


async def test_a_caller_who_speaks_into_the_goodbye_is_not_hung_up_on(at: Desk) -> None:
    farewell = "Thank you for calling us today, it was a pleasure to help you. Goodbye!"
    at.mind.replies = lambda words: (Say(text=farewell), HangUp(reason="goodbye"))
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: GREETING in heard_by(vera, at.bot()))
        await say(vera, "That is all.")
        await until(lambda: farewell in heard_by(vera, at.bot()))
        at.mind.replies = lambda words: (Say(text="Of course."),)
        await say(vera, "Wait, one more thing!")
        await until(lambda: "Of course." in heard_by(vera, at.bot()))
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
    answer = "The parcel is in Oslo and will come to you by bicycle tomorrow morning."
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: GREETING in heard_by(vera, at.bot()))
        at.mind.waiting.put_nowait(
            News(acts=(Say(text=answer),), then=(Say(text="Anything else?"),), suggestion_id="s1")
        )
        await until(lambda: answer in heard_by(vera, at.bot()))
        at.mind.replies = lambda words: (Say(text="Yes."),)
        await say(vera, "Sorry, are you still there?")
        await until(lambda: heard_by(vera, at.bot()).count(answer) == 2)
        assert at.mind.shown == []
        await until(lambda: at.mind.shown)
        await until(lambda: "Anything else?" in heard_by(vera, at.bot()))
        at.mind.waiting.put_nowait(News(acts=(Say(text="It is in Bergen now."),), suggestion_id="s2"))
        await until(lambda: "It is in Bergen now." in heard_by(vera, at.bot()))
        await vera.leave()
        await running
    assert at.mind.shown == ["s1"]
    assert at.mind.finished == ["caller_left"]
    assert heard_by(vera, at.bot()).count(answer) == 2


async def test_silence_and_hold_music_end_the_call(at: Desk) -> None:
    at.limits = Limits(idle_s=2.0, max_s=600.0)
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: GREETING in heard_by(vera, at.bot()))
        playing = asyncio.create_task(vera.speak(voices.hold_music(12.0), voices.RATE))
        await running
        playing.cancel()
        await until(vera.disconnected.is_set)
    assert heard_by(vera, at.bot()) == [GREETING, "Are you there?", "Bye then."]
    assert (at.mind.heard, list(at.assist.ended.values())) == ([], ["idle"])
    await vera.leave()


async def test_who_answers_whether_they_are_there_is_listened_to(at: Desk) -> None:
    at.limits = Limits(idle_s=3.0, max_s=600.0)
    vera = await at.caller()
    async with at.job():
        await until(lambda: "Are you there?" in heard_by(vera, at.bot()))
        await say(vera, "Yes.")
        await until(lambda: "You said: Yes." in heard_by(vera, at.bot()))
        await until(lambda: heard_by(vera, at.bot()).count("Are you there?") == 2)
    await vera.leave()


async def test_a_call_that_lasts_too_long_is_ended_whatever_the_caller_says(at: Desk) -> None:
    at.limits = Limits(idle_s=60.0, max_s=3.0)
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: "That was long." in heard_by(vera, at.bot()))
        await say(vera, "But I have a question!")
        await running
    await vera.leave()
    assert list(at.assist.ended.values()) == ["too_long"]


async def test_a_dead_voice_is_replaced_by_a_recording(at: Desk) -> None:
    at.deepgram.speak.unauthorized = True
    at.mind.waiting.put_nowait(News(acts=(Say(text="It is in Oslo."),), suggestion_id="s1"))
    vera = await at.caller()
    async with at.job() as running:
        await running
        await until(vera.disconnected.is_set)
    assert vera.heard[at.bot()].spoken_s > 3.0
    assert (at.mind.broke, at.mind.shown, list(at.assist.ended.values())) == (["tts"], [], ["out_of_order"])
    await vera.leave()


async def test_dead_ears_are_told_to_the_caller_and_to_the_desk(at: Desk) -> None:
    at.deepgram.listen.unauthorized = True
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: "Something is broken." in heard_by(vera, at.bot()))
        await until(lambda: any(beat["transcription"] == "unavailable" for beat in at.assist.beats))
        await running
    await vera.leave()
    assert (at.mind.broke, list(at.assist.ended.values())) == (["stt"], ["out_of_order"])


async def test_where_nothing_works_the_recording_is_heard_to_its_end(at: Desk) -> None:
    at.deepgram.listen.unauthorized = at.deepgram.speak.unauthorized = True
    vera = await at.caller()
    async with at.job() as running:
        await running
    assert vera.heard[at.bot()].spoken_s > 3.0
    assert (sorted(at.mind.broke), list(at.assist.ended.values())) == (["stt", "tts"], ["out_of_order"])
    await vera.leave()


async def test_a_caller_who_loses_the_connection_is_heard_again(at: Desk) -> None:
    vera = await at.caller()
    async with at.job() as running:
        await until(lambda: GREETING in heard_by(vera, at.bot()))
        at.sfu.cut(at.room, "vera")
        await until(lambda: "vera" not in at.sfu.identities(at.room))
        await until(lambda: "vera" in at.sfu.identities(at.room))
        await asyncio.sleep(1.0)
        await say(vera, QUESTION)
        await until(lambda: f"You said: {QUESTION}" in heard_by(vera, at.bot()))
        assert not running.done()
    await vera.leave()
