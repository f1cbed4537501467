"""What voice workers tell the server: calls, words, gaps and heartbeats. Each delivery may be repeated."""

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import httpx
import msgspec
from msgspec import Struct

from pipeline.errors import UpstreamError

T = TypeVar("T")
Kind = Literal["assist", "receptionist"]
Json = Mapping[str, Any]

_TIMEOUT_S = 10.0
_LATER = frozenset({401, 403, 408, 425, 429})
"""Refusals that concern the moment or the key, not what was sent."""


class NotNowError(UpstreamError):
    """The server cannot be reached or is not able to, or does not know our key: the same may go later.

    Attributes:
        status: of its answer; None: there was none.
        retry_after_s: what it asked for.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_after_s: float | None = None) -> None:
        super().__init__("assist", message, retryable=True)
        self.status = status
        self.retry_after_s = retry_after_s


class RefusedError(UpstreamError):
    """The server does not take this, and never will.

    Attributes:
        status: of its answer.
    """

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__("assist", message, retryable=False)
        self.status = status


class JobOpened(Struct, frozen=True, kw_only=True):
    """A job's place in a call."""

    elapsed_s: float
    """Since the call started, on the server's clock."""
    heartbeat_s: float = 2.0
    resumed: bool = False
    """Another job had this call before."""
    keyterms: tuple[str, ...] = ()


class Beaten(Struct, frozen=True, kw_only=True):
    """The answer to a heartbeat."""

    ended: bool = False
    replaced: bool = False


class _Started(Struct, frozen=True, kw_only=True):
    session_id: str


class _Keyterms(Struct, frozen=True, kw_only=True):
    keyterms: tuple[str, ...] = ()


class Ingress:
    """One server and one key. Every method raises NotNowError or RefusedError."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=_TIMEOUT_S)

    async def start_call(self, fields: Json) -> str:
        """The session's id; the same `call_id` again gives the first one's."""
        return (await self._post("/api/realtime/call/start", fields, _Started)).session_id

    async def open_job(self, session_id: str, *, room: str, kind: Kind, job_id: str) -> JobOpened:
        """This job is in the room."""
        fields = {"session_id": session_id, "room": room, "kind": kind, "job_id": job_id}
        return await self._post("/api/voice/jobs", fields, JobOpened)

    async def beat(self, session_id: str, fields: Json) -> Beaten:
        """This job still is."""
        return await self._post(f"/api/voice/jobs/{session_id}/heartbeat", fields, Beaten)

    async def transcribe(self, fields: Json, key: str | None = None) -> None:
        """Words of the call; with a `key`, as often as one likes. Returns once they are stored."""
        headers = {"Prefer": "respond-async"} | ({"Idempotency-Key": key} if key else {})
        await self._post("/api/realtime/transcription", fields, dict[str, Any], headers)

    async def miss(self, session_id: str, gap: Json) -> None:
        """Words of the call that nobody could write down; as often as one likes."""
        await self._post(f"/api/voice/calls/{session_id}/gaps", {"gaps": [gap]}, dict[str, Any])

    async def ask(self, fields: Json, key: str) -> None:
        """A question for supervisors; as often as one likes."""
        await self._post("/api/help-requests", fields, dict[str, Any], {"Idempotency-Key": key})

    async def end_call(self, session_id: str, status: str) -> None:
        """The call is over."""
        await self._post("/api/realtime/call/end", {"session_id": session_id, "status": status}, dict[str, Any])

    async def keyterms(self) -> tuple[str, ...]:
        """Names that recognisers should expect."""
        return (await self._send("GET", "/api/voice/keyterms", _Keyterms)).keyterms

    async def aclose(self) -> None:
        """Lets connections go."""
        await self._client.aclose()

    async def _post(self, path: str, fields: Json, kind: type[T], headers: Mapping[str, str] | None = None) -> T:
        given = {"Content-Type": "application/json", **(headers or {})}
        return await self._send("POST", path, kind, content=msgspec.json.encode(fields), headers=given)

    async def _send(self, method: str, path: str, kind: type[T], **options: Any) -> T:
        try:
            answer = await self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            raise NotNowError(type(error).__name__) from None
        if answer.status_code >= 500 or answer.status_code in _LATER:
            raise NotNowError(
                f"answered {answer.status_code}", status=answer.status_code, retry_after_s=_retry_after(answer)
            )
        if not answer.is_success:
            raise RefusedError(f"answered {answer.status_code}", status=answer.status_code)
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError:
            raise NotNowError("answered something else", status=answer.status_code) from None


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "")))
    except ValueError:
        return None
