"""Rooms are listened to: real clients on the double of a LiveKit server, Deepgram's protocol, Assist's ingress."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from livekit import rtc
from livekit.agents.utils import http_context

from integrations.livekit.ingress import Ingress
from integrations.livekit.leg import Patience, Recogniser
from integrations.livekit.listening import Job, RoomListener, Setting
from integrations.livekit.presence import Grace
from integrations.livekit.roles import Person
from integrations.livekit.stt import RecogniserOptions, make_recogniser
from tests.doubles import voices
from tests.doubles.assist_server import AssistDouble, assist_double
from tests.doubles.deepgram_server import KEY, DeepgramDouble, deepgram_double
from tests.doubles.livekit.callers import Caller, token_for
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import sfu_process
from tests.doubles.voices import AGENT, CUSTOMER, RATE, Samples, Utterance
from tests.integrations.livekit.patience import until

pytestmark = pytest.mark.spoken

ROOM = "call-1"
QUESTION = Utterance("My router keeps losing the connection.", CUSTOMER)
ANSWER = Utterance("Let me look at that for you.", AGENT)
THANKS = Utterance("Thank you very much.", CUSTOMER)
OTHER_AGENT = Utterance("Hello, I am taking over this call.", AGENT)


@dataclass(kw_only=True)
class Listening:
    """A job that listens, and all around it."""

    sfu: Sfu
    assist: AssistDouble
    deepgram: DeepgramDouble
    spool: Path
    setting: Setting

    @asynccontextmanager
    async def job(self, metadata: str = "", job_id: str = "AJ_1") -> AsyncIterator[asyncio.Task[None]]:
        """What a worker process does with a job."""
        room = rtc.Room()
        listener = RoomListener(room, Job(id=job_id, metadata=metadata), self.setting)
        token = token_for(self.sfu, ROOM, f"agent-{job_id}", kind="agent")
        await room.connect(self.sfu.url, token, rtc.RoomOptions(auto_subscribe=True))
        running = asyncio.create_task(listener.run())
        try:
            yield running
        finally:
            running.cancel()
            await room.disconnect()
            await listener.aclose()

    def said(self) -> list[tuple[str, str]]:
        """Who said what, by start time."""
        segments = sorted(self.assist.segments.values(), key=lambda segment: float(segment["start_time"]))
        return [(segment["speaker"], segment["text"]) for segment in segments]


@pytest.fixture(scope="module")
def sfu() -> Iterator[Sfu]:
    with sfu_process(departure_timeout_s=5.0) as running:
        yield running


@pytest.fixture
async def listening(sfu: Sfu, tmp_path: Path) -> AsyncIterator[Listening]:
    async with assist_double() as assist, deepgram_double() as deepgram, http_context.open():
        options = RecogniserOptions(base_url=deepgram.url, api_key=KEY)

        def make(person: Person, keyterms: tuple[str, ...]) -> Recogniser:
            return make_recogniser(options, role=person.role, identity=person.identity, keyterms=keyterms)

        ingress = Ingress(assist.url, "key")
        setting = Setting(
            ingress=ingress,
            spool=tmp_path / "spool",
            make_recogniser=make,
            patience=Patience(first_retry_s=0.05, refused_retry_s=0.5),
            grace=Grace(returning_s=2.0),
        )
        yield Listening(sfu=sfu, assist=assist, deepgram=deepgram, spool=tmp_path / "spool", setting=setting)
        await ingress.aclose()


async def callers(sfu: Sfu) -> tuple[Caller, Caller]:
    """A customer and an agent."""
    ann = await Caller.join(sfu, ROOM, "ann", "customer", name="Ann")
    bob = await Caller.join(sfu, ROOM, "bob", "agent", name="Bob", attributes={"aa.agent_id": "bob@example.org"})
    await asyncio.gather(ann.publish(), bob.publish())
    return ann, bob


async def say(caller: Caller, pcm: Samples) -> None:
    """And pause."""
    await caller.speak(voices.joined(pcm, voices.silence(0.8)), RATE)


async def test_both_sides_are_transcribed_each_on_its_own(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    async with listening.job() as running:
        await until(lambda: listening.assist.beats)
        await say(ann, QUESTION.pcm)
        await say(bob, ANSWER.pcm)
        await asyncio.gather(say(ann, THANKS.pcm), say(bob, OTHER_AGENT.pcm))
        await until(lambda: len(listening.assist.segments) == 4)
        assert sorted(listening.said()) == [
            ("agent", OTHER_AGENT.text), ("agent", ANSWER.text), ("customer", QUESTION.text), ("customer", THANKS.text)
        ]  # fmt: skip
        first = next(iter(listening.assist.segments.values()))
        assert first["end_time"] - first["start_time"] == pytest.approx(QUESTION.duration_s, abs=0.3)
        assert first["confidence"] == pytest.approx(0.93)
        (call,) = listening.assist.calls.values()
        assert call["call_id"].startswith("livekit:")
        assert (call["customer_name"], call["agent_id"], call["agent_name"]) == ("Ann", "bob@example.org", "Bob")
        assert listening.assist.interims
        people = {person["identity"]: person for person in listening.assist.beats[-1]["participants"]}
        assert people["bob"] == {
            "identity": "bob", "role": "agent", "name": "Bob", "agent_id": "bob@example.org", "present": True
        }  # fmt: skip
        assert all("Nimbus" in one.query["keyterm"] for one in listening.deepgram.record.connections)
        await ann.leave()
        await running
    await bob.leave()
    assert list(listening.assist.ended.values()) == ["completed"]


async def test_a_cut_socket_and_doubled_finals_lose_and_double_no_word(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    listening.deepgram.listen.cut_into_speech_s = 0.8
    listening.deepgram.listen.cuts = 2
    listening.deepgram.listen.final_copies = 2
    async with listening.job():
        await until(lambda: listening.assist.beats)
        await say(ann, QUESTION.pcm)
        await say(bob, ANSWER.pcm)
        await until(lambda: len(listening.assist.segments) >= 2)
        await say(ann, THANKS.pcm)
        await until(lambda: len(listening.assist.segments) >= 3)
    assert listening.deepgram.listen.cuts == 0
    assert listening.said() == [("customer", QUESTION.text), ("agent", ANSWER.text), ("customer", THANKS.text)]
    assert listening.assist.gaps == {}
    await asyncio.gather(ann.leave(), bob.leave())


async def test_a_refused_key_is_told_and_the_call_goes_on_when_it_is_right(listening: Listening) -> None:
    listening.deepgram.listen.unauthorized = True
    ann, bob = await callers(listening.sfu)
    async with listening.job():
        await until(lambda: listening.assist.beats and listening.assist.beats[-1]["transcription"] == "unavailable")
        assert listening.assist.beats[-1]["detail"] == "stt_unauthorized"
        await say(ann, QUESTION.pcm)
        assert len(listening.deepgram.record.refused) < 20
        listening.deepgram.listen.unauthorized = False
        await until(lambda: listening.said() == [("customer", QUESTION.text)])
        await until(lambda: listening.assist.beats[-1]["transcription"] == "ok")
    await asyncio.gather(ann.leave(), bob.leave())


async def test_a_customer_who_loses_the_connection_comes_back_into_the_same_call(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    async with listening.job() as running:
        await until(lambda: listening.assist.beats)
        await say(ann, QUESTION.pcm)
        await until(lambda: len(listening.assist.segments) == 1)
        listening.sfu.cut(ROOM, "ann")
        await until(lambda: "ann" in bob.departed)
        await until(lambda: "ann" in listening.sfu.identities(ROOM))
        await say(ann, THANKS.pcm)
        await until(lambda: len(listening.assist.segments) == 2)
        assert not running.done()
    assert listening.said() == [("customer", QUESTION.text), ("customer", THANKS.text)]
    assert len(listening.assist.calls) == 1
    await asyncio.gather(ann.leave(), bob.leave())


async def test_when_agents_change_the_call_goes_on_with_the_new_one(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    async with listening.job() as running:
        await until(lambda: listening.assist.beats)
        await say(bob, ANSWER.pcm)
        await bob.leave()
        eve = await Caller.join(listening.sfu, ROOM, "eve", "agent", name="Eve")
        await say(eve, OTHER_AGENT.pcm)
        await until(lambda: len(listening.assist.segments) == 2)
        await asyncio.sleep(2.5)
        assert not running.done()
        people = {person["identity"]: person["present"] for person in listening.assist.beats[-1]["participants"]}
        assert people == {"ann": True, "bob": False, "eve": True}
    assert listening.said() == [("agent", ANSWER.text), ("agent", OTHER_AGENT.text)]
    await asyncio.gather(ann.leave(), eve.leave())


async def test_hold_music_and_crosstalk_make_no_segments(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    leak = voices.attenuate(QUESTION.pcm, 20.0)
    async with listening.job():
        await until(lambda: listening.assist.beats)
        await say(bob, voices.hold_music(4.0))
        await asyncio.gather(say(ann, QUESTION.pcm), say(bob, leak))
        await say(ann, THANKS.pcm)
        await until(lambda: ("customer", THANKS.text) in listening.said())
        await asyncio.sleep(2.5)
    assert listening.said() == [("customer", QUESTION.text), ("customer", THANKS.text)]
    await asyncio.gather(ann.leave(), bob.leave())


async def test_a_server_that_is_down_never_stops_the_listening(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    await listening.assist.stop()
    async with listening.job():
        await say(ann, QUESTION.pcm)
        await say(bob, ANSWER.pcm)
        await asyncio.sleep(1.0)
        await listening.assist.start()
        await until(lambda: len(listening.assist.segments) == 2)
    assert listening.said() == [("customer", QUESTION.text), ("agent", ANSWER.text)]
    await asyncio.gather(ann.leave(), bob.leave())


async def test_a_job_that_must_go_hands_over_the_last_words_and_leaves_the_call_open(listening: Listening) -> None:
    ann, bob = await callers(listening.sfu)
    async with listening.job('{"session_id": "s-1"}'):
        await until(lambda: listening.assist.beats)
        await say(ann, QUESTION.pcm)
    assert listening.said() == [("customer", QUESTION.text)]
    assert listening.assist.ended == {}
    assert listening.assist.calls == {}
    await asyncio.gather(ann.leave(), bob.leave())


@pytest.mark.parametrize("word", ["ended", "replaced"])
async def test_a_job_that_the_server_sends_away_leaves_without_ending_the_call(listening: Listening, word: str) -> None:
    ann, bob = await callers(listening.sfu)
    async with listening.job() as running:
        await until(lambda: listening.assist.beats)
        listening.assist.beat = {word: True}
        await running
    assert listening.assist.ended == {}
    await asyncio.gather(ann.leave(), bob.leave())
