"""Calls by voice on the desk and the floor: speaking, listening in, and what could not be transcribed."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.browser.played_room import GRANT, INVITE, PlayedRoom, answers, is_clean, switched_on
from tests.browser.test_desk import Caller
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]


class Job:
    """The job that listens to a call."""

    def __init__(self, client: httpx.Client, call: Caller) -> None:
        self._client = client
        self._session = call.session_id
        self._id = f"job-{uuid4().hex[:8]}"
        room = {"session_id": call.session_id, "room": f"room-{uuid4().hex[:8]}", "kind": "assist"}
        _post(client, "/api/voice/jobs", {**room, "job_id": self._id})
        self.hears()

    def hears(self, transcription: str = "ok", detail: str | None = None) -> None:
        """How well, from now on."""
        body = {"job_id": self._id, "settled_s": 0.0, "transcription": transcription, "detail": detail}
        _post(self._client, f"/api/voice/jobs/{self._session}/heartbeat", body)

    def misses(self, speaker: str | None, start_time: float, end_time: float) -> None:
        """A stretch that was not transcribed."""
        gap = {"speaker": speaker, "start_time": start_time, "end_time": end_time, "reason": "stt_down"}
        _post(self._client, f"/api/voice/calls/{self._session}/gaps", {"gaps": [{**gap, "id": uuid4().hex}]})


@pytest.fixture(scope="module")
def key(live_server: ServerProcess) -> str:
    return live_server.key("ingest", "read")


@pytest.fixture
def room(page: Page) -> PlayedRoom:
    return PlayedRoom(page)


@pytest.fixture
def call(live_server: ServerProcess, key: str, people: dict[str, str]) -> Iterator[Caller]:
    made = Caller(live_server, key, people["agent"], f"Ada {uuid4().hex[:6]}")
    yield made
    made.hangs_up()


@pytest.fixture
def job(live_server: ServerProcess, key: str, call: Caller) -> Job:
    return Job(live_server.client(key), call)


def _post(client: httpx.Client, path: str, body: object) -> dict[str, Any]:
    answer = client.post(path, json=body).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _starts(page: Page, call: Caller) -> list[str]:
    """Starting a call gives the one that there is."""
    made = {**GRANT, "session_id": call.session_id, "call_id": "browser-1", "customer_link": INVITE}
    return answers(page, "/api/voice/calls", made, 201)


def _start(page: Page, name: str) -> None:
    page.get_by_role("button", name="Start call").click()
    dialog = page.get_by_role("dialog", name="Start a call")
    dialog.get_by_label("Customer’s name").fill(name)
    dialog.get_by_role("button", name="Start call").click()
    expect(dialog).to_be_hidden()


def test_an_agent_starts_a_call_sends_the_link_and_speaks(
    page: Page, people: dict[str, str], call: Caller, room: PlayedRoom
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    switched_on(page)
    asked = _starts(page, call)
    sign_in(page, people["agent"])
    _start(page, "Ada Holm")
    bar = page.get_by_role("region", name="Your call")
    expect(bar.get_by_role("status")).to_contain_text("Waiting for Ada Holm")
    assert json.loads(asked[0]) == {"customer_name": "Ada Holm", "customer_phone": None}
    expect(page).to_have_url(re.compile(call.session_id))
    bar.get_by_role("button", name="Copy customer link").click()
    expect(page.get_by_text("Customer link copied").first).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.evaluate(f"new URL('{INVITE}', location).href")

    room.people(("customer", "Ada Holm"))
    expect(bar.get_by_role("status")).to_contain_text("On the line: Ada Holm")
    bar.get_by_role("button", name="Mute microphone").click()
    bar.get_by_role("button", name="Unmute microphone").click()
    bar.get_by_role("slider", name="Volume of the others").fill("40")
    assert room.did[-3:] == ["mute", "unmute", "volume 0.4"]

    room.tells("onReconnecting")
    expect(bar.get_by_role("status")).to_contain_text("Reconnecting")
    room.tells("onReconnected")
    room.people()
    expect(bar.get_by_role("status")).to_contain_text("Ada Holm has left")
    bar.get_by_role("button", name="Leave call").click()
    expect(bar.get_by_role("button", name="Leave call")).to_have_count(0)
    assert room.did[-1] == "close"


def test_a_call_is_joined_again_after_a_reload_and_over_when_it_ends(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str], room: PlayedRoom
) -> None:
    client = live_server.client(key)
    started = {"call_id": uuid4().hex, "agent_id": people["agent"], "customer_name": "Mia Lund"}
    session = _post(client, "/api/realtime/call/start", {**started, "acd_metadata": {"source": "browser"}})[
        "session_id"
    ]
    switched_on(page)
    made = {**GRANT, "session_id": session, "call_id": started["call_id"], "customer_link": None}
    asked = answers(page, f"/api/voice/calls/{session}/join", made)
    sign_in(page, people["agent"])
    bar = page.get_by_role("region", name="Your call")
    expect(bar.get_by_role("status")).to_contain_text("Your call with Mia Lund goes on")
    bar.get_by_role("button", name="Rejoin").click()
    room.people(("customer", "Mia Lund"))
    expect(bar.get_by_role("status")).to_contain_text("On the line: Mia Lund")
    assert len(asked) == 1
    page.reload()
    expect(bar.get_by_role("button", name="Rejoin")).to_be_visible()
    bar.get_by_role("button", name="Rejoin").click()
    room.people(("customer", "Mia Lund"))
    _post(client, "/api/realtime/call/end", {"session_id": session, "status": "completed"})
    expect(page.get_by_text("The call has ended").first).to_be_visible()
    expect(bar.get_by_role("button")).to_have_count(0)
    assert room.did[-1] == "close"


def test_a_refused_microphone_is_explained_and_no_call_is_made(
    page: Page, people: dict[str, str], call: Caller
) -> None:
    switched_on(page)
    asked = _starts(page, call)
    sign_in(page, people["agent"])
    _start(page, "")
    bar = page.get_by_role("region", name="Your call")
    expect(bar.get_by_role("status")).to_contain_text("The microphone is not allowed")
    expect(bar.get_by_role("button", name="Try again")).to_be_visible()
    assert asked == []
    bar.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Start call")).to_be_visible()


def test_without_voice_there_is_nothing_to_call_with(page: Page, people: dict[str, str], call: Caller) -> None:
    answers(page, "/api/voice/settings", {"enabled": False, "test_calls": False})
    sign_in(page, people["agent"])
    expect(page.get_by_role("navigation", name="Calls")).to_contain_text("My calls")
    expect(page.get_by_role("button", name="Start call")).to_have_count(0)


def test_what_was_not_transcribed_stands_in_the_transcript(
    page: Page, people: dict[str, str], call: Caller, job: Job
) -> None:
    call.says("My router is broken.")
    sign_in(page, people["agent"])
    page.goto(f"/#{call.session_id}")
    words = page.get_by_role("region", name="Transcript").get_by_role("log", name="Conversation")
    expect(words).to_contain_text("My router is broken.")
    job.misses("customer", 2.1, 2.4)
    expect(words).to_contain_text(re.compile(r"Customer not transcribed \d+:\d\d:\d\d–\d+:\d\d:\d\d"))
    call.says("It blinks red.")
    lines = words.get_by_role("listitem")
    expect(lines).to_have_text([re.compile("router"), re.compile("not transcribed"), re.compile("blinks red")])


def test_that_nobody_transcribes_is_told_with_what_to_do(
    page: Page, people: dict[str, str], call: Caller, job: Job
) -> None:
    sign_in(page, people["agent"])
    page.goto(f"/#{call.session_id}")
    status = page.locator("[data-connection]")
    expect(status).to_contain_text("Connected")
    job.hears("unavailable", "stt_unauthorized")
    expect(status).to_contain_text("Transcription unavailable")
    expect(status).to_contain_text("refused the key; tell your administrator")
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("use Alt+K to ask yourself")
    job.hears("degraded")
    expect(status).to_contain_text("Transcription delayed")
    job.hears()
    expect(status).to_contain_text("Connected")


def test_a_supervisor_listens_unheard_until_the_watch_is_closed(
    page: Page, people: dict[str, str], call: Caller, job: Job, room: PlayedRoom
) -> None:
    asked = answers(page, f"/api/voice/calls/{call.session_id}/listen", GRANT)
    _open(page, f"/floor#{call.session_id}", people["supervisor"])
    watched = page.get_by_role("region", name="The call")
    watched.get_by_role("button", name="Listen in").click()
    expect(watched.get_by_role("button", name="Stop listening")).to_be_visible()
    room.people(("customer", "Ada Holm"), ("agent", "Marcus"))
    status = watched.get_by_role("region", name="Listen in").get_by_role("status")
    expect(status).to_contain_text("Listening · the others do not hear you")
    expect(status).to_contain_text("Ada Holm and Marcus")
    assert "microphone" not in room.did
    assert len(asked) == 1
    watched.get_by_role("button", name="Stop listening").click()
    expect(status).to_contain_text("You stopped listening")
    watched.get_by_role("button", name="Listen in").click()
    room.people(("customer", "Ada Holm"))
    watched.get_by_role("button", name="Close").click()
    expect(watched).to_have_count(0)
    assert room.did[-1] == "close"


def _open(page: Page, path: str, email: str) -> None:
    page.goto(path)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(
    chromium: Browser,
    live_server: ServerProcess,
    people: dict[str, str],
    call: Caller,
    job: Job,
    scheme: str,
    width: int,
) -> None:
    job.hears("unavailable", "stt_unauthorized")
    job.misses(None, 1.0, 1.4)
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    room = PlayedRoom(page)
    switched_on(page)
    _starts(page, call)
    sign_in(page, people["agent"])
    if width < 720:
        page.get_by_role("button", name="Calls").click()
    _start(page, "Ada")
    room.people(("customer", "Ada"))
    room.tells("onMicrophoneLost")
    expect(page.get_by_role("alert").filter(has_text="Nobody hears you")).to_be_visible()
    if width < 720:
        page.get_by_role("button", name="Transcript").click()
    expect(page.get_by_text("not transcribed")).to_be_visible()
    is_clean(page)
    context.close()


def test_a_callback_tells_when_the_receptionist_rings_and_when_somebody_has_to(
    page: Page, people: dict[str, str]
) -> None:
    callback = {"request_id": str(uuid4()), "channel": "callback", "address": "+15550100", "text": "It is 30 days."}
    times = {"created_at": "2026-01-05T10:00:00Z", "done_at": None, "done_by": None, "question": "How long?"}
    waiting = {"state": "waiting", "attempts": 1, "next_attempt_at": "2026-01-05T14:05:00Z", "last_status": "486"}
    given_up = {"state": "given_up", "attempts": 3, "next_attempt_at": None, "last_status": "480"}
    items = [
        {**callback, **times, "id": name, "state": "open", "customer_name": name, "call_back": call_back}
        for name, call_back in (("Ada", waiting), ("Mia", given_up), ("Bo", None))
    ]
    answers(page, "/api/follow-ups", {"items": items, "total": 3, "next": None})
    _open(page, "/supervisor?view=callbacks", people["supervisor"])
    lines = page.get_by_role("region", name="Callbacks").get_by_role("listitem")
    expect(lines.nth(0)).to_contain_text(re.compile("The receptionist rings at .+, attempt 2"))
    expect(lines.nth(1)).to_contain_text("Nobody answered (3 attempts): please call yourself")
    expect(lines.nth(2)).not_to_contain_text("receptionist")
    is_clean(page)
