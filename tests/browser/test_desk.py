"""The main job in the agent's browser, from log-in to the analyst's SQL."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD, sign_in
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]

QUESTION = "I can't log in, getting error 401 on mobile app v2.5"


class Caller:
    """A telephone system that feeds one call."""

    def __init__(self, server: ServerProcess, key: str, agent: str, customer: str) -> None:
        self._client = server.client(key)
        body = {"call_id": f"desk-{uuid4().hex}", "agent_id": agent, "customer_name": customer}
        self.session_id: str = self._post("call/start", body)["session_id"]
        self._clock_s = 0.0

    def says(self, text: str, speaker: str = "customer", *, is_final: bool = True) -> None:
        """One segment."""
        times = {"start_time": self._clock_s, "end_time": self._clock_s + 2.0}
        body = {"session_id": self.session_id, "speaker": speaker, "text": text, "is_final": is_final, **times}
        self._post("transcription", body)
        self._clock_s += 2.5 if is_final else 0.0

    def hangs_up(self) -> None:
        """The end."""
        self._post("call/end", {"session_id": self.session_id, "status": "completed"})

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, str]:
        answer: httpx.Response = self._client.post(f"/api/realtime/{path}", json=body)
        answer.raise_for_status()
        found: dict[str, str] = answer.json()
        return found


@pytest.fixture(scope="module")
def key(live_server: ServerProcess) -> str:
    return live_server.key("ingest")


def test_an_agent_gets_a_cited_suggestion_and_their_feedback_reaches_the_analyst(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    sign_in(page, people["agent"])
    call = Caller(live_server, key, people["agent"], "Nora Lind")
    page.get_by_text("Nora Lind").first.click()
    call.says("Hello, this is Nora.")
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("Hello, this is Nora.")

    call.says(QUESTION)
    suggestions = page.get_by_role("region", name="Suggestions")
    expect(suggestions.get_by_role("link", name="401").first).to_be_visible()
    suggestions.get_by_role("button", name="Helpful", exact=True).first.click()
    expect(suggestions.get_by_role("button", name="Helpful", exact=True).first).to_have_attribute(
        "aria-pressed", "true"
    )

    query = (
        "SELECT suggestion_type, confidence_score, shown_to_agent, agent_clicked, agent_feedback "
        "FROM suggestions WHERE session_id = %s ORDER BY confidence_score DESC"
    )
    row = _eventually(lambda: next(iter(live_server.sql(query, call.session_id)), None), lambda found: found[4])
    assert row[0] == "answer"
    assert 0.0 < row[1] <= 1.0
    assert row[2] is True
    assert row[4] == "helpful"
    stages = "SELECT DISTINCT agent_name FROM agent_actions WHERE session_id = %s AND processing_time_ms >= 0"
    assert {name for (name,) in live_server.sql(stages, call.session_id)} == {
        "context_analyzer",
        "query_formulation",
        "retrieval",
        "answer",
        "clarification",
    }


def test_the_citation_opens_the_article_at_the_passage(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    sign_in(page, people["agent"])
    call = Caller(live_server, key, people["agent"], "Otto Berg")
    page.get_by_text("Otto Berg").first.click()
    call.says(QUESTION)
    link = page.get_by_role("region", name="Suggestions").get_by_role("link", name="401").first
    with page.context.expect_page() as opening:
        link.click()
    article = opening.value
    expect(article.get_by_role("heading", level=1)).to_contain_text("401")
    expect(article.locator("mark").first).to_be_in_viewport()


def test_interim_words_are_shown_and_replaced_by_the_final_ones(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    sign_in(page, people["agent"])
    call = Caller(live_server, key, people["agent"], "Ina Falk")
    page.get_by_text("Ina Falk").first.click()
    transcript = page.get_by_role("region", name="Transcript")
    call.says("Good morning.")
    expect(transcript).to_contain_text("Good morning.")
    call.says("I would li", is_final=False)
    expect(transcript).to_contain_text("I would li")
    call.says("I would like to check in.")
    expect(transcript).to_contain_text("I would like to check in.")
    expect(transcript.get_by_text("I would li", exact=True)).to_have_count(0)


def test_a_clarifying_question_can_be_copied(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(page, people["agent"])
    call = Caller(live_server, key, people["agent"], "Eva Holm")
    page.get_by_text("Eva Holm").first.click()
    call.says("My app doesn't work")
    questions = _eventually(
        lambda: live_server.sql("SELECT text FROM clarifying_questions WHERE session_id = %s", call.session_id), bool
    )
    text = questions[0][0]
    suggestions = page.get_by_role("region", name="Suggestions")
    expect(suggestions.get_by_text(text)).to_be_visible()
    suggestions.get_by_text(text).locator("xpath=ancestor-or-self::*[.//button or self::button][1]").get_by_role(
        "button"
    ).or_(suggestions.get_by_role("button", name=text)).first.click()
    assert page.evaluate("navigator.clipboard.readText()") == text


def test_the_knowledge_base_can_be_asked_by_hand(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    sign_in(page, people["agent"])
    call = Caller(live_server, key, people["agent"], "Arne Vik")
    page.get_by_text("Arne Vik").first.click()
    call.says("Hello.")
    page.keyboard.press("Alt+k")
    box = page.get_by_role("textbox", name="Ask the knowledge base")
    expect(box).to_be_focused()
    box.fill("How long does a refund take?")
    box.press("Enter")
    expect(page.get_by_role("region", name="Suggestions").get_by_role("link").first).to_be_visible()
    kinds = live_server.sql("SELECT DISTINCT suggestion_type FROM suggestions WHERE session_id = %s", call.session_id)
    assert ("manual_answer",) in kinds


def test_an_agent_does_not_see_the_calls_of_others_and_a_supervisor_does(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str]
) -> None:
    Caller(live_server, key, people["agent"], "Ulla Private").says("This is mine.")
    sign_in(page, people["other"])
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_text("Ulla Private")).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, people["supervisor"])
    expect(page.get_by_text("Ulla Private").first).to_be_visible()


def test_a_wrong_password_is_told_and_nothing_else(page: Page, people: dict[str, str]) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(people["agent"])
    page.get_by_label("Password").fill(PASSWORD + "!")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not match")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(
    page: Page, live_server: ServerProcess, key: str, people: dict[str, str], scheme: str, width: int
) -> None:
    # Without motion: a card that is fading in has no contrast yet.
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    expect(page.get_by_label("Email")).to_be_visible()
    assert _findings(page) == []
    call = Caller(live_server, key, people["agent"], f"Axe {scheme} {width}")
    call.says(QUESTION)
    sign_in(page, people["agent"])
    if width < 700:
        page.get_by_role("button", name="Calls").click()
    page.get_by_text(f"Axe {scheme} {width}").first.click()
    if width < 700:
        page.get_by_role("button", name="Suggestions").click()
    expect(page.get_by_role("region", name="Suggestions").get_by_role("link", name="401").first).to_be_visible()
    assert _findings(page) == []


def _findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{item['id']}: {[node['html'][:120] for node in item['nodes']]}" for item in violations]


def _eventually(look: Callable[[], Any], good: Callable[[Any], Any]) -> Any:
    """Looks again until what is found is good."""
    deadline = time.monotonic() + 20.0
    while True:
        found = look()
        if found is not None and good(found):
            return found
        assert time.monotonic() < deadline, f"still {found!r}"
        time.sleep(0.1)
