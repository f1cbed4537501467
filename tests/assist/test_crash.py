"""kill -9 in the middle of calls: what was acknowledged is there once, and the last question is still answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import httpx
import psutil
import pytest
from sqlalchemy import text

from assist.db.engine import Sessions, create_engine, create_sessions
from assist.recordings import RecordedSegment, Recording
from assist.replay import Replay
from assist.samples import KNOWLEDGE
from tests.assist.ledger import PATIENCE_S, Ledger, settled, until
from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.server, pytest.mark.timeout(400)]

_SAID = [
    ("agent", "Thank you for calling Norlight, how can I help you?"),
    ("customer", "Hi, I can't log in, getting error 401 on mobile app v2.5"),
    ("agent", "Let me have a look at that for you."),
    ("customer", "Also, how do I change my Wi-Fi password?"),
    ("agent", "One moment please."),
    ("customer", "And the hub shows a red light, what does that mean?"),
    ("agent", "I see."),
    ("customer", "How do I cancel my service?"),
    ("agent", "Right."),
    ("customer", "What is the late payment fee?"),
]
_LAST_QUESTION = "How do I change my Wi-Fi password?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that the tests here kill."""
    with server_process(tmp_path_factory.mktemp("crash")) as made:
        made.assist("ingest", str(KNOWLEDGE))
        made.start()
        yield made


@pytest.fixture(scope="module")
def key(server: ServerProcess) -> str:
    """A key of a telephone system."""
    return server.key("ingest", "read")


@pytest.fixture
async def sessions(server: ServerProcess) -> AsyncIterator[Sessions]:
    """On the server's own database."""
    engine = create_engine(f"postgresql://postgres:@/assist?host={server.data_dir / 'postgres'}", pool_size=2)
    yield create_sessions(engine)
    await engine.dispose()


def _recording(name: str) -> Recording:
    segments = tuple(
        RecordedSegment(speaker=speaker, text=words, start_time=6.0 * number, end_time=6.0 * number + 5.0)
        for number, (speaker, words) in enumerate(_SAID)
    )
    return Recording(call={"call_id": name, "agent_id": "ada"}, segments=segments)


async def _crash(server: ServerProcess, *, database_too: bool) -> None:
    server.kill()
    if database_too:
        _postmaster(server.data_dir).kill()
    await asyncio.to_thread(server.start)


def _postmaster(data_dir: Path) -> psutil.Process:
    return psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


def _nothing_twice(found: Ledger) -> None:
    given = Counter((row.query, row.title, row.text) for row in found.suggestions)
    assert [card for card, times in given.items() if times > 1] == []


@pytest.mark.parametrize("database_too", [False, True])
async def test_calls_that_are_played_through_a_crash_lose_and_repeat_nothing(
    server: ServerProcess, key: str, sessions: Sessions, database_too: bool
) -> None:
    name = f"crash-{database_too}"
    replay = Replay(url=server.url, key=key, speed=20.0)
    playing = asyncio.create_task(replay.run([_recording(f"{name}-{n}") for n in range(3)], 3))
    await until(lambda: _accepted(replay, 11))
    await _crash(server, database_too=database_too)
    summary = await playing
    assert summary.segments_accepted == summary.segments_sent == 3 * len(_SAID)
    assert summary.reconnects >= 3
    async with sessions() as session:
        calls = "SELECT session_id FROM call_sessions WHERE call_id LIKE :name"
        played = list((await session.execute(text(calls), {"name": f"{name}-%"})).scalars())
    assert len(played) == 3
    cards = 0
    for call in played:
        found = await settled(sessions, call)
        assert [row.segment_id for row in found.segments] == [f"segment-{n + 1}" for n in range(len(_SAID))]
        assert [row.text for row in found.segments] == [words for _, words in _SAID]
        assert "failed" not in {turn.outcome for turn in found.turns}
        assert found.call.status == "ended"
        _nothing_twice(found)
        cards += len(found.suggestions)
    assert summary.suggestions_received == cards > 0


@pytest.mark.parametrize("database_too", [False, True])
async def test_the_last_question_before_a_crash_is_answered_after_it(
    server: ServerProcess, key: str, sessions: Sessions, database_too: bool
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE_S) as client:
        start = {"call_id": f"last-{database_too}"}
        call = (await client.post("/api/realtime/call/start", json=start)).json()["session_id"]
        segment = {
            "session_id": call,
            "segment_id": "last",
            "speaker": "customer",
            "text": _LAST_QUESTION,
            "start_time": 0.0,
            "end_time": 3.0,
        }
        answer = await client.post("/api/realtime/transcription", json=segment, headers={"Prefer": "respond-async"})
        assert answer.status_code == 202
    await _crash(server, database_too=database_too)
    found = await settled(sessions, UUID(call))
    assert [row.segment_id for row in found.segments] == ["last"]
    assert found.queries() == [_LAST_QUESTION]
    assert found.suggestions
    _nothing_twice(found)


async def _accepted(replay: Replay, number: int) -> bool:
    return replay.tally.accepted >= number
