"""The supervisors' console in a real browser on the real server: questions arrive, are claimed and answered."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_desk import Caller
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]

HELENA = "helena@console.example"
TOM = "tom@console.example"
ANALYST = "analyst@console.example"
AGENT = "agent@console.example"
PHONE = ViewportSize(width=390, height=844)
WIDE = ViewportSize(width=1440, height=900)


@pytest.fixture(scope="module")
def team(live_server: ServerProcess) -> None:
    """Two supervisors, an analyst and an agent."""
    for email, role in ((HELENA, "supervisor"), (TOM, "supervisor"), (ANALYST, "analyst"), (AGENT, "agent")):
        live_server.user(email, role, PASSWORD)


@pytest.fixture(scope="module")
def key(live_server: ServerProcess) -> str:
    return live_server.key("ingest", "read")


@pytest.fixture
def opens(chromium: Browser, live_server: ServerProcess, team: None) -> Iterator[Callable[..., Page]]:
    """Opens the console in a browser profile of its own; an error in the page fails the test."""
    contexts = []
    errors: list[str] = []

    def open_console(email: str, path: str = "/supervisor", size: ViewportSize = WIDE, **options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, viewport=size, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if "Content Security" in message.text else None)
        page.goto(path)
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        return page

    yield open_console
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def asks(live_server: ServerProcess, key: str) -> Callable[..., dict[str, Any]]:
    """Raises a request; the question is made unique."""

    def ask(question: str, **fields: Any) -> dict[str, Any]:
        body = {"question": f"{question} ({uuid4().hex[:6]})", "customer_name": "Margaret Oduya", "channel": "web"}
        answer: httpx.Response = live_server.client(key).post("/api/help-requests", json={**body, **fields})
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    return ask


@pytest.fixture
def reads(live_server: ServerProcess, key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A request as it is now."""

    def read(request: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = live_server.client(key).get(f"/api/help-requests/{request['id']}").json()
        return found

    return read


def _address(request: dict[str, Any]) -> str:
    return f"/supervisor?request={request['id']}"


def _row(page: Page, request: dict[str, Any]) -> Locator:
    return page.get_by_role("region", name="Open requests").get_by_role("link", name=request["question"])


def _detail(page: Page, request: dict[str, Any]) -> Locator:
    detail = page.get_by_role("region", name="Request", exact=True)
    expect(detail.get_by_role("heading", name=request["question"])).to_be_visible()
    return detail


def _answer_box(page: Page) -> Locator:
    """Once the knowledge base has said what it has to say."""
    box = page.get_by_role("textbox", name="Answer", exact=True)
    expect(box).not_to_have_attribute("placeholder", "Looking for a suggestion…", timeout=20_000)
    return box


def test_a_question_arrives_without_a_reload_is_claimed_and_answered(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], reads: Callable[..., dict[str, Any]]
) -> None:
    page = opens(HELENA)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    request = asks("Do you deliver wooden hub covers to Iceland?", customer_contact="m@x.example", tags=["shipping"])
    row = _row(page, request)
    expect(row).to_be_visible()
    expect(row).to_contain_text("Margaret Oduya")
    expect(row).to_contain_text("shipping")
    expect(row).to_contain_text("min left")
    expect(page).to_have_title(re.compile(r"^\(\d+\) Console"))

    row.click()
    detail = _detail(page, request)
    detail.get_by_role("button", name="Claim").click()
    expect(row).to_contain_text("In hand: you")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    _answer_box(page).fill("Yes, for 12 euros.")
    page.get_by_role("radio", name="Do not learn").check()
    page.get_by_role("button", name="Send the answer").click()
    expect(detail).to_contain_text(f"Answered by {HELENA}")
    expect(row).to_have_count(0)
    answered = reads(request)
    assert (answered["status"], answered["answer"]) == ("resolved", "Yes, for 12 euros.")
    page.get_by_role("link", name="Answered").click()
    expect(page.get_by_role("region", name="Answered requests")).to_contain_text(request["question"])


