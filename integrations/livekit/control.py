"""A LiveKit server, asked over its API: jobs for rooms, who is in them, people rung and transferred."""

import asyncio
import json
from collections.abc import Awaitable
from datetime import timedelta
from typing import TypeVar

import aiohttp
from google.protobuf.duration_pb2 import Duration
from livekit import api
from livekit.protocol.models import ParticipantInfo
from livekit.protocol.sip import SIPTransferStatus

from integrations.livekit.rooms import Dispatch, Ring, RingResult, RoomEvent, Seat
from integrations.livekit.tokens import ROLE, browser_token
from integrations.livekit.webhooks import genuine_event
from pipeline.errors import UpstreamError

SERVICE = "livekit"
_TIMEOUT_S = 10.0
_RINGING = timedelta(seconds=35)
_ANSWER_TIMEOUT_S = 60.0
_MACHINES = (ParticipantInfo.Kind.AGENT, ParticipantInfo.Kind.EGRESS, ParticipantInfo.Kind.INGRESS)
_TRY_AGAIN = frozenset({408, 480, 486, 487, 500, 502, 503, 504, 600})
"""SIP statuses of somebody who is busy or away, and of failures on the way."""

T = TypeVar("T")


class LiveKitRooms:
    """One server and one key. Ends with `close`."""

    def __init__(self, url: str, api_key: str, api_secret: str, *, sip_trunk: str | None = None) -> None:
        """Connects to nothing yet. `sip_trunk`: id of the outbound trunk; None: nobody can be rung."""
        self.url = url
        self.sip_trunk = sip_trunk
        self._key, self._secret = api_key, api_secret
        self._opened: api.LiveKitAPI | None = None

    def token(self, seat: Seat) -> str:
        """A signed token, valid for ten minutes."""
        return browser_token(self._key, self._secret, seat)

    def genuine(self, body: bytes, authorization: str | None) -> RoomEvent | None:
        """The webhook in a raw body; None: it is not this server's."""
        return genuine_event(self._key, self._secret, body, authorization)

    async def dispatch(self, room: str, dispatch: Dispatch) -> None:
        """Asks for a job.

        Raises:
            UpstreamError: the server does not answer or refuses.
        """
        metadata = json.dumps(dispatch.metadata)
        asked = api.CreateAgentDispatchRequest(agent_name=dispatch.agent_name, room=room, metadata=metadata)
        await _answered(self._api.agent_dispatch.create_dispatch(asked))

    async def dispatched(self, room: str) -> list[Dispatch]:
        """The jobs that were asked for in a room, by its dispatch rule, a token or us.

        Raises:
            UpstreamError: the server does not answer or refuses.
        """
        try:
            found = await _answered(self._api.agent_dispatch.list_dispatch(room))
        except _UnknownError:
            return []
        return [Dispatch(agent_name=one.agent_name, metadata=metadata_of(one.metadata)) for one in found]

    async def people(self, room: str) -> int:
        """How many persons are in a room; 0 where there is no such room.

        Raises:
            UpstreamError: the server does not answer or refuses.
        """
        asked = api.ListParticipantsRequest(room=room)
        try:
            found = await _answered(self._api.room.list_participants(asked))
        except _UnknownError:
            return 0
        return sum(1 for one in found.participants if one.kind not in _MACHINES)

    async def delete(self, room: str) -> None:
        """Ends a room for everybody in it; again is as good as once.

        Raises:
            UpstreamError: the server does not answer or refuses.
        """
        try:
            await _answered(self._api.room.delete_room(api.DeleteRoomRequest(room=room)))
        except _UnknownError:
            return

    async def ring(self, ring: Ring) -> RingResult:
        """Rings a number until it is answered or not."""
        if self.sip_trunk is None:
            return RingResult(answered=False, status="no outbound trunk")
        asked = api.CreateSIPParticipantRequest(
            sip_trunk_id=self.sip_trunk,
            sip_call_to=ring.number,
            room_name=ring.room,
            participant_identity=ring.identity,
            participant_name=ring.name or "",
            participant_attributes={ROLE: ring.role},
            wait_until_answered=True,
            ringing_timeout=_duration(_RINGING),
        )
        try:
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                await self._api.sip.create_sip_participant(asked, timeout=_ANSWER_TIMEOUT_S)
        except api.SipCallError as error:
            return _not_answered(error)
        except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
            return RingResult(answered=False, status=_reason(error), again=True)
        return RingResult(answered=True)

    async def transfer(self, room: str, identity: str, to: str) -> RingResult:
        """Hands a caller over to another number; only a status that says so is a success."""
        asked = api.TransferSIPParticipantRequest(
            room_name=room, participant_identity=identity, transfer_to=to, play_dialtone=False
        )
        try:
            async with asyncio.timeout(_ANSWER_TIMEOUT_S):
                answer = await self._api.sip.transfer_sip_participant(asked, timeout=_ANSWER_TIMEOUT_S)
        except api.SipCallError as error:
            return _not_answered(error)
        except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
            return RingResult(answered=False, status=_reason(error), again=True)
        status = getattr(answer, "status", None)
        if status is not None and status != SIPTransferStatus.STS_TRANSFER_SUCCESSFUL:
            return RingResult(answered=False, status=SIPTransferStatus.Name(status), again=True)
        return RingResult(answered=True)

    async def close(self) -> None:
        """Closes connections."""
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None

    @property
    def _api(self) -> api.LiveKitAPI:
        """Made inside the event loop that uses it."""
        if self._opened is None:
            self._opened = api.LiveKitAPI(self.url, self._key, self._secret)
        return self._opened


class _UnknownError(UpstreamError):
    """There is no such room."""


async def _answered(asked: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await asked
    except api.TwirpError as error:
        kind = _UnknownError if error.code == "not_found" else UpstreamError
        raise kind(SERVICE, f"the server refused: {error.code}", retryable=error.status >= 500) from None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise UpstreamError(SERVICE, f"it does not answer ({type(error).__name__})", retryable=True) from None


def _not_answered(error: api.SipCallError) -> RingResult:
    code = error.sip_status_code or 0
    return RingResult(answered=False, status=str(code or error.code), again=code in _TRY_AGAIN)


def _reason(error: BaseException) -> str:
    return error.code if isinstance(error, api.TwirpError) else type(error).__name__


def metadata_of(text: str) -> dict[str, str]:
    """A dispatch's metadata; empty where it is none of ours."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _duration(span: timedelta) -> Duration:
    found = Duration()
    found.FromTimedelta(span)
    return found
