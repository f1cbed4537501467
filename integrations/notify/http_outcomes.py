"""What an HTTP answer means for a message, in one place: taken, to be tried again, or never going to be taken."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from msgspec import Struct

from integrations.notify.message import SendError

DEADLINE_S = 15.0
"""Of one request, whole."""
_CONNECT_S = 5.0
_SILENCE_S = 10.0
_BODY_BYTES_MAX = 64 * 1024
_RETRYABLE = frozenset({408, 425, 429})
_OK = 200
_REDIRECT = 300
_CLIENT_ERROR = 400
_SERVER_ERROR = 500


class UnreachableError(SendError):
    """Nothing was sent: there was no connection."""


class Answer(Struct, frozen=True, kw_only=True):
    """What came back; at most 64 KiB of it."""

    status_code: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def make_client(*, keep_alive: bool = True) -> httpx.AsyncClient:
    """A channel's client: explicit time limits, few connections, no redirects. Without `keep_alive`, every request has
    a connection of its own, and proxies of the environment are not used.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(_SILENCE_S, connect=_CONNECT_S),
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4 if keep_alive else 0),
        follow_redirects=False,
        trust_env=keep_alive,
        headers={"User-Agent": "Assist"},
    )


async def post(client: httpx.AsyncClient, url: str, *, deadline_s: float = DEADLINE_S, **sent: Any) -> Answer:
    """Posts once; `sent` goes to httpx.

    Raises:
        SendError: nothing was answered, or not in time. Retryable, unless the address itself is none.
    """
    address = parsed(url)
    try:
        async with asyncio.timeout(deadline_s), client.stream("POST", address, **sent) as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(status_code=response.status_code, headers=headers, body=await _start_of(response))
    except (TimeoutError, httpx.TimeoutException):
        raise SendError("The receiver did not answer in time.", retryable=True) from None
    except httpx.ConnectError:
        raise UnreachableError("The receiver cannot be reached.", retryable=True) from None
    except httpx.HTTPError as error:
        detail = f"The connection to the receiver broke ({type(error).__name__})."
        raise SendError(detail, retryable=True) from None


def parsed(url: str) -> httpx.URL:
    """The address.

    Raises:
        SendError: it is none of http or https.
    """
    try:
        found = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        found = httpx.URL()
    if found.scheme not in ("http", "https") or not found.host:
        raise SendError("The configured address is no http or https address.", retryable=False)
    return found


def check(answer: Answer, *, retry_after_s: float | None = None, code: str | None = None) -> None:
    """Returns when it was taken.

    Args:
        answer: what came back.
        retry_after_s: where the receiver says it in its body; else the header counts.
        code: the receiver's number of the error; never its words.

    Raises:
        SendError: it was not.
    """
    status = answer.status_code
    if _OK <= status < _REDIRECT:
        return
    wait_s = retry_after_s if retry_after_s is not None else retry_after(answer.headers)
    said = f"The receiver answered {status}" + (f" (error {code})" if code else "")
    if status in _RETRYABLE or status >= _SERVER_ERROR:
        raise SendError(f"{said}.", retryable=True, retry_after_s=wait_s, status_code=status)
    if _REDIRECT <= status < _CLIENT_ERROR:
        detail = f"{said}: a redirect, which is not followed. Configure the address that it leads to."
        raise SendError(detail, retryable=False, status_code=status)
    raise SendError(f"{said}: it does not take this message.", retryable=False, status_code=status)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait by the header Retry-After, which holds seconds or a date; None without one that makes sense."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return finite_seconds(float(value))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())


def finite_seconds(value: object) -> float | None:
    """A number of seconds that makes sense, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0.0 <= value < float("inf") else None


async def _start_of(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        parts.append(part)
        size += len(part)
        if size >= _BODY_BYTES_MAX:
            break
    return b"".join(parts)[:_BODY_BYTES_MAX]


class GoneEndpoints:
    """Endpoints that said to be gone for good, which are left alone for an hour. Belongs to one event loop."""

    _HOLD_S = 3600.0

    def __init__(self, *statuses: int) -> None:
        """`statuses` that say so."""
        self._statuses = statuses
        self._until: dict[str, float] = {}

    def turn_away(self, name: str) -> None:
        """Raises SendError while the endpoint is left alone."""
        if time.monotonic() < self._until.get(name, 0.0):
            detail = "The receiver said that this address is gone, so it is left alone. Configure another address."
            raise SendError(detail, retryable=False)

    def note(self, name: str, answer: Answer) -> None:
        """Looks whether the answer says so."""
        if answer.status_code in self._statuses:
            self._until[name] = time.monotonic() + self._HOLD_S