def test_the_answer_reaches_the_agent_while_the_customer_is_on_the_line(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], live_server: ServerProcess, key: str
) -> None:
    call = Caller(live_server, key, AGENT, "Nora Lind")
    call.says("Good morning, I have a strange question.")
    request = asks("May the antenna be painted purple?", session_id=call.session_id, customer_name="Nora Lind")
    agent = opens(AGENT, f"/#{call.session_id}")
    page = opens(TOM, _address(request))
    detail = _detail(page, request)
    expect(detail.get_by_text("On the line").first).to_be_visible()
    expect(detail.get_by_role("region", name="Transcript")).to_contain_text("strange question")
    call.says("It would match my curtains.")
    expect(detail.get_by_role("region", name="Transcript")).to_contain_text("match my curtains")
    _answer_box(page).fill("Yes, with water-based paint only.")
    page.keyboard.press("Control+Enter")
    expect(agent.get_by_role("region", name="Suggestions")).to_contain_text("water-based paint only")
    expect(detail).to_contain_text("On the agent’s desk")
    call.hangs_up()


def test_the_second_of_two_supervisors_sees_the_first_answer_beside_their_own(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], reads: Callable[..., dict[str, Any]]
) -> None:
    request = asks("Can the router run on a boat?")
    first, second = opens(HELENA, _address(request)), opens(TOM, _address(request))
    _detail(second, request)
    _answer_box(second).fill("Only in harbour.")
    second.context.set_offline(True)
    _answer_box(first).fill("Yes, below deck.")
    first.keyboard.press("Control+Enter")
    expect(_detail(first, request)).to_contain_text("Answered by")
    second.context.set_offline(False)
    # Whatever comes first: the news of the answer, or the refusal of the second one.
    second.keyboard.press("Control+Enter")
    conflict = second.get_by_role("region", name="answered first")
    expect(conflict).to_contain_text("Yes, below deck.")
    expect(conflict).to_contain_text("Only in harbour.")
    assert reads(request)["answer"] == "Yes, below deck."
    conflict.get_by_role("button", name="Let your text go").click()
    expect(conflict).to_have_count(0)


def test_what_was_typed_survives_a_reload_and_is_kept_per_request(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]]
) -> None:
    one, other = asks("Is there a purple cable?"), asks("Is there a green cable?")
    page = opens(HELENA, _address(one))
    _detail(page, one)
    _answer_box(page).fill("Half an answer")
    _row(page, other).click()
    _detail(page, other)
    expect(_answer_box(page)).not_to_have_value("Half an answer")
    page.reload()
    _row(page, one).click()
    _detail(page, one)
    expect(page.get_by_role("textbox", name="Answer", exact=True)).to_have_value("Half an answer")


def test_everything_can_be_done_with_the_keyboard(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], reads: Callable[..., dict[str, Any]]
) -> None:
    request = asks("Which way up does the hub stand?", priority="urgent")
    page = opens(HELENA)
    expect(_row(page, request)).to_be_visible()
    for _ in range(50):
        if _row(page, request).get_attribute("aria-current") == "true":
            break
        page.keyboard.press("Alt+ArrowDown")
    _detail(page, request)
    page.keyboard.press("Alt+c")
    expect(_row(page, request)).to_contain_text("In hand: you")
    page.keyboard.press("Alt+a")
    expect(_answer_box(page)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("On its feet.")
    page.keyboard.press("Control+Enter")
    expect(_detail(page, request)).to_contain_text("Answered by")
    assert reads(request)["answer"] == "On its feet."
    page.keyboard.press("Alt+h")
    expect(page.get_by_role("dialog")).to_contain_text("Next request")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_on_a_phone_the_question_and_the_answer_come_first(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], reads: Callable[..., dict[str, Any]]
) -> None:
    request = asks("May I keep the box?")
    page = opens(TOM, size=PHONE)
    row = _row(page, request)
    expect(row).to_be_visible()
    row.click()
    expect(row).to_be_hidden()
    _detail(page, request)
    box = _answer_box(page)
    expect(box).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send the answer")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    box.fill("Yes.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("region", name="Request", exact=True)).to_contain_text("Answered by")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("region", name="Open requests")).to_be_visible()
    assert reads(request)["status"] == "resolved"


def test_filters_and_search_narrow_the_queue(opens: Callable[..., Page], asks: Callable[..., dict[str, Any]]) -> None:
    word = f"zebra{uuid4().hex[:6]}"
    wanted = asks(f"What about the {word} cable?", priority="low", tags=["zoo"])
    other = asks(f"What about the {word} plug?", priority="high")
    page = opens(HELENA)
    page.get_by_role("searchbox", name="Search requests").fill(word)
    expect(page.get_by_text("2 requests found")).to_be_visible()
    page.get_by_label("Priority", exact=True).first.select_option("low")
    expect(_row(page, other)).to_have_count(0)
    expect(_row(page, wanted)).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("searchbox", name="Search requests")).to_have_value("")
    expect(_row(page, other)).to_be_visible()


