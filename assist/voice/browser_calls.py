"""Calls with a browser: an agent's, a visitor's on the test page, and a supervisor who listens in."""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from msgspec import Struct

from assist import audit
from assist.access import Person
from assist.calls import Calls, StartCall, unknown_session
from assist.db import calls as call_rows
from assist.db import voice
from assist.db.engine import Sessions
from assist.db.models import CallSession, VoiceRoom
from assist.errors import ConflictError, NotFoundError, RequestError
from assist.rate_limit import RateLimit
from assist.voice.ports import Rooms
from integrations.livekit.rooms import LISTENER, RECEPTIONIST, Dispatch, Seat

TOKEN_S = 600
INVITE_S = 3600
_ROOM_CHARS = 12


class Ticket(Struct, frozen=True, kw_only=True):
    """What a browser needs to join a room."""

    room: str
    url: str
    token: str
    identity: str
    expires_in: int = TOKEN_S
    """Seconds for which the token opens the room; who is in it stays."""


class CallTicket(Struct, frozen=True, kw_only=True):
    """What an agent's browser needs to join its call."""

    session_id: UUID
    call_id: str
    room: str
    url: str
    token: str
    identity: str
    customer_link: str | None
    """By which a customer joins this call with a browser; None: test calls are switched off."""
    expires_in: int = TOKEN_S


def limit_visits() -> RateLimit:
    """Calls from the test page, by address: each costs a room, a worker's job and its recogniser."""
    return RateLimit(most=10, window_s=60.0, code="too_many_calls", detail="Too many calls from here.")


