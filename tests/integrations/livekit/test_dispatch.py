"""What a dispatch says of the call, and what the room adds."""

import pytest

from integrations.livekit.dispatch import Dispatch, call_fields, read_dispatch
from integrations.livekit.roles import Person

CALLER = Person(
    identity="sip_1",
    role="customer",
    phone="+15551234567",
    sip={"callID": "SCL_1", "trunkID": "ST_1", "trunkPhoneNumber": "+15550000000"},
)
AGENT = Person(identity="agent:bob", role="agent", name="Bob", agent_id="bob@example.org")


def test_a_dispatch_says_which_call_it_is() -> None:
    dispatch = read_dispatch('{"session_id": "s", "call_id": "c", "purpose": "listen", "more": 1}')
    assert (dispatch.session_id, dispatch.call_id, dispatch.purpose) == ("s", "c", "listen")


@pytest.mark.parametrize("metadata", ["", "hello", "[]", '{"call_id": 5}', "null", "{"])
def test_metadata_of_others_says_nothing(metadata: str) -> None:
    assert read_dispatch(metadata) == Dispatch()


def test_a_telephone_call_is_told_with_its_number_and_its_trunk() -> None:
    assert call_fields(Dispatch(), "room", "RM_1", [AGENT, CALLER]) == {
        "call_id": "SCL_1",
        "agent_id": "bob@example.org",
        "agent_name": "Bob",
        "customer_phone": "+15551234567",
        "acd_metadata": {"source": "livekit", "room": "room", "trunk": "ST_1", "dialled": "+15550000000"},
    }


def test_the_dispatch_goes_before_the_telephone_call() -> None:
    assert call_fields(Dispatch(call_id="mine"), "room", "RM_1", [CALLER])["call_id"] == "mine"


def test_a_room_without_a_telephone_is_its_own_call() -> None:
    ann = Person(identity="web", role="unknown", name="Ann")
    fields = call_fields(Dispatch(), "room", "RM_1", [ann])
    assert fields["call_id"] == "livekit:RM_1"
    assert fields["customer_name"] == "Ann"
