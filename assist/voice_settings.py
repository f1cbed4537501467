"""Settings of everything spoken: LiveKit, recognition, voices, the receptionist. `assist.settings` reads them."""

from datetime import time
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator

from assist.channel_settings import ChannelSettings

_DEEPGRAM_URL = "https://api.deepgram.com/v1"


class LiveKitSettings(BaseModel):
    """A LiveKit server, Cloud or one's own."""

    url: str
    """ws:// or wss://, as browsers and workers reach it."""
    api_key: str
    api_secret: SecretStr
    sip_trunk: str | None
    """Id of the outbound trunk by which people are rung; None: nobody can be."""


class SpeechSettings(BaseModel):
    """Who hears and who speaks."""

    recogniser: Literal["deepgram", "scripted", "pocketsphinx"]
    script: Path | None
    """Of the scripted recogniser."""
    model: str
    language: str
    deepgram_url: str
    """With its "/v1"."""
    deepgram_api_key: SecretStr | None
    voice: Literal["deepgram", "flite"]
    """Who speaks: Deepgram, or the command `flite` on this machine (demo quality)."""
    voice_model: str


class ReceptionistSettings(BaseModel):
    """What the receptionist says and how long it listens."""

    company: str
    greeting: str | None
    transfer_to: str | None
    """tel: or sip: address, or a number, of the people who take over; None: nobody does, a call-back is promised."""
    transfer_mode: Literal["cold", "warm"]
    """cold: the caller is transferred away; warm: somebody is rung and joins the caller's room."""
    max_turns: int
    max_minutes: float
    idle_s: float
    """Silence after which it asks whether somebody is there; after the second time it ends the call."""


class CallingHours(BaseModel):
    """When people may be rung; a `closes` before `opens` is on the next day."""

    opens: time
    closes: time
    time_zone: str

    @classmethod
    def read(cls, text: str) -> "CallingHours":
        """Of "08:00-20:00 Europe/Copenhagen"; without a time zone they are UTC.

        Raises:
            ValueError: it is not of that form; the message says what is.
        """
        hours, _, zone = text.strip().partition(" ")
        opens, _, closes = hours.partition("-")
        try:
            read = cls(
                opens=time.fromisoformat(opens), closes=time.fromisoformat(closes), time_zone=zone.strip() or "UTC"
            )
            ZoneInfo(read.time_zone)
        except (ValueError, LookupError, OSError):
            raise ValueError("write it as 08:00-20:00 Europe/Copenhagen") from None
        if read.opens == read.closes:
            raise ValueError("the hours end when they begin; leave it empty for the whole day")
        return read


class WorkerSettings(BaseModel):
    """How the voice workers reach the server, and where they keep what it has not taken yet."""

    url: str
    api_key: SecretStr | None
    spool: Path


class VoiceSettings(ChannelSettings):
    """The flat settings, as they are named in the environment."""

    livekit_url: str | None = Field(
        default=None, pattern="^wss?://", validation_alias=AliasChoices("LIVEKIT_URL", "livekit_url")
    )
    livekit_api_key: str | None = Field(
        default=None, validation_alias=AliasChoices("LIVEKIT_API_KEY", "livekit_api_key")
    )
    livekit_api_secret: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("LIVEKIT_API_SECRET", "livekit_api_secret")
    )
    sip_trunk: str | None = Field(default=None, validation_alias=AliasChoices("LIVEKIT_SIP_TRUNK", "sip_trunk"))
    deepgram_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("DEEPGRAM_API_KEY", "deepgram_api_key")
    )
    deepgram_url: str = Field(
        default=_DEEPGRAM_URL, pattern="^https?://", validation_alias=AliasChoices("DEEPGRAM_URL", "deepgram_url")
    )
    stt: Literal["deepgram", "scripted", "pocketsphinx"] = "deepgram"
    stt_script: Path | None = None
    stt_model: str = "nova-3"
    stt_language: str = "en-US"
    tts: Literal["deepgram", "flite"] = "deepgram"
    tts_model: str = "aura-2-andromeda-en"
    test_calls: bool = False
    """Anybody may call from the page /call."""
    server_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern="^https?://",
        validation_alias=AliasChoices("ASSIST_URL", "server_url"),
    )
    server_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("ASSIST_API_KEY", "server_api_key")
    )
    company: str = Field(default="our company", min_length=1, max_length=100)
    greeting: str | None = Field(default=None, max_length=500)
    transfer_to: str | None = None
    transfer_mode: Literal["cold", "warm"] = "cold"
    receptionist_max_turns: int = Field(default=40, ge=1, le=1000)
    receptionist_max_minutes: float = Field(default=15.0, gt=0.0, le=240.0)
    receptionist_idle_s: float = Field(default=20.0, gt=0.0, le=600.0)
    call_back_hours: CallingHours | None = None
    """None: at any time."""

    @field_validator(
        "livekit_url", "livekit_api_key", "livekit_api_secret", "sip_trunk", "deepgram_api_key", "stt_script",
        "server_api_key", "greeting", "transfer_to", mode="before",
    )  # fmt: skip
    @classmethod
    def _given(cls, value: object) -> object:
        """An empty variable is one that is not set."""
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("call_back_hours", mode="before")
    @classmethod
    def _hours(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return CallingHours.read(value) if value.strip() else None

    @property
    def livekit(self) -> LiveKitSettings | None:
        """None: nothing is spoken here; all three must be set."""
        if self.livekit_url is None or self.livekit_api_key is None or self.livekit_api_secret is None:
            return None
        return LiveKitSettings(
            url=self.livekit_url,
            api_key=self.livekit_api_key,
            api_secret=self.livekit_api_secret,
            sip_trunk=self.sip_trunk,
        )

    @property
    def speech(self) -> SpeechSettings:
        """For the workers."""
        return SpeechSettings(
            recogniser=self.stt,
            script=self.stt_script,
            model=self.stt_model,
            language=self.stt_language,
            deepgram_url=self.deepgram_url.rstrip("/"),
            deepgram_api_key=self.deepgram_api_key,
            voice=self.tts,
            voice_model=self.tts_model,
        )

    @property
    def receptionist(self) -> ReceptionistSettings:
        """For `assist.receptionist`."""
        return ReceptionistSettings(
            company=self.company,
            greeting=self.greeting,
            transfer_to=self.transfer_to,
            transfer_mode=self.transfer_mode,
            max_turns=self.receptionist_max_turns,
            max_minutes=self.receptionist_max_minutes,
            idle_s=self.receptionist_idle_s,
        )
