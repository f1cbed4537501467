"""Curation over HTTP: from writing to search, conflicts, files, and what is refused."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.assist.web.clients import PATIENCE_S, UNKNOWN, Browser, Json, assert_problem, say, start_call

pytestmark = pytest.mark.server


@pytest.fixture
def http(people: dict[str, Browser]) -> httpx.Client:
    return people["supervisor"].http


def written(http: httpx.Client, **fields: Any) -> Json:
    answer = http.post("/api/knowledge-base", json={"title": "Title", "body": f"Text {uuid4()}.", **fields})
    assert answer.status_code == 201, answer.text
    article: Json = answer.json()
    return article


def until_searchable(http: httpx.Client, article_id: str) -> Json:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        article: Json = http.get(f"/api/knowledge-base/{article_id}").json()
        if article["searchable"]:
            return article
        time.sleep(0.02)
    raise AssertionError("the article does not become searchable")


def cited(client: httpx.Client, said: str) -> set[str]:
    session_id = start_call(client)
    say(client, session_id, said)
    given = client.get(f"/api/realtime/suggestions/{session_id}").json()["suggestions"]
    return {citation["article_id"] for card in given for citation in card["citations"]}


def test_what_is_written_is_cited_in_the_next_call_and_no_more_once_it_is_archived(
    http: httpx.Client, client: httpx.Client
) -> None:
    article = written(
        http,
        title="Can I bring my parrot into the Norlight shop?",
        body="Parrots are welcome in every shop as long as they stay on the shoulder.",
        tags=["pets"],
    )
    assert (article["status"], article["source"], article["version"]) == ("approved", "supervisor", 1)
    until_searchable(http, article["id"])
    asked = "May my parrot come along when I visit your shop?"
    assert article["id"] in cited(client, asked)
    assert http.delete(f"/api/knowledge-base/{article['id']}").json()["status"] == "archived"
    deadline = time.monotonic() + PATIENCE_S
    while article["id"] in cited(client, asked):
        assert time.monotonic() < deadline
    listed = http.get("/api/knowledge-base", params={"q": "parrot", "status": "archived"}).json()
    assert [it["id"] for it in listed["items"]] == [article["id"]]


def test_a_change_to_an_older_version_is_told_what_is_there(http: httpx.Client) -> None:
    article = written(http, body="One.")
    path = f"/api/knowledge-base/{article['id']}"
    change = {"base_version": 1, "title": "Title", "body": "Two.", "change_note": "Why"}
    assert http.put(path, json=change).json()["version"] == 2
    refused = http.put(path, json={**change, "body": "Three."})
    assert_problem(refused, 409, "article_changed")
    assert refused.json()["current"]["body"] == "Two."
    versions = http.get(f"{path}/versions").json()
    assert [(it["version"], it["change_note"], it["is_current"]) for it in versions["items"]] == [
        (2, "Why", True),
        (1, None, False),
    ]
    diff = http.get(f"{path}/diff", params={"from": 1, "to": 2}).json()
    assert [(line["kind"], line["text"]) for line in diff["lines"]] == [("removed", "One."), ("added", "Two.")]
    back = http.post(f"{path}/rollback", json={"version": 1}).json()
    assert (back["version"], back["body"]) == (3, "One.")


def test_agents_read_what_is_in_force_and_nothing_else(http: httpx.Client, people: dict[str, Browser]) -> None:
    article = written(http, status="draft", title=f"Secret {uuid4()}")
    agent = people["agent"].http
    listed = agent.get("/api/knowledge-base", params={"status": "draft", "q": article["title"]}).json()
    assert listed["items"] == []
    assert agent.get(f"/api/knowledge-base/{article['id']}").status_code == 404


def test_a_file_goes_out_and_comes_in_again(http: httpx.Client) -> None:
    article = written(http, title="=HYPERLINK(1)", status="draft")
    for kind in ("csv", "markdown"):
        data = http.get("/api/knowledge-base/export", params={"format": kind})
        assert "attachment" in data.headers["Content-Disposition"]
        trial = http.post("/api/knowledge-base/import", params={"format": kind, "dry_run": True}, content=data.content)
        report = trial.json()
        assert (report["dry_run"], report["added"], report["updated"], report["errors"]) == (True, 0, 0, 0)
        assert article["id"] in [row["article_id"] for row in report["rows"]]


def test_files_may_be_larger_than_other_bodies_but_not_without_end(http: httpx.Client) -> None:
    rows = "title,body\n" + "A,\n" * 200_000
    taken = http.post("/api/knowledge-base/import", params={"dry_run": True}, content=rows.encode())
    assert taken.status_code == 200
    assert taken.json()["errors"] == 5001
    huge = http.post("/api/knowledge-base/import", content=b"x" * (5 * 1024 * 1024 + 1))
    assert huge.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/knowledge-base", {"title": "", "body": "x"}, 422),
        ("POST", "/api/knowledge-base", {"title": "x", "body": "x", "status": "archived"}, 422),
        ("POST", "/api/knowledge-base", {"title": "x", "body": "x", "url": "javascript:alert(1)"}, 422),
        ("PUT", f"/api/knowledge-base/{UNKNOWN}", {"base_version": 1, "title": "x", "body": "x"}, 404),
        ("PUT", "/api/knowledge-base/none", {"base_version": 1, "title": "x", "body": "x"}, 404),
        ("POST", f"/api/knowledge-base/{UNKNOWN}/rollback", {"version": 1}, 404),
        ("POST", f"/api/knowledge-base/{UNKNOWN}/restore", None, 404),
        ("POST", "/api/knowledge-base/import", None, 422),
    ],
)
def test_what_makes_no_sense_is_refused(http: httpx.Client, method: str, path: str, body: object, status: int) -> None:
    assert http.request(method, path, json=body).status_code == status


def test_drafts_are_decided_once(http: httpx.Client, client: httpx.Client) -> None:
    asked = client.post("/api/help-requests", json={"question": f"Is there a {uuid4()}?", "channel": "web"}).json()
    answered = http.post(
        f"/api/help-requests/{asked['id']}/response", json={"answer": "Yes, there is one.", "learn": "draft"}
    )
    assert answered.status_code == 200
    drafts = http.get("/api/knowledge-drafts").json()["items"]
    (draft,) = [it for it in drafts if it["request_id"] == asked["id"]]
    path = f"/api/knowledge-drafts/{draft['id']}"
    assert http.patch(path, json={"tags": ["odd"]}).json()["tags"] == ["odd"]
    assert http.get(path).json()["neighbours_available"] is True
    decided = http.post(f"{path}/approve", json={"decision": "new"}).json()
    assert (decided["state"], decided["decision"]) == ("approved", "new")
    until_searchable(http, decided["article_id"])
    again = http.post(f"{path}/approve", json={"decision": "one_off"})
    assert_problem(again, 409, "draft_decided")
    assert again.json()["current"]["article_id"] == decided["article_id"]
    request = http.get(f"/api/help-requests/{asked['id']}").json()
    assert request["learned_article_id"] == decided["article_id"]
    assert "learned" in [it["action"] for it in request["history"]]
    near = http.post(
        "/api/knowledge-drafts/neighbours", json={"title": asked["question"], "body": "No, there is none."}
    ).json()["items"]
    assert (near[0]["relation"], near[0]["article_id"]) == ("contradiction", decided["article_id"])
