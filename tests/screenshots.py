"""`make screenshots`: starts the demo on a fresh data directory and takes the README's pictures from it."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browser.conftest import CHROMIUM_ARGUMENTS, chromium_path
from tests.serving import free_port

IMAGES = Path(__file__).parent.parent / "docs" / "images"
AGENT = "agent@norlight.example"
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
            _take(f"http://127.0.0.1:{port}", _password(demo))
        finally:
            demo.terminate()
            demo.wait(timeout=60)


def _password(demo: "subprocess.Popen[str]") -> str:
    assert demo.stdout is not None
    for line in demo.stdout:
        found = re.search(r"the password (\S+) as", line)
        if found:
            return found.group(1)
    raise SystemExit("The demo ended before it told its password.")


def _take(url: str, password: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        for name, width, height, scheme in VIEWS:
            page = browser.new_page(viewport=ViewportSize(width=width, height=height))
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            _sign_in(page, url, password)
            cards = page.get_by_role("region", name="Suggestions").get_by_role("article")
            expect(cards.first).to_be_visible(timeout=120_000)
            page.wait_for_timeout(1500)
            page.screenshot(path=IMAGES / f"{name}.png")
            if name == "desk-light":
                _article(page)
            page.close()
        browser.close()


def _article(page: Page) -> None:
    with page.context.expect_page() as opening:
        page.get_by_role("region", name="Suggestions").get_by_role("link").first.click()
    article = opening.value
    expect(article.locator("mark").first).to_be_visible()
    article.screenshot(path=IMAGES / "article.png")


def _sign_in(page: Page, url: str, password: str) -> None:
    page.goto(url)
    page.get_by_label("Email").fill(AGENT)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


if __name__ == "__main__":
    main()
