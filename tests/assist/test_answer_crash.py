"""kill -9 between an answer and its delivery: the customer is told and the answer becomes knowledge, once each."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from assist.db.engine import Sessions, create_engine, create_sessions
from assist.db.knowledge import exclusive
from tests.assist.web.clients import PASSWORD, Browser, Json
from tests.assist.wire import Line, collect
from tests.doubles.mail_server import MailServer, mail_server
from tests.doubles.notification_receiver import HANGS, TWILIO_QUEUED, Receiver, notification_receiver
from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

_QUESTION = "How long may a rented drone stay in the air?"
_ANSWER = "A rented drone may stay in the air for 25 minutes; then its battery has to be changed."
_PARAPHRASE = "What is the maximum flight time of the drones that you rent out?"
_PATIENCE_S = 240.0
"""Far above what it takes: the lease of a message that was being sent has to run out first."""
_SUPERVISOR = "grace@team.example"


@asynccontextmanager
async def _server(directory: Path, mails: MailServer, phones: Receiver) -> AsyncIterator[ServerProcess]:
    environment = {
        "SMTP_URL": f"smtp://127.0.0.1:{mails.port}",
        "SMTP_FROM": "help@norlight.example",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "secret",
        "TWILIO_FROM": "+15550001111",
        "ASSIST_TWILIO_URL": phones.url,
    }
    with server_process(directory, **environment) as server:
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(server.user, _SUPERVISOR, "supervisor", PASSWORD)
        yield server


@asynccontextmanager
async def _database(server: ServerProcess) -> AsyncIterator[Sessions]:
    """The server's own."""
    engine = create_engine(f"postgresql://postgres:@/assist?host={server.data_dir / 'postgres'}", pool_size=3)
    try:
        yield create_sessions(engine)
    finally:
        await engine.dispose()


def _answered(server: ServerProcess, question: str, contact: str, learn: str) -> str:
    """The id of a request that was raised and answered."""
    with server.client(server.key("ingest")) as program, Browser(server, _SUPERVISOR) as supervisor:
        raised = program.post(
            "/api/help-requests",
            json={"question": question, "customer_name": "Bo", "customer_contact": contact, "channel": "web"},
        )
        assert raised.status_code == 201, raised.text
        request_id: str = raised.json()["id"]
        answer = {"answer": _ANSWER, "topic": question, "learn": learn}
        answered = supervisor.http.post(f"/api/help-requests/{request_id}/response", json=answer)
        assert answered.status_code == 200, answered.text
        return request_id


async def _rows(sessions: Sessions, query: str) -> list[tuple[Any, ...]]:
    async with sessions() as session:
        return [tuple(row) for row in await session.execute(text(query))]


async def _eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not await holds():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.2)


async def test_a_server_killed_between_answer_and_delivery_delivers_and_learns_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory = tmp_path_factory.mktemp("answers")
    async with mail_server() as mails, notification_receiver(HANGS) as phones:
        mails.answer_recipient = "451 4.3.0 Try again later"
        async with _server(directory, mails, phones) as server, _database(server) as sessions:
            async with exclusive(sessions, "index"):
                mailed = await asyncio.to_thread(_answered, server, _QUESTION, "bo@example.com", "approve")
                texted = await asyncio.to_thread(_answered, server, "Is it insured?", "+1 555 123 4567", "none")
                await _eventually(lambda: _under_way(sessions, phones))
                server.kill()
            assert await _rows(sessions, "SELECT state FROM follow_ups") == [("pending",)] * 2
            assert await _rows(sessions, "SELECT DISTINCT state FROM knowledge_passages") == [("pending",)]
            mails.answer_recipient = None
            phones.script(TWILIO_QUEUED)
            await asyncio.to_thread(server.start)
            await _eventually(lambda: _delivered(sessions))
            await _eventually(lambda: _indexed(sessions))
            await _check_follow_ups(sessions, mails, phones, mailed, texted)
            await _check_article(server, sessions)


async def _under_way(sessions: Sessions, phones: Receiver) -> bool:
    """The mail was refused once, and the text message hangs."""
    tried = await _rows(sessions, "SELECT 1 FROM notification_attempts WHERE outcome = 'retry'")
    return len(tried) == len(phones.requests) == 1


async def _delivered(sessions: Sessions) -> bool:
    states = await _rows(sessions, "SELECT state FROM notifications WHERE event = 'customer.follow_up'")
    return states == [("sent",)] * 2


async def _indexed(sessions: Sessions) -> bool:
    return await _rows(sessions, "SELECT DISTINCT state FROM knowledge_passages") == [("indexed",)]


async def _check_follow_ups(sessions: Sessions, mails: MailServer, phones: Receiver, mailed: str, texted: str) -> None:
    query = "SELECT id, key, channel FROM notifications WHERE event = 'customer.follow_up' ORDER BY channel"
    (mail, text_message) = await _rows(sessions, query)
    assert (mail[1:], text_message[1:]) == (
        (f"follow_up:{mailed}", "email"),
        (f"follow_up:{texted}", "sms"),
    )
    assert [one["Message-ID"].split("@")[0] for one in mails.mails] == [f"<{mail[0]}"]
    assert mails.recipients == [["bo@example.com"]]
    assert _ANSWER in mails.mails[0].get_body(("plain",)).get_content().replace("\n", " ")  # type: ignore[union-attr]
    taken = [one.form() for one in phones.requests[1:]]
    assert [(one["To"], _ANSWER in one["Body"]) for one in taken] == [("+15551234567", True)]
    history = "SELECT request_id::text FROM help_request_events WHERE action = 'followed_up' ORDER BY id"
    assert [row[0] for row in await _rows(sessions, history)] == [mailed, texted]


async def _check_article(server: ServerProcess, sessions: Sessions) -> None:
    articles = await _rows(sessions, "SELECT id::text, current_version, status FROM knowledge_articles")
    assert [article[1:] for article in articles] == [(1, "approved")]
    assert len(await _rows(sessions, "SELECT id FROM knowledge_passages")) == 1
    line = Line(server=server, key=await asyncio.to_thread(server.key, "ingest", "read"))
    call = await line.start_call()
    async with line.socket(call) as messages:
        await collect(messages, "hello")
        await line.say(call, _PARAPHRASE, 0.0)
        told: Json = (await collect(messages, "suggestions"))[-1]
    cited = [citation["article_id"] for card in told["suggestions"] for citation in card["citations"]]
    assert cited == [articles[0][0]]
    assert told["outcome"] == "answered"
