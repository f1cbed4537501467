"""Curation in a supervisor's browser: from a draft to an article that agents find, and never a lost word."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from tests.browser.conftest import PASSWORD
from tests.serving import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.server]

ANALYST = "numbers@desk.example"
HOSTILE = "<img src=x onerror=alert(1)>\n\n[click](javascript:alert(2))\n\n<script>alert(3)</script>\n\nStill readable."


@pytest.fixture(scope="module")
def admin_key(live_server: ServerProcess) -> str:
    return live_server.key("admin")


@pytest.fixture(scope="module")
def analyst(live_server: ServerProcess) -> str:
    live_server.user(ANALYST, "analyst", PASSWORD)
    return ANALYST


def _open(page: Page, email: str, where: str = "") -> None:
    page.goto(f"/knowledge{where}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def _article(server: ServerProcess, key: str, body: str, title: str | None = None) -> tuple[str, str]:
    """Id and title of a new article."""
    title = title or f"Article {uuid4().hex[:8]}"
    with server.client(key) as client:
        answer = client.post("/api/knowledge-base", json={"title": title, "body": body})
    answer.raise_for_status()
    return answer.json()["id"], title


def _draft(server: ServerProcess, key: str, question: str, answer: str) -> str:
    """The id of a draft that a supervisor's answer has become."""
    asked = {"customer_name": "Nora", "customer_contact": "+15550100", "channel": "phone", "question": question}
    with server.client(key) as client:
        request = client.post("/api/help-requests", json=asked)
        request.raise_for_status()
        said = {"answer": answer, "learn": "draft"}
        client.post(f"/api/help-requests/{request.json()['id']}/response", json=said).raise_for_status()
        drafts = client.get("/api/knowledge-drafts?limit=100").json()["items"]
    found: str = next(it["id"] for it in drafts if it["request_id"] == request.json()["id"])
    return found


def _text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def test_a_new_article_is_found_by_agents_and_every_version_stays(
    page: Page, live_server: ServerProcess, people: dict[str, str]
) -> None:
    _open(page, people["supervisor"], "#new")
    title = f"Can the hub stand in the garden {uuid4().hex[:6]}"
    page.get_by_role("textbox", name="Title").fill(title)
    _text(page).fill("# Garden\n\nThe hub must stay **indoors**.")
    preview = page.get_by_role("region", name="Preview of the text")
    expect(preview.locator("strong")).to_have_text("indoors")
    page.get_by_role("button", name="Save article").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text("Searchable", exact=True)).to_be_visible()

    _text(page).fill("# Garden\n\nThe hub must stay **dry**.")
    page.get_by_label("What was changed, and why").fill("Balconies are fine")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Versions (2)").click()
    expect(page.get_by_role("list", name="Versions, newest first")).to_contain_text("Balconies are fine")
    changes = page.get_by_role("group", name="Changes of the text")
    expect(changes.locator("del")).to_contain_text("indoors")
    expect(changes.locator("ins")).to_contain_text("dry")
    expect(changes.get_by_text("Removed:")).to_have_count(1)

    page.get_by_role("button", name="Version 1").click()
    page.get_by_role("button", name="Go back to version 1").click()
    expect(page.get_by_role("button", name="Versions (3)")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Versions (4)")).to_be_visible()
    bodies = live_server.sql("SELECT body FROM knowledge_article_versions WHERE title = %s ORDER BY version", title)
    assert [("dry" in body) for (body,) in bodies] == [False, True, False, True]


def test_of_two_who_edit_at_once_nobody_loses_a_word(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    article_id, title = _article(live_server, admin_key, "Delivery takes two days.")
    _open(page, people["supervisor"], f"#article/{article_id}")
    _text(page).fill("Delivery takes three days.")
    with live_server.client(admin_key) as client:
        theirs = {"base_version": 1, "title": title, "body": "Delivery takes four days."}
        client.put(f"/api/knowledge-base/{article_id}", json=theirs).raise_for_status()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="Somebody else has changed this article")).to_be_focused()
    expect(page.get_by_role("region", name="Stored text")).to_have_text("Delivery takes four days.")
    expect(page.get_by_role("region", name="Your text")).to_have_text("Delivery takes three days.")

    page.reload()
    expect(page.get_by_role("region", name="Your text")).to_have_text("Delivery takes three days.")
    page.get_by_role("button", name="Go on with my text").click()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Version 3 by")).to_be_visible()
    found = live_server.sql(
        "SELECT body FROM knowledge_article_versions WHERE article_id = %s AND version = 3", article_id
    )
    assert "three days" in found[0][0]


