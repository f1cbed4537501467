"""Which call a room is: what the dispatch says, else the telephone call in it, else the room itself."""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from msgspec import Struct

from integrations.livekit.roles import Person

_PHONE_CHARS = 50
_NAME_CHARS = 300


class Dispatch(Struct, frozen=True, kw_only=True):
    """Metadata of a job; a dispatch rule for telephone calls gives none."""

    session_id: str | None = None
    call_id: str | None = None
    purpose: Literal["listen", "answer", "callback"] | None = None
    follow_up_id: str | None = None


def read_dispatch(metadata: str) -> Dispatch:
    """Whatever is not ours says nothing."""
    try:
        return msgspec.json.decode(metadata, type=Dispatch)
    except msgspec.MsgspecError:
        return Dispatch()


def call_fields(dispatch: Dispatch, room: str, room_sid: str, people: Iterable[Person]) -> dict[str, Any]:
    """For `call/start`, by those who are in the room now."""
    present = list(people)
    caller = next((person for person in present if person.speaker == "customer"), None)
    agent = next((person for person in present if person.role == "agent"), None)
    sip = caller.sip if caller else {}
    metadata = {"source": "livekit", "room": room, "trunk": sip.get("trunkID"), "dialled": sip.get("trunkPhoneNumber")}
    fields = {
        "call_id": dispatch.call_id or sip.get("callID") or f"livekit:{room_sid}",
        "agent_id": agent.agent_id if agent else None,
        "agent_name": agent.name[:_NAME_CHARS] if agent and agent.name else None,
        "customer_phone": caller.phone[:_PHONE_CHARS] if caller and caller.phone else None,
        "customer_name": caller.name[:_NAME_CHARS] if caller and caller.name else None,
        "acd_metadata": {name: value for name, value in metadata.items() if value},
    }
    return {name: value for name, value in fields.items() if value is not None}