def test_changes_of_priority_and_tags_can_be_taken_back(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], reads: Callable[..., dict[str, Any]]
) -> None:
    request = asks("Is the manual printed?", priority="low")
    page = opens(HELENA, _address(request))
    detail = _detail(page, request)
    detail.get_by_label("Priority").select_option("high")
    expect(_row(page, request)).to_contain_text("High")
    page.get_by_role("button", name="Undo").click()
    expect(_row(page, request)).to_contain_text("Low")
    assert reads(request)["priority"] == "low"
    detail.get_by_role("textbox", name="Add a tag").fill("Paper")
    page.keyboard.press("Enter")
    expect(detail.get_by_role("button", name="Remove the tag paper")).to_be_visible()
    assert reads(request)["tags"] == ["paper"]


def test_html_in_questions_and_answers_is_only_text(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]]
) -> None:
    request = asks("<img src=x onerror=alert(1)><b>bold</b>?", customer_name="<script>alert(2)</script>")
    page = opens(HELENA, _address(request))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    detail = _detail(page, request)
    _answer_box(page).fill("<a href='javascript:alert(3)'>click</a>")
    page.keyboard.press("Control+Enter")
    expect(detail).to_contain_text("<a href='javascript:alert(3)'>click</a>")
    assert detail.locator("img, b, a[href^=javascript]").count() == 0


def test_addresses_resolve_to_their_views(opens: Callable[..., Page]) -> None:
    page = opens(HELENA, "/unresolved")
    views = page.get_by_role("navigation", name="Views")
    expect(views.get_by_role("link", name="Unresolved")).to_have_attribute("aria-current", "page")
    page.goto("/pending")
    expect(views.get_by_role("link", name="Queue")).to_have_attribute("aria-current", "page")
    for name in ("Callbacks", "Team", "Statistics", "Audit"):
        views.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, level=2)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Statistics", level=2)).to_be_visible()


def test_who_is_away_is_seen_by_colleagues_at_once(opens: Callable[..., Page]) -> None:
    mine, theirs = opens(HELENA), opens(TOM, "/supervisor?view=team")
    row = theirs.get_by_role("row", name=HELENA)
    expect(row).to_contain_text("Available")
    mine.get_by_role("switch", name="Available").click()
    expect(row).to_contain_text("Away")
    mine.get_by_role("switch", name="Available").click()
    expect(row).to_contain_text("Available")


def test_a_lost_connection_is_shown_and_what_was_missed_comes_afterwards(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]]
) -> None:
    page = opens(HELENA)
    expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    page.route("**/api/supervision/stream", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("Reconnecting", exact=True)).to_be_visible()
    request = asks("Was anything missed?")
    page.unroute("**/api/supervision/stream")
    expect(page.get_by_text("Connected", exact=True)).to_be_visible(timeout=30_000)
    expect(_row(page, request)).to_be_visible()


def test_an_agent_is_told_whose_page_it_is_and_an_analyst_only_reads(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]]
) -> None:
    agent = opens(AGENT)
    expect(agent.get_by_text("This page is for supervisors")).to_be_visible()
    expect(agent.get_by_role("link", name="Back to my desk")).to_have_attribute("href", "/")
    request = asks("Who may read this?")
    analyst = opens(ANALYST, _address(request))
    detail = _detail(analyst, request)
    expect(detail.get_by_role("button", name="Claim")).to_have_count(0)
    expect(analyst.get_by_role("textbox", name="Answer", exact=True)).to_have_count(0)
    expect(analyst.get_by_role("switch")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(
    opens: Callable[..., Page], asks: Callable[..., dict[str, Any]], scheme: str, size: ViewportSize
) -> None:
    request = asks("Is every view fit for everybody?", priority="urgent", tags=["access"])
    page = opens(HELENA, _address(request), size, color_scheme=scheme, reduced_motion="reduce")
    _detail(page, request)
    _answer_box(page)
    assert _findings(page) == []
    for path in ("/pending", "/unresolved"):
        page.goto(path)
        expect(page.get_by_role("searchbox", name="Search requests")).to_be_visible()
        assert _findings(page) == []
    for view in ("answered", "callbacks", "team", "statistics", "audit"):
        page.goto(f"/supervisor?view={view}")
        expect(page.get_by_role("main")).to_be_visible()
        expect(page.get_by_text("Loading…")).to_have_count(0)
        assert _findings(page) == []


def _findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{item['id']}: {[node['html'][:160] for node in item['nodes']]}" for item in violations]
