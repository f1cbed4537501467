"""Channels come from the environment; half a channel and a weak secret are refused, and no secret is shown."""

import base64
import os

import pytest

from assist.notifications.channels import make_channels
from assist.settings import Settings, SettingsError, read

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
EVERYTHING = {
    "ASSIST_PUBLIC_URL": "https://assist.example/",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/canary",
    "SLACK_SIGNING_SECRET": "canary",
    "TEAMS_WEBHOOK_URL": "https://x.logic.azure.com/?sig=canary",
    "DISCORD_WEBHOOK_URL": "https://discord.com/api/webhooks/1/canary",
    "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "TWILIO_AUTH_TOKEN": "canary",
    "TWILIO_FROM": "+15550001111",
    "SMTP_URL": "smtp://assist%40corp.example:canary%2F@mail.example",
    "SMTP_FROM": "assist@corp.example",
    "ASSIST_WEBHOOK_URLS": "https://a.example/x?canary, https://a.example/y?canary,http://10.0.0.7:8080/canary",
    "ASSIST_WEBHOOK_SECRETS": f"{SECRET} {OLD}",
    "ASSIST_WEBHOOK_ALLOWED_HOSTS": "10.0.0.7",
    "ASSIST_CONSOLE_NOTIFICATIONS": "titles",
}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*EVERYTHING, "ASSIST_CONFIG", "PUBLIC_BASE_URL", "SMTP_HOST", "SMTP_PORT", "SMTP_USER"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def given(clean: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        clean.setenv(name, value)
    return read()


def test_without_anything_there_is_the_web_only(clean: pytest.MonkeyPatch) -> None:
    assert make_channels(read().notifications).by_name == {}


def test_empty_variables_are_variables_that_are_not_set(clean: pytest.MonkeyPatch) -> None:
    empty = given(clean, **{name: "" for name in EVERYTHING if name != "ASSIST_CONSOLE_NOTIFICATIONS"})
    assert make_channels(empty.notifications).by_name == {}


def test_everything_can_be_configured(clean: pytest.MonkeyPatch) -> None:
    found = given(clean, **EVERYTHING).notifications
    channels = make_channels(found)
    assert set(channels.by_name) == {"slack", "teams", "discord", "sms", "email", "webhook", "console"}
    assert channels.webhooks == ("a.example", "a.example 2", "10.0.0.7:8080")
    assert found.public_url == "https://assist.example"
    assert [one.allow_private for one in found.webhooks] == [False, False, True]
    assert [secret.get_secret_value() for secret in found.webhooks[2].secrets] == [SECRET, OLD]
    assert found.email is not None
    assert (found.email.host, found.email.port, found.email.user) == ("mail.example", 587, "assist@corp.example")
    assert found.email.password is not None
    assert found.email.password.get_secret_value() == "canary/"


def test_no_secret_is_shown(clean: pytest.MonkeyPatch) -> None:
    settings = given(clean, **EVERYTHING)
    assert "canary" not in repr(settings) + str(settings.model_dump()) + repr(settings.notifications)
    assert os.environ["SLACK_SIGNING_SECRET"] == "canary"


@pytest.mark.parametrize(
    ("environment", "port", "implicit"),
    [
        ({"SMTP_URL": "smtps://mail.example"}, 465, True),
        ({"SMTP_URL": "smtp://mail.example"}, 25, False),
        ({"SMTP_URL": "smtp://mail.example:2525"}, 2525, False),
        ({"SMTP_HOST": "mail.example"}, 25, False),
        ({"SMTP_HOST": "mail.example", "SMTP_USER": "u", "SMTP_PASSWORD": "p"}, 587, False),
        ({"SMTP_HOST": "mail.example", "SMTP_PORT": "465"}, 465, True),
    ],
)
def test_ways_to_name_a_mail_server(
    clean: pytest.MonkeyPatch, environment: dict[str, str], port: int, implicit: bool
) -> None:
    found = given(clean, SMTP_FROM="a@b.example", **environment).notifications.email
    assert found is not None
    assert (found.host, found.port, found.implicit_tls) == ("mail.example", port, implicit)


def test_a_secret_for_each_webhook(clean: pytest.MonkeyPatch) -> None:
    urls = "https://a.example/, https://b.example/"
    found = given(clean, ASSIST_WEBHOOK_URLS=urls, ASSIST_WEBHOOK_SECRETS=f"{SECRET},{OLD} {SECRET}").notifications
    assert [len(one.secrets) for one in found.webhooks] == [1, 2]


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_FROM"),
        ({"SMTP_URL": "smtp://mail.example"}, "SMTP_FROM"),
        ({"SMTP_URL": "mail.example:25", "SMTP_FROM": "a@b.example"}, "SMTP_URL"),
        ({"SMTP_URL": "smtp://mail.example:x", "SMTP_FROM": "a@b.example"}, "SMTP_URL"),
        ({"SLACK_WEBHOOK_URL": "hooks.slack.com/canary"}, "address"),
        ({"ASSIST_WEBHOOK_URLS": "https://a.example/"}, "ASSIST_WEBHOOK_SECRETS"),
        ({"ASSIST_WEBHOOK_URLS": "ftp://a.example/canary", "ASSIST_WEBHOOK_SECRETS": SECRET}, "address"),
        ({"ASSIST_WEBHOOK_SECRETS": "whsec_c2hvcnQ="}, "24 to 64"),
        ({"ASSIST_WEBHOOK_SECRETS": SECRET.removeprefix("whsec_")}, "whsec_"),
        ({"ASSIST_WEBHOOK_SECRETS": "whsec_" + base64.b64encode(b"canary" * 11).decode()}, "24 to 64"),
        ({"ASSIST_WEBHOOK_SECRETS": "whsec_canary!"}, "base64"),
        ({"ASSIST_PUBLIC_URL": "assist.example"}, "PUBLIC_URL"),
        ({"ASSIST_CONSOLE_NOTIFICATIONS": "yes"}, "CONSOLE"),
    ],
)
def test_mistakes_are_named_without_showing_a_secret(
    clean: pytest.MonkeyPatch, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        given(clean, **environment)
    assert "canary" not in str(raised.value)
