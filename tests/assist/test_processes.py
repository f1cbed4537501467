"""Streams of running servers: the same on every road and in every process, and no reader holds up another."""

import asyncio
import socket
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from tests.assist.ledger import until
from tests.assist.screen import numbers
from tests.assist.wire import Json, Line, collect
from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_QUESTION = "I can't log in, getting error 401 on mobile app v2.5"


@pytest.fixture(scope="module")
def line(live_server: ServerProcess) -> Line:
    """To the server that all tests share."""
    return Line(server=live_server, key=live_server.key("ingest", "read"))


@pytest.fixture(scope="module")
def other(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """To a second server on the same database."""
    with server_process(tmp_path_factory.mktemp("other"), DATABASE_URL=_database_url(line.server)) as second:
        second.start()
        yield Line(server=second, key=line.key)


def _database_url(server: ServerProcess) -> str:
    return f"postgresql://postgres:@/assist?host={server.data_dir / 'postgres'}"


def _stored(messages: list[Json]) -> list[Json]:
    return [{k: v for k, v in one.items() if k != "id"} for one in messages if one["type"] not in ("hello", "reset")]


async def test_sockets_and_server_sent_events_tell_the_same(line: Line) -> None:
    call = await line.start_call()
    await line.say(call, _QUESTION, 0.0)
    async with line.socket(call) as messages:
        await collect(messages, "suggestions")
    await line.end(call)
    async with line.socket(call) as messages:
        by_socket = await collect(messages, "ended")
    async with line.stream(call) as messages:
        by_stream = await collect(messages, "ended")
    assert _stored(by_socket) == _stored(by_stream)
    epoch, last = by_socket[0]["epoch"], by_socket[0]["seq"]
    assert numbers(by_stream) == list(range(1, last + 1))
    assert [one.get("id") for one in by_stream] == [None, *(f"{epoch}:{n}" for n in range(1, last + 1))]
    for after in range(last):
        async with line.socket(call, after, epoch) as messages:
            assert _stored(await collect(messages, "ended")) == _stored(by_socket)[after:]
        async with line.stream(call, f"{epoch}:{after}") as messages:
            assert _stored(await collect(messages, "ended")) == _stored(by_socket)[after:]


async def test_a_cursor_of_another_history_is_reset_on_both_roads(line: Line) -> None:
    call = await line.start_call()
    await line.end(call)
    wrong = {"unknown_epoch": (1, "another"), "cursor_ahead": (99, None)}
    for reason, (after, other_epoch) in wrong.items():
        async with line.socket(call) as messages:
            epoch = other_epoch or (await anext(messages))["epoch"]
        async with line.socket(call, after, epoch) as messages:
            by_socket = await collect(messages, "ended")
        async with line.stream(call, f"{epoch}:{after}") as messages:
            by_stream = await collect(messages, "ended")
        for found in (by_socket, by_stream):
            assert found[1]["reason"] == reason
            assert numbers(found) == [1, 2]


async def test_what_one_server_hears_the_other_shows(line: Line, other: Line) -> None:
    for heard_by, shown_by in ((line, other), (other, line)):
        call = await heard_by.start_call()
        async with shown_by.socket(call) as messages:
            await collect(messages, "hello")
            await heard_by.say(call, _QUESTION, 0.0)
            found = await collect(messages, "suggestions")
            await heard_by.end(call)
            found += await collect(messages, "ended")
        assert numbers(found) == list(range(1, found[-1]["seq"] + 1))
        given = [card["title"] for one in found if one["type"] == "suggestions" for card in one["suggestions"]]
        # The index of the other, which has just begun, may not be filled yet.
        assert heard_by is other or any("401" in title for title in given)


async def test_followers_hear_everything_though_the_listeners_are_killed(line: Line, other: Line) -> None:
    call = await line.start_call()
    async with other.socket(call) as messages:
        await collect(messages, "hello")
        for number in range(5):
            _end_wake_ups(line.server)
            await line.say(call, f"words {number}", float(number))
        await line.end(call)
        found = await collect(messages, "ended")
    assert numbers(found) == list(range(1, found[-1]["seq"] + 1))
    assert [one["segment"]["text"] for one in found if one["type"] == "segment"] == [f"words {n}" for n in range(5)]


async def test_a_reader_that_never_reads_is_cut_off_and_holds_up_nobody(line: Line) -> None:
    call = await line.start_call()
    stuck = _open_and_never_read(line, call)
    port = stuck.getsockname()[1]
    assert port in _peers(line.server)
    with stuck:
        async with line.socket(call) as messages:
            await collect(messages, "hello")
            _insert_events(line.server, call, many=2400, chars=10_000)
            await line.say(call, "are you still there", 0.0)
            await line.end(call)
            found = await collect(messages, "ended")
            assert numbers(found) == list(range(1, found[-1]["seq"] + 1))
            assert len(found) > 2400

            async def cut_off() -> bool:
                return port not in _peers(line.server)

            await until(cut_off)
    async with asyncio.timeout(30):
        assert (await line.start_call()) != call


async def test_a_call_of_a_server_that_is_killed_goes_on_at_the_other(line: Line, other: Line) -> None:
    call = await line.start_call()
    async with line.socket(call) as messages:
        await collect(messages, "hello")
        await other.say(call, "hello, I have a question", 0.0)
        await other.say(call, _QUESTION, 2.0)
        other.server.kill()
        found = await collect(messages, "suggestions")
        await line.end(call)
        found += await collect(messages, "ended")
    given = [card["title"] for one in found if one["type"] == "suggestions" for card in one["suggestions"]]
    assert len(given) == len(set(given))
    assert numbers(found) == list(range(1, found[-1]["seq"] + 1))


def _end_wake_ups(server: ServerProcess) -> None:
    with psycopg.connect(_database_url(server), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'assist-wakeup'"
        )


def _insert_events(server: ServerProcess, call: str, *, many: int, chars: int) -> None:
    with psycopg.connect(_database_url(server)) as connection:
        connection.execute(
            "WITH taken AS (UPDATE call_sessions SET event_seq = event_seq + %(many)s WHERE session_id = %(call)s "
            "RETURNING event_seq) INSERT INTO call_events (session_id, seq, type, payload) "
            "SELECT %(call)s, event_seq - %(many)s + n, 'error', "
            "jsonb_build_object('code', 'test', 'detail', repeat('x', %(chars)s)) "
            "FROM taken, generate_series(1, %(many)s) AS n",
            {"many": many, "call": call, "chars": chars},
        )


def _peers(server: ServerProcess) -> set[int]:
    """Ports of the clients whose connections the server keeps open."""
    assert server.process is not None
    connections = psutil.Process(server.process.pid).net_connections("tcp")
    return {one.raddr.port for one in connections if one.raddr and one.status == psutil.CONN_ESTABLISHED}


def _open_and_never_read(line: Line, call: str) -> socket.socket:
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", line.server.port))
    lines = [
        f"GET /api/realtime/ws/{call} HTTP/1.1",
        f"Host: 127.0.0.1:{line.server.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Authorization: Bearer {line.key}",
    ]
    raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert raw.recv(12) == b"HTTP/1.1 101"
    return raw
