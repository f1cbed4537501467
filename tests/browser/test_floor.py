"""The floor in a supervisor's browser: every live call at a glance, and a word that only the agent reads."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.browser.test_desk import Caller
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]

ANALYST = "looker@desk.example"
ANGRY = "This is terrible, I am really angry and disappointed, this is unacceptable!"


@pytest.fixture(scope="module")
def key(live_server: ServerProcess) -> str:
    return live_server.key("ingest")


@pytest.fixture
def call(live_server: ServerProcess, key: str, people: dict[str, str]) -> Iterator[Caller]:
    made = Caller(live_server, key, people["agent"], f"Ada {uuid4().hex[:6]}")
    made.says("Good morning, I have a question about my bill.")
    yield made
    made.hangs_up()


@pytest.fixture(scope="module")
def analyst(live_server: ServerProcess) -> str:
    live_server.user(ANALYST, "analyst", PASSWORD)
    return ANALYST


def _open(page: Page, email: str, where: str = "") -> None:
    page.goto(f"/floor{where}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def _row(page: Page, call: Caller) -> Locator:
    return page.locator(f'tr[data-session="{call.session_id}"]')


def test_a_call_comes_goes_and_tells_its_words_and_mood_without_a_reload(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    _open(page, people["supervisor"])
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    call = Caller(live_server, key, people["agent"], "Mona Sund")
    row = _row(page, call)
    expect(row).to_be_visible()
    expect(row).to_contain_text("Nothing said yet")
    call.says(ANGRY)
    expect(row).to_contain_text(ANGRY)
    expect(row.get_by_text("egative")).to_be_visible()
    call.says("I am so sorry to hear that.", speaker="agent")
    expect(row.locator("li.agent")).to_contain_text("I am so sorry")
    page.mouse.move(5, 5)
    call.hangs_up()
    expect(row).to_have_count(0)


def test_rows_stay_under_the_pointer_and_settle_when_it_leaves(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str], call: Caller
) -> None:
    other = Caller(live_server, key, people["agent"], "Late Caller")
    _open(page, people["supervisor"])
    page.get_by_label("Sort").select_option("negative")
    first, last = _row(page, call), _row(page, other)
    expect(last).to_be_visible()
    box = first.bounding_box()
    assert box is not None
    link = first.get_by_role("link")
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    for _ in range(3):
        other.says(ANGRY)
    expect(last.get_by_text("egative")).to_be_visible()
    assert first.bounding_box() == box
    page.get_by_role("button", name="Put in order").click()
    expect(page.locator("tbody tr").first).to_have_attribute("data-session", other.session_id)
    other.hangs_up()


def test_a_whisper_reaches_the_agents_desk_and_leaves_no_trace_of_looking_on(
    page: Page, chromium: Browser, live_server: ServerProcess, people: dict[str, str], call: Caller
) -> None:
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    desk = context.new_page()
    sign_in(desk, people["agent"])
    desk.goto(f"/#{call.session_id}")
    expect(desk.get_by_role("region", name="Transcript")).to_contain_text("my bill")

    _open(page, people["supervisor"])
    _row(page, call).get_by_role("link").click()
    watched = page.get_by_role("region", name="The call")
    expect(watched.get_by_role("log", name="Conversation")).to_contain_text("my bill")
    call.says("It was charged twice.")
    expect(watched.get_by_role("log", name="Conversation")).to_contain_text("charged twice")
    box = watched.get_by_role("textbox", name="Whisper to the agent")
    box.fill("Offer to refund it today.")
    box.press("Control+Enter")
    expect(watched.get_by_role("log").get_by_text("Offer to refund it today.")).to_be_visible()
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(desk.get_by_text("Offer to refund it today.").first).to_be_visible()
    watched.get_by_role("button", name="Suggestions").click()
    for button in ("Helpful", "Dismiss"):
        expect(watched.get_by_role("button", name=button)).to_have_count(0)
    context.close()

    page.keyboard.press("Escape")
    expect(watched).to_have_count(0)
    expect(_row(page, call).get_by_role("link")).to_be_focused()


def test_an_unsent_whisper_survives_a_reload(page: Page, people: dict[str, str], call: Caller) -> None:
    _open(page, people["supervisor"], f"#{call.session_id}")
    box = page.get_by_role("textbox", name="Whisper to the agent")
    box.fill("Half a thou")
    page.reload()
    expect(box).to_have_value("Half a thou")


def test_a_lost_connection_is_told_and_mended(page: Page, people: dict[str, str], call: Caller) -> None:
    _open(page, people["supervisor"])
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.route("**/api/floor*/**", lambda route: route.abort())
    page.route("**/api/floor", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("The calls could not be loaded")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    page.unroute_all()
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=30_000)
    expect(_row(page, call)).to_be_visible()


def test_filters_narrow_the_floor_and_say_so(page: Page, people: dict[str, str], call: Caller) -> None:
    _open(page, people["supervisor"])
    expect(_row(page, call)).to_be_visible()
    page.get_by_label("Agent").select_option(people["agent"])
    expect(_row(page, call)).to_be_visible()


def test_agents_are_sent_back_and_analysts_only_look(
    page: Page, people: dict[str, str], call: Caller, analyst: str
) -> None:
    _open(page, people["agent"])
    expect(page.get_by_text("This page is for supervisors")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Email")).to_be_visible()
    _open(page, analyst, f"#{call.session_id}")
    expect(page.get_by_role("region", name="The call")).to_contain_text("my bill")
    expect(page.get_by_role("textbox", name="Whisper to the agent")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing(
    chromium: Browser, live_server: ServerProcess, people: dict[str, str], call: Caller, scheme: str, width: int
) -> None:
    call.says(ANGRY)
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    _open(page, people["supervisor"])
    expect(_row(page, call)).to_contain_text(ANGRY)
    assert _findings(page) == []
    page.goto(f"/floor#{call.session_id}")
    watched = page.get_by_role("region", name="The call")
    expect(watched).to_contain_text(ANGRY)
    assert _findings(page) == []
    watched.get_by_role("button", name="Suggestions").click()
    assert _findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def _findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{item['id']}: {[node['html'][:120] for node in item['nodes']]}" for item in violations]
