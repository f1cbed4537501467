"""What a token allows: signature and times are checked, and who somebody is comes from nowhere else."""

from dataclasses import dataclass, field

import jwt
from aiohttp import web
from livekit import api
from livekit.protocol import models
from livekit.protocol.room import RoomConfiguration


class RefusedError(Exception):
    """The token is missing, altered, expired or of another key."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """A token that was verified."""

    identity: str
    name: str
    kind: str
    """Upper case, as ParticipantInfo.Kind has it."""
    metadata: str
    attributes: dict[str, str]
    grants: api.VideoGrants
    room_config: RoomConfiguration = field(default_factory=RoomConfiguration)
    can_dial: bool = False

    @property
    def permission(self) -> models.ParticipantPermission:
        """As participants are told; sources that are named supersede the general permission to publish."""
        sources = [source.upper() for source in self.grants.can_publish_sources or ()]
        return models.ParticipantPermission(
            can_subscribe=self.grants.can_subscribe,
            can_publish=self.grants.can_publish or bool(sources),
            can_publish_data=self.grants.can_publish_data,
            can_publish_sources=sources,
            can_update_metadata=bool(self.grants.can_update_own_metadata),
            hidden=bool(self.grants.hidden),
            recorder=bool(self.grants.recorder),
            agent=bool(self.grants.agent),
        )


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Checks tokens against the only key there is."""

    api_key: str
    api_secret: str

    def admit(self, request: web.Request) -> Access:
        """The token in the query or in the header.

        Raises:
            RefusedError: there is no valid one.
        """
        token = request.query.get("access_token") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = api.TokenVerifier(self.api_key, self.api_secret).verify(token)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise RefusedError(str(error)) from error
        return Access(
            identity=claims.identity,
            name=claims.name,
            kind=(claims.kind or "standard").upper(),
            metadata=claims.metadata,
            attributes=dict(claims.attributes or {}),
            grants=claims.video or api.VideoGrants(),
            room_config=claims.room_config or RoomConfiguration(),
            can_dial=bool(claims.sip and claims.sip.call),
        )

    def admit_to_room(self, request: web.Request) -> Access:
        """A token that lets its holder join a room.

        Raises:
            RefusedError: it does not.
        """
        access = self.admit(request)
        if not (access.grants.room_join and access.grants.room and access.identity):
            raise RefusedError("the token does not allow to join a room")
        return access
