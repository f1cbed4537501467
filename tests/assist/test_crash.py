"""kill -9 in the middle of calls: what was acknowledged is there once, and the last question is still answered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

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
_ARTICLES = (
    "app-login-error-401",
    "cancel-service",
    "change-wifi-name-password",
    "hub-offline",
    "late-payment-and-suspension",
)
_LAST_QUESTION = "How do I change my Wi-Fi password?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that the tests here kill."""
    with server_process(tmp_path_factory.mktemp("crash")) as made:
        made.start()
        made.assist("ingest", *(str(KNOWLEDGE / f"{name}.md") for name in _ARTICLES))
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


async def _ask_and_do_not_wait(client: httpx.AsyncClient) -> UUID:
    """A call of one question, which is stored when this returns, and hardly analysed."""
    start = {"call_id": f"last-{uuid4()}"}
    call: str = (await client.post("/api/realtime/call/start", json=start)).json()["session_id"]
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
    return UUID(call)


@pytest.mark.parametrize("database_too", [False, True])
async def test_a_crash_in_the_middle_of_calls_loses_and_repeats_nothing(
    server: ServerProcess, key: str, sessions: Sessions, database_too: bool
) -> None:
    name = f"crash-{database_too}"
    replay = Replay(url=server.url, key=key, speed=20.0)
    playing = asyncio.create_task(replay.run([_recording(f"{name}-{n}") for n in range(3)], 3))
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE_S) as client:
        await until(lambda: _accepted(replay, 11))
        last_words = await _ask_and_do_not_wait(client)
    await _crash(server, database_too=database_too)
    summary = await playing
    assert summary.segments_accepted == summary.segments_sent == 3 * len(_SAID)
    assert summary.reconnects >= 3
    cards = 0
    for call in await _played(sessions, name):
        found = await settled(sessions, call)
        assert [row.segment_id for row in found.segments] == [f"segment-{n + 1}" for n in range(len(_SAID))]
        assert [row.text for row in found.segments] == [words for _, words in _SAID]
        assert found.call.status == "ended"
        assert "failed" not in {turn.outcome for turn in found.turns}
        _nothing_twice(found)
        cards += len(found.suggestions)
    assert 0 < summary.suggestions_received <= cards
    answered = await settled(sessions, last_words)
    assert answered.queries() == [_LAST_QUESTION]
    assert answered.suggestions
    _nothing_twice(answered)


async def test_a_server_outlives_its_database(server: ServerProcess, key: str, sessions: Sessions) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=PATIENCE_S) as client:
        last_words = await _ask_and_do_not_wait(client)
        _postmaster(server.data_dir).kill()
        replay = Replay(url=server.url, key=key, speed=50.0)
        summary = await replay.run([_recording("outlived")], 1)
        assert (await client.get("/health")).status_code == 200
    assert summary.segments_accepted == len(_SAID)
    answered = await settled(sessions, last_words)
    assert answered.queries() == [_LAST_QUESTION]
    assert answered.suggestions


async def _played(sessions: Sessions, name: str) -> list[UUID]:
    async with sessions() as session:
        calls = text("SELECT session_id FROM call_sessions WHERE call_id LIKE :name")
        found = list((await session.execute(calls, {"name": f"{name}-%"})).scalars())
    assert len(found) == 3
    return found


async def _accepted(replay: Replay, number: int) -> bool:
    return replay.tally.accepted >= number
