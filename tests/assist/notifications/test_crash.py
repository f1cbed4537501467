"""The real server is killed after a receiver has taken a message and before that was noted."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from tests.assist.notifications.post_office import SECRET
from tests.doubles.notification_receiver import HANGS, Receiver, Reply, notification_receiver
from tests.serving import ServerProcess, server_process

pytestmark = pytest.mark.server

_PATIENCE_S = 60.0
_LEASE_RUNS_OUT = (
    "UPDATE notifications SET not_before = clock_timestamp() - interval '1 minute' WHERE state = 'pending' RETURNING id"
)
_STATES = "SELECT DISTINCT state FROM notifications WHERE channel = 'webhook'"


async def arrivals(receiver: Receiver, count: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while len(receiver.requests) < count:
            receiver.arrived.clear()
            await receiver.arrived.wait()


def raise_request(server: ServerProcess, key: str) -> None:
    with server.client(key) as client:
        answer: httpx.Response = client.post("/api/help-requests", json={"question": "Is it open on Sundays?"})
    assert answer.status_code == 201, answer.text


async def test_after_kill_9_it_is_sent_again_under_the_same_id() -> None:
    directory = Path(tempfile.mkdtemp(prefix="assist-test-outbox-"))
    async with notification_receiver(HANGS) as receiver:
        environment = {
            "ASSIST_WEBHOOK_URLS": f"{receiver.url}/hook?token=canary",
            "ASSIST_WEBHOOK_SECRETS": SECRET,
            "ASSIST_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        }
        with server_process(directory, **environment) as server:
            await asyncio.to_thread(server.start, healthy=False)
            key = await asyncio.to_thread(server.key, "admin")
            await asyncio.to_thread(raise_request, server, key)
            await arrivals(receiver, 1)
            server.kill()
            ids = {row[0] for row in await asyncio.to_thread(server.sql, _LEASE_RUNS_OUT)}
            before = len(receiver.requests)
            receiver.script(Reply())
            await asyncio.to_thread(server.start, healthy=False)
            await arrivals(receiver, before + len(ids))
            async with asyncio.timeout(_PATIENCE_S):
                while await asyncio.to_thread(server.sql, _STATES) != [("sent",)]:
                    await asyncio.sleep(0.1)
            log = server.log_path.read_text()
    shutil.rmtree(directory, ignore_errors=True)
    killed, again = receiver.requests[:before], receiver.requests[before:]
    assert {one.headers["webhook-id"] for one in killed} <= {one.headers["webhook-id"] for one in again}
    assert len({one.headers["webhook-id"] for one in again}) == len(again) == len(ids)
    for request in receiver.requests:
        Verifier(SECRET).verify(request.body, dict(request.headers))
    assert "canary" not in log
    assert "Sundays" not in log
