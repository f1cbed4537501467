"""What becomes due while the server is dead fires once after its start."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.server, pytest.mark.timeout(400)]

OPEN = "SELECT count(*) FROM help_requests WHERE status IN ('pending', 'in_progress')"
LATE = (
    "SELECT count(*) FROM help_request_timers "
    "WHERE fired_at IS NULL AND cancelled_at IS NULL AND kind = 'resolution' AND due_at < clock_timestamp()"
)
PATIENCE_S = 60.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """Requests end after three seconds."""
    with server_process(tmp_path, REQUEST_TIMEOUT_MINUTES="0.05") as started:
        yield started


def wait_for(server: ServerProcess, query: str, expected: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while server.sql(query)[0][0] != expected:
        assert time.monotonic() < deadline, query
        time.sleep(0.1)


def test_requests_that_run_out_while_the_server_is_dead_end_once_after_its_start(server: ServerProcess) -> None:
    key = server.key("ingest")
    server.start(healthy=False)  # nothing here needs the model
    with server.client(key) as client:
        for number in range(6):
            body = {"question": f"What is number {number}?", "channel": "web"}
            assert client.post("/api/help-requests", json=body).status_code == 201
    server.kill()
    left = server.sql(OPEN)[0][0]
    wait_for(server, LATE, left)
    server.start(healthy=False)
    wait_for(server, OPEN, 0)
    ended = server.sql(
        "SELECT resolution, (SELECT count(*) FROM help_request_events AS line WHERE line.request_id = request.id "
        "AND line.action = 'timed_out'), (SELECT count(*) FROM help_request_timers AS timer "
        "WHERE timer.request_id = request.id AND timer.kind = 'resolution' AND timer.fired_at IS NOT NULL) "
        "FROM help_requests AS request"
    )
    assert ended == [("timed_out", 1, 1)] * 6
    repeated = server.sql(
        "SELECT request_id, action FROM help_request_events WHERE action IN ('escalated', 'timed_out') "
        "GROUP BY request_id, action HAVING count(*) > 1"
    )
    assert repeated == []
    waiting = "SELECT count(*) FROM help_request_timers WHERE fired_at IS NULL AND cancelled_at IS NULL"
    assert server.sql(waiting) == [(0,)]
