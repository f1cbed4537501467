"""The customers' page: click, speak; and what it says when that does not work."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.played_room import GRANT, INVITE, PlayedRoom, answers, is_clean, switched_on
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def room(page: Page) -> PlayedRoom:
    return PlayedRoom(page)


def test_a_customer_clicks_and_speaks(page: Page, room: PlayedRoom) -> None:
    switched_on(page)
    asked = answers(page, "/api/voice/test-calls", GRANT, 201)
    page.goto("/call")
    page.get_by_label("Your name").fill("Vera")
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text("Ringing")
    assert json.loads(asked[0]) == {"name": "Vera"}
    room.people(("bot", "agent-AJ_1"))
    expect(page.get_by_role("status")).to_contain_text("Connected")
    expect(page.get_by_role("heading", level=1)).to_have_text("Receptionist")
    page.get_by_role("button", name="Mute").click()
    expect(page.get_by_role("status")).to_contain_text("muted")
    room.tells("onReconnecting")
    expect(page.get_by_role("status")).to_contain_text("Reconnecting")
    room.tells("onReconnected")
    room.people(("agent", "Marcus Berg"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Marcus Berg")
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status")).to_contain_text("You hung up")
    assert room.did[-1] == "close"
    page.get_by_role("button", name="Call again").click()
    room.people(("bot", "agent-AJ_2"))
    room.tells("onEnded", "over")
    expect(page.get_by_role("status")).to_contain_text("The call has ended")


def test_an_invitation_names_the_agent_and_may_be_too_old(page: Page, room: PlayedRoom) -> None:
    switched_on(page, agent_name="Marcus Berg")
    problem = {"status": 410, "code": "invite_expired", "detail": "Too old."}
    asked = answers(page, "/api/voice/test-calls", problem, 410)
    page.goto(INVITE)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are calling Marcus Berg")
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text("This invitation has expired")
    assert json.loads(asked[0]) == {"invite": "abc"}
    page.get_by_role("link", name="Call without the invitation").click()
    expect(page).to_have_url(re.compile("/call$"))


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (409, "voice_not_configured", "Calls are not set up"),
        (503, "unavailable", "All lines are busy"),
        (404, "feature_off", "switched off"),
    ],
)
def test_a_call_that_the_server_refuses_is_explained(
    page: Page, room: PlayedRoom, status: int, code: str, words: str
) -> None:
    switched_on(page)
    answers(page, "/api/voice/test-calls", {"status": status, "code": code, "detail": "No."}, status)
    page.goto("/call")
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text(words)


def test_the_page_says_that_it_is_switched_off(page: Page) -> None:
    switched_on(page, test_calls=False)
    page.goto("/call")
    expect(page.get_by_role("status")).to_contain_text("Calls from this page are switched off")
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_customer_without_leave_for_the_microphone_or_without_one_is_told(page: Page) -> None:
    switched_on(page)
    asked = answers(page, "/api/voice/test-calls", GRANT, 201)
    page.goto("/call")
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text("The microphone is not allowed")
    none = "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));"
    page.evaluate(f"() => {{ {none} }}")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_contain_text("No microphone was found")
    assert asked == []


def test_a_media_server_out_of_reach_gives_the_microphone_back(page: Page) -> None:
    page.context.grant_permissions(["microphone"])
    page.add_init_script("""
        const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wish) => (window.taken = await ask(wish));
    """)
    switched_on(page)
    answers(page, "/api/voice/test-calls", GRANT, 201)
    page.goto("/call")
    page.get_by_role("button", name="Call").click()
    expect(page.get_by_role("status")).to_contain_text("could not be connected", timeout=60_000)
    assert page.evaluate("window.taken.getTracks().map((track) => track.readyState)") == ["ended"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(chromium: Browser, live_server: ServerProcess, scheme: str, width: int) -> None:
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    room = PlayedRoom(page)
    switched_on(page)
    answers(page, "/api/voice/test-calls", GRANT, 201)
    page.goto("/call")
    expect(page.get_by_role("button", name="Call")).to_be_visible()
    is_clean(page)
    page.get_by_role("button", name="Call").click()
    room.people(("bot", "x"))
    expect(page.get_by_role("status")).to_contain_text("Connected")
    is_clean(page)
    room.tells("onMicrophoneLost")
    room.tells("onSound", True)
    expect(page.get_by_role("button", name="Turn on sound")).to_be_visible()
    is_clean(page)
    room.tells("onEnded", "lost")
    expect(page.get_by_role("status")).to_contain_text("The connection was lost")
    is_clean(page)
    context.close()
