"""A real Chromium. Where there is none the tests are skipped; under CI=true that is a failure."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.serving import ServerProcess

PASSWORD = "correct-horse-battery"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]


def chromium_path() -> str | None:
    """The system's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module. Not for longer: while it is open its event loop runs, and no asynchronous test can."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("No Chromium is installed, and under CI=true nothing may be skipped.")
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def people(live_server: ServerProcess) -> dict[str, str]:
    """E-mail address by role; all with `PASSWORD`."""
    emails = {"agent": "agent@desk.example", "other": "other@desk.example", "supervisor": "lead@desk.example"}
    for name, email in emails.items():
        live_server.user(email, "agent" if name == "other" else name, PASSWORD)
    return emails


@pytest.fixture
def page(chromium: Browser, live_server: ServerProcess) -> Iterator[Page]:
    """A fresh browser profile on the desk; errors in the page fail the test."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def sign_in(page: Page, email: str) -> None:
    """Signs in as a person would."""
    page.goto("/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
