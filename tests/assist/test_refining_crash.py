"""A server that dies while a model is writing: the quoted card stays whole, and the next answer is refined again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import pytest

from assist.db.engine import Sessions, create_engine, create_sessions
from assist.samples import KNOWLEDGE
from tests.assist.ledger import ledger, settled, until
from tests.assist.wire import Line, collect
from tests.refining_server import SENTENCES, begun_file, pace_file
from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_QUESTION = "I can't log in, getting error 401 on mobile app v2.5"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with a refiner that waits for us."""
    with server_process(tmp_path_factory.mktemp("refining"), "tests.refining_server") as made:
        made.assist("ingest", str(KNOWLEDGE / "app-login-error-401.md"), str(KNOWLEDGE / "cancel-service.md"))
        made.start()
        yield made


@pytest.fixture
async def sessions(server: ServerProcess) -> AsyncIterator[Sessions]:
    """On the server's own database."""
    engine = create_engine(f"postgresql://postgres:@/assist?host={server.data_dir / 'postgres'}", pool_size=2)
    yield create_sessions(engine)
    await engine.dispose()


def _may_write(server: ServerProcess, sentences: int) -> None:
    pace_file(server.data_dir).write_text("go\n" * sentences)


async def _begun(server: ServerProcess, times: int) -> bool:
    path = begun_file(server.data_dir)
    return path.exists() and len(path.read_text().splitlines()) == times


async def test_a_server_killed_while_a_model_writes_leaves_the_quoted_card(
    server: ServerProcess, sessions: Sessions
) -> None:
    line = Line(server=server, key=server.key("ingest", "read"))
    _may_write(server, 1)
    call = await line.start_call()
    async with line.socket(call) as messages:
        await collect(messages, "hello")
        await line.say(call, _QUESTION, 0.0)
        heard = await collect(messages, "suggestion_delta")
    card = next(one for one in heard if one["type"] == "suggestions")["suggestions"][0]
    assert (heard[-1]["done"], heard[-1]["text"]) == (False, SENTENCES[0])
    assert "seq" not in heard[-1]
    server.kill()
    await asyncio.to_thread(server.start)
    found = await settled(sessions, UUID(call))
    assert "suggestion_delta" not in found.event_types()
    row = next(one for one in found.suggestions if str(one.id) == card["id"])
    assert (row.text, row.answered_by, row.refined_at, row.status) == (card["text"], "extractive", None, "active")
    _may_write(server, 9)
    await line.say(call, "How do I cancel my service?", 10.0)

    async def refined() -> bool:
        return "suggestion_delta" in (await ledger(sessions, UUID(call))).event_types()

    await until(refined)
    after = await settled(sessions, UUID(call))
    texts = {one.query: one.answered_by for one in after.suggestions if one.suggestion_type == "answer"}
    assert sorted(texts.values()) == ["extractive", "scripted-1"]
    assert await _begun(server, 2)


async def test_a_server_that_is_stopped_while_a_model_writes_ends_in_time(
    server: ServerProcess, sessions: Sessions
) -> None:
    line = Line(server=server, key=server.key("ingest", "read"))
    _may_write(server, 1)
    call = await line.start_call()
    async with line.socket(call) as messages:
        await collect(messages, "hello")
        await line.say(call, _QUESTION, 0.0)
        await collect(messages, "suggestion_delta")
    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)
    found = await settled(sessions, UUID(call))
    assert "suggestion_delta" not in found.event_types()
    assert {row.answered_by for row in found.suggestions} == {"extractive"}
