"""`make screenshots`: starts the demo on a fresh data directory and takes the README's pictures from it."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browser.conftest import CHROMIUM_ARGUMENTS, chromium_path
from tests.serving import free_port

IMAGES = Path(__file__).parent.parent / "docs" / "images"
AGENT = "agent@norlight.example"
SUPERVISOR = "supervisor@norlight.example"
QUESTION = "Does the doorbell chime still ring while the internet is out?"
VIEWS: tuple[tuple[str, int, int, str], ...] = (
    ("desk-light", 1440, 900, "light"),
    ("desk-dark", 1024, 768, "dark"),
    ("desk-phone", 390, 844, "light"),
)


def main() -> None:
    """Takes them all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="assist-screenshots-") as directory:
        port = free_port()
        demo = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "assist", "demo", "--port", str(port), "--speed", "4"],
            env={**os.environ, "ASSIST_DATA_DIR": directory, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            password, key = _told(demo)
            _take(f"http://127.0.0.1:{port}", password, key)
        finally:
            demo.terminate()
            demo.wait(timeout=60)


def _told(demo: "subprocess.Popen[str]") -> tuple[str, str]:
    """The demo's password and API key."""
    assert demo.stdout is not None
    password = ""
    for line in demo.stdout:
        if found := re.search(r"the password (\S+) as", line):
            password = found.group(1)
        if found := re.search(r"(ak_\S+)", line):
            return password, found.group(1)
    raise SystemExit("The demo ended before it told its password.")


def _take(url: str, password: str, key: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        for name, width, height, scheme in VIEWS:
            page = browser.new_page(viewport=ViewportSize(width=width, height=height))
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            _sign_in(page, url, AGENT, password)
            cards = page.get_by_role("region", name="Suggestions").get_by_role("article")
            expect(cards.first).to_be_visible(timeout=120_000)
            page.wait_for_timeout(1500)
            page.screenshot(path=IMAGES / f"{name}.png")
            if name == "desk-light":
                _article(page)
            page.close()
        _supervision(browser.new_page(viewport=ViewportSize(width=1440, height=900)), url, password, key)
        browser.close()


def _supervision(page: Page, url: str, password: str, key: str) -> None:
    """The console with a question of a live call open, the knowledge pages with an article, and the floor."""
    _sign_in(page, f"{url}/supervisor", SUPERVISOR, password)
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30.0) as telephony:
        body = {"call_id": "screenshot", "agent_id": AGENT, "customer_name": "Vera Holm", "customer_phone": "+15550109"}
        session = telephony.post("/api/realtime/call/start", json=body).json()["session_id"]
        for place, said in enumerate(("Hi, this is Vera Holm. I have your doorbell.", QUESTION)):
            times = {"start_time": place * 4.0, "end_time": place * 4.0 + 3.0}
            segment = {"session_id": session, "speaker": "customer", "text": said, **times}
            telephony.post("/api/realtime/transcription", json=segment)
    page.get_by_role("region", name="Open requests").get_by_role("link", name=QUESTION).click()
    box = page.get_by_role("textbox", name="Answer", exact=True)
    expect(box).not_to_have_attribute("placeholder", "Looking for a suggestion…", timeout=20_000)
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "console.png")
    page.goto(f"{url}/knowledge")
    page.get_by_role("link", name=re.compile("Camera is offline")).first.click()
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "knowledge.png")
    page.goto(f"{url}/floor")
    page.wait_for_timeout(1500)
    page.screenshot(path=IMAGES / "floor.png")
    page.close()


def _article(page: Page) -> None:
    with page.context.expect_page() as opening:
        page.get_by_role("region", name="Suggestions").get_by_role("link").first.click()
    article = opening.value
    expect(article.locator("mark").first).to_be_visible()
    article.screenshot(path=IMAGES / "article.png")


def _sign_in(page: Page, url: str, email: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


if __name__ == "__main__":
    main()
