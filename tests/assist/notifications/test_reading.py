"""What people see of the outbox."""

import msgspec
import pytest

from assist.access import Role
from assist.db.engine import Sessions
from assist.db.notifications import Wanted
from assist.delivery import SUPERVISION
from assist.errors import ConflictError, InvalidError, NotFoundError
from assist.notifications.preferences import Preferences, Wish
from assist.notifications.reading import masked
from integrations.notify.message import SendError
from tests.assist.notifications.post_office import Scripted, post_office


async def test_the_history_of_a_request_has_every_attempt(sessions: Sessions) -> None:
    down = SendError("The receiver answered 503.", retryable=True, status_code=503)
    office = post_office(sessions, Scripted(name="slack", outcomes=[down, None]))
    ada, request = await office.person("ada"), await office.request()
    await office.tell("created", request, ada)
    await office.tell("created", await office.request(), ada)
    await office.run_due(office.outbox())
    page = await office.deliveries.of_request(request.id)
    assert page is not None
    assert page.total == len(page.items) == 2
    by_channel = {item.channel: item for item in page.items}
    assert by_channel["web"].user_name == "ada"
    assert by_channel["web"].url == f"/supervisor#{request.id}"
    slack = by_channel["slack"]
    assert [(one.outcome, one.status_code) for one in slack.history] == [("retry", 503)]
    assert slack.next_attempt_at is not None
    assert slack.history[0].elapsed_ms >= 0.0
    assert await office.deliveries.of_request(ada.id) is None


async def test_lists_come_in_pages_newest_first_and_filtered(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack"))
    ada, bob = await office.person("ada"), await office.person("bob")
    for _ in range(3):
        await office.tell("created", await office.request(), ada, bob)
    deliveries = office.deliveries
    first = await deliveries.page(Wanted(), limit=4, cursor=None)
    rest = await deliveries.page(Wanted(), limit=50, cursor=first.next)
    found = [*first.items, *rest.items]
    assert (first.total, len(first.items), rest.next) == (9, 4, None)
    assert [one.id for one in found] == [one.id for one in sorted(found, key=lambda one: one.created_at, reverse=True)]
    assert len({one.id for one in found}) == 9
    assert (await deliveries.page(Wanted(states=("pending",)), limit=1, cursor=None)).total == 3
    mine = await deliveries.page(Wanted(user_id=ada.id, unread=True), limit=50, cursor=None)
    assert {one.user_id for one in mine.items} == {ada.id}
    for nonsense in ("x", "2026-11-20~x", "2026-11-20T10:00:00~00000000-0000-4000-8000-000000000000"):
        with pytest.raises(InvalidError):
            await deliveries.page(Wanted(), limit=1, cursor=nonsense)


async def test_reading_is_for_ones_own(sessions: Sessions) -> None:
    office = post_office(sessions)
    ada, bob = await office.person("ada"), await office.person("bob")
    await office.tell("created", await office.request(), ada)
    row = await office.one("web")
    with office.hub.watch(SUPERVISION) as watcher:
        seen = await office.deliveries.mark_read(row.id, ada)
        assert await watcher.rings(5.0)
    assert seen.read_at is not None
    assert (await office.deliveries.mark_read(row.id, ada)).read_at == seen.read_at
    with pytest.raises(NotFoundError):
        await office.deliveries.mark_read(row.id, bob)
    assert (await office.deliveries.page(Wanted(user_id=ada.id, unread=True), limit=1, cursor=None)).total == 0


async def test_preferences_are_kept_and_wrong_ones_refused(sessions: Sessions) -> None:
    office = post_office(sessions)
    ada = await office.person("ada")
    assert await office.deliveries.preferences(ada) == Preferences()
    wished = Preferences(sms=Wish(enabled=True, address="+4512345678"))
    for _ in range(2):
        await office.deliveries.set_preferences(ada, wished)
    assert await office.deliveries.preferences(ada) == wished
    with pytest.raises(InvalidError, match=r"sms\.address"):
        await office.deliveries.set_preferences(ada, Preferences(sms=Wish(enabled=True)))


async def test_a_test_message_goes_to_the_person_or_to_every_endpoint(sessions: Sessions) -> None:
    email = Scripted(name="email")
    webhooks = {"a.example": "https://a.example/", "b.example": "https://b.example/"}
    office = post_office(sessions, email, Scripted(name="sms"), webhooks=webhooks)
    ada = await office.person("ada", Role.ADMIN)
    assert [one.state for one in (await office.deliveries.send_test(ada, "web")).items] == ["sent"]
    (mail,) = (await office.deliveries.send_test(ada, "email")).items
    assert (mail.address, mail.state) == ("a•••@post.example", "pending")
    assert {one.address for one in (await office.deliveries.send_test(ada, "webhook")).items} == set(webhooks)
    await office.outbox().send(str(mail.id))
    assert [envelope.address for envelope in email.taken] == [ada.email]
    for channel, code in (("slack", "channel_not_configured"), ("sms", "no_address")):
        with pytest.raises(ConflictError) as raised:
            await office.deliveries.send_test(ada, channel)
        assert raised.value.code == code


def test_addresses_are_masked() -> None:
    assert masked("sms", "+4512345678") == "+45•••78"
    assert masked("email", "grace@example.com") == "g•••@example.com"
    assert masked("webhook", "crm.example") == "crm.example"
    assert masked("slack", None) is None


async def test_configured_channels_are_listed_with_whom_they_reach(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="sms"), webhooks={"a.example": "https://a.example/"})
    found = {one.channel: (one.reaches, one.endpoints) for one in office.deliveries.configured()}
    assert found == {"web": ("person", []), "sms": ("customer", []), "webhook": ("installation", ["a.example"])}


async def test_no_address_of_an_endpoint_is_stored_or_shown(sessions: Sessions) -> None:
    office = post_office(sessions, webhooks={"a.example": "https://a.example/hook?token=canary"})
    await office.tell("created", await office.request())
    stored = msgspec.json.encode([[row.address, row.message, row.key] for row in await office.rows()]).decode()
    shown = msgspec.json.encode(await office.deliveries.page(Wanted(), limit=10, cursor=None)).decode()
    assert "canary" not in stored + shown
