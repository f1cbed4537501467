"""`assist doctor` tells which channels are configured and whether they answer, and sends nothing."""

import pytest

from assist.cli.doctor_channels import examine_channels
from assist.cli.findings import Finding
from assist.settings import Settings
from tests.doubles.mail_server import mail_server
from tests.doubles.notification_receiver import Reply, notification_receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TWILIO = {"twilio_account_sid": "AC0123456789abcdef0123456789abcdef", "twilio_auth_token": "canary"}


async def findings(**given: object) -> dict[str, Finding]:
    found = await examine_channels(Settings.model_validate(given).notifications)
    assert "canary" not in str(found)
    return {one.name: one for one in found}


async def test_what_is_not_configured_is_off_with_the_variable_that_turns_it_on() -> None:
    found = await findings()
    assert {one.state for one in found.values()} == {"off"}
    assert "SLACK_WEBHOOK_URL" in found["channel slack"].detail
    assert "ASSIST_PUBLIC_URL" in found["links in messages"].detail


async def test_addresses_are_shown_by_their_host_only() -> None:
    found = await findings(
        slack_webhook_url="https://hooks.slack.example/services/canary",
        teams_webhook_url="https://x.teams.example/?sig=canary",
        public_url="https://assist.example",
    )
    assert found["channel slack"].state == "ok"
    assert "hooks.slack.example" in found["channel slack"].detail
    assert "x.teams.example" in found["channel teams"].detail


@pytest.mark.parametrize(("status", "state"), [(200, "ok"), (401, "failed"), (500, "failed")])
async def test_twilio_is_asked_for_the_account(status: int, state: str) -> None:
    async with notification_receiver(Reply(status=status)) as receiver:
        found = await findings(**TWILIO, twilio_from="+15550001111", twilio_url=receiver.url)
    assert found["channel sms"].state == state
    assert [request.method for request in receiver.requests] == ["GET"]


async def test_a_mail_server_is_greeted_and_no_mail_is_sent() -> None:
    async with mail_server() as server:
        url = f"smtp://127.0.0.1:{server.port}"
        assert (await findings(smtp_url=url, smtp_from="a@b.example"))["channel email"].state == "ok"
    assert server.mails == []
    gone = (await findings(smtp_url=url, smtp_from="a@b.example"))["channel email"]
    assert gone.state == "failed"
    assert "SMTP_URL" in gone.detail


async def test_a_webhook_in_a_private_network_needs_to_be_allowed() -> None:
    given = {"webhook_urls": ["http://127.0.0.1:9/canary"], "webhook_secrets": [SECRET]}
    refused = (await findings(**given))["channel webhook 127.0.0.1:9"]
    assert refused.state == "failed"
    assert "ASSIST_WEBHOOK_ALLOWED_HOSTS" in refused.detail
    allowed = (await findings(**given, webhook_allowed_hosts=["127.0.0.1"]))["channel webhook 127.0.0.1:9"]
    assert allowed.state == "ok"
