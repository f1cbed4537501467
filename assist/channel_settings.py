"""Settings of the channels by which people are told something. `assist.settings` reads them with all others."""

import base64
import binascii
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

_SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
_SECRET_BYTES = range(24, 65)
_SMTP_PORT = 587
_SMTP_RELAY_PORT = 25
_SMTPS_PORT = 465


class SmsSettings(BaseModel):
    """Twilio."""

    account_sid: str
    auth_token: SecretStr
    sender: str
    base_url: str
    status_callback: str | None


class EmailSettings(BaseModel):
    """A mail server."""

    host: str
    port: int
    user: str | None
    password: SecretStr | None
    implicit_tls: bool
    sender: str


class WebhookSettings(BaseModel):
    """One receiver of signed webhooks."""

    name: str
    """Its host, told apart by a number where several have the same."""
    url: SecretStr
    secrets: tuple[SecretStr, ...]
    allow_private: bool


class NotificationSettings(BaseModel):
    """Which channels there are; None or empty: not configured."""

    public_url: str | None
    """Where people reach this installation with a browser."""
    slack_url: SecretStr | None
    slack_signing_secret: SecretStr | None
    teams_url: SecretStr | None
    discord_url: SecretStr | None
    sms: SmsSettings | None
    email: EmailSettings | None
    webhooks: tuple[WebhookSettings, ...]
    console: Literal["off", "titles", "full"]


