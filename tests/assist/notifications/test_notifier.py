"""Who is told what by which channel."""

from datetime import UTC, datetime, time, timedelta

from assist.db.engine import Sessions
from assist.notifications.preferences import Preferences, QuietHours, Wish
from integrations.notify.message import Message
from tests.assist.notifications.post_office import PUBLIC_URL, Scripted, post_office

EVERY_CHANNEL = ("slack", "teams", "discord", "sms", "email", "console")


async def test_without_preferences_people_see_it_on_their_screens_at_once(sessions: Sessions) -> None:
    office = post_office(sessions, *(Scripted(name=name) for name in ("sms", "email")))
    ada, bob = await office.person("ada"), await office.person("bob")
    request = await office.request(customer_name="Grace", priority="high")
    await office.tell("created", request, ada, bob)
    found = await office.rows()
    assert {(row.channel, row.state, row.user_id) for row in found} == {
        ("web", "sent", ada.id),
        ("web", "sent", bob.id),
    }
    assert all(row.sent_at == office.clock.now and row.address is None for row in found)
    message = found[0].message
    assert (message["title"], message["body"]) == ("Question from Grace", "Can I pay in crypto?")
    assert ["Priority", "high"] in [list(fact) for fact in message["facts"]]
    assert message["url"] == f"{PUBLIC_URL}/supervisor#{request.id}"


async def test_the_same_occasion_is_told_once_and_the_next_one_again(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack"))
    ada, request = await office.person("ada"), await office.request()
    for ordinal in (1, 1, 1, 2):
        await office.tell("reminder", request, ada, ordinal=ordinal)
    assert [row.channel for row in await office.rows()].count("web") == 2
    assert [row.channel for row in await office.rows()].count("slack") == 2


async def test_wished_channels_get_it_at_their_addresses(sessions: Sessions) -> None:
    office = post_office(sessions, *(Scripted(name=name) for name in ("sms", "email")))
    ada, request = await office.person("ada"), await office.request(priority="high")
    wish = Wish(enabled=True, address="+4512345678", minimum_priority="high")
    await office.prefer(ada, Preferences(sms=wish, email=Wish(enabled=True), web=Wish(enabled=False)))
    await office.tell("created", request, ada)
    await office.tell("created", await office.request(priority="medium"), ada)
    found = {(row.channel, row.address, row.state) for row in await office.rows()}
    assert found == {("sms", "+4512345678", "pending"), ("email", "ada@post.example", "pending")}
    assert len(await office.rows("sms")) == 1
    assert len(await office.rows("email")) == 2


async def test_channels_that_are_not_configured_are_not_filled(sessions: Sessions) -> None:
    office = post_office(sessions)
    ada = await office.person("ada")
    await office.prefer(ada, Preferences(sms=Wish(enabled=True, address="+4512345678")))
    await office.tell("created", await office.request(), ada)
    assert [row.channel for row in await office.rows()] == ["web"]


async def test_nobody_is_told_who_was_deactivated_or_does_not_exist(sessions: Sessions) -> None:
    office = post_office(sessions)
    gone = await office.person("gone", is_active=False)
    await office.tell("created", await office.request(), gone)
    assert await office.rows() == []


async def test_the_installations_endpoints_are_told_once_an_occasion(sessions: Sessions) -> None:
    webhooks = {"crm.example": "https://crm.example/", "bi.example": "https://bi.example/"}
    office = post_office(sessions, *(Scripted(name=name) for name in EVERY_CHANNEL), webhooks=webhooks)
    people = [await office.person(name) for name in ("ada", "bob", "eve")]
    request = await office.request()
    await office.tell("created", request, *people)
    found = sorted((row.channel, row.address) for row in await office.rows() if row.user_id is None)
    assert found == [("console", None), ("discord", None), ("slack", None), ("teams", None),
                     ("webhook", "bi.example"), ("webhook", "crm.example")]  # fmt: skip
    await office.tell("assigned", request, people[0])
    assert len(await office.rows("slack")) == 1
    assert len(await office.rows("webhook")) == 4


async def test_quiet_hours_delay_everything_but_the_screens(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="sms"))
    office.clock.now = datetime(2099, 11, 21, 3, 0, tzinfo=UTC)
    ada = await office.person("ada")
    quiet = QuietHours(start=time(22), end=time(7))
    await office.prefer(ada, Preferences(sms=Wish(enabled=True, address="+4512345678"), quiet_hours=quiet))
    await office.tell("created", await office.request(), ada)
    await office.tell("created", await office.request(priority="urgent"), ada)
    morning = datetime(2099, 11, 21, 7, 0, tzinfo=UTC)
    assert [row.not_before for row in await office.rows("sms")] == [morning, None]
    assert [row.state for row in await office.rows("web")] == ["sent", "sent"]
    sms, outbox = office.channels.by_name["sms"], office.outbox()
    assert isinstance(sms, Scripted)
    await office.run_due(outbox)
    assert [envelope.message.urgent for envelope in sms.taken] == [True]
    office.clock.now = morning + timedelta(seconds=1)
    await office.run_due(outbox)
    assert [envelope.message.urgent for envelope in sms.taken] == [True, False]


async def test_the_end_of_a_request_cancels_what_was_still_to_be_said_but_no_follow_up(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack"), Scripted(name="sms"))
    ada, request = await office.person("ada"), await office.request()
    await office.tell("created", request, ada)
    async with sessions.begin() as session:
        answer = Message(event="customer.follow_up", title="Your question", body="Yes.")
        await office.notifier.send_to_customer(
            session, key="f", channel="sms", address="+4512345678", message=answer, request_id=request.id
        )
    other = await office.request()
    await office.tell("created", other, ada)
    await office.tell("answered", request, ada, ordinal=2)
    states = {(row.channel, row.event, row.request_id): row.state for row in await office.rows()}
    assert states[("slack", "help_request.created", request.id)] == "cancelled"
    assert states[("slack", "help_request.created", other.id)] == "pending"
    assert states[("sms", "customer.follow_up", request.id)] == "pending"
    assert states[("web", "help_request.created", request.id)] == "sent"


async def test_a_message_to_a_customer_is_enqueued_once_under_its_key(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="sms"), Scripted(name="slack"))
    request = await office.request()
    found = []
    for _ in range(2):
        async with sessions.begin() as session:
            found.append(
                await office.notifier.send_to_customer(
                    session,
                    key="follow_up:1",
                    channel="sms",
                    address="+4512345678",
                    message=Message(event="customer.follow_up", title="Your question", body="Yes."),
                    request_id=request.id,
                )
            )
    assert found[0] == found[1] == (await office.one("sms")).id
    assert office.notifier.customer_channels() == ("sms",)


async def test_what_is_rolled_back_is_never_said(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack"))
    request = await office.request()
    async with sessions() as session:
        await office.notifier.send_to_customer(
            session,
            key="x",
            channel="slack",
            address="",
            message=Message(event="customer.follow_up", title="t", body="b"),
            request_id=request.id,
        )
        await session.rollback()
    office.clock.forward(hours=1)
    assert await office.run_due(office.outbox()) == 0
    assert await office.rows() == []
