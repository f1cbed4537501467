"""A call's words on their way to a server that is down, slow or late: each arrives, once."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from integrations.livekit.delivery import deliver_left_behind
from integrations.livekit.feed import Feed, Report
from integrations.livekit.ingress import Ingress
from integrations.livekit.spoken import Gap, Utterance
from integrations.livekit.spool import Call, left_behind
from pipeline.conversation import Unraised
from tests.doubles.assist_server import AssistDouble, assist_double
from tests.integrations.livekit.patience import until

KILLED = """
import asyncio, os, signal, sys, time
from pathlib import Path
from integrations.livekit.ingress import Ingress
from integrations.livekit.feed import Feed, Report
from integrations.livekit.spoken import Utterance
from integrations.livekit.spool import Call

async def main(url, directory, said):
    call = Call(room="r", job_id="AJ_dead", kind="assist", started=time.time(), fields={"call_id": "c"})
    feed = Feed(Ingress(url, "key"), Path(directory), call, lambda: Report(settled=time.time()))
    for number in range(int(said)):
        start = time.time()
        feed.say(Utterance(identity="ann", speaker="customer", text=f"Line {number}.", start=start, end=start + 1))
        await asyncio.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main(*sys.argv[1:]))
"""


def utterance(text: str, start: float | None = None, *, is_final: bool = True, identity: str = "ann") -> Utterance:
    begun = time.time() if start is None else start
    return Utterance(
        identity=identity, speaker="customer", text=text, start=begun, end=begun + 1.0, confidence=0.9, language="en",
        is_final=is_final,
    )  # fmt: skip


def call(*, session_id: str | None = None, job_id: str = "AJ_1") -> Call:
    return Call(
        room="room", job_id=job_id, kind="assist", started=time.time(), session_id=session_id, fields={"call_id": "c"}
    )


@asynccontextmanager
async def feed_of(
    double: AssistDouble, directory: Path, of: Call | None = None, report: Callable[[], Report] | None = None
) -> AsyncIterator[Feed]:
    ingress = Ingress(double.url, "key")
    feed = Feed(ingress, directory, of or call(), report or (lambda: Report(settled=time.time())))
    try:
        yield feed
    finally:
        await feed.aclose()
        await ingress.aclose()


async def test_words_are_delivered_in_order_with_seconds_of_the_call(tmp_path: Path) -> None:
    async with assist_double(elapsed_s=100.0) as double, feed_of(double, tmp_path) as feed:
        now = time.time()
        for number in range(5):
            feed.say(utterance(f"Line {number}.", now + number))
        await until(lambda: len(double.segments) == 5)
        assert double.texts == [f"Line {number}." for number in range(5)]
        first = next(iter(double.segments.values()))
        assert first["start_time"] == pytest.approx(100.0, abs=2.0)
        assert first["end_time"] - first["start_time"] == pytest.approx(1.0)
        assert (first["speaker"], first["confidence"], first["language"]) == ("customer", 0.9, "en")
        assert first["session_id"] == feed.session_id
        assert (await feed.opened).keyterms == ("Nimbus",)
        assert double.jobs == [{"session_id": feed.session_id, "room": "room", "kind": "assist", "job_id": "AJ_1"}]
    assert left_behind(tmp_path) == []


async def test_a_server_that_answers_503_for_half_a_minute_gets_every_word_once_when_it_works_again(
    tmp_path: Path,
) -> None:
    async with assist_double() as double, feed_of(double, tmp_path) as feed:
        feed.say(utterance("Before."))
        await until(lambda: double.texts == ["Before."])
        double.failing = 503
        for number in range(20):
            feed.say(utterance(f"Line {number}."))
            await asyncio.sleep(1.5)
        assert double.texts == ["Before."]
        assert feed.owed == 20
        double.failing = None
        await until(lambda: feed.owed == 0)
        assert double.texts == ["Before.", *(f"Line {number}." for number in range(20))]
        assert double.repeats == 0
        assert feed.dropped == 0


async def test_a_server_that_comes_late_gets_all_words_at_their_times(tmp_path: Path) -> None:
    async with assist_double() as double:
        await double.stop()
        async with feed_of(double, tmp_path) as feed:
            begun = time.time() - 60.0
            feed.say(utterance("A minute ago.", begun))
            feed.say(utterance("Half a minute ago.", begun + 30.0))
            await asyncio.sleep(0.3)
            await double.start()
            await until(lambda: len(double.segments) == 2)
            assert [one["start_time"] for one in double.segments.values()] == [0.0, pytest.approx(30.0, abs=0.01)]


async def test_questions_wait_for_the_server_and_are_asked_before_the_call_ends(tmp_path: Path) -> None:
    async with assist_double() as double:
        await double.stop()
        async with feed_of(double, tmp_path) as feed:
            for _ in range(2):
                feed.ask(Unraised(question="Do you ship to Norway?", customer_contact="+15550100"))
            feed.end("caller_left")
        assert len(left_behind(tmp_path)) == 1
        await double.start()
        async with finders(double, tmp_path, 1):
            await until(lambda: double.ended)
        (asked,) = double.asked.values()
        assert (asked["question"], asked["customer_contact"]) == ("Do you ship to Norway?", "+15550100")
        assert (asked["session_id"], asked["metadata"]) == (next(iter(double.ended)), {"origin": "receptionist"})
        assert "customer_name" not in asked


async def test_an_answer_that_is_lost_does_not_double_what_was_stored(tmp_path: Path) -> None:
    async with assist_double(losing_answers=2) as double, feed_of(double, tmp_path) as feed:
        feed.say(utterance("One."))
        feed.say(utterance("Two."))
        await until(lambda: feed.owed == 0)
        assert double.texts == ["One.", "Two."]
        assert double.repeats == 2


async def test_the_server_says_how_long_to_wait(tmp_path: Path) -> None:
    async with assist_double(failing=429, headers={"Retry-After": "0.01"}) as double, feed_of(double, tmp_path) as feed:
        feed.say(utterance("One."))
        await until(lambda: double.requests > 20)
        double.failing = None
        await until(lambda: double.texts == ["One."])


@pytest.mark.parametrize("status", [400, 404, 409])
async def test_words_that_the_server_will_never_take_hold_up_nothing(tmp_path: Path, status: int) -> None:
    async with assist_double() as double, feed_of(double, tmp_path) as feed:
        double.refusing = status
        feed.say(utterance("One."))
        feed.say(utterance("Two."))
        await until(lambda: feed.dropped == 2)
        double.refusing = None
        feed.say(utterance("Three."))
        await until(lambda: double.texts == ["Three."])


async def test_a_wrong_key_loses_no_word(tmp_path: Path) -> None:
    async with assist_double(key="another") as double, feed_of(double, tmp_path) as feed:
        feed.say(utterance("One."))
        await until(lambda: double.requests >= 2)
        assert feed.owed == 1
        double.key = "key"
        await until(lambda: double.texts == ["One."])


async def test_a_known_session_is_not_started_again(tmp_path: Path) -> None:
    async with assist_double() as double, feed_of(double, tmp_path, call(session_id="s-1")) as feed:
        feed.say(utterance("One."))
        await until(lambda: double.texts)
        assert double.calls == {}
        assert double.jobs[0]["session_id"] == "s-1"


async def test_interims_are_the_latest_and_never_come_after_their_final_words(tmp_path: Path) -> None:
    async with assist_double() as double, feed_of(double, tmp_path) as feed:
        await feed.opened
        for number in range(50):
            feed.show(utterance(f"so far {number}", is_final=False))
            await asyncio.sleep(0.01)
        await until(lambda: any(interim["text"] == "so far 49" for interim in double.interims))
        assert len(double.interims) < 10
        feed.show(utterance("old", is_final=False))
        feed.say(utterance("Said."))
        await until(lambda: double.texts == ["Said."])
        await asyncio.sleep(0.3)
        assert all(interim["text"] != "old" for interim in double.interims)
        assert double.interims[0]["is_final"] is False


async def test_heartbeats_tell_how_it_goes(tmp_path: Path) -> None:
    ann = {"identity": "ann", "role": "customer", "present": True}

    def report() -> Report:
        return Report(
            settled=time.time() - 2.0, transcription="degraded", detail="stt_unreachable", participants=(ann,)
        )

    async with assist_double(elapsed_s=50.0) as double, feed_of(double, tmp_path, report=report):
        await until(lambda: double.beats)
        beat = double.beats[0]
        assert beat["job_id"] == "AJ_1"
        assert beat["settled_s"] == pytest.approx(48.0, abs=1.0)
        assert (beat["transcription"], beat["detail"]) == ("degraded", "stt_unreachable")
        assert beat["participants"] == [ann]


async def test_gaps_arrive_once_also_when_their_job_is_gone_by_then(tmp_path: Path) -> None:
    async with assist_double(elapsed_s=50.0) as double:
        async with feed_of(double, tmp_path) as feed:
            await until(lambda: feed.opened.done())
            double.failing = 503
            now = time.time()
            gap_ = Gap(identity="ann", speaker="customer", start=now - 10.0, end=now - 5.0, reason="stt_down")
            feed.miss(gap_)
        assert double.gaps == {}
        double.failing = None
        async with finders(double, tmp_path, 1):
            await until(lambda: double.gaps)
        (gap,) = double.gaps.values()
        assert (gap["speaker"], gap["reason"]) == ("customer", "stt_down")
        assert gap["start_time"] == pytest.approx(40.0, abs=2.0)


@pytest.mark.parametrize("word", ["ended", "replaced"])
async def test_the_server_sends_the_job_away(tmp_path: Path, word: str) -> None:
    async with assist_double() as double, feed_of(double, tmp_path) as feed:
        await until(lambda: double.beats)
        assert not feed.over.is_set()
        double.beat = {word: True}
        await until(feed.over.is_set)


async def test_a_call_that_another_job_hears_is_left_and_nothing_told_twice(tmp_path: Path) -> None:
    async with assist_double(has_another_job=True) as double:
        async with feed_of(double, tmp_path) as feed:
            feed.say(utterance("Hello."))
            await until(feed.over.is_set)
            feed.say(utterance("Hello again."))
            feed.end()
        assert left_behind(tmp_path) == []
        assert (double.texts, double.ended) == ([], {})


async def test_the_end_is_told_after_all_words(tmp_path: Path) -> None:
    async with assist_double() as double:
        async with feed_of(double, tmp_path) as feed:
            feed.say(utterance("Goodbye."))
            feed.end()
        assert double.texts == ["Goodbye."]
        assert list(double.ended.values()) == ["completed"]
    assert left_behind(tmp_path) == []


async def test_what_could_not_be_delivered_in_time_is_delivered_by_whoever_finds_it(tmp_path: Path) -> None:
    async with assist_double() as double:
        ingress = Ingress(double.url, "key")
        feed = Feed(ingress, tmp_path, call(), lambda: Report(settled=time.time()))
        await feed.opened
        double.failing = 503
        feed.say(utterance("Goodbye."))
        feed.end()
        await feed.aclose(timeout_s=0.3)
        assert len(left_behind(tmp_path)) == 1
        double.failing = None
        async with finders(double, tmp_path, 3):
            await until(lambda: not left_behind(tmp_path))
        assert double.texts == ["Goodbye."]
        assert list(double.ended.values()) == ["completed"]
        assert double.repeats == 0
        await ingress.aclose()


async def test_what_a_killed_process_left_is_delivered_once_by_others(tmp_path: Path) -> None:
    async with assist_double() as double:
        await double.stop()
        await killed(double, tmp_path, said=10)
        assert len(left_behind(tmp_path)) == 1
        await double.start()
        async with finders(double, tmp_path, 3):
            await until(lambda: not left_behind(tmp_path))
        assert double.texts == [f"Line {number}." for number in range(10)]
        assert double.repeats == 0
        starts = [segment["start_time"] for segment in double.segments.values()]
        assert starts == sorted(starts)
        assert starts[0] < 1.0
        assert double.ended == {}


async def test_a_process_that_is_killed_while_it_delivers_loses_and_doubles_nothing(tmp_path: Path) -> None:
    async with assist_double() as double:
        await killed(double, tmp_path, said=30)
        async with finders(double, tmp_path, 2):
            await until(lambda: not left_behind(tmp_path))
        assert double.texts == [f"Line {number}." for number in range(30)]


async def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    async with assist_double() as double, feed_of(double, tmp_path) as feed:
        await feed.opened
        double.failing = 503
        feed.say(utterance("Mine."))
        await asyncio.sleep(0.1)
        async with finders(double, tmp_path, 2):
            double.failing = None
            await until(lambda: double.texts == ["Mine."])
            await asyncio.sleep(0.2)
            assert left_behind(tmp_path)
        assert double.repeats == 0


async def killed(double: AssistDouble, directory: Path, *, said: int) -> None:
    """A process speaks, and is killed."""
    arguments = [sys.executable, "-c", KILLED, double.url, str(directory), str(said)]
    done = await asyncio.to_thread(subprocess.run, arguments, check=False, timeout=60, capture_output=True)
    assert done.returncode == -9, done.stderr.decode()


@asynccontextmanager
async def finders(double: AssistDouble, directory: Path, number: int) -> AsyncIterator[None]:
    """Several who look for what was left behind."""
    ingress = Ingress(double.url, "key")
    tasks = [asyncio.create_task(deliver_left_behind(directory, ingress)) for _ in range(number)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await ingress.aclose()
