"""Who is in a room, and when its call is over. Moments are monotonic seconds."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from integrations.livekit.roles import Person


class Grace(Struct, frozen=True, kw_only=True):
    """How long absences are borne, in seconds."""

    returning_s: float = 10.0
    """Until somebody who left is gone, and until a call without its customer is over."""
    first_s: float = 60.0
    """Until a room that nobody enters is left."""


class Presence:
    """One room's. Everybody who was ever there is known until the end."""

    def __init__(self, grace: Grace, now: float) -> None:
        self._grace = grace
        self._people: dict[str, Person] = {}
        self._left: dict[str, float] = {}
        self._began = now

    def arrive(self, person: Person) -> None:
        """Somebody comes, or comes back."""
        self._people[person.identity] = person
        self._left.pop(person.identity, None)

    def leave(self, identity: str, now: float) -> None:
        """Somebody goes, perhaps only for a moment."""
        if identity in self._people:
            self._left[identity] = now

    def everybody(self) -> Iterator[tuple[Person, bool]]:
        """All who were ever there, and whether they are."""
        for identity, person in self._people.items():
            yield person, identity not in self._left

    def gone(self, now: float) -> list[str]:
        """Those who have been away for longer than people are when they lose their connection."""
        return [identity for identity, since in self._left.items() if now - since >= self._grace.returning_s]

    @property
    def has_begun(self) -> bool:
        """Somebody was there."""
        return bool(self._people)

    def is_over(self, now: float) -> bool:
        """Nobody is there any more; or the customer is not, who was."""
        if not self._people:
            return now - self._began >= self._grace.first_s
        customers = [person.identity for person in self._people.values() if person.speaker == "customer"]
        return self._have_gone(list(self._people), now) or (bool(customers) and self._have_gone(customers, now))

    def _have_gone(self, identities: list[str], now: float) -> bool:
        away = [self._left.get(identity) for identity in identities]
        return all(since is not None and now - since >= self._grace.returning_s for since in away)


def as_told(person: Person, present: bool) -> dict[str, Any]:  # noqa: FBT001 - as `everybody` gives it
    """For a heartbeat."""
    role = "customer" if person.role == "unknown" else person.role
    fields = {"name": (person.name, 300), "agent_id": (person.agent_id, 200), "phone": (person.phone, 50)}
    told = {name: value[:most] for name, (value, most) in fields.items() if value is not None}
    return {"identity": person.identity, "role": role, "present": present, **told}
