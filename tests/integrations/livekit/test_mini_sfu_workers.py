"""The double of the LiveKit server, driven by real worker servers of livekit-agents."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from livekit import api
from livekit.agents import AgentServer, AutoSubscribe, JobContext, JobExecutorType

from tests.doubles.livekit.callers import Caller, eventually
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import mini_sfu

pytestmark = pytest.mark.spoken

ROOM = "call-1"


async def say_who_is_here(ctx: JobContext) -> None:
    """What the jobs of these tests do."""
    await ctx.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    said = f"{os.getpid()} {ctx.job.metadata}".encode()
    await ctx.room.local_participant.publish_data(said, topic="here")


@asynccontextmanager
async def worker(sfu: Sfu, executor: JobExecutorType = JobExecutorType.THREAD) -> AsyncIterator[None]:
    server = AgentServer(
        ws_url=sfu.url,
        api_key=sfu.api_key,
        api_secret=sfu.api_secret,
        job_executor_type=executor,
        num_idle_processes=1,
        load_threshold=float("inf"),
        port=0,
    )
    server.rtc_session(say_who_is_here, agent_name="assist")
    running = asyncio.create_task(server.run(devmode=True))
    try:
        await eventually(sfu.workers)
        yield
    finally:
        await server.aclose()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.fixture
async def sfu(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sfu]:
    monkeypatch.delenv("LIVEKIT_TEST_URL", raising=False)
    async with mini_sfu(departure_timeout_s=0.3) as running:
        yield running


@pytest.fixture
async def livekit(sfu: Sfu) -> AsyncIterator[api.LiveKitAPI]:
    async with api.LiveKitAPI(sfu.url, sfu.api_key, sfu.api_secret) as client:
        yield client


def outcomes(sfu: Sfu) -> list[str]:
    return [job["outcome"] for job in sfu.jobs(ROOM)]


async def test_the_token_that_makes_the_room_brings_the_agent(sfu: Sfu) -> None:
    async with worker(sfu):
        alice = await Caller.join(sfu, ROOM, "alice", agents=[("assist", {"call_id": "c1"})])
        await eventually(lambda: alice.data)
        assert alice.data[0].payload.decode().endswith('{"call_id": "c1"}')
        (job,) = sfu.jobs(ROOM)
        assert alice.data[0].identity == job["identity"]
        found = {found["identity"]: found["kind"] for found in sfu.participants(ROOM)}
        assert found == {"alice": "STANDARD", job["identity"]: "AGENT"}
        bob = await Caller.join(sfu, ROOM, "bob", agents=["assist"])
        assert len(sfu.jobs(ROOM)) == 1
        await asyncio.gather(alice.leave(), bob.leave())
        await eventually(lambda: outcomes(sfu) == ["JS_SUCCESS"])
        await eventually(lambda: sfu.events("room_finished"))


async def test_a_dispatch_that_nobody_takes_is_lost_and_the_next_one_works(sfu: Sfu, livekit: api.LiveKitAPI) -> None:
    asked = api.CreateAgentDispatchRequest(agent_name="assist", room=ROOM, metadata="{}")
    alice = await Caller.join(sfu, ROOM, "alice")
    await livekit.agent_dispatch.create_dispatch(asked)
    await eventually(lambda: outcomes(sfu) == ["lost"])
    async with worker(sfu):
        sfu.decline(1)
        for _ in range(2):
            await livekit.agent_dispatch.create_dispatch(asked)
        await eventually(lambda: outcomes(sfu) == ["lost", "declined", "JS_RUNNING"])
        await eventually(lambda: alice.data)
        listed = await livekit.agent_dispatch.list_dispatch(ROOM)
        assert [len(dispatch.state.jobs) for dispatch in listed] == [1, 1, 1]
        await livekit.agent_dispatch.delete_dispatch(listed[-1].id, ROOM)
        await eventually(lambda: alice.departed == [alice.data[0].identity])
        await alice.leave()


async def test_a_worker_that_is_cut_off_comes_back_and_keeps_its_job(sfu: Sfu) -> None:
    async with worker(sfu):
        alice = await Caller.join(sfu, ROOM, "alice", agents=["assist"])
        await eventually(lambda: alice.data)
        before = sfu.jobs(ROOM)[0]["worker_id"]
        sfu.cut_workers()
        await eventually(lambda: sfu.jobs(ROOM)[0]["worker_id"] != before)
        assert alice.departed == []
        await alice.leave()


async def test_a_job_that_is_killed_has_failed_and_left(sfu: Sfu) -> None:
    async with worker(sfu, JobExecutorType.PROCESS):
        alice = await Caller.join(sfu, ROOM, "alice", agents=["assist"])
        await eventually(lambda: alice.data)
        os.kill(int(alice.data[0].payload.split()[0]), signal.SIGKILL)
        await eventually(lambda: outcomes(sfu) == ["JS_FAILED"])
        await eventually(lambda: alice.departed == [sfu.jobs(ROOM)[0]["identity"]])
        assert sfu.events("participant_left")[0]["participant"]["kind"] == "AGENT"
        await alice.leave()
