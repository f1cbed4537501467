"""A whole call centre in real processes: server, LiveKit, Deepgram, workers; and people on real LiveKit clients.

LiveKit and Deepgram are the doubles. People live in an event loop of their own, so that tests may block.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from assist.samples import KNOWLEDGE
from tests.doubles import deepgram_server, voices
from tests.doubles.deepgram_server import DeepgramProcess
from tests.doubles.livekit.callers import Caller
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import sfu_process
from tests.serving import ServerProcess, server_process

T = TypeVar("T")
PATIENCE_S = 60.0
Json = dict[str, Any]


class People:
    """An event loop for callers, in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T], patience_s: float = PATIENCE_S) -> T:
        """Has it done there, and waits."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(patience_s)

    def begin(self, work: Coroutine[Any, Any, T]) -> Callable[[], T]:
        """Has it begun there; the result waits for its end."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        return lambda: future.result(PATIENCE_S)

    def close(self) -> None:
        """Everybody goes home."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)


@dataclass(kw_only=True)
class WorkerProcess:
    """`assist listen` or `assist receptionist`, as an operator starts it."""

    command: str
    environment: dict[str, str]
    log_path: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begins; it is there when LiveKit knows it."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-m",
                    "assist",
                    *self.command.split(),
                    "--port",
                    "0",
                    "--max-load",
                    "2",
                ],
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def job_processes(self) -> list[psutil.Process]:
        """The processes that have joined a room: those with sockets to LiveKit."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill_jobs(self) -> None:
        """SIGKILL to every process of a job, as a machine that runs out of memory does it; the worker lives on."""
        assert self.process is not None
        for child in self.job_processes():
            if any(connection.type == 2 for connection in child.net_connections("inet")):  # media sockets are UDP
                child.send_signal(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM; then, if it hangs, SIGKILL to all of it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(30.0)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


@dataclass(kw_only=True)
class CallCentre:
    """Everything that runs."""

    server: ServerProcess
    sfu: Sfu
    deepgram: DeepgramProcess
    people: People
    directory: Path
    environment: dict[str, str]
    workers: list[WorkerProcess] = field(default_factory=list)

    def worker(self, command: str, agent_name: str, **environment: str) -> WorkerProcess:
        """One more worker, registered with LiveKit."""
        given = {**self.environment, **environment}
        made = WorkerProcess(command=command, environment=given, log_path=self.directory / f"{agent_name}.log")
        self.workers.append(made)
        made.start()
        self.wait(lambda: any(one["agent_name"] == agent_name for one in self.sfu.workers()), made.log_path)
        return made

    def wait(self, condition: Callable[[], object], log: Path | None = None, patience_s: float = PATIENCE_S) -> None:
        """Until something is so."""
        deadline = time.monotonic() + patience_s
        while not condition():
            said = log.read_text()[-4000:] if log is not None and log.exists() else ""
            assert time.monotonic() < deadline, f"it did not come to that. {said}"
            time.sleep(0.1)

    def until(self, read: Callable[[], T], wanted: Callable[[T], object], patience_s: float = PATIENCE_S) -> T:
        """Reads until it is what is wanted."""
        deadline, found = time.monotonic() + patience_s, read()
        while not wanted(found):
            assert time.monotonic() < deadline, f"it stayed {found!r}"
            time.sleep(0.1)
            found = read()
        return found

    def join(self, room: str, identity: str, role: str, **claims: Any) -> Caller:
        """Somebody on the telephone, microphone open."""

        async def join() -> Caller:
            caller = await Caller.join(self.sfu, room, identity, role, **claims)
            await caller.publish()
            return caller

        return self.people.do(join())

    def says(self, caller: Caller, text: str, voice: str = voices.CUSTOMER) -> None:
        """Spoken in real time, with a breath after it."""
        pcm = voices.joined(voices.Utterance(text, voice).pcm, voices.silence(0.7))
        self.people.do(caller.speak(pcm, voices.RATE))

    def call(self, session_id: str) -> Json:
        """The call as screens see it."""
        with self.server.client(self.environment["ASSIST_API_KEY"]) as client:
            answer: Json = client.get(f"/api/calls/{session_id}").raise_for_status().json()
            return answer

    def calls(self) -> list[Json]:
        """All calls, newest first."""
        with self.server.client(self.environment["ASSIST_API_KEY"]) as client:
            found: list[Json] = client.get("/api/calls").raise_for_status().json()["items"]
            return found

    def lines(self, session_id: str) -> list[tuple[str, str]]:
        """The transcript: who said what."""
        return [(one["speaker"], one["text"]) for one in self.call(session_id)["segments"]]


@contextmanager
def call_centre(*articles: str, **environment: str) -> Iterator[CallCentre]:
    """A server with the sample knowledge (all of it, or these articles), LiveKit and Deepgram; workers are started by
    the test.
    """
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="assist-test-calls-")))
        directory.chmod(0o755)  # PostgreSQL's user must reach its files
        sfu = stack.enter_context(sfu_process())
        deepgram = stack.enter_context(deepgram_server.deepgram_process())
        livekit = {
            "LIVEKIT_URL": sfu.url,
            "LIVEKIT_API_KEY": sfu.api_key,
            "LIVEKIT_API_SECRET": sfu.api_secret,
            "DEEPGRAM_URL": deepgram.url,
            "DEEPGRAM_API_KEY": deepgram_server.KEY,
            "ASSIST_TEST_CALLS": "true",
            **environment,
        }
        server = stack.enter_context(server_process(directory, **livekit))
        paths = [str(KNOWLEDGE / f"{name}.md") for name in articles]
        server.assist("ingest", *(paths or [str(KNOWLEDGE)]))
        server.start()
        if sfu.is_double:
            sfu.send_webhooks_to(f"{server.url}/api/voice/livekit/webhook")
        key = server.key("ingest", "read")
        workers = {
            **livekit,
            "ASSIST_URL": server.url,
            "ASSIST_API_KEY": key,
            "ASSIST_DATA_DIR": str(directory / "workers"),
        }
        people = People()
        stack.callback(people.close)
        centre = CallCentre(
            server=server, sfu=sfu, deepgram=deepgram, people=people, directory=directory, environment=workers
        )
        stack.callback(_stop_all, centre.workers)
        yield centre


def _stop_all(workers: list[WorkerProcess]) -> None:
    for worker in workers:
        worker.stop()


@contextmanager
def signed_in(server: ServerProcess, email: str, password: str) -> Iterator[httpx.Client]:
    """A browser's requests."""
    with httpx.Client(base_url=server.url, timeout=30.0) as client:
        answer = client.post("/api/session", json={"email": email, "password": password}).raise_for_status()
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        yield client
