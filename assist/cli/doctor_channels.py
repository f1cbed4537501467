"""`assist doctor` on the channels by which people are told something. No message is sent."""

import asyncio
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from assist.channel_settings import NotificationSettings, WebhookSettings
from assist.cli.findings import Finding
from assist.notifications.channels import make_email, make_sms
from integrations.notify import public_addresses
from integrations.notify.message import SendError

_TIMEOUT_S = 10.0
_NOT_ASKED = "is only asked when something is sent; POST /api/notifications/test tries it"


async def examine_channels(chosen: NotificationSettings) -> list[Finding]:
    """A line for each channel."""
    posted = (("slack", "SLACK_WEBHOOK_URL", chosen.slack_url), ("teams", "TEAMS_WEBHOOK_URL", chosen.teams_url),
              ("discord", "DISCORD_WEBHOOK_URL", chosen.discord_url))  # fmt: skip
    found = [_public_url(chosen), *(_posted(*one) for one in posted), _slack_clicks(chosen)]
    found += [await _sms(chosen), await _email(chosen)]
    if not chosen.webhooks:
        found.append(_off("webhook", "ASSIST_WEBHOOK_URLS"))
    found += [await _webhook(one) for one in chosen.webhooks]
    state = "off" if chosen.console == "off" else "ok"
    return [*found, Finding(name="channel console", state=state, detail=chosen.console)]


def _public_url(chosen: NotificationSettings) -> Finding:
    if chosen.public_url is None:
        detail = "not set: messages have no link and no answer button. ASSIST_PUBLIC_URL sets it"
        return Finding(name="links in messages", state="off", detail=detail)
    return Finding(name="links in messages", state="ok", detail=chosen.public_url)


def _posted(name: str, variable: str, url: SecretStr | None) -> Finding:
    if url is None:
        return _off(name, variable)
    host = urlsplit(url.get_secret_value()).hostname
    return Finding(name=f"channel {name}", state="ok", detail=f"configured; {host} {_NOT_ASKED}")


def _slack_clicks(chosen: NotificationSettings) -> Finding:
    if chosen.slack_signing_secret is None:
        return Finding(name="slack clicks", state="off", detail="not set: SLACK_SIGNING_SECRET checks them")
    return Finding(name="slack clicks", state="ok", detail="/api/notifications/slack/interactions checks signatures")


async def _sms(chosen: NotificationSettings) -> Finding:
    channel = make_sms(chosen)
    if channel is None:
        return _off("sms", "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM")
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            status = await channel.check_account()
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return Finding(name="channel sms", state="failed", detail="Twilio cannot be reached")
    finally:
        await channel.close()
    if status != httpx.codes.OK:
        hint = "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."
        return Finding(name="channel sms", state="failed", detail=f"Twilio answered {status}. {hint}")
    return Finding(name="channel sms", state="ok", detail="Twilio knows the account")


async def _email(chosen: NotificationSettings) -> Finding:
    channel = make_email(chosen)
    if channel is None:
        return _off("email", "SMTP_URL and SMTP_FROM")
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await channel.check_server()
    except SendError as error:
        hint = "Check SMTP_URL, its user and its password."
        return Finding(name="channel email", state="failed", detail=f"{channel.host}: {error} {hint}")
    except TimeoutError:
        detail = f"{channel.host}: no answer within {_TIMEOUT_S:g} s"
        return Finding(name="channel email", state="failed", detail=detail)
    return Finding(name="channel email", state="ok", detail=f"{channel.host} answers")


async def _webhook(chosen: WebhookSettings) -> Finding:
    name, parts = f"channel webhook {chosen.name}", urlsplit(chosen.url.get_secret_value())
    try:
        found = await public_addresses.resolve(parts.hostname or "", parts.port or 443)
    except (OSError, UnicodeError):
        return Finding(name=name, state="failed", detail="its name cannot be resolved")
    if not chosen.allow_private and not all(map(public_addresses.is_public, found)):
        detail = "it is in a private network. ASSIST_WEBHOOK_ALLOWED_HOSTS allows its host"
        return Finding(name=name, state="failed", detail=detail)
    signed = f"signed with {len(chosen.secrets)} secret{'s' if len(chosen.secrets) > 1 else ''}"
    return Finding(name=name, state="ok", detail=f"{signed}; {_NOT_ASKED}")


def _off(name: str, variable: str) -> Finding:
    return Finding(name=f"channel {name}", state="off", detail=f"not configured: {variable}")
