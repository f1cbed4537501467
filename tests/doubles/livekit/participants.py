"""Participants and their tracks, as the others in the room see them."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from livekit.protocol import models

from tests.doubles.livekit.access import Access
from tests.doubles.livekit.forwarding import Incoming
from tests.doubles.livekit.sessions import Session

State = models.ParticipantInfo.State
_DEPENDENT = {"AGENT", "EGRESS"}


def new_sid(prefix: str) -> str:
    """An id as LiveKit writes them: what it is of, and something random."""
    return prefix + secrets.token_hex(6)


@dataclass(kw_only=True)
class Track:
    """One audio track."""

    cid: str
    """The client's name for it."""
    info: models.TrackInfo
    incoming: Incoming | None = None
    """Its packets; None: it is announced, but not sent yet."""
    was_subscribed: bool = False
    """Somebody hears it, and the publisher has been told."""


@dataclass(kw_only=True)
class Participant:
    """Somebody in a room."""

    access: Access
    session: Session | None
    """Their connection; None: somebody whom the SFU plays, as one who was rung by SIP."""
    auto_subscribe: bool = True
    sid: str = field(default_factory=lambda: new_sid("PA_"))
    state: models.ParticipantInfo.State = State.JOINED
    joined_at_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    name: str = ""
    metadata: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    permission: models.ParticipantPermission = field(default_factory=models.ParticipantPermission)
    announced: dict[str, Track] = field(default_factory=dict)
    """Tracks to come, by the client's name for them."""
    tracks: dict[str, Track] = field(default_factory=dict)
    """Tracks that are sent, by their id."""
    has_joined: bool = False
    """Was active once."""
    disconnect_reason: models.DisconnectReason = models.DisconnectReason.UNKNOWN_REASON
    version: int = 0

    def __post_init__(self) -> None:
        self.name = self.access.name
        self.metadata = self.access.metadata
        self.attributes = dict(self.access.attributes)
        self.permission = self.access.permission

    @property
    def identity(self) -> str:
        """Unique in the room."""
        return self.access.identity

    @property
    def is_dependent(self) -> bool:
        """Does not keep a room open."""
        return self.access.kind in _DEPENDENT

    def may_publish(self, source: models.TrackSource) -> bool:
        """Whether a track of this source is allowed."""
        sources = self.permission.can_publish_sources
        return self.permission.can_publish and (not sources or source in sources)

    def change(self, *, name: str, metadata: str, attributes: Mapping[str, str]) -> None:
        """Takes over what is given; an attribute without a value is removed."""
        self.name = name or self.name
        self.metadata = metadata or self.metadata
        changed = {**self.attributes, **attributes}
        self.attributes = {key: value for key, value in changed.items() if value}

    def info(self) -> models.ParticipantInfo:
        """What everybody is told."""
        self.version += 1
        return models.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            state=self.state,
            tracks=[track.info for track in self.tracks.values()],
            metadata=self.metadata,
            joined_at=self.joined_at_ms // 1000,
            joined_at_ms=self.joined_at_ms,
            name=self.name,
            version=self.version,
            permission=self.permission,
            is_publisher=bool(self.tracks),
            kind=self.access.kind,
            attributes=self.attributes,
            disconnect_reason=self.disconnect_reason,
        )
