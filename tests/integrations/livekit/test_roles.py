"""Who somebody in a room is: by what is signed, else by what they came with."""

from dataclasses import dataclass, field

import pytest
from livekit import rtc

from integrations.livekit.roles import person_of, role_of

KIND = rtc.ParticipantKind


@dataclass
class Somebody:
    identity: str = "somebody"
    name: str = ""
    kind: rtc.ParticipantKind.ValueType = KIND.PARTICIPANT_KIND_STANDARD
    attributes: dict[str, str] = field(default_factory=dict)


@pytest.mark.parametrize("role", ["customer", "agent", "supervisor"])
def test_the_signed_role_is_believed(role: str) -> None:
    assert role_of(Somebody(attributes={"aa.role": role})) == role


def test_a_role_that_does_not_exist_says_nothing() -> None:
    assert role_of(Somebody(attributes={"aa.role": "admin"})) == "unknown"
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_SIP, attributes={"aa.role": "admin"})) == "customer"


def test_telephones_are_customers_unless_an_agent_was_rung() -> None:
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_SIP)) == "customer"
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_CONNECTOR)) == "customer"
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_SIP, attributes={"aa.role": "agent"})) == "agent"


def test_machines_say_nothing() -> None:
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_AGENT, attributes={"aa.role": "agent"})) == "bot"
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_EGRESS)) is None
    assert role_of(Somebody(kind=KIND.PARTICIPANT_KIND_INGRESS)) is None
    assert person_of(Somebody(kind=KIND.PARTICIPANT_KIND_AGENT)) is None
    assert person_of(Somebody(kind=KIND.PARTICIPANT_KIND_EGRESS)) is None


def test_who_is_not_known_speaks_for_the_customer() -> None:
    person = person_of(Somebody(name="Ann"))
    assert person is not None
    assert (person.role, person.speaker, person.name) == ("unknown", "customer", "Ann")


def test_supervisors_speak_for_the_agents_side() -> None:
    person = person_of(Somebody(attributes={"aa.role": "supervisor"}))
    assert person is not None
    assert person.speaker == "agent"


def test_an_agent_is_known_by_the_id_in_its_token_or_by_its_identity() -> None:
    signed = person_of(
        Somebody(identity="agent:ann", attributes={"aa.role": "agent", "aa.agent_id": "ann@example.org"})
    )
    plain = person_of(Somebody(identity="ann", attributes={"aa.role": "agent"}))
    assert signed is not None
    assert plain is not None
    assert (signed.agent_id, plain.agent_id) == ("ann@example.org", "ann")


def test_a_caller_by_telephone_has_a_number_and_no_name() -> None:
    attributes = {"sip.phoneNumber": "+15551234567", "sip.callID": "SCL_1", "sip.trunkID": "ST_1"}
    person = person_of(
        Somebody(identity="sip_1", name="Phone +15551234567", kind=KIND.PARTICIPANT_KIND_SIP, attributes=attributes)
    )
    assert person is not None
    assert person.phone == "+15551234567"
    assert person.name is None
    assert person.sip["callID"] == "SCL_1"
