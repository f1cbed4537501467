"""Tokens: who somebody is in a room and what they may do there, signed for ten minutes."""

import json
from datetime import timedelta

from livekit import api

from integrations.livekit.rooms import Seat

LIFETIME = timedelta(minutes=10)
ROLE = "aa.role"
AGENT_ID = "aa.agent_id"
"""Attributes of a participant. They come from the token, and nobody may change their own."""


def browser_token(api_key: str, api_secret: str, seat: Seat) -> str:
    """A JWT for one room: microphone only, or, for who only listens, nothing and unseen by the others."""
    grants = api.VideoGrants(
        room_join=True,
        room=seat.room,
        can_publish=not seat.only_listens,
        can_publish_data=False,
        can_publish_sources=[] if seat.only_listens else ["microphone"],
        can_subscribe=True,
        can_update_own_metadata=False,
        hidden=seat.only_listens,
    )
    attributes = {ROLE: seat.role, **({AGENT_ID: seat.agent_id} if seat.agent_id else {})}
    token = api.AccessToken(api_key, api_secret).with_identity(seat.identity).with_grants(grants)
    token = token.with_attributes(attributes).with_name(seat.name or seat.role).with_ttl(LIFETIME)
    if seat.brings is not None:
        job = api.RoomAgentDispatch(agent_name=seat.brings.agent_name, metadata=json.dumps(seat.brings.metadata))
        token = token.with_room_config(api.RoomConfiguration(agents=[job]))
    return token.to_jwt()
