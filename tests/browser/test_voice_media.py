"""Sound between browsers, through the real server and a small SFU: the desk, the customers' page, listening in."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.doubles.livekit.control import Sfu
from tests.doubles.livekit.mini_sfu import sfu_process
from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.spoken]

AGENT = "agent@desk.example"
SUPERVISOR = "lead@desk.example"
PATIENCE_MS = 30_000
MICROPHONES = """
    window.taken = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await ask(wish);
      window.taken.push(...stream.getTracks());
      return stream;
    };
"""


@pytest.fixture(scope="module")
def sfu() -> Iterator[Sfu]:
    with sfu_process() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sfu: Sfu) -> Iterator[ServerProcess]:
    settings = {
        "LIVEKIT_URL": sfu.url,
        "LIVEKIT_API_KEY": sfu.api_key,
        "LIVEKIT_API_SECRET": sfu.api_secret,
        "ASSIST_TEST_CALLS": "true",
    }
    with server_process(tmp_path_factory.mktemp("voice"), **settings) as running:
        running.start()
        running.user(AGENT, "agent", PASSWORD)
        running.user(SUPERVISOR, "supervisor", PASSWORD)
        yield running


@pytest.fixture
def opens(chromium: Browser, server: ServerProcess) -> Iterator[Callable[[], Page]]:
    """People with a browser and a microphone each; errors and violations of the policy fail the test."""
    complaints: list[str] = []

    def open_page() -> Page:
        context = chromium.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
        context.grant_permissions(["microphone", "clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.add_init_script(MICROPHONES)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        return page

    yield open_page
    for context in list(chromium.contexts):
        context.close()
    assert complaints == []


def test_an_agent_and_a_customer_hear_each_other_and_a_supervisor_hears_both(
    opens: Callable[[], Page], sfu: Sfu
) -> None:
    desk, customer, floor = opens(), opens(), opens()
    sign_in(desk, AGENT)
    desk.get_by_role("button", name="Start call").click()
    dialog = desk.get_by_role("dialog", name="Start a call")
    dialog.get_by_label("Customer’s name").fill("Ada Holm")
    dialog.get_by_role("button", name="Start call").click()
    bar = desk.get_by_role("region", name="Your call")
    expect(bar.get_by_role("status")).to_contain_text("Waiting for Ada Holm", timeout=PATIENCE_MS)
    bar.get_by_role("button", name="Copy customer link").click()
    expect(desk.get_by_text("Customer link copied").first).to_be_visible()
    link = desk.evaluate("navigator.clipboard.readText()")

    customer.goto(link)
    customer.get_by_label("Your name").fill("Ada Holm")
    customer.get_by_role("button", name="Call").click()
    expect(customer.get_by_role("status")).to_contain_text("Connected", timeout=PATIENCE_MS)
    expect(bar.get_by_role("status")).to_contain_text("On the line: Ada Holm", timeout=PATIENCE_MS)
    _expect_loud(customer.locator("assist-level").nth(0))
    _expect_loud(customer.locator("assist-level").nth(1))

    _choose_devices(desk)
    _expect_loud(bar.locator("assist-level"))
    _expect_loud(customer.locator("assist-level").nth(1))

    session = desk.evaluate("location.hash.slice(1)")
    floor.goto(f"/floor#{session}")
    floor.get_by_label("Email").fill(SUPERVISOR)
    floor.get_by_label("Password").fill(PASSWORD)
    floor.get_by_role("button", name="Sign in").click()
    floor.get_by_role("button", name="Listen in").click()
    listening = floor.get_by_role("region", name="Listen in")
    expect(listening.get_by_role("status")).to_contain_text("the others do not hear you", timeout=PATIENCE_MS)
    expect(listening.get_by_role("status")).to_contain_text("Ada Holm")
    _expect_loud(listening.locator("assist-level"))
    assert floor.evaluate("window.taken.length") == 0

    customer.get_by_role("button", name="Hang up").click()
    expect(customer.get_by_role("status")).to_contain_text("You hung up")
    expect(bar.get_by_role("status")).to_contain_text("Ada Holm has left", timeout=PATIENCE_MS)
    bar.get_by_role("button", name="Leave call").click()
    expect(bar.get_by_role("button", name="Rejoin")).to_be_visible()
    assert set(_microphones(customer)) == {"ended"}
    assert set(_microphones(desk)) == {"ended"}


def test_whoever_loses_the_connection_comes_back(opens: Callable[[], Page], sfu: Sfu) -> None:
    customer = opens()
    customer.goto("/call")
    customer.get_by_role("button", name="Call").click()
    expect(customer.get_by_role("status")).to_contain_text("Ringing", timeout=PATIENCE_MS)
    joined = sfu.events("participant_joined")[-1]
    sfu.cut(joined["room"]["name"], joined["participant"]["identity"])
    expect(customer.get_by_role("status")).to_contain_text("Reconnecting", timeout=PATIENCE_MS)
    expect(customer.get_by_role("status")).to_contain_text("Ringing", timeout=PATIENCE_MS)
    assert _microphones(customer)[-1] == "live"
    customer.get_by_role("button", name="Hang up").click()
    assert set(_microphones(customer)) == {"ended"}


def _choose_devices(desk: Page) -> None:
    """Others than the system's, which the browser keeps for the next call."""
    desk.get_by_role("button", name="Audio devices").click()
    panel = desk.get_by_role("group", name="Audio devices")
    panel.get_by_label("Microphone").select_option(label="Fake Audio Input 2")
    panel.get_by_label("Speaker").select_option(label="Fake Audio Output 2")
    desk.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    kept = json.loads(desk.evaluate("localStorage.getItem('assist.devices')"))
    assert set(kept) == {"microphone", "speaker"}


def _expect_loud(meter: Locator) -> None:
    """The tone of the generated microphone beeps."""
    expect(meter.locator("[data-lit=true]")).to_have_count(1, timeout=PATIENCE_MS)


def _microphones(page: Page) -> list[str]:
    """The states of all that the page was ever given."""
    states: list[str] = page.evaluate("window.taken.map((track) => track.readyState)")
    return states


def test_only_pages_with_calls_may_reach_the_media_server(server: ServerProcess, sfu: Sfu) -> None:
    with server.client() as client:
        policies = {path: client.get(path).headers["Content-Security-Policy"] for path in ("/call", "/knowledge")}
    assert f"connect-src 'self' {sfu.url} {sfu.http_url};" in policies["/call"]
    assert "connect-src 'self';" in policies["/knowledge"]
