"""What is said to a LiveKit server and what it says, as plain values; importing this needs no LiveKit."""

from typing import Literal

from msgspec import Struct

AgentName = Literal["assist", "receptionist"]
LISTENER: AgentName = "assist"
RECEPTIONIST: AgentName = "receptionist"
Purpose = Literal["listen", "answer", "callback"]


class Seat(Struct, frozen=True, kw_only=True):
    """Somebody's place in a room, as it stands in their token."""

    room: str
    identity: str
    role: Literal["agent", "customer", "supervisor"]
    name: str | None = None
    agent_id: str | None = None
    only_listens: bool = False
    """Publishes nothing and is not shown to the others."""
    brings: "Dispatch | None" = None
    """The job that is sent when this person opens the room."""


class Dispatch(Struct, frozen=True, kw_only=True):
    """A job that is to come to a room."""

    agent_name: str
    metadata: dict[str, str]
    """Read by the job: session_id, call_id, purpose, follow_up_id."""


class Caller(Struct, frozen=True, kw_only=True):
    """Somebody who has come into a room by telephone or as a customer."""

    call_id: str
    """The telephone system's id, else made of the room's: the same that a job chooses."""
    phone: str | None
    name: str | None


class RoomEvent(Struct, frozen=True, kw_only=True):
    """A genuine webhook."""

    id: str
    event: str
    """participant_joined, participant_left, room_finished, …"""
    room: str | None
    identity: str | None = None
    is_job: bool = False
    """The participant is a job of ours, not a person."""
    caller: "Caller | None" = None
    """The participant is somebody who calls."""


class Ring(Struct, frozen=True, kw_only=True):
    """Somebody who is to be rung and put into a room."""

    room: str
    number: str
    identity: str
    name: str | None = None
    role: Literal["agent", "customer"] = "customer"


class RingResult(Struct, frozen=True, kw_only=True):
    """What came of it."""

    answered: bool
    status: str = ""
    """SIP status or a word, for people; empty when answered."""
    again: bool = False
    """Busy, away or a failure on the way: another attempt makes sense."""
