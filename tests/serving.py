"""The real server in a process of its own, on a data directory of its own, as an operator would start it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
import psycopg

from assist.db import embedded
from tests import warm

START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 30.0
_COMMAND_TIMEOUT_S = 300.0


@dataclass(kw_only=True)
class ServerProcess:
    """One data directory and the server on it, which may be killed and started again."""

    data_dir: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    module: str = "assist"
    """What is run as the server: python -m MODULE serve."""
    process: BaseProcess | None = None

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_path(self) -> Path:
        """What the server wrote to stderr, over all its starts."""
        return self.data_dir.parent / "server.log"

    def assist(self, *arguments: str, stdin: str | None = None) -> str:
        """Runs a command of the command line to its end; its stdout without the last line break."""
        with tempfile.TemporaryDirectory() as directory:
            given, told, errors = (Path(directory) / name for name in ("stdin", "stdout", "stderr"))
            given.write_text(stdin or "")
            files = warm.Files(stdin=given, stdout=told, stderr=errors)
            process = warm.start("assist", list(arguments), self._environ(), files)
            process.join(_COMMAND_TIMEOUT_S)
            if process.exitcode is None:
                process.kill()
            assert process.exitcode == 0, f"assist {' '.join(arguments)}: {told.read_text()}\n{errors.read_text()}"
            return told.read_text().strip()

    def fails(self, *arguments: str, stdin: str | None = None, **environment: str) -> str:
        """Runs a command that must fail, from a cold start; its stderr."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "assist", *arguments],
            env={**self._environ(), "COLUMNS": "200", **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_COMMAND_TIMEOUT_S,
            check=False,
        )
        assert done.returncode != 0, done.stdout
        return done.stderr

    def key(self, *scopes: str) -> str:
        """A new API key."""
        return self.assist("keys", "create", "test", *(part for scope in scopes for part in ("--scope", scope)))

    def user(self, email: str, role: str, password: str) -> None:
        """A new user."""
        self.assist("users", "add", email, "--role", role, "--password-stdin", stdin=password + "\n")

    def start(self, *, healthy: bool = True) -> None:
        """Starts the server and waits until it answers; with `healthy`, until everything is ready."""
        assert self.process is None
        files = warm.Files(stdout=self.log_path, stderr=self.log_path)
        self.process = warm.start(self.module, ["serve", "--port", str(self.port)], self._environ(), files)
        self.wait(healthy=healthy)

    def wait(self, *, healthy: bool = True) -> None:
        """Waits for an answer of /health."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.is_alive(), f"the server ended: {self.log_path.read_text()[-3000:]}"
            try:
                status = httpx.get(f"{self.url}/health", timeout=5.0).status_code
            except httpx.TransportError:
                status = 0
            if status == 200 or (status == 503 and not healthy):
                return
            time.sleep(0.1)
        raise AssertionError(f"the server is not ready: {self.log_path.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.join()
        self.process = None

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.process is not None
        self.process.terminate()
        self.process.join(_STOP_TIMEOUT_S)
        code = self.process.exitcode
        assert code is not None, f"the server does not stop: {self.log_path.read_text()[-3000:]}"
        self.process = None
        return code

    def client(self, key: str | None = None) -> httpx.Client:
        """An HTTP client, with a key or without."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30.0)

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query against the server's own database, which is started when nobody has it running."""
        with psycopg.connect(embedded.start(self.data_dir / "postgres")) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def _environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ASSIST_")}
        return {**kept, "ASSIST_DATA_DIR": str(self.data_dir), **self.environment}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def server_process(directory: Path, module: str = "assist", **environment: str) -> Iterator[ServerProcess]:
    """A server that is not started yet; whatever runs in the end is stopped."""
    server = ServerProcess(data_dir=directory / "data", port=free_port(), environment=environment, module=module)
    try:
        yield server
    finally:
        if server.process is not None:
            server.stop()
