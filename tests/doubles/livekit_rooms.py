"""A LiveKit server as the port `Rooms` has it, without one: rooms are sets of names, and numbers answer as told."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from integrations.livekit.rooms import Dispatch, Ring, RingResult, RoomEvent, Seat
from pipeline.errors import UpstreamError

ANSWERED = RingResult(answered=True)
BUSY = RingResult(answered=False, status="486", again=True)
DECLINED = RingResult(answered=False, status="603")


@dataclass(kw_only=True)
class RoomsDouble:
    """Keeps what it was asked for."""

    url: str = "ws://127.0.0.1:7880"
    present: dict[str, set[str]] = field(default_factory=dict)
    """Persons by room."""
    rules: dict[str, list[Dispatch]] = field(default_factory=dict)
    """Jobs that a dispatch rule or a token asks for, by room."""
    sent: list[tuple[str, Dispatch]] = field(default_factory=list)
    rung: list[Ring] = field(default_factory=list)
    answers: Sequence[RingResult] = (ANSWERED,)
    """Used up one a ring, the last one again and again."""
    deleted: list[str] = field(default_factory=list)
    is_down: bool = False
    holding: asyncio.Event | None = None
    """A ring waits for it."""

    def token(self, seat: Seat) -> str:
        """Readable, for tests."""
        return json.dumps({"room": seat.room, "identity": seat.identity, "role": seat.role})

    def genuine(self, body: bytes, authorization: str | None) -> RoomEvent | None:
        """Signed by the word "genuine"."""
        return RoomEvent(**json.loads(body)) if authorization == "genuine" else None

    async def dispatch(self, room: str, dispatch: Dispatch) -> None:
        """Nobody comes by itself."""
        self._check()
        self.sent.append((room, dispatch))

    async def dispatched(self, room: str) -> list[Dispatch]:
        """As the rules say."""
        self._check()
        return self.rules.get(room, [])

    async def people(self, room: str) -> int:
        """How many are in it."""
        self._check()
        return len(self.present.get(room, ()))

    async def ring(self, ring: Ring) -> RingResult:
        """As told."""
        self.rung.append(ring)
        if self.holding is not None:
            await self.holding.wait()
        first, *others = self.answers
        self.answers = others or [first]
        return first

    async def delete(self, room: str) -> None:
        """It is gone."""
        self._check()
        self.deleted.append(room)

    async def close(self) -> None:
        """There is nothing to close."""

    def _check(self) -> None:
        if self.is_down:
            raise UpstreamError("livekit", "it does not answer", retryable=True)
