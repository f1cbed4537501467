"""What spoken calls need of a LiveKit server: implemented by `integrations.livekit.control`."""

from typing import Protocol

from integrations.livekit.rooms import Dispatch, Ring, RingResult, RoomEvent, Seat


class Rooms(Protocol):
    """A LiveKit server. Every method but `token` and `genuine` raises `UpstreamError` when it does not answer."""

    url: str

    def token(self, seat: Seat) -> str:
        """A signed token, valid for ten minutes."""
        ...

    def genuine(self, body: bytes, authorization: str | None) -> RoomEvent | None:
        """The webhook in a raw body; None: LiveKit has not signed it."""
        ...

    async def dispatch(self, room: str, dispatch: Dispatch) -> None:
        """Asks for a job. That it comes is not promised: a worker that is too busy declines silently."""
        ...

    async def dispatched(self, room: str) -> list[Dispatch]:
        """The jobs that were asked for in a room, by its dispatch rule, a token or us."""
        ...

    async def people(self, room: str) -> int:
        """How many persons are in a room; 0 where there is no such room."""
        ...

    async def ring(self, ring: Ring) -> RingResult:
        """Rings a number until it is answered or not."""
        ...

    async def delete(self, room: str) -> None:
        """Ends a room for everybody in it; again is as good as once."""
        ...

    async def close(self) -> None:
        """Closes connections."""
        ...
