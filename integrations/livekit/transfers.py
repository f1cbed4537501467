"""A caller is passed to a human: transferred away, or joined by somebody who is rung into the room."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from integrations.livekit.control import LiveKitRooms
from integrations.livekit.roles import Person
from integrations.livekit.rooms import LISTENER, Dispatch, Ring
from pipeline.errors import UpstreamError

_RUNG = "agent:transfer"


class Passed(Struct, frozen=True, kw_only=True):
    """What came of it."""

    how: Literal["transferred", "joined"] | None
    """transferred: the caller is gone; joined: a human is in the room; None: nobody took the call."""
    status: str = ""
    """Why nobody did, for logs."""


@dataclass(frozen=True, kw_only=True)
class Transfers:
    """To one address."""

    rooms: LiveKitRooms
    to: str | None
    """Number or SIP address of the people who take over; None: there are none."""
    is_warm: bool
    """They are rung and join the caller's room; else who calls by telephone is transferred away."""

    async def pass_on(self, room: str, caller: Person, session_id: str | None) -> Passed:
        """Waits until somebody has taken the call, or nobody. Who joins is helped by a listener."""
        if self.to is None:
            return Passed(how=None, status="nobody")
        if caller.sip and not self.is_warm:
            result = await self.rooms.transfer(room, caller.identity, _address(self.to))
            return Passed(how="transferred" if result.answered else None, status=result.status)
        number = self.to.removeprefix("tel:")
        result = await self.rooms.ring(Ring(room=room, number=number, identity=_RUNG, name="Agent", role="agent"))
        if not result.answered:
            return Passed(how=None, status=result.status)
        metadata = {"purpose": "listen", **({"session_id": session_id} if session_id else {})}
        with suppress(UpstreamError):
            await self.rooms.dispatch(room, Dispatch(agent_name=LISTENER, metadata=metadata))
        return Passed(how="joined")


def _address(to: str) -> str:
    """As SIP transfers take it."""
    return to if to.startswith(("tel:", "sip:", "sips:")) else f"tel:{to}"