def test_what_contradicts_an_article_is_told_while_it_is_written(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    place = uuid4().hex[:6]
    known = f"A deposit for the locker {place} is returned within 5 days."
    _article(live_server, admin_key, known, f"When is the deposit for the locker {place} returned?")
    _open(page, people["supervisor"], "#new")
    page.get_by_role("textbox", name="Title").fill(f"When is the deposit for the locker {place} returned?")
    section = page.get_by_role("region", name="Already known")
    for attempt in range(10):
        _text(page).fill(f"A deposit for the locker {place} is returned within 30 days." + " " * attempt + ".")
        page.wait_for_timeout(1500)
        if section.get_by_text("May contradict").count():
            break
    first = section.get_by_role("listitem").first
    expect(first).to_contain_text("May contradict")
    expect(first.get_by_role("figure")).to_have_count(2)
    expect(first.get_by_role("figure").nth(0)).to_contain_text("30 days")
    expect(first.get_by_role("figure").nth(1)).to_contain_text("5 days")


def test_a_draft_is_merged_into_the_article_that_says_much_the_same(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    name = uuid4().hex[:6]
    question = f"How do I pair the remote control model {name}?"
    body = f"Hold the pairing button of the remote control model {name} until the light is blue."
    article_id, title = _article(live_server, admin_key, body, question)
    draft_id = _draft(live_server, admin_key, question, f"{body} Then wait ten seconds.")
    _open(page, people["supervisor"], f"#draft/{draft_id}")
    expect(page.get_by_role("button", name="To review")).to_contain_text("1")
    for _ in range(10):
        if page.get_by_role("button", name=f"Merge into this: {title}").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
        expect(page.get_by_role("heading", name="Already known")).to_be_visible()
    page.get_by_role("button", name=f"Merge into this: {title}").click()
    merging = page.get_by_role("region", name="After merging")
    expect(merging.get_by_role("group", name="Changes to the article")).to_contain_text("Then wait ten seconds.")
    merging.get_by_role("button", name="Edit").click()
    merging.get_by_role("textbox").fill(f"{body} Wait ten seconds afterwards.")
    page.get_by_role("button", name="Approve and merge").click()
    expect(page.get_by_text("Version 2 by")).to_be_visible()
    expect(_text(page)).to_have_value(f"{body} Wait ten seconds afterwards.")
    expect(page.get_by_role("link", name="From a supervisor’s answer")).to_be_visible()
    stored = live_server.sql("SELECT decision, article_id::text FROM knowledge_drafts WHERE id = %s", draft_id)
    assert stored == [("merge", article_id)]


def test_a_draft_is_decided_with_the_keyboard_alone(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    draft_id = _draft(live_server, admin_key, f"May I get a {uuid4().hex[:5]} discount just now?", "Yes, this once.")
    _open(page, people["supervisor"], f"#draft/{draft_id}")
    page.get_by_role("radio", name="New article").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="One-off")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Not learned.")).to_be_attached()
    assert live_server.sql("SELECT state FROM knowledge_drafts WHERE id = %s", draft_id) == [("discarded",)]


def test_archiving_is_undone_with_one_key(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    article_id, _ = _article(live_server, admin_key, "Short-lived.")
    _open(page, people["supervisor"], f"#article/{article_id}")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Archive")).to_be_visible()
    assert live_server.sql("SELECT status FROM knowledge_articles WHERE id = %s", article_id) == [("approved",)]


def test_the_list_is_searched_and_filtered(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    word = f"zebra{uuid4().hex[:6]}"
    _article(live_server, admin_key, f"All about the {word}.")
    _open(page, people["supervisor"])
    listed = page.get_by_role("list", name="Articles", exact=True).get_by_role("listitem")
    expect(listed).to_have_count(30)
    page.get_by_role("button", name="Show more of").click()
    expect(listed).to_have_count(60)
    page.get_by_role("searchbox", name="Search in titles and texts").fill(word)
    expect(listed).to_have_count(1)
    page.get_by_label("Status").select_option("archived")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(listed).to_have_count(30)


def test_an_import_is_tried_first_and_tells_the_errors_row_by_row(
    page: Page, live_server: ServerProcess, people: dict[str, str]
) -> None:
    title = f"Imported {uuid4().hex[:8]}"
    file = f"title,body,tags\n{title},Text of it,one;two\n,No title,\n".encode()
    _open(page, people["supervisor"], "#transfer")
    page.locator("input[type=file]").set_input_files({"name": "new.csv", "mimeType": "text/csv", "buffer": file})
    expect(page.get_by_role("status").filter(has_text="Checked, nothing stored yet: 1 new")).to_be_visible()
    count = "SELECT count(*) FROM knowledge_articles WHERE title = %s"
    assert live_server.sql(count, title) == [(0,)]
    expect(page.get_by_role("row").filter(has_text="Error")).to_contain_text("missing")
    page.get_by_role("button", name="Import 1 article").click()
    expect(page.get_by_role("status").filter(has_text="Imported: 1 new")).to_be_visible()
    assert live_server.sql(count, title) == [(1,)]
    with page.expect_download() as exporting:
        page.get_by_role("link", name="Export CSV").click()
    assert title.encode() in exporting.value.path().read_bytes()


def test_html_and_scripts_in_a_text_are_inert(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str]
) -> None:
    article_id, _ = _article(live_server, admin_key, HOSTILE)
    told: list[str] = []

    def answer(dialog: Dialog) -> None:
        told.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", answer)
    _open(page, people["supervisor"], f"#article/{article_id}")
    preview = page.get_by_role("region", name="Preview of the text")
    expect(preview).to_contain_text("Still readable.")
    expect(preview).to_contain_text("<script>alert(3)</script>")
    assert preview.locator("img, script, a").count() == 0
    assert told == []


def test_agents_are_sent_back_and_analysts_only_read(
    page: Page, live_server: ServerProcess, admin_key: str, people: dict[str, str], analyst: str
) -> None:
    article_id, _ = _article(live_server, admin_key, "Read me.")
    _open(page, people["agent"])
    expect(page.get_by_text("This page is for supervisors")).to_be_visible()
    expect(page.get_by_role("link", name="Back to my desk")).to_have_attribute("href", "/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Email")).to_be_visible()
    _open(page, analyst, f"#article/{article_id}")
    expect(_text(page)).to_have_js_property("readOnly", value=True)
    for action in ("Save changes", "Archive"):
        expect(page.get_by_role("button", name=action)).to_have_count(0)
    expect(page.get_by_role("link", name="New", exact=True)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing(
    chromium: Browser, live_server: ServerProcess, admin_key: str, people: dict[str, str], scheme: str, width: int
) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitän" * 6
    article_id, title = _article(live_server, admin_key, f"# Part\n\n{long}\n\n- one\n- two", long[:200])
    draft_id = _draft(live_server, admin_key, f"{title} {scheme} {width}?", f"{long} 14 days.")
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    _open(page, people["supervisor"])
    for where, ready in {
        "": "Articles",
        f"#article/{article_id}": "About the article",
        f"#draft/{draft_id}": "What becomes of this answer?",
        "#transfer": "Export",
        "#new": "New article",
    }.items():
        page.goto(f"/knowledge{where}")
        expect(page.get_by_text(ready).locator("visible=true").first).to_be_visible()
        assert _findings(page) == [], where
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
    context.close()


def _findings(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{item['id']}: {[node['html'][:120] for node in item['nodes']]}" for item in violations]
