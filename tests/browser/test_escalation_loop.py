"""The whole loop with three browsers: an agent's question, a supervisor's answer, and a later call that gets it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.test_desk import Caller
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]

QUESTION = "Does the doorbell chime still ring while the internet is out?"
LATER = "If my broadband goes down, will I still hear someone at the front door?"
ANSWER = (
    "Yes. The chime is linked to the doorbell by its own radio, so it keeps ringing when the internet connection is "
    "down. Only the picture on the phone is missing until it is back."
)


@contextmanager
def _browser(chromium: Browser, server: ServerProcess, path: str, email: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, email)
    page.get_by_text("Sign out").first.wait_for(state="attached")
    page.goto(path)
    yield page
    context.close()
    assert errors == []


def test_an_answer_reaches_the_agent_during_the_call_and_the_next_call_without_anyone(
    chromium: Browser, live_server: ServerProcess, people: dict[str, str]
) -> None:
    key = live_server.key("ingest")
    with ExitStack() as stack:
        agent = stack.enter_context(_browser(chromium, live_server, "/", people["agent"]))
        supervisor = stack.enter_context(_browser(chromium, live_server, "/supervisor", people["supervisor"]))
        other = stack.enter_context(_browser(chromium, live_server, "/", people["other"]))

        call = Caller(live_server, key, people["agent"], "Vera Holm")
        agent.get_by_text("Vera Holm").first.click()
        call.says("Hi, this is Vera.")
        call.says(QUESTION)
        expect(agent.locator("[data-escalation]")).to_contain_text("Waiting for")

        queue = supervisor.get_by_role("region", name="Open requests")
        queue.get_by_role("link", name=re.compile("doorbell chime")).click()
        box = supervisor.get_by_role("textbox", name="Answer", exact=True)
        expect(box).not_to_have_attribute("placeholder", "Looking for a suggestion…", timeout=20_000)
        box.fill(ANSWER)
        supervisor.get_by_role("radio", name="Approve now").check()
        supervisor.get_by_role("button", name="Send to the agent").click()

        card = agent.locator("[data-suggestion]").first
        expect(card).to_contain_text("keeps ringing")
        expect(agent.locator("[data-escalation]")).to_have_count(0)

        later = Caller(live_server, key, people["other"], "Otto Lund")
        other.get_by_text("Otto Lund").first.click()
        _until_searchable(live_server)
        later.says(LATER)
        found = other.locator("[data-suggestion]").first
        expect(found).to_contain_text("keeps ringing")
        expect(found.get_by_role("link").first).to_be_visible()
        escalated = "SELECT count(*) FROM help_requests WHERE session_id = %s"
        assert live_server.sql(escalated, later.session_id) == [(0,)]
        call.hangs_up()
        later.hangs_up()


def _until_searchable(server: ServerProcess) -> None:
    """Waits until the index has what was approved."""
    with server.client(server.key("read")) as client:
        for _ in range(200):
            articles = client.get("/api/knowledge-base", params={"q": "chime ring internet"}).json()["items"]
            if articles and client.get(f"/api/knowledge-base/{articles[0]['id']}").json().get("searchable"):
                return
    raise AssertionError("the approved answer never became searchable")
