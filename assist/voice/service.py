"""Everything spoken, composed: jobs that listen, the watchdog, browser calls, call-backs."""

import hashlib
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from assist.calls import Calls
from assist.db.engine import Sessions
from assist.delivery import Hub
from assist.notifications.preferences import QuietHours
from assist.settings import Settings, SettingsError
from assist.voice.browser_calls import BrowserCalls
from assist.voice.call_backs import CallBacks
from assist.voice.jobs import VoiceJobs
from assist.voice.ports import Rooms
from assist.voice.watchdog import Watchdog
from assist.voice_settings import CallingHours, LiveKitSettings

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Voice:
    """What routes use of it."""

    jobs: VoiceJobs
    browser: BrowserCalls
    watchdog: Watchdog | None
    """This and the following: None where no LiveKit server is configured."""
    call_backs: CallBacks | None
    rooms: Rooms | None
    work: Mapping[str, Work] = field(default_factory=dict)
    """Runs beside the requests, by name."""

    async def close(self) -> None:
        """Closes connections to LiveKit."""
        if self.rooms is not None:
            await self.rooms.close()


def make_voice(settings: Settings, sessions: Sessions, hub: Hub, announce: Callable[[], None], calls: Calls) -> Voice:
    """The parts, in the order of who needs whom.

    Raises:
        SettingsError: LiveKit is configured, but its packages are not installed.
    """
    rooms = connect_rooms(settings.livekit) if settings.livekit else None
    jobs = VoiceJobs(sessions=sessions, hub=hub, announce=announce)
    secret = settings.livekit.api_secret.get_secret_value() if settings.livekit else ""
    browser = BrowserCalls(
        sessions=sessions,
        calls=calls,
        rooms=rooms,
        secret=hashlib.sha256(f"assist invitations\n{secret}".encode()).digest(),
        test_calls=settings.test_calls,
        company=settings.company if "company" in settings.model_fields_set else None,
    )
    if rooms is None:
        return Voice(jobs=jobs, browser=browser, watchdog=None, call_backs=None, rooms=None)
    watchdog = Watchdog(sessions=sessions, rooms=rooms, calls=calls, told=jobs.told)
    call_backs = CallBacks(
        sessions=sessions,
        rooms=rooms,
        calls=calls,
        hub=hub,
        announce=announce,
        quiet=_quiet_hours(settings.call_back_hours),
    )
    work: dict[str, Work] = {"voice_watchdog": watchdog.run}
    if settings.sip_trunk is not None:
        work["call_backs"] = call_backs.run
    return Voice(jobs=jobs, browser=browser, watchdog=watchdog, call_backs=call_backs, rooms=rooms, work=work)


def _quiet_hours(calling: CallingHours | None) -> QuietHours | None:
    if calling is None:
        return None
    return QuietHours(start=calling.closes, end=calling.opens, time_zone=calling.time_zone)


def connect_rooms(settings: LiveKitSettings) -> Rooms:
    """The LiveKit server; nothing is sent yet.

    Raises:
        SettingsError: LiveKit's packages are not installed.
    """
    try:
        control = importlib.import_module("integrations.livekit.control")
    except ImportError:
        detail = "LIVEKIT_URL is set, but LiveKit's packages are not installed: pip install 'assist[voice]'"
        raise SettingsError(detail) from None
    secret = settings.api_secret.get_secret_value()
    rooms: Rooms = control.LiveKitRooms(settings.url, settings.api_key, secret, sip_trunk=settings.sip_trunk)
    return rooms