@dataclass(frozen=True, kw_only=True)
class BrowserCalls:
    """Opens rooms and hands out places in them."""

    sessions: Sessions
    calls: Calls
    rooms: Rooms | None
    """None: no LiveKit server is configured."""
    secret: bytes
    """Signs invitations."""
    test_calls: bool
    """Anybody may call from the page /call."""
    company: str | None = None
    """As visitors see it."""
    visits: RateLimit = field(default_factory=limit_visits)
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""

    @property
    def enabled(self) -> bool:
        """Whether there can be browser calls."""
        return self.rooms is not None

    async def start(self, person: Person, customer_name: str | None, customer_phone: str | None) -> CallTicket:
        """A new call of this person's.

        Raises:
            ConflictError: no LiveKit server is configured.
        """
        rooms = self._configured()
        room = f"call-{uuid4().hex[:_ROOM_CHARS]}"
        agent_id = person.agent_identities[-1]
        new = StartCall(
            call_id=room,
            agent_id=agent_id,
            agent_name=person.name,
            customer_name=customer_name,
            customer_phone=customer_phone,
            acd_metadata={"source": "browser", "room": room},
        )
        session_id = await self.calls.start(new, None)
        await self._open_room(session_id, room, LISTENER, "listen")
        return self._ticket(rooms, session_id, room, person)

    async def rejoin(self, person: Person, session_id: UUID) -> CallTicket:
        """The call's own agent again, with a fresh token.

        Raises:
            NotFoundError: there is no such call for this person, or it is not spoken in a room.
            ConflictError: it has ended.
        """
        rooms = self._configured()
        call, room = await self._active(session_id)
        async with self.sessions() as session:
            if not await call_rows.is_on_call(session, session_id, person.agent_identities):
                raise unknown_session()
        return self._ticket(rooms, call.session_id, room.room, person)

    async def listen_in(self, person: Person, session_id: UUID) -> Ticket:
        """A place from which a supervisor hears both sides, unheard and unseen. It is audited.

        Raises:
            NotFoundError: there is no such call, or it is not spoken in a room.
            ConflictError: it has ended.
        """
        rooms = self._configured()
        _, room = await self._active(session_id)
        async with self.sessions.begin() as session:
            await audit.record(session, person, "call.listened_in", ("call", str(session_id)))
        identity = f"supervisor:{person.id}:{uuid4().hex[:4]}"
        seat = Seat(room=room.room, identity=identity, role="supervisor", name=person.name, only_listens=True)
        return Ticket(room=room.room, url=rooms.url, token=rooms.token(seat), identity=identity)

    async def host(self, invite: str) -> str | None:
        """The name of the agent who invites; None: the invitation is not ours or too old, or nobody is named."""
        try:
            call, _ = await self._active(self._invited(invite))
        except RequestError:
            return None
        return call.agent_name

    async def visit(self, invite: str | None, name: str | None, address: str) -> Ticket:
        """A customer's place: in the call that invites them, else in a new one that the receptionist answers.

        Raises:
            NotFoundError: test calls are switched off.
            ConflictError: no LiveKit server is configured, or the call has ended.
            RequestError: 410, the invitation is not ours or too old; 429, too many calls from this address.
        """
        if not self.test_calls:
            raise NotFoundError("feature_off", "Calls from this page are switched off (ASSIST_TEST_CALLS).")
        rooms = self._configured()
        self.visits.take(address)
        identity = f"customer:{uuid4().hex[:_ROOM_CHARS]}"
        if invite is not None:
            call, row = await self._active(self._invited(invite))
            brings = _listener_for(call.session_id, row.room)  # whoever is first opens the room
            seat = Seat(room=row.room, identity=identity, role="customer", name=name, brings=brings)
        else:
            room = f"visit-{uuid4().hex[:_ROOM_CHARS]}"
            brings = Dispatch(agent_name=RECEPTIONIST, metadata={"purpose": "answer", "call_id": room})
            seat = Seat(room=room, identity=identity, role="customer", name=name, brings=brings)
        return Ticket(room=seat.room, url=rooms.url, token=rooms.token(seat), identity=identity)

    def _configured(self) -> Rooms:
        if self.rooms is None:
            detail = "No LiveKit server is configured. Set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET."
            raise ConflictError("voice_not_configured", detail)
        return self.rooms

    async def _open_room(self, session_id: UUID, room: str, agent_name: str, purpose: str) -> None:
        values = {"session_id": session_id, "room": room, "agent_name": agent_name, "purpose": purpose}
        async with self.sessions.begin() as session:
            await voice.insert_room(session, values)

    async def _active(self, session_id: UUID) -> tuple[CallSession, VoiceRoom]:
        async with self.sessions() as session:
            call = await call_rows.by_session_id(session, session_id)
            room = await voice.room_of(session, session_id)
        if call is None or room is None:
            raise NotFoundError("unknown_session", "There is no such call, or nobody speaks in it over LiveKit.")
        if call.status != "active":
            raise ConflictError("call_ended", "This call has ended.")
        return call, room

    def _ticket(self, rooms: Rooms, session_id: UUID, room: str, person: Person) -> CallTicket:
        agent_id = person.agent_identities[-1]
        identity = f"agent:{agent_id}"
        seat = Seat(
            room=room,
            identity=identity,
            role="agent",
            name=person.name,
            agent_id=agent_id,
            brings=_listener_for(session_id, room),
        )
        return CallTicket(
            session_id=session_id,
            call_id=room,
            room=room,
            url=rooms.url,
            token=rooms.token(seat),
            identity=identity,
            customer_link=f"/call?invite={self._invitation(session_id)}" if self.test_calls else None,
        )

    def _invitation(self, session_id: UUID) -> str:
        until = int(self.clock()) + INVITE_S
        return f"{session_id.hex}.{until}.{self._signature(session_id, until)}"

    def _invited(self, invite: str) -> UUID:
        gone = RequestError("invite_expired", 410, "This link is too old or incomplete. Ask for a new one.")
        identity, _, rest = invite.partition(".")
        until, _, signature = rest.partition(".")
        try:
            session_id, moment = UUID(identity), int(until)
        except ValueError:
            raise gone from None
        if moment < self.clock() or not hmac.compare_digest(
            signature.encode(), self._signature(session_id, moment).encode()
        ):
            raise gone
        return session_id

    def _signature(self, session_id: UUID, until: int) -> str:
        return hmac.new(self.secret, f"invite\n{session_id}\n{until}".encode(), hashlib.sha256).hexdigest()[:32]


def _listener_for(session_id: UUID, room: str) -> Dispatch:
    metadata = {"session_id": str(session_id), "call_id": room, "purpose": "listen"}
    return Dispatch(agent_name=LISTENER, metadata=metadata)
