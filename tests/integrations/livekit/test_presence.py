"""When a call is over: by who is there, and for how long nobody was."""

from integrations.livekit.presence import Grace, Presence
from integrations.livekit.roles import Person

GRACE = Grace(returning_s=10.0, first_s=60.0)
CUSTOMER = Person(identity="ann", role="customer")
AGENT = Person(identity="bob", role="agent")
OTHER_AGENT = Person(identity="eve", role="agent")


def room(*people: Person) -> Presence:
    presence = Presence(GRACE, 0.0)
    for person in people:
        presence.arrive(person)
    return presence


def test_a_call_goes_on_while_its_customer_is_there() -> None:
    presence = room(CUSTOMER, AGENT)
    presence.leave("bob", 100.0)
    assert not presence.is_over(10_000.0)


def test_a_call_is_over_when_its_customer_does_not_come_back() -> None:
    presence = room(CUSTOMER, AGENT)
    presence.leave("ann", 100.0)
    assert not presence.is_over(109.0)
    assert presence.is_over(110.0)


def test_a_customer_who_comes_back_in_time_goes_on() -> None:
    presence = room(CUSTOMER, AGENT)
    presence.leave("ann", 100.0)
    presence.arrive(CUSTOMER)
    assert not presence.is_over(1000.0)
    assert presence.gone(1000.0) == []


def test_an_agent_may_wait_for_the_customer_as_long_as_it_takes() -> None:
    assert not room(AGENT).is_over(3600.0)


def test_a_call_to_which_no_customer_came_is_over_when_the_agent_has_gone() -> None:
    presence = room(AGENT)
    presence.leave("bob", 5.0)
    assert presence.is_over(15.0)


def test_a_room_that_nobody_enters_is_left() -> None:
    presence = room()
    assert not presence.is_over(59.0)
    assert presence.is_over(60.0)
    assert not presence.has_begun


def test_when_agents_change_everybody_stays_known() -> None:
    presence = room(CUSTOMER, AGENT)
    presence.leave("bob", 100.0)
    presence.arrive(OTHER_AGENT)
    assert [(person.identity, there) for person, there in presence.everybody()] == [
        ("ann", True), ("bob", False), ("eve", True)
    ]  # fmt: skip
    assert presence.gone(110.0) == ["bob"]


def test_who_was_never_there_cannot_leave() -> None:
    presence = room(CUSTOMER)
    presence.leave("robot", 1.0)
    assert presence.gone(100.0) == []
