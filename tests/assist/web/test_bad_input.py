"""Bad input, one row each: the documented status and code, nothing stored, nothing leaked, and the server goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.assist.web.clients import UNKNOWN, assert_nothing_leaks, assert_problem, segment, start_call
from tests.serving import ServerProcess

pytestmark = pytest.mark.server

START, SAY, END = "/api/realtime/call/start", "/api/realtime/transcription", "/api/realtime/call/end"
LIMIT_BYTES = 256 * 1024
JSON = {"Content-Type": "application/json"}
INVALID = (422, "invalid_field")
MALFORMED = (400, "malformed_request")
NOWHERE = (404, "not_found")
METHOD = (405, "method_not_allowed")
UNSUPPORTED = (415, "unsupported_media_type")
TOO_LARGE = (413, "body_too_large")
NO_CALL = (404, "unknown_session")
NO_ARTICLE = (404, "article_not_found")
CURSOR = (422, "invalid_cursor")


class Case(NamedTuple):
    """One request; SESSION in it stands for a call that is open."""

    name: str
    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    expected: tuple[int, str]


def said(name: str, field: str, value: bytes, expected: tuple[int, str]) -> Case:
    """A segment with raw JSON in one of its fields."""
    fields = {key: json.dumps(plain).encode() for key, plain in segment("SESSION").items()} | {field: value}
    body = b"{" + b",".join(b'"%s":%s' % (key.encode(), raw) for key, raw in fields.items()) + b"}"
    return Case(f"{field}: {name}", "POST", SAY, body, JSON, expected)


def without(field: str) -> Case:
    """A segment that lacks a field."""
    body = {key: value for key, value in segment("SESSION").items() if key != field}
    return Case(f"{field}: missing", "POST", SAY, json.dumps(body).encode(), JSON, INVALID)


def metadata(name: str, raw: bytes, expected: tuple[int, str] = INVALID) -> Case:
    """A new call with raw JSON as its metadata."""
    return Case(
        f"metadata: {name}", "POST", START, b'{"call_id":"bad-metadata","acd_metadata":%s}' % raw, JSON, expected
    )


def body(name: str, raw: bytes, expected: tuple[int, str], headers: dict[str, str] = JSON) -> Case:
    """A new call whose whole body is raw."""
    return Case(f"body: {name}", "POST", START, raw, headers, expected)


def at(method: str, path: str, expected: tuple[int, str]) -> Case:
    """A request without a body."""
    return Case(f"{method} {path[:60]}", method, path, b"", {}, expected)


def padded(size: int) -> bytes:
    return b'{"call_id":"padded"'.ljust(size - 1) + b"}"


NESTED = b'{"a":' + b"[" * 50 + b"]" * 50 + b"}"
BOMB = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

CASES = [
    said("unknown", "session_id", b'"%s"' % UNKNOWN.encode(), NO_CALL),
    said("no id of ours", "session_id", b'"../../etc/passwd"', NO_CALL),
    said("a number", "session_id", b"5", INVALID),
    said("empty", "text", b'""', INVALID),
    said("only spaces", "text", b'" \\n\\t "', INVALID),
    said("100 kB", "text", b'"%s"' % (b"x" * 100_000), INVALID),
    said("a number", "text", b"1", INVALID),
    said("NUL", "text", b'"a\\u0000b"', INVALID),
    said("lone surrogate", "text", b'"a \\ud800 b"', MALFORMED),
    said("surrogate bytes", "text", b'"a \xed\xa0\x80 b"', MALFORMED),
    said("invalid UTF-8", "text", b'"a \xff\xfe b"', MALFORMED),
    said("cut UTF-8", "text", b'"\xc3"', MALFORMED),
    *(
        case
        for field in ("start_time", "end_time", "confidence")
        for case in (
            said("NaN", field, b"NaN", MALFORMED),
            said("Infinity", field, b"-Infinity", MALFORMED),
            said("1e999", field, b"1e999", INVALID),
            said("huge", field, b"1" + b"0" * 400, INVALID),
            said("negative", field, b"-0.1", INVALID),
            said("boolean", field, b"true", INVALID),
            said("a string", field, b'"1"', INVALID),
        )
    ),
    said("null", "start_time", b"null", INVALID),
    said("before start_time", "end_time", b"0.0", INVALID)._replace(
        body=json.dumps(segment("SESSION", start_time=2.0, end_time=1.0)).encode()
    ),
    said("above 1", "confidence", b"1.01", INVALID),
    said("unknown", "speaker", b'"robot"', INVALID),
    said("a list", "speaker", b'["customer"]', INVALID),
    said("a string", "is_final", b'"true"', INVALID),
    said("a number", "is_final", b"1", INVALID),
    said("empty", "segment_id", b'""', INVALID),
    said("too long", "segment_id", b'"%s"' % (b"s" * 201), INVALID),
    said("NUL", "segment_id", b'"s\\u0000"', INVALID),
    said("too short", "language", b'"e"', INVALID),
    *(without(field) for field in ("session_id", "speaker", "text", "start_time", "end_time")),
    body("empty", b"", INVALID),
    body("null", b"null", INVALID),
    body("an array", b"[]", INVALID),
    body("a string", b'"call"', INVALID),
    body("no call_id", b"{}", INVALID),
    body("empty call_id", b'{"call_id":""}', INVALID),
    body("NUL in call_id", b'{"call_id":"a\\u0000"}', INVALID),
    body("long call_id", b'{"call_id":"%s"}' % (b"c" * 201), INVALID),
    body("cut off", b'{"call_id":', MALFORMED),
    body("more after the end", b'{"call_id":"trailing"}{}', MALFORMED),
    body("byte order mark", b'\xef\xbb\xbf{"call_id":"bom"}', MALFORMED),
    body("UTF-16", '{"call_id":"utf-16"}'.encode("utf-16"), MALFORMED),
    body("form", b"call_id=x", UNSUPPORTED, {"Content-Type": "application/x-www-form-urlencoded"}),
    body("plain text", b'{"call_id":"text"}', UNSUPPORTED, {"Content-Type": "text/plain"}),
    body("multipart", b"--x--", UNSUPPORTED, {"Content-Type": "multipart/form-data; boundary=x"}),
    body("no media type", b'{"call_id":"odd"}', UNSUPPORTED, {"Content-Type": "///"}),
    body("one byte too large", padded(LIMIT_BYTES + 1), TOO_LARGE),
    body("far too large", padded(20 * LIMIT_BYTES), TOO_LARGE),
    metadata("a list", b"[]"),
    metadata("NUL in a value", b'{"a":"\\u0000"}'),
    metadata("NUL in a name", b'{"\\u0000":1}'),
    metadata("lone surrogate", b'{"a":"x \\ud800 x"}', MALFORMED),
    metadata("1e999", b'{"a":1e999}'),
    metadata("150 000 digits", b'{"a":%s}' % (b"9" * 150_000)),
    metadata("nested too deeply", NESTED),
    metadata("a bomb of brackets", BOMB, MALFORMED),
    Case("end: unknown session", "POST", END, b'{"session_id":"%s"}' % UNKNOWN.encode(), JSON, NO_CALL),
    Case("end: empty status", "POST", END, b'{"session_id":"SESSION","status":""}', JSON, INVALID),
    Case("end: NUL", "POST", END, b'{"session_id":"SESSION","status":"\\u0000"}', JSON, INVALID),
    Case("sign-in: wrong types", "POST", "/api/session", b'{"email":1,"password":true}', JSON, INVALID),
    Case("sign-in: NUL", "POST", "/api/session", b'{"email":"a\\u0000","password":"b"}', JSON, INVALID),
    at("GET", "/api/nothing", NOWHERE),
    at("POST", "/nothing", NOWHERE),
    at("GET", "/schema/nothing", NOWHERE),
    at("GET", "/schema/nothing.json", NOWHERE),
    at("GET", START, METHOD),
    at("PUT", "/api/calls", METHOD),
    at("DELETE", "/health", METHOD),
    at("PATCH", "/", METHOD),
    at("POST", "/assets/x", METHOD),
    at("GET", "/api/realtime/ws/SESSION", METHOD),
    at("GET", "/articles/..%2f..%2f..%2fetc%2fpasswd", NOWHERE),
    at("GET", "/assets/..%2f..%2fweb%2fapp.py", NOWHERE),
    at("GET", "/assets/%2e%2e/%2e%2e/web/app.py", NOWHERE),
    at("GET", "/assets/%2fetc%2fpasswd", NOWHERE),
    at("GET", "/assets/%00", NOWHERE),
    at("GET", "/assets/" + "a" * 300, NOWHERE),
    at("GET", "/assets/" + "a/" * 3000, NOWHERE),
    at("GET", "/assets/", NOWHERE),
    at("GET", "/api/calls/%00", NO_CALL),
    at("GET", f"/api/realtime/suggestions/{UNKNOWN}", NO_CALL),
    at("GET", "/api/realtime/stream/%ff", NO_CALL),
    at("GET", "/api/calls?limit=0", INVALID),
    at("GET", "/api/calls?limit=201", INVALID),
    at("GET", "/api/calls?limit=" + "9" * 30, INVALID),
    at("GET", "/api/calls?limit=NaN", INVALID),
    at("GET", "/api/calls?status=open", INVALID),
    at("GET", "/api/calls?cursor=nonsense", CURSOR),
    at("GET", "/api/calls?cursor=2026-01-01~%00", CURSOR),
    at("GET", "/api/knowledge-base?cursor=nonsense", CURSOR),
    at("GET", "/api/knowledge-base?cursor=%C3%A9", CURSOR),
    at("GET", "/api/knowledge-base?limit=-1", INVALID),
    at("GET", "/api/knowledge-base?q=" + "q" * 201, INVALID),
    at("GET", "/api/knowledge-base/nonsense", NO_ARTICLE),
    at("GET", f"/api/knowledge-base/{UNKNOWN}?version=1", NO_ARTICLE),
    at("GET", f"/api/knowledge-base/{UNKNOWN}?version=0", INVALID),
]


def test_every_expected_answer_is_documented() -> None:
    table = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8").partition("## Errors")[2]
    rows_of = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("| ")}
    expected = {case.expected for case in CASES}
    assert {(status, code) for status, code in expected if f"`{code}`" not in rows_of[str(status)]} == set()


@pytest.fixture(scope="module")
def session_id(client: httpx.Client) -> str:
    """An open call."""
    return start_call(client)


def rows(server: ServerProcess) -> list[tuple[object, ...]]:
    """How much is stored of all that requests can store."""
    tables = ("call_sessions", "participants", "transcription_segments", "user_sessions", "websocket_tickets")
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    return server.sql(f"SELECT {counts}, (SELECT count(*) FROM call_sessions WHERE status = 'ended')")


@pytest.fixture
def nothing_changes(live_server: ServerProcess) -> Iterator[None]:
    """Whatever the test sends: nothing of it is stored, and the server is well afterwards."""
    before = rows(live_server)
    yield
    assert rows(live_server) == before
    with live_server.client() as anybody:
        assert anybody.get("/health").status_code == 200


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_bad_input_gets_its_documented_problem(client: httpx.Client, session_id: str, case: Case) -> None:
    content = case.body.replace(b"SESSION", session_id.encode())
    path = case.path.replace("SESSION", session_id)
    answer = client.request(case.method, path, content=content or None, headers=case.headers)
    problem = assert_problem(answer, *case.expected)
    if case.expected == METHOD:
        assert answer.headers["Allow"]
    if ": " in case.name and case.path == SAY and case.expected == INVALID and "errors" in problem:
        assert [error["field"] for error in problem["errors"]] == [case.name.partition(":")[0]]


@pytest.mark.usefixtures("nothing_changes")
def test_a_chunked_body_without_a_length_is_limited_too(client: httpx.Client) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"call_id":"'
        for _ in range(LIMIT_BYTES // 4096 + 1):
            yield b"x" * 4096
        yield b'"}'

    assert_problem(client.post(START, content=chunks(), headers=JSON), *TOO_LARGE)


def test_a_body_of_exactly_256_kb_is_read(client: httpx.Client) -> None:
    assert client.post(START, content=padded(LIMIT_BYTES), headers=JSON).status_code == 200


@pytest.mark.usefixtures("nothing_changes")
def test_problems_of_head_requests_have_no_body(client: httpx.Client) -> None:
    answer = client.head("/api/calls")
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.usefixtures("nothing_changes")
def test_odd_headers_and_endless_queries_do_no_harm(live_server: ServerProcess, client: httpx.Client) -> None:
    target = "/api/calls?" + "&".join(f"limit{number}=1" for number in range(2000))
    assert client.get(target).status_code == 200
    answer = client.get("/api/calls", headers=[(b"Authorization", b"Bearer \xff\xfe")])
    assert_problem(answer, 401, "invalid_key")
    assert_nothing_leaks(httpx.get(f"{live_server.url}/health").text)


def test_what_is_odd_but_valid_is_stored_and_read_back(client: httpx.Client, live_server: ServerProcess) -> None:
    odd = {"big": 10**400, "small": 5e-324, "text": "‮ \x1b[31m \ufeff 🏳️‍🌈", "": [None, True]}
    session_id = start_call(client, acd_metadata=odd)
    text = "‮ \x1b[31m <script>alert(1)</script> 🏳️‍🌈"
    answer = client.post(SAY, json=segment(session_id, text))
    assert answer.status_code == 200
    read = client.get(f"/api/calls/{session_id}").json()
    assert read["call"]["acd_metadata"] == odd
    assert [one["text"] for one in read["segments"]] == [text]
    stored = live_server.sql("SELECT text FROM transcription_segments WHERE session_id = %s", session_id)
    assert stored == [(text,)]
