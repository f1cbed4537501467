"""Parses files in a process of its own, within limits: a file can end that process, never this one."""

import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from threading import Lock
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct

from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.metadata import Defaults
from knowledge_ingest.parse_messages import LENGTH, LENGTHS, Answer, Order

_WORKER = "knowledge_ingest.parse_worker"
_CHUNK_BYTES = 1 << 16
_START_S = 30.0
"""More time for the first file of a process, which loads the parsers."""


class Limits(Struct, frozen=True, kw_only=True):
    """What one file may take."""

    seconds: float = 60.0
    """To parse it."""
    memory_bytes: int = 1 << 30
    """Address space of the parser's process."""
    text_bytes: int = 10_000_000
    """Size of a text file, table or HTML page."""
    binary_bytes: int = 50_000_000
    """Size of a PDF or Word document."""
    result_bytes: int = 50_000_000
    """Text that it may give."""


class _LateError(Exception):
    """No answer in time."""


class _DeadError(Exception):
    """The process has ended, or speaks nonsense."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        """Its exit code, negative for a signal."""


class ParserProcess:
    """One process that takes files one after the other; replaced when it hangs, dies or wants too much memory."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Starts nothing yet."""
        self.limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Ends the process."""
        self.close()

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process else None

    def read(self, content: bytes, ending: str, uri: str, defaults: Defaults) -> list[Document | Unreadable]:
        """What the reader for `ending` finds in a file; never raises for what is in there."""
        limits = self.limits
        order = Order(
            ending=ending,
            uri=uri,
            defaults=defaults,
            cpu_s=int(limits.seconds) + 2,
            result_bytes=limits.result_bytes,
        )
        with self._lock:
            try:
                answer = self._answer(order, content)
            except _LateError:
                return [Unreadable(uri=uri, reason=_too_long(limits))]
            except _DeadError as error:
                return [Unreadable(uri=uri, reason=_cause(error.code, limits))]
        results = [item.document or item.unreadable for item in answer.items]
        found = [result for result in results if result is not None]
        return found if answer.failure is None else [*found, Unreadable(uri=uri, reason=answer.failure)]

    def close(self) -> None:
        """Ends the process; closing twice is fine."""
        with self._lock:
            self._end()

    def _answer(self, order: Order, content: bytes) -> Answer:
        used = self._process is not None
        try:
            return self._ask(order, content)
        except _DeadError:
            if not used:
                raise
            # What an earlier file, or somebody else, has ended says nothing about this one.
            return self._ask(order, content)

    def _ask(self, order: Order, content: bytes) -> Answer:
        encoded = msgspec.json.encode(order)
        request = LENGTHS.pack(len(encoded), len(content)) + encoded + content
        process, grace_s = self._running()
        try:
            answer = _exchange(process, request, self.limits.seconds + grace_s, self.limits.result_bytes)
            return msgspec.json.decode(answer, type=Answer)
        except _LateError:
            self._end()
            raise
        except (_DeadError, OSError, msgspec.MsgspecError) as error:
            raise _DeadError(self._end()) from error
        except BaseException:
            self._end()
            raise

    def _running(self) -> tuple[subprocess.Popen[bytes], float]:
        """The process, and how much longer it may take because it is new."""
        if self._process is not None and self._process.poll() is None:
            return self._process, 0.0
        self._end()
        # Nothing of this process's environment, which holds passwords and keys, but where the packages are.
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-W", "ignore", "-m", _WORKER, str(self.limits.memory_bytes)]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        return self._process, _START_S

    def _end(self) -> int | None:
        """The exit code, negative for a signal; None when there was no process."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        # A process that had ended before keeps the code it ended with.
        return process.wait()


def _exchange(process: subprocess.Popen[bytes], request: bytes, seconds: float, most: int) -> bytes:
    """Sends a request and returns the answer; neither side can make the other wait for longer than `seconds`."""
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = time.monotonic() + seconds
    inward, outward = process.stdin.fileno(), process.stdout.fileno()
    os.set_blocking(inward, False)
    left = memoryview(request)
    received = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(inward, selectors.EVENT_WRITE)
        selector.register(outward, selectors.EVENT_READ)
        while not _is_whole(received, most):
            ready = selector.select(max(deadline - time.monotonic(), 0.0))
            if not ready and time.monotonic() >= deadline:
                raise _LateError
            for key, _ in ready:
                if key.fd == outward:
                    chunk = os.read(outward, _CHUNK_BYTES)
                    if not chunk:
                        raise _DeadError
                    received += chunk
                elif not (left := left[_sent(inward, left) :]):
                    selector.unregister(inward)
    return bytes(received[LENGTH.size :])


def _sent(pipe: int, content: memoryview) -> int:
    try:
        return os.write(pipe, content[:_CHUNK_BYTES])
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        raise _DeadError from None


def _is_whole(received: bytearray, most: int) -> bool:
    if len(received) < LENGTH.size:
        return False
    length: int = LENGTH.unpack_from(received)[0]
    if length > most + _CHUNK_BYTES:
        raise _DeadError
    return len(received) >= LENGTH.size + length


def _too_long(limits: Limits) -> str:
    return f"Parsing it took longer than {limits.seconds:g} s. Split it, or save it in a simpler form."


def _cause(code: int | None, limits: Limits) -> str:
    if code == -signal.SIGXCPU:
        return _too_long(limits)
    how = f"signal {-code}" if code is not None and code < 0 else f"code {code}"
    return f"It made the parser crash ({how}). Save it anew, or in another format."
