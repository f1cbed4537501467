"""A model's words take the place of the quoted ones while the agent looks on: calmly, and never under their hands."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from assist.samples import KNOWLEDGE
from tests.browser.conftest import PASSWORD, sign_in
from tests.browser.test_desk import Caller
from tests.refining_server import SENTENCES, pace_file
from tests.serving import ServerProcess, server_process

pytestmark = [pytest.mark.browser, pytest.mark.server]

AGENT = "agent@refining.example"
HUB = "HomeHub X200"
QUESTION = "In the Norlight App I can't log in, getting error 401 on mobile app v2.5"
_ALL = len(SENTENCES) + 1


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server whose refiner waits for the test."""
    with (
        tempfile.TemporaryDirectory(prefix="assist-test-refining-") as directory,
        server_process(Path(directory), "tests.refining_server") as made,
    ):
        made.assist("ingest", *(str(KNOWLEDGE / f"{name}.md") for name in ("app-login-error-401", "reset-password")))
        made.start()
        made.user(AGENT, "agent", PASSWORD)
        yield made


@pytest.fixture(scope="module")
def key(server: ServerProcess) -> str:
    return server.key("ingest")


@pytest.fixture
def call(server: ServerProcess, key: str) -> Iterator[Caller]:
    """A call about the hub, until the customer asks about the app."""
    _may_write(server, 0)
    made = Caller(server, key, AGENT, "Nora Lind")
    made.says(f"Hello, my {HUB} was fine until today.")
    yield made
    made.hangs_up()


@pytest.fixture
def desk(chromium: Browser, server: ServerProcess, call: Caller) -> Iterator[Page]:
    """The agent's desk on that call."""
    context = chromium.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, AGENT)
    page.goto(f"/#{call.session_id}")
    expect(page.get_by_role("region", name="Transcript")).to_contain_text(HUB)
    yield page
    context.close()
    assert errors == []


def _may_write(server: ServerProcess, sentences: int) -> None:
    pace_file(server.data_dir).write_text("go\n" * sentences)


def _card(page: Page) -> Locator:
    return page.get_by_role("region", name="Suggestions").get_by_role("article").first


def _asked(page: Page, call: Caller) -> Locator:
    call.says(QUESTION)
    card = _card(page)
    expect(card).to_contain_text("Quoted word for word")
    return card


def _top(card: Locator) -> float:
    box = card.bounding_box()
    assert box is not None
    return box["y"]


def test_the_quoted_card_is_refined_in_place(desk: Page, server: ServerProcess, call: Caller) -> None:
    card = _asked(desk, call)
    quoted = card.get_by_role("heading").inner_text()
    top = _top(card)
    card.get_by_role("button", name="Helpful", exact=True).focus()
    desk.keyboard.press("Enter")
    desk.mouse.move(5, 5)
    expect(card.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    status = desk.locator(".visually-hidden[role=status]")
    expect(status).to_contain_text("Suggestion")

    _may_write(server, 1)
    expect(card).to_contain_text("Writing an answer")
    expect(card).to_have_attribute("aria-busy", "true")
    expect(card.get_by_role("heading")).to_contain_text(SENTENCES[0])
    expect(card.get_by_role("link", name="401").first).to_be_visible()
    expect(card).to_contain_text(quoted[:40])  # what was quoted stands with the source now
    expect(status).not_to_contain_text(SENTENCES[0])
    _may_write(server, 2)
    expect(card).to_contain_text(SENTENCES[1])

    _may_write(server, _ALL)
    expect(card).to_contain_text("Written by a model")
    expect(card).to_contain_text(SENTENCES[2])
    expect(card).to_contain_text("p. 12")
    expect(card).not_to_have_attribute("aria-busy", "true")
    expect(status).to_contain_text(SENTENCES[0])
    expect(card.get_by_role("button", name="Helpful", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(card.get_by_role("button", name="Helpful", exact=True)).to_be_focused()
    assert _top(card) == top
    card.get_by_role("button", name="Copy answer").click()
    expect(desk.get_by_text("Answer copied").first).to_be_visible()
    assert desk.evaluate("navigator.clipboard.readText()") == " ".join(SENTENCES)
    desk.reload()
    expect(_card(desk)).to_contain_text("Written by a model")


def test_words_that_are_selected_are_not_taken_away(desk: Page, server: ServerProcess, call: Caller) -> None:
    card = _asked(desk, call)
    words = card.locator(".rest p").first
    quoted = words.inner_text()
    words.click(click_count=3)
    assert quoted[:20] in desk.evaluate("String(document.getSelection())")
    _may_write(server, _ALL)
    desk.mouse.move(5, 5)
    desk.wait_for_timeout(4000)
    expect(words).to_contain_text(quoted[:20])
    desk.mouse.click(600, 700)
    expect(card).to_contain_text("Written by a model")


def test_a_desk_that_was_away_finds_the_refined_card(desk: Page, server: ServerProcess, call: Caller) -> None:
    card = _asked(desk, call)
    _may_write(server, 1)
    expect(card).to_contain_text("Writing an answer")
    desk.context.set_offline(True)
    desk.goto("about:blank")
    _may_write(server, _ALL)
    desk.context.set_offline(False)
    desk.goto(f"/#{call.session_id}")
    expect(_card(desk)).to_contain_text("Written by a model")


def test_a_subject_is_taken_off_with_the_keyboard_and_put_back(desk: Page, server: ServerProcess, call: Caller) -> None:
    _asked(desk, call)
    chips = desk.get_by_role("region", name="Transcript").get_by_role("list", name="What the call is about")
    expect(chips.get_by_role("listitem")).to_contain_text([f"about: {HUB}", "about: Norlight App"])
    chips.get_by_role("button", name=f"Not about {HUB}").focus()
    desk.keyboard.press("Enter")
    undo = chips.get_by_role("button", name=f"Undo: about {HUB} after all")
    expect(undo).to_be_focused()
    expect(chips.get_by_role("listitem")).to_contain_text(["about: Norlight App", f"not about: {HUB}"])
    stored = "SELECT dismissed_subjects FROM call_sessions WHERE session_id = %s"
    _until_stored(desk, server, stored, call, [HUB])
    desk.reload()
    undo.click()
    expect(chips.get_by_role("listitem")).to_contain_text([f"about: {HUB}", "about: Norlight App"])
    _until_stored(desk, server, stored, call, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_axe_finds_nothing_while_a_model_writes_and_afterwards(
    desk: Page, server: ServerProcess, call: Caller, scheme: str, width: int
) -> None:
    desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    desk.set_viewport_size({"width": width, "height": 900})
    card = _asked(desk, call)
    _may_write(server, 1)
    expect(card).to_contain_text("Writing an answer")
    assert _findings(desk) == []
    _may_write(server, _ALL)
    expect(card).to_contain_text("Written by a model")
    desk.locator("assist-subjects").get_by_role("button", name=f"Not about {HUB}").first.click()
    expect(desk.get_by_role("button", name=f"Undo: about {HUB} after all")).to_be_visible()
    assert _findings(desk) == []


def _until_stored(page: Page, server: ServerProcess, query: str, call: Caller, wanted: list[str]) -> None:
    for _ in range(100):
        if server.sql(query, call.session_id) == [(wanted,)]:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"still {server.sql(query, call.session_id)}")


def _findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{item['id']}: {[node['html'][:120] for node in item['nodes']]}" for item in violations]
