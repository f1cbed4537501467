"""What a test holds of the SFU: where it is, its key, and what it can be told to do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["answered", "joins", "failed_quietly", "404", "408", "480", "486", "603"]
"""Of a call or a transfer. answered: a silent SIP participant is in the room (or the transfer works); joins: it rings
until the test itself joins with the rung identity; failed_quietly: of a transfer only, a failure without an error; or
the SIP status with which it fails.
"""

_FLOWING = 15
"""Packets of 20 ms after which sound has come through to stay."""


class OnlyDoubleError(Exception):
    """A real server cannot be told this."""


def not_a_double(name: str, given: Mapping[str, Any]) -> Any:
    """What a real server does with commands.

    Raises:
        OnlyDoubleError: always.
    """
    raise OnlyDoubleError(name)


@dataclass(frozen=True, kw_only=True)
class Sfu:
    """An SFU, the double or a real one. Every command but the addresses is for the double alone."""

    url: str
    """ws://…"""
    api_key: str
    api_secret: str
    perform: Callable[[str, Mapping[str, Any]], Any] = field(default=not_a_double, repr=False)

    @property
    def http_url(self) -> str:
        """http://…"""
        return "http" + self.url.removeprefix("ws")

    @property
    def is_double(self) -> bool:
        """Whether it takes commands."""
        return self.perform is not not_a_double

    def cut(self, room: str, identity: str) -> None:
        """Cuts a participant's signalling; the client comes back by itself, as a new participant of that identity."""
        self.perform("cut", {"room": room, "identity": identity})

    def cut_workers(self) -> None:
        """Cuts the connections of all workers; they come back, and their jobs go on."""
        self.perform("cut_workers", {})

    def participants(self, room: str) -> list[dict[str, Any]]:
        """identity, sid, name, kind (STANDARD, SIP, AGENT …), state, attributes, tracks (sid, muted, packets, fewest).

        packets: how many have arrived; fewest: how many the listener has got who has got the fewest.
        """
        found: list[dict[str, Any]] = self.perform("participants", {"room": room})
        return found

    def identities(self, room: str) -> set[str]:
        """Who is in the room and has its media connection."""
        return {found["identity"] for found in self.participants(room) if found["state"] == "ACTIVE"}

    def is_heard(self, room: str, identity: str) -> bool:
        """Whether all who subscribe to somebody's microphone get its sound. Of a real server: not known, yes."""
        if not self.is_double:
            return True
        tracks = [track for one in self.participants(room) if one["identity"] == identity for track in one["tracks"]]
        return any(track["fewest"] >= _FLOWING for track in tracks)

    def jobs(self, room: str | None = None) -> list[dict[str, Any]]:
        """id, dispatch_id, room, agent_name, metadata, identity, worker_id, outcome, in the order of the dispatches.

        outcome: asking, lost (no worker), declined (none wanted it), then what its worker reports: JS_RUNNING,
        JS_SUCCESS, JS_FAILED.
        """
        jobs: list[dict[str, Any]] = self.perform("jobs", {})
        return [job for job in jobs if room in (None, job["room"])]

    def workers(self) -> list[dict[str, Any]]:
        """id, agent_name, is_available of those which are connected."""
        found: list[dict[str, Any]] = self.perform("workers", {})
        return found

    def decline(self, count: int) -> None:
        """The next so many dispatches are lost as if every worker had declined."""
        self.perform("decline", {"count": count})

    def calls_end(self, *outcomes: Outcome) -> None:
        """How the next calls that are made end; the last one holds from then on."""
        self.perform("telephone", {"calls": outcomes, "transfers": None})

    def transfers_end(self, *outcomes: Outcome) -> None:
        """How the next transfers end; the last one holds from then on."""
        self.perform("telephone", {"calls": None, "transfers": outcomes})

    def send_webhooks_to(self, url: str | None) -> None:
        """Where events are told from now on; None: nowhere."""
        self.perform("webhook_url", {"url": url})

    def send_webhook_again(self, event: str) -> str:
        """Delivers the last event of this kind once more; its id, which stays the same."""
        event_id: str = self.perform("webhook_again", {"event": event})
        return event_id

    def events(self, *kinds: str) -> Sequence[dict[str, Any]]:
        """What has happened, as the bodies of webhooks, whether they were delivered or not."""
        happened: list[dict[str, Any]] = self.perform("events", {})
        return [event for event in happened if not kinds or event["event"] in kinds]

    def delivered(self) -> list[str]:
        """Ids of the events which the receiver has taken, once for every time."""
        ids: list[str] = self.perform("delivered", {})
        return ids

    def twirp_calls(self, method: str | None = None) -> list[dict[str, Any]]:
        """What was asked over the HTTP API: method, request."""
        calls: list[dict[str, Any]] = self.perform("twirp_calls", {})
        return [call for call in calls if method in (None, call["method"])]
