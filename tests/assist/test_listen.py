"""`assist listen` as an operator starts it: a worker process, whose jobs are processes of their own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.doubles.assist_server import AssistDouble, assist_double
from tests.doubles.deepgram_server import KEY, DeepgramDouble, deepgram_double
from tests.doubles.livekit.callers import Caller, eventually
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import mini_sfu
from tests.doubles.voices import AGENT, CUSTOMER, RATE, Utterance, joined, silence

pytestmark = [pytest.mark.server, pytest.mark.spoken]

ROOM = "call-1"
QUESTION = Utterance("My router keeps losing the connection.", CUSTOMER)
ANSWER = Utterance("Let me look at that for you.", AGENT)
PAUSE = silence(0.8)


@dataclass(kw_only=True)
class Worker:
    """The process, and all around it."""

    sfu: Sfu
    assist: AssistDouble
    deepgram: DeepgramDouble
    spool: Path
    process: asyncio.subprocess.Process

    def job_process(self) -> psutil.Process | None:
        """The one that writes a spool."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            files = [file.path for file in child.open_files()] if child.is_running() else []
            if any(path.startswith(str(self.spool)) for path in files):
                return child
        return None

    async def stop(self) -> int:
        """As an operator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)


@asynccontextmanager
async def listen(tmp_path: Path, *options: str) -> AsyncIterator[Worker]:
    async with mini_sfu() as sfu, assist_double() as assist, deepgram_double() as deepgram:
        environment = {
            **os.environ,
            "LIVEKIT_URL": sfu.url,
            "LIVEKIT_API_KEY": sfu.api_key,
            "LIVEKIT_API_SECRET": sfu.api_secret,
            "DEEPGRAM_URL": deepgram.url,
            "DEEPGRAM_API_KEY": KEY,
            "ASSIST_URL": assist.url,
            "ASSIST_API_KEY": "key",
            "ASSIST_DATA_DIR": str(tmp_path),
        }
        with (tmp_path / "log").open("wb") as log:
            command = (sys.executable, "-W", "ignore", "-m", "assist", "listen", "--port", "0", *options)
            process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=log, stdout=log)
        spool = tmp_path / "voice-spool"
        try:
            await eventually(sfu.workers)
            yield Worker(sfu=sfu, assist=assist, deepgram=deepgram, spool=spool, process=process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
            sys.stderr.write((tmp_path / "log").read_text())


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with listen(tmp_path, "--max-load", "2") as running:
        yield running


async def callers(sfu: Sfu) -> tuple[Caller, Caller]:
    """A customer and an agent, and the job that comes with the room."""
    bob = await Caller.join(sfu, ROOM, "bob", "agent", name="Bob", agents=[("assist", {"call_id": "c-1"})])
    ann = await Caller.join(sfu, ROOM, "ann", "customer", name="Ann")
    await asyncio.gather(ann.publish(), bob.publish())
    return ann, bob


async def test_a_call_is_transcribed_and_the_worker_hands_over_when_it_is_stopped(worker: Worker) -> None:
    ann, bob = await callers(worker.sfu)
    await eventually(lambda: worker.assist.beats)
    await ann.speak(joined(QUESTION.pcm, PAUSE), RATE)
    await eventually(lambda: worker.assist.texts == [QUESTION.text])
    assert next(iter(worker.assist.calls.values()))["call_id"] == "c-1"
    await bob.speak(ANSWER.pcm, RATE)
    assert await worker.stop() == 0
    assert worker.assist.texts == [QUESTION.text, ANSWER.text]
    assert worker.assist.ended == {}
    assert list(worker.spool.iterdir()) == []
    await asyncio.gather(ann.leave(), bob.leave())


async def test_what_a_killed_job_heard_is_delivered_once_by_its_worker(worker: Worker) -> None:
    ann, bob = await callers(worker.sfu)
    await eventually(lambda: worker.assist.beats)
    await worker.assist.stop()
    await ann.speak(joined(QUESTION.pcm, PAUSE), RATE)
    await eventually(lambda: any(QUESTION.text in path.read_text() for path in worker.spool.glob("*.jsonl")))
    job = worker.job_process()
    assert job is not None
    job.kill()
    await eventually(lambda: worker.sfu.jobs(ROOM)[0]["outcome"] == "JS_FAILED")
    await worker.assist.start()
    await eventually(lambda: worker.assist.texts == [QUESTION.text])
    await eventually(lambda: list(worker.spool.iterdir()) == [])
    assert worker.assist.repeats == 0
    assert await worker.stop() == 0
    await asyncio.gather(ann.leave(), bob.leave())


async def test_an_overloaded_worker_declines(tmp_path: Path) -> None:
    async with listen(tmp_path, "--max-load", "0.05") as worker:
        busy = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
        try:
            await eventually(lambda: not any(one["is_available"] for one in worker.sfu.workers()))
            ann = await Caller.join(worker.sfu, ROOM, "ann", "customer", agents=["assist"])
            await eventually(lambda: worker.sfu.jobs(ROOM) and worker.sfu.jobs(ROOM)[0]["outcome"] != "asking")
            assert worker.sfu.jobs(ROOM)[0]["outcome"] in ("declined", "lost")
            assert worker.assist.jobs == []
            await ann.leave()
        finally:
            busy.kill()
            await busy.wait()
