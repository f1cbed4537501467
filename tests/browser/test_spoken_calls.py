"""A spoken call from two people's mouths to the agent's screen, through faults: nothing lost, nothing twice."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.assist.voice.call_centre import CallCentre, WorkerProcess, call_centre, signed_in
from tests.browser.conftest import PASSWORD
from tests.doubles import voices
from tests.doubles.deepgram_server import Faults
from tests.doubles.livekit.callers import Caller

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.spoken, pytest.mark.timeout(300)]

AGENT = "ana@calls.example"
QUESTION = "I get error 401 when I sign in to the mobile app."


@pytest.fixture(scope="module")
def centre() -> Iterator[CallCentre]:
    with call_centre() as running:
        running.server.user(AGENT, "agent", PASSWORD)
        yield running


@pytest.fixture(scope="module")
def listener(centre: CallCentre) -> WorkerProcess:
    return centre.worker("listen", "assist")


@contextmanager
def desk(chromium: Browser, centre: CallCentre) -> Iterator[Page]:
    context = chromium.new_context(base_url=centre.server.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Email").fill(AGENT)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


@contextmanager
def spoken_call(centre: CallCentre, customer: str) -> Iterator[tuple[dict[str, Any], Caller, Caller]]:
    """A call of the agent's with both people in its room."""
    with signed_in(centre.server, AGENT, PASSWORD) as browser, centre.server.client() as anybody:
        call = browser.post("/api/voice/calls", json={"customer_name": customer}).raise_for_status().json()
        invite = call["customer_link"].partition("=")[2]
        visit = anybody.post("/api/voice/test-calls", json={"invite": invite, "name": customer}).json()
    ana = centre.join(call["room"], call["identity"], "agent", token=call["token"])
    vera = centre.join(visit["room"], visit["identity"], "customer", token=visit["token"])
    centre.until(lambda: centre.call(call["session_id"])["voice"]["state"], lambda state: state == "listening")
    try:
        yield call, ana, vera
    finally:
        for person in (ana, vera):
            centre.people.do(person.leave())


def test_both_sides_and_a_cited_suggestion_are_on_the_desk(
    chromium: Browser, centre: CallCentre, listener: WorkerProcess
) -> None:
    centre.deepgram.fail(listen=Faults(final_copies=2))
    with desk(chromium, centre) as page, spoken_call(centre, "Vera Holm") as (call, ana, vera):
        page.get_by_text("Vera Holm").first.click()
        centre.says(ana, "Good morning, how can I help you?", voices.AGENT)
        centre.says(vera, QUESTION)
        transcript = page.get_by_role("log")
        expect(transcript).to_contain_text("Good morning, how can I help you?", timeout=20_000)
        expect(transcript).to_contain_text(QUESTION, timeout=20_000)
        card = page.locator("[data-suggestion]").first
        expect(card).to_contain_text("401", timeout=20_000)
        expect(card.get_by_role("link").first).to_be_visible()
        expected = [("agent", "Good morning, how can I help you?"), ("customer", QUESTION)]
        assert centre.lines(call["session_id"]) == expected
    centre.until(lambda: centre.call(call["session_id"])["call"]["status"], lambda status: status == "ended")
    centre.deepgram.fail(listen=Faults())


def test_a_recogniser_that_is_cut_off_and_a_caller_who_loses_the_line_cost_no_word(
    centre: CallCentre, listener: WorkerProcess
) -> None:
    with spoken_call(centre, "Otto Lund") as (call, ana, vera):
        centre.deepgram.fail(listen=Faults(cut_into_speech_s=0.8, cuts=1))
        centre.says(vera, "My router has a red light since yesterday evening.")
        centre.deepgram.fail(listen=Faults())
        heard = centre.until(lambda: centre.lines(call["session_id"]), len)
        assert heard == [("customer", "My router has a red light since yesterday evening.")]
        if centre.sfu.is_double:
            centre.sfu.cut(vera.room.name, vera.identity)
            centre.until(lambda: vera.identity in centre.sfu.identities(call["room"]), bool)
        centre.says(ana, "One moment please.", voices.AGENT)
        heard = centre.until(lambda: centre.lines(call["session_id"]), lambda lines: len(lines) > 1)
        assert heard[1:] == [("agent", "One moment please.")]
        assert centre.call(call["session_id"])["gaps"] == []


def test_a_killed_job_is_replaced_and_its_gap_marked(
    chromium: Browser, centre: CallCentre, listener: WorkerProcess
) -> None:
    with desk(chromium, centre) as page, spoken_call(centre, "Ida Berg") as (call, ana, vera):
        page.get_by_text("Ida Berg").first.click()
        centre.says(vera, "The box for the kitchen did not arrive.")
        centre.until(lambda: centre.lines(call["session_id"]), len)
        listener.kill_jobs()
        centre.until(lambda: centre.call(call["session_id"])["gaps"], bool)
        centre.until(lambda: centre.call(call["session_id"])["voice"]["state"], lambda state: state == "listening")
        centre.says(ana, "I will send you another one.", voices.AGENT)
        centre.until(lambda: centre.lines(call["session_id"]), lambda lines: len(lines) > 1)
        assert centre.lines(call["session_id"]) == [
            ("customer", "The box for the kitchen did not arrive."),
            ("agent", "I will send you another one."),
        ]
        expect(page.get_by_text(re.compile(r"Not transcribed \d"))).to_be_visible(timeout=20_000)


def test_a_recogniser_that_refuses_the_key_shows_on_the_desk(
    chromium: Browser, centre: CallCentre, listener: WorkerProcess
) -> None:
    centre.deepgram.fail(listen=Faults(unauthorized=True))
    with desk(chromium, centre) as page, spoken_call(centre, "Lea Falk") as (call, _ana, vera):
        page.get_by_text("Lea Falk").first.click()
        centre.says(vera, "Hello, can you hear me?")
        expect(page.get_by_text("Transcription unavailable").first).to_be_visible(timeout=20_000)
        voice = centre.call(call["session_id"])["voice"]
        assert (voice["transcription"], voice["detail"]) == ("unavailable", "stt_unauthorized")
        refusals = len(centre.deepgram.record.refused)
        centre.says(vera, "Is anybody there?")
        assert len(centre.deepgram.record.refused) == refusals
        assert centre.lines(call["session_id"]) == []
    centre.deepgram.fail(listen=Faults())


def test_a_forged_webhook_is_refused_and_a_genuine_one_counts_once(centre: CallCentre) -> None:
    forged = {"event": "room_finished", "id": "EV_forged", "room": {"name": "call-1"}}
    with centre.server.client() as anybody:
        for authorization in ("", "Bearer nonsense", "eyJhbGciOiJub25lIn0.e30."):
            headers = {"Content-Type": "application/webhook+json", "Authorization": authorization}
            answer = anybody.post("/api/voice/livekit/webhook", json=forged, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    if centre.sfu.is_double:
        centre.until(lambda: centre.sfu.delivered(), len)
        event = centre.sfu.send_webhook_again("participant_joined")
        centre.until(lambda: centre.sfu.delivered().count(event), lambda times: times > 1)
        assert centre.server.sql("SELECT count(*) FROM livekit_events WHERE id = %s", event) == [(1,)]
    assert centre.server.sql("SELECT count(*) FROM livekit_events WHERE id = 'EV_forged'") == [(0,)]
