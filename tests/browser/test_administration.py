"""What administrators set in the console: who is in which group, and by which rules questions are dealt with."""

import re
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def admin(chromium: Browser, live_server: ServerProcess) -> str:
    """An administrator of the test's own."""
    email = f"ines-{uuid4().hex[:8]}@console.example"
    live_server.user(email, "admin", PASSWORD)
    return email


def _team(page: Page, email: str) -> None:
    page.goto("/supervisor")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Team").click()


def test_an_administrator_says_what_a_colleague_knows(page: Page, admin: str) -> None:
    _team(page, admin)
    row = page.get_by_role("row", name=re.compile(re.escape(admin)))
    row.get_by_role("button", name="Edit").click()
    form = page.get_by_role("form", name=re.compile("Edit "))
    form.get_by_label("Skills").fill("roaming, billing")
    form.get_by_label("Capacity").fill("7.5")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(row).to_contain_text("roaming")
    expect(row).to_contain_text("7.5")


def test_the_policy_is_changed_and_mistakes_are_told(page: Page, admin: str) -> None:
    _team(page, admin)
    policy = page.get_by_role("region", name="How questions are dealt with")
    days = policy.get_by_label(re.compile("Read learned articles again"))
    days.fill("300")
    policy.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: it counts from now on").first).to_be_visible()
    policy.get_by_text("Rules, groups and queues").click()
    groups = policy.locator("textarea[name=groups]")
    groups.fill("[{")
    policy.get_by_role("button", name="Save").click()
    expect(policy.get_by_role("alert")).to_contain_text("Groups")
    groups.fill('[{"name": "supervisors", "next": "nobody"}, {"name": "owners"}]')
    policy.get_by_role("button", name="Save").click()
    expect(policy.get_by_role("alert")).to_contain_text("nobody")
    assert Axe().run(page).response["violations"] == []


def test_what_was_typed_stays_when_somebody_else_was_faster(page: Page, admin: str) -> None:
    _team(page, admin)
    policy = page.get_by_role("region", name="How questions are dealt with")
    days = policy.get_by_label(re.compile("Read learned articles again"))
    expect(days).not_to_have_value("")
    changed = page.evaluate(
        """async () => {
          const { csrf_token: token } = await (await fetch('/api/session')).json();
          const known = await (await fetch('/api/supervision/policy')).json();
          const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': token };
          const change = { method: 'PUT', headers, body: JSON.stringify(known) };
          return (await fetch('/api/supervision/policy', change)).status;
        }"""
    )
    assert changed == 200
    days.fill("123")
    policy.get_by_role("button", name="Save").click()
    expect(policy.get_by_role("alert")).to_contain_text("meanwhile")
    expect(days).to_have_value("123")
    policy.get_by_role("button", name="Take what is there now").click()
    expect(days).not_to_have_value("123")