class ChannelSettings(BaseSettings):
    """The flat settings, as they are named in the environment."""

    public_url: str | None = Field(
        default=None,
        pattern="^https?://",
        validation_alias=AliasChoices("ASSIST_PUBLIC_URL", "PUBLIC_BASE_URL", "public_url"),
    )
    slack_webhook_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SLACK_WEBHOOK_URL", "slack_webhook_url")
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SLACK_SIGNING_SECRET", "slack_signing_secret")
    )
    teams_webhook_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("TEAMS_WEBHOOK_URL", "teams_webhook_url")
    )
    discord_webhook_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DISCORD_WEBHOOK_URL", "discord_webhook_url")
    )
    twilio_account_sid: str | None = Field(
        default=None, validation_alias=AliasChoices("TWILIO_ACCOUNT_SID", "twilio_account_sid")
    )
    twilio_auth_token: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("TWILIO_AUTH_TOKEN", "twilio_auth_token")
    )
    twilio_from: str | None = Field(default=None, validation_alias=AliasChoices("TWILIO_FROM", "twilio_from"))
    twilio_url: str = Field(default="https://api.twilio.com", pattern="^https?://")
    twilio_status_callback: str | None = Field(default=None, pattern="^https?://")
    smtp_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("SMTP_URL", "smtp_url"))
    """smtp://user:password@host:587, or smtps:// for TLS from the first byte."""
    smtp_host: str | None = Field(default=None, validation_alias=AliasChoices("SMTP_HOST", "smtp_host"))
    smtp_port: int | None = Field(default=None, ge=1, le=65535, validation_alias=AliasChoices("SMTP_PORT", "smtp_port"))
    smtp_user: str | None = Field(default=None, validation_alias=AliasChoices("SMTP_USER", "smtp_user"))
    smtp_password: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("SMTP_PASSWORD", "smtp_password")
    )
    smtp_from: str | None = Field(default=None, validation_alias=AliasChoices("SMTP_FROM", "smtp_from"))
    webhook_urls: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """One for all receivers, or one for each in their order. While one is replaced: the new and the old, with a space
    between."""
    webhook_allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Receivers that may be inside the own network."""
    console_notifications: Literal["off", "titles", "full"] = "off"
    """titles: which ones were sent; full: also what people said."""

    @field_validator(
        "public_url", "slack_webhook_url", "slack_signing_secret", "teams_webhook_url", "discord_webhook_url",
        "twilio_account_sid", "twilio_auth_token", "twilio_from", "twilio_status_callback", "smtp_url", "smtp_host",
        "smtp_port", "smtp_user", "smtp_password", "smtp_from", mode="before",
    )  # fmt: skip
    @classmethod
    def _channel_set_or_not(cls, value: object) -> object:
        """An empty variable is one that is not set."""
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("webhook_urls", "webhook_secrets", "webhook_allowed_hosts", mode="before")
    @classmethod
    def _split_list(cls, value: object) -> object:
        """ "a, b" as one variable, or a TOML list."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("slack_webhook_url", "teams_webhook_url", "discord_webhook_url")
    @classmethod
    def _an_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_address(value.get_secret_value()):
            raise ValueError("it is no http or https address")
        return value

    @field_validator("webhook_urls")
    @classmethod
    def _addresses(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(_is_address(url.get_secret_value()) for url in value):
            raise ValueError("each is an http or https address")
        return value

    @field_validator("webhook_secrets")
    @classmethod
    def _good_secrets(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(_is_secret(one) for entry in value for one in _rotated(entry)):
            raise ValueError("each is whsec_ and 24 to 64 random bytes in base64")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """Half a channel is a mistake; it would be found out when the first message fails."""
        twilio = (self.twilio_account_sid, self.twilio_auth_token, self.twilio_from)
        if any(twilio) and not all(twilio):
            raise ValueError("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM belong together")
        if (self.smtp_url or self.smtp_host) and not self.smtp_from:
            raise ValueError("SMTP_FROM is missing: the address that mails come from")
        if self.smtp_url is not None:
            _smtp_server(self.smtp_url, "")
        if self.webhook_urls and len(self.webhook_secrets) not in (1, len(self.webhook_urls)):
            raise ValueError("ASSIST_WEBHOOK_SECRETS needs one secret for all ASSIST_WEBHOOK_URLS, or one for each")
        return self

    @property
    def notifications(self) -> NotificationSettings:
        """For `assist.notifications`."""
        return NotificationSettings(
            public_url=self.public_url.rstrip("/") if self.public_url else None,
            slack_url=self.slack_webhook_url,
            slack_signing_secret=self.slack_signing_secret,
            teams_url=self.teams_webhook_url,
            discord_url=self.discord_webhook_url,
            sms=self._sms(),
            email=self._email(),
            webhooks=self._webhooks(),
            console=self.console_notifications,
        )

    def _sms(self) -> SmsSettings | None:
        if self.twilio_account_sid is None or self.twilio_auth_token is None or self.twilio_from is None:
            return None
        return SmsSettings(
            account_sid=self.twilio_account_sid,
            auth_token=self.twilio_auth_token,
            sender=self.twilio_from,
            base_url=self.twilio_url,
            status_callback=self.twilio_status_callback,
        )

    def _email(self) -> EmailSettings | None:
        if self.smtp_from is None:
            return None
        if self.smtp_url is not None:
            return _smtp_server(self.smtp_url, self.smtp_from)
        if self.smtp_host is None:
            return None
        port = self.smtp_port or (_SMTP_PORT if self.smtp_user else _SMTP_RELAY_PORT)
        return EmailSettings(
            host=self.smtp_host,
            port=port,
            user=self.smtp_user,
            password=self.smtp_password,
            implicit_tls=port == _SMTPS_PORT,
            sender=self.smtp_from,
        )

    def _webhooks(self) -> tuple[WebhookSettings, ...]:
        secrets = self.webhook_secrets * (len(self.webhook_urls) if len(self.webhook_secrets) == 1 else 1)
        found: dict[str, WebhookSettings] = {}
        for url, secret in zip(self.webhook_urls, secrets, strict=True):
            parts = urlsplit(url.get_secret_value())
            host, name, number = parts.netloc.rpartition("@")[2].lower(), "", 1
            while not name or name in found:
                name, number = (host if number == 1 else f"{host} {number}"), number + 1
            allowed = {one.lower() for one in self.webhook_allowed_hosts}
            is_allowed = host in allowed or (parts.hostname or "") in allowed
            found[name] = WebhookSettings(name=name, url=url, secrets=_rotated(secret), allow_private=is_allowed)
        return tuple(found.values())


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _rotated(entry: SecretStr) -> tuple[SecretStr, ...]:
    return tuple(SecretStr(part) for part in entry.get_secret_value().split())


def _is_secret(secret: SecretStr) -> bool:
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(_SECRET_PREFIX) and len(key) in _SECRET_BYTES


def _smtp_server(url: SecretStr, sender: str) -> EmailSettings:
    """The server that SMTP_URL names.

    Raises:
        ValueError: it is no such address.
    """
    try:
        parts = urlsplit(url.get_secret_value())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("SMTP_URL is smtp://user:password@host:port, or smtps://…")
    implicit = parts.scheme == "smtps"
    default = _SMTPS_PORT if implicit else _SMTP_PORT if parts.username else _SMTP_RELAY_PORT
    return EmailSettings(
        host=parts.hostname,
        port=port or default,
        user=unquote(parts.username) if parts.username else None,
        password=SecretStr(unquote(parts.password)) if parts.password else None,
        implicit_tls=implicit,
        sender=sender,
    )
