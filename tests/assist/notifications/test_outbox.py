"""Nothing is lost: providers that are down, busy or talk nonsense, processes that are killed, jobs that vanish."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from assist.audit import AuditLog
from assist.db.accounts import change_user
from assist.db.audit import AuditFilter
from assist.db.engine import Sessions
from assist.errors import ConflictError, NotFoundError
from assist.notifications.outbox import RETRY_AFTER_MAX_S, SCHEDULE_S
from assist.notifications.preferences import Preferences, QuietHours, Wish
from integrations.notify.message import Envelope, SendError, Sent
from integrations.notify.slack import Slack
from tests.assist.notifications.post_office import PostOffice, Scripted, post_office
from tests.doubles.notification_receiver import (
    BROKEN,
    CLOSES,
    GARBAGE,
    HANGS,
    SLACK_OK,
    Reply,
    notification_receiver,
)

DOWN = SendError("The receiver answered 503.", retryable=True, status_code=503)
REFUSED = SendError("The receiver answered 404.", retryable=False, status_code=404)


async def told(office: PostOffice, count: int = 1) -> None:
    """So many requests have been raised; people are told by whatever is configured."""
    for _ in range(count):
        await office.tell("created", await office.request())


async def test_what_is_taken_is_sent_and_nothing_more_happens(sessions: Sessions) -> None:
    slack = Scripted(name="slack")
    office = post_office(sessions, slack)
    await told(office)
    outbox = office.outbox()
    assert await office.run_due(outbox) == 1
    row = await office.one("slack")
    assert (row.state, row.attempts, row.sent_at, row.last_error) == ("sent", 1, office.clock.now, None)
    assert await office.outcomes(row.id) == [("sent", 200)]
    assert office.announced
    office.clock.forward(days=10)
    await outbox.sweep()
    assert await office.run_due(outbox) == 0
    await outbox.send(str(row.id))
    assert len(slack.tried) == 1


async def test_a_provider_that_is_down_for_an_hour_gets_everything_in_the_end(sessions: Sessions) -> None:
    slack = Scripted(name="slack", outcomes=[DOWN])
    office = post_office(sessions, slack)
    outbox = office.outbox()
    await told(office, 5)
    begin = office.clock.now
    while office.clock.now < begin + timedelta(hours=1):
        await office.run_due(outbox)
        office.clock.forward(minutes=1)
    assert {row.state for row in await office.rows("slack")} == {"pending"}
    assert {row.attempts for row in await office.rows("slack")} == {4}
    slack.outcomes = [None]
    while {row.state for row in await office.rows("slack")} != {"sent"}:
        office.clock.forward(minutes=10)
        assert office.clock.now < begin + timedelta(hours=4)
        await office.run_due(outbox)
    assert len({envelope.id for envelope in slack.taken}) == len(slack.taken) == 5
    for row in await office.rows("slack"):
        assert await office.outcomes(row.id) == [("retry", 503)] * 4 + [("sent", 200)]


async def test_the_pauses_are_those_of_standard_webhooks_and_then_it_is_dead(sessions: Sessions) -> None:
    slack = Scripted(name="slack", outcomes=[DOWN])
    office = post_office(sessions, slack)
    ada = await office.person("ada")
    outbox = office.outbox()
    await told(office)
    pauses = []
    while (row := await office.one("slack")).state == "pending":
        await office.run_due(outbox)
        row = await office.one("slack")
        if row.not_before is not None:
            pauses.append((row.not_before - office.clock.now).total_seconds())
            office.clock.now = row.not_before
    assert pauses == list(SCHEDULE_S)
    assert len(slack.tried) == len(SCHEDULE_S) + 1
    assert len({envelope.id for envelope in slack.tried}) == 1
    assert row.state == "dead"
    assert row.last_error == str(DOWN)
    alert = await office.one("web")
    assert (alert.event, alert.user_id, alert.state) == ("notification.dead", ada.id, "sent")
    assert "could not be delivered" in alert.message["title"]


async def test_jitter_spreads_the_retries_and_never_shortens_a_pause(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack", outcomes=[DOWN]))
    await told(office)
    outbox = office.outbox(deadline_s=5.0)
    object.__setattr__(outbox, "chance", lambda: 0.5)
    await office.run_due(outbox)
    row = await office.one("slack")
    assert row.not_before == office.clock.now + timedelta(seconds=5.5)


async def test_a_dead_letter_can_be_sent_again_and_that_is_audited(sessions: Sessions) -> None:
    slack = Scripted(name="slack", outcomes=[REFUSED])
    office = post_office(sessions, slack)
    ada = await office.person("ada")
    await told(office)
    outbox = office.outbox()
    await office.run_due(outbox)
    row = await office.one("slack")
    assert (row.state, row.attempts) == ("dead", 1)
    slack.outcomes = [None]
    shown = await office.deliveries.resend(row.id, ada)
    assert (shown.state, shown.last_error) == ("pending", None)
    await office.run_due(outbox)
    assert (await office.one("slack")).state == "sent"
    assert [envelope.id for envelope in slack.tried] == [row.id, row.id]
    assert await office.outcomes(row.id) == [("dead", 404), ("sent", 200)]
    (entry,) = (await AuditLog(sessions=sessions).page(AuditFilter(), limit=10, before=None)).items
    assert (entry.action, entry.target_id, entry.actor) == ("notification.resent", str(row.id), ada.actor)
    with pytest.raises(ConflictError) as raised:
        await office.deliveries.resend(row.id, ada)
    assert raised.value.current["state"] == "sent"
    with pytest.raises(NotFoundError):
        await office.deliveries.resend(ada.id, ada)


async def test_many_dead_letters_of_one_receiver_make_one_alert_an_hour(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack", outcomes=[REFUSED]))
    await office.person("ada")
    await told(office, 4)
    outbox = office.outbox()
    await office.run_due(outbox)
    assert len(await office.rows("web")) == 1
    office.clock.forward(hours=1)
    await told(office)
    await office.run_due(outbox)
    assert len(await office.rows("web")) == 2


@pytest.mark.parametrize("reply", [BROKEN, GARBAGE, CLOSES, HANGS, Reply(status=429, headers={"Retry-After": "x"})])
async def test_a_real_receiver_that_fails_somehow_gets_it_later(sessions: Sessions, reply: Reply) -> None:
    async with notification_receiver(reply, SLACK_OK) as receiver:
        office = post_office(sessions, Slack(url=f"{receiver.url}/services/T/B/secret"))
        await told(office)
        outbox = office.outbox(deadline_s=1.0)
        await office.run_due(outbox)
        row = await office.one("slack")
        assert (row.state, row.attempts) == ("pending", 1)
        assert "secret" not in (row.last_error or "")
        assert "canary" not in (row.last_error or "")
        office.clock.forward(seconds=6)
        await office.run_due(outbox)
        assert (await office.one("slack")).state == "sent"
        await office.channels.close()


async def test_patience_is_as_long_as_the_receiver_asks_for_and_counts_for_all_its_messages(sessions: Sessions) -> None:
    busy = SendError("The receiver answered 429.", retryable=True, retry_after_s=60.0, status_code=429)
    slack = Scripted(name="slack", outcomes=[busy])
    office = post_office(sessions, slack)
    await told(office, 3)
    outbox = office.outbox()
    await office.run_due(outbox)
    assert len(slack.tried) == 1
    assert {row.attempts for row in await office.rows("slack")} == {0, 1}
    slack.outcomes = [None]
    fresh = office.outbox()
    office.clock.forward(seconds=59)
    assert await office.run_due(fresh) == 0
    office.clock.forward(seconds=1)
    assert await office.run_due(fresh) == 1
    assert {row.state for row in await office.rows("slack")} == {"sent"}


async def test_nobody_is_obeyed_for_more_than_six_hours(sessions: Sessions) -> None:
    greedy = SendError("The receiver answered 429.", retryable=True, retry_after_s=1e9, status_code=429)
    office = post_office(sessions, Scripted(name="slack", outcomes=[greedy]))
    await told(office)
    await office.run_due(office.outbox())
    assert (await office.one("slack")).not_before == office.clock.now + timedelta(seconds=RETRY_AFTER_MAX_S)


async def test_a_channel_that_fails_in_an_unexpected_way_is_tried_again(sessions: Sessions) -> None:
    class Wrong(Scripted):
        async def send(self, envelope: Envelope) -> Sent:
            raise KeyError("Grace said canary")

    office = post_office(sessions, Wrong(name="slack"))
    await told(office)
    await office.run_due(office.outbox())
    row = await office.one("slack")
    assert (row.state, row.last_error) == ("pending", "The channel failed (KeyError).")


async def test_a_channel_that_was_taken_away_leaves_a_dead_letter(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="slack"))
    await told(office)
    await office.run_due(post_office(sessions).outbox())
    row = await office.one("slack")
    assert (row.state, row.last_error) == ("dead", "This channel is not configured any more.")


async def test_who_is_killed_between_sending_and_noting_it_sends_the_same_id_again(sessions: Sessions) -> None:
    async with notification_receiver(HANGS, Reply()) as receiver:
        office = post_office(sessions, webhooks={"crm": receiver.url})
        await told(office)
        row = await office.one("webhook")
        killed = asyncio.create_task(office.outbox().send(str(row.id)))
        await receiver.arrived.wait()
        killed.cancel()
        await asyncio.wait([killed])
        await office.forget_jobs()
        assert (await office.one("webhook")).state == "pending"
        another = office.outbox()
        await another.send(str(row.id))
        assert len(receiver.requests) == 1
        office.clock.forward(seconds=90)
        await another.sweep()
        assert await office.run_due(another) == 1
        assert (await office.one("webhook")).state == "sent"
        await office.channels.close()
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


async def test_a_row_whose_job_was_lost_is_found(sessions: Sessions) -> None:
    slack = Scripted(name="slack")
    webhooks = Scripted(name="webhook")
    office = post_office(sessions, slack, webhooks)
    await told(office, 3)
    await office.forget_jobs()
    outbox = office.outbox()
    await outbox.sweep()
    assert await office.run_due(outbox) == 0
    office.clock.forward(seconds=20)
    await outbox.sweep()
    assert await office.run_due(outbox) == 1
    assert len(slack.taken) == 3


async def test_processes_and_jobs_side_by_side_send_everything_once(sessions: Sessions) -> None:
    slack = Scripted(name="slack")
    office = post_office(sessions, slack)
    await told(office, 12)
    processes = [office.outbox() for _ in range(3)]
    jobs = [process.send(str(row.id)) for row in await office.rows("slack") for process in processes]
    await asyncio.gather(*jobs)
    assert len(slack.taken) == 12
    assert len({envelope.id for envelope in slack.taken}) == 12


async def test_a_receiver_that_hangs_does_not_hold_up_the_others(sessions: Sessions) -> None:
    async with notification_receiver(HANGS) as hanging, notification_receiver() as well:
        office = post_office(sessions, webhooks={"bad": hanging.url, "good": well.url})
        await told(office, 10)
        outbox, slots = office.outbox(), asyncio.Semaphore(8)

        async def job(identity: str) -> None:
            async with slots:
                await outbox.send(identity)

        jobs = [asyncio.create_task(job(str(row.id))) for row in await office.rows("webhook")]
        while len(well.requests) < 10:
            well.arrived.clear()
            await asyncio.wait_for(well.arrived.wait(), 10.0)
        assert len(hanging.requests) <= 2
        for one in jobs:
            one.cancel()
        await asyncio.wait(jobs)
        await office.channels.close()


async def test_a_call_for_action_on_an_ended_request_is_not_sent_any_more(sessions: Sessions) -> None:
    slack = Scripted(name="slack")
    office = post_office(sessions, slack)
    request = await office.request()
    await office.tell("reminder", request)
    async with sessions.begin() as session:
        ended = await session.merge(request)
        ended.status = "resolved"
    await office.run_due(office.outbox())
    row = await office.one("slack")
    assert (row.state, row.attempts, slack.tried) == ("cancelled", 0, [])


async def test_a_supervisor_who_was_deactivated_meanwhile_is_not_told(sessions: Sessions) -> None:
    email = Scripted(name="email")
    office = post_office(sessions, email)
    ada = await office.person("ada")
    await office.prefer(ada, Preferences(email=Wish(enabled=True)))
    await office.tell("created", await office.request(), ada)
    async with sessions.begin() as session:
        await change_user(session, ada.id, {"is_active": False})
    await office.run_due(office.outbox())
    assert ((await office.one("email")).state, email.tried) == ("cancelled", [])


async def test_a_retry_waits_for_the_end_of_quiet_hours(sessions: Sessions) -> None:
    office = post_office(sessions, Scripted(name="email", outcomes=[DOWN]))
    office.clock.now = datetime(2099, 11, 20, 21, 59, 58, tzinfo=UTC)
    ada = await office.person("ada")
    quiet = QuietHours(start=time(22), end=time(7))
    await office.prefer(ada, Preferences(email=Wish(enabled=True), quiet_hours=quiet))
    await office.tell("created", await office.request(), ada)
    await office.run_due(office.outbox())
    assert (await office.one("email")).not_before == datetime(2099, 11, 21, 7, 0, tzinfo=UTC)


async def test_urgent_ones_go_first(sessions: Sessions) -> None:
    slack = Scripted(name="slack")
    office = post_office(sessions, slack)
    await told(office, 2)
    await office.tell("created", await office.request(priority="urgent"))
    await office.run_due(office.outbox())
    assert [envelope.message.urgent for envelope in slack.taken] == [True, False, False]
