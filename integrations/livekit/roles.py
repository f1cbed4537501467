"""Who somebody in a room is: what the server signed into the token, then the kind of connection."""

import re
from collections.abc import Mapping
from typing import Literal, Protocol

from livekit import rtc
from msgspec import Struct

from integrations.livekit.spoken import Speaker
from integrations.livekit.tokens import AGENT_ID, ROLE

Role = Literal["customer", "agent", "supervisor", "bot", "unknown"]

_SIGNED: Mapping[str, Role] = {"customer": "customer", "agent": "agent", "supervisor": "supervisor"}
_KIND = rtc.ParticipantKind
_RECORDERS = frozenset({_KIND.PARTICIPANT_KIND_EGRESS, _KIND.PARTICIPANT_KIND_INGRESS})
_DIALLED = frozenset({_KIND.PARTICIPANT_KIND_SIP, _KIND.PARTICIPANT_KIND_CONNECTOR})
_DIGIT = re.compile(r"\d")
_DIGITS_OF_A_NUMBER = 5


class Participant(Protocol):
    """As much of a participant as tells who it is."""

    @property
    def identity(self) -> str:
        """Unique in the room; the same when somebody comes back."""

    @property
    def name(self) -> str:
        """As others see it."""

    @property
    def kind(self) -> rtc.ParticipantKind.ValueType:
        """How it is connected."""

    @property
    def attributes(self) -> dict[str, str]:
        """From its token; it cannot change them itself."""


class Person(Struct, frozen=True, kw_only=True):
    """Somebody in the room who may speak."""

    identity: str
    role: Role
    name: str | None = None
    """None: there is only a number."""
    agent_id: str | None = None
    """Of agents: their id in Assist."""
    phone: str | None = None
    """Of callers by telephone, unless the trunk hides it."""
    sip: Mapping[str, str] = {}
    """Attributes of the telephone call, without their "sip."."""

    @property
    def speaker(self) -> Speaker:
        """The side of the call that this person speaks for; who is not known is a customer."""
        return "agent" if self.role in ("agent", "supervisor") else "customer"


def role_of(participant: Participant) -> Role | None:
    """None: a recorder, which says nothing."""
    if participant.kind in _RECORDERS:
        return None
    if participant.kind == _KIND.PARTICIPANT_KIND_AGENT:
        return "bot"
    signed = _SIGNED.get(participant.attributes.get(ROLE, ""))
    return signed or ("customer" if participant.kind in _DIALLED else "unknown")


def person_of(participant: Participant) -> Person | None:
    """None: a machine, which nobody transcribes."""
    role = role_of(participant)
    if role is None or role == "bot":
        return None
    attributes = participant.attributes
    sip = {name.removeprefix("sip."): value for name, value in attributes.items() if name.startswith("sip.") and value}
    return Person(
        identity=participant.identity,
        role=role,
        name=participant.name if _is_name(participant.name) else None,
        agent_id=attributes.get(AGENT_ID) or participant.identity if role == "agent" else None,
        phone=sip.get("phoneNumber"),
        sip=sip,
    )


def _is_name(text: str) -> bool:
    """Telephone calls are named by their number, and who has no name by their role."""
    return text.strip() not in ("", *_SIGNED) and len(_DIGIT.findall(text)) < _DIGITS_OF_A_NUMBER
