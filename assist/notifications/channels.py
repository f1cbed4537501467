"""The configured channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assist.channel_settings import NotificationSettings
from integrations.notify.console import Console
from integrations.notify.discord import Discord
from integrations.notify.email import Email
from integrations.notify.message import Channel
from integrations.notify.slack import Slack
from integrations.notify.teams import Teams
from integrations.notify.twilio_sms import TwilioSms
from integrations.notify.webhook import Endpoint, Webhook

WEB = "web"
"""Shown on the screens; nothing is sent."""
PERSONAL = ("sms", "email")
"""Reach one person at an address of their own, supervisors and customers alike."""
_ROOMS = ("slack", "teams", "discord")
"""Read by several people; told only what somebody may have to act on."""


@dataclass(frozen=True, kw_only=True)
class Channels:
    """What can be sent by, by name."""

    by_name: Mapping[str, Channel] = field(default_factory=dict)
    webhooks: tuple[str, ...] = ()
    """Names of the receivers."""

    def personal(self) -> tuple[str, ...]:
        """Configured ones that reach a person."""
        return tuple(name for name in PERSONAL if name in self.by_name)

    def installation(self, *, calls_for_action: bool) -> list[tuple[str, str | None]]:
        """Channel and address of every endpoint of the installation that is told; programs are told everything."""
        rooms = [name for name in _ROOMS if name in self.by_name and calls_for_action]
        console = ["console"] if "console" in self.by_name else []
        return [(name, None) for name in (*rooms, *console)] + [("webhook", name) for name in self.webhooks]

    async def close(self) -> None:
        """Lets all connections go."""
        for channel in self.by_name.values():
            await channel.close()


def make_channels(settings: NotificationSettings) -> Channels:
    """Those that the settings name. Nothing is sent yet; ends with `close`."""
    made: list[Channel] = []
    if settings.slack_url is not None:
        made.append(Slack(url=settings.slack_url.get_secret_value()))
    if settings.teams_url is not None:
        made.append(Teams(url=settings.teams_url.get_secret_value()))
    if settings.discord_url is not None:
        made.append(Discord(url=settings.discord_url.get_secret_value()))
    made += [channel for channel in (make_sms(settings), make_email(settings)) if channel is not None]
    if settings.webhooks:
        made.append(_webhook(settings))
    if settings.console != "off":
        made.append(Console(shows_words=settings.console == "full"))
    by_name = {channel.name: channel for channel in made}
    return Channels(by_name=by_name, webhooks=tuple(one.name for one in settings.webhooks))


def make_sms(settings: NotificationSettings) -> TwilioSms | None:
    """Text messages, where they are configured."""
    chosen = settings.sms
    if chosen is None:
        return None
    return TwilioSms(
        account_sid=chosen.account_sid,
        auth_token=chosen.auth_token.get_secret_value(),
        sender=chosen.sender,
        base_url=chosen.base_url,
        status_callback=chosen.status_callback,
    )


def make_email(settings: NotificationSettings) -> Email | None:
    """E-mail, where it is configured."""
    chosen = settings.email
    if chosen is None:
        return None
    return Email(
        host=chosen.host,
        port=chosen.port,
        sender=chosen.sender,
        user=chosen.user,
        password=chosen.password.get_secret_value() if chosen.password else None,
        implicit_tls=chosen.implicit_tls,
    )


def _webhook(settings: NotificationSettings) -> Webhook:
    endpoints = {
        one.name: Endpoint(
            url=one.url.get_secret_value(),
            secrets=tuple(secret.get_secret_value() for secret in one.secrets),
            allow_private=one.allow_private,
        )
        for one in settings.webhooks
    }
    return Webhook(endpoints=endpoints)
