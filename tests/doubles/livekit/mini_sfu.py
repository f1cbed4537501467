"""A small SFU that speaks enough of LiveKit for real clients, workers and browsers: the double of a LiveKit server.

`mini_sfu` runs it in the test's own event loop, `sfu_process` in a process of its own. With LIVEKIT_TEST_URL,
LIVEKIT_TEST_KEY and LIVEKIT_TEST_SECRET set, both give that real server instead.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.doubles.livekit import server
from tests.doubles.livekit.control import Sfu

_ROOT = Path(__file__).parents[3]
_STOP_TIMEOUT_S = 10.0
_COMMAND_TIMEOUT_S = 10.0

DEPARTURE_TIMEOUT_S = 3.0
"""A room ends so long after the last human has left."""


@asynccontextmanager
async def mini_sfu(
    webhook_url: str | None = None, *, departure_timeout_s: float = DEPARTURE_TIMEOUT_S
) -> AsyncIterator[Sfu]:
    """An SFU in this event loop, for tests with little sound."""
    real = _real_server()
    if real is not None:
        yield real
        return
    running = await server.run(port=0, webhook_url=webhook_url, departure_timeout_s=departure_timeout_s)
    try:
        yield Sfu(
            url=f"ws://127.0.0.1:{running.port}",
            api_key=server.API_KEY,
            api_secret=server.API_SECRET,
            perform=running.perform,
        )
    finally:
        await running.close()


@contextmanager
def sfu_process(webhook_url: str | None = None, *, departure_timeout_s: float = DEPARTURE_TIMEOUT_S) -> Iterator[Sfu]:
    """An SFU in a process of its own, for tests that block or that take long."""
    real = _real_server()
    if real is not None:
        yield real
        return
    arguments = ["--departure-timeout", str(departure_timeout_s)]
    arguments += ["--webhook-url", webhook_url] if webhook_url else []
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.doubles.livekit.mini_sfu", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=_ROOT,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = json.loads(process.stdout.readline())["port"]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=_COMMAND_TIMEOUT_S) as client:

            def perform(name: str, given: Mapping[str, Any]) -> Any:
                return client.post(f"/test/{name}", json=dict(given)).raise_for_status().json()

            yield Sfu(
                url=f"ws://127.0.0.1:{port}", api_key=server.API_KEY, api_secret=server.API_SECRET, perform=perform
            )
    finally:
        process.stdin.close()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _real_server() -> Sfu | None:
    url = os.environ.get("LIVEKIT_TEST_URL")
    if not url:
        return None
    return Sfu(url=url, api_key=os.environ["LIVEKIT_TEST_KEY"], api_secret=os.environ["LIVEKIT_TEST_SECRET"])


async def _serve(port: int, webhook_url: str | None, departure_timeout_s: float) -> None:
    running = await server.run(port=port, webhook_url=webhook_url, departure_timeout_s=departure_timeout_s)
    sys.stdout.write(json.dumps({"port": running.port}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)  # ends with whoever started this process
    await running.close()


def main() -> None:
    """Runs until stdin ends. The first line on stdout tells the port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--webhook-url")
    parser.add_argument("--departure-timeout", type=float, default=DEPARTURE_TIMEOUT_S)
    given = parser.parse_args()
    asyncio.run(_serve(given.port, given.webhook_url, given.departure_timeout))


if __name__ == "__main__":
    main()
