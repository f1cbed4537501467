"""People call the receptionist: real workers, real LiveKit clients, spoken words; and supervisors who answer."""

from collections.abc import Iterator

import pytest

from tests.assist.voice.call_centre import CallCentre, WorkerProcess, call_centre, signed_in
from tests.assist.voice.phone import Phone
from tests.doubles.deepgram_server import Faults

pytestmark = [pytest.mark.server, pytest.mark.spoken, pytest.mark.timeout(300)]

SUPERVISOR, PASSWORD = "sue@calls.example", "correct horse battery staple"
KNOWN, ARTICLE = "What does error 401 in the mobile app mean?", "saved sign-in is no longer accepted"
UNKNOWN, AGAIN = "Do you have a branch on the moon?", "Is there a branch of yours on the moon?"
ANSWER = "No, we have branches on Earth only."
GREETING, PASSED_ON = "Hello, this is Norlight.", "I have asked a supervisor for you."


def answers(centre: CallCentre, request_id: str) -> None:
    """A supervisor does."""
    with signed_in(centre.server, SUPERVISOR, PASSWORD) as browser:
        told = {"answer": ANSWER, "learn": "none"}
        browser.post(f"/api/help-requests/{request_id}/response", json=told).raise_for_status()


def follow_ups(centre: CallCentre, request_id: str) -> list[tuple[str, str]]:
    """Channel and state."""
    query = "SELECT channel, state FROM follow_ups WHERE request_id = %s"
    return [(channel, state) for channel, state in centre.server.sql(query, request_id)]


def killed(centre: CallCentre) -> None:
    """A call whose job is killed."""
    ida = Phone.visit(centre, "Ida Berg")
    ida.hears(GREETING)
    ida.says(UNKNOWN)
    ida.hears(PASSED_ON, closing=False)
    asked = ida.asks_supervisors()
    centre.workers[0].kill_jobs()
    ida.hears("I am back.", "A supervisor still has your question.", closing=False)
    ida.says(AGAIN)
    ida.hears("A supervisor has that question already.", closing=False)
    answers(centre, asked["id"])
    ida.hears(ANSWER)
    assert ida.asks_supervisors()["id"] == asked["id"]
    ida.hangs_up()


def answered(centre: CallCentre) -> None:
    """A call with a question that is known, and one that is not."""
    vera = Phone.visit(centre, "Vera Holm")
    vera.hears(GREETING)
    vera.says(KNOWN)
    vera.hears(ARTICLE, closing=False)
    vera.says(UNKNOWN)
    vera.hears(PASSED_ON, closing=False)
    vera.says(AGAIN)
    vera.hears("A supervisor has that question already.")
    asked = vera.asks_supervisors()
    assert (asked["question"], asked["origin"]) == (UNKNOWN, "receptionist")
    answers(centre, asked["id"])
    vera.hears(ANSWER)
    suggestions = centre.until(
        lambda: [one for one in vera.call["suggestions"] if one["type"] == "supervisor_answer"],
        lambda found: found and found[0]["shown_to_agent"],
    )
    assert [one["text"] for one in suggestions] == [ANSWER]
    vera.says("No thank you, goodbye.")
    vera.hears("Goodbye!")
    vera.is_hung_up_on()
    assert vera.ends() == "goodbye"
    assert follow_ups(centre, asked["id"]) == []
    lines = centre.lines(vera.session_id)
    asked_for = [text for speaker, text in lines if speaker == "customer"]
    assert [text for text in asked_for if text in (KNOWN, UNKNOWN, AGAIN)] == [KNOWN, UNKNOWN, AGAIN]
    said = " ".join(text for speaker, text in lines if speaker == "agent")
    assert all(part in said for part in (GREETING, "A supervisor has that question already.", ANSWER, "Goodbye!"))
    assert said.count(ANSWER) == 1


def left(centre: CallCentre) -> None:
    """A call whose caller does not wait for the answer."""
    otto = Phone.dial(centre, "+4670000001")
    otto.hears(GREETING)
    otto.says(UNKNOWN)
    otto.hangs_up()
    assert otto.ends() == "caller_left"
    assert otto.asks_supervisors()["question"] == UNKNOWN


def rung_back(centre: CallCentre) -> None:
    """A call whose answer comes late."""
    centre.sfu.calls_end("486", "joins")
    lea = Phone.visit(centre, "Lea Falk")
    lea.hears(GREETING)
    lea.says(UNKNOWN)
    lea.hears("On which number can we call you back?", closing=False)
    lea.says("My number is 0701234567.")
    lea.hears("Is that right?", closing=False)
    lea.says("Yes.")
    lea.hears("Otherwise we call you back at", closing=False)
    lea.hangs_up()
    assert lea.ends() == "caller_left"
    asked = lea.asks_supervisors()
    answers(centre, asked["id"])
    query = "SELECT c.state, c.attempts, c.last_status FROM call_backs c JOIN follow_ups f ON f.id = c.follow_up_id"
    query += " WHERE f.request_id = %s"
    centre.until(lambda: centre.server.sql(query, asked["id"]), lambda rows: rows == [("waiting", 1, "486")])
    centre.server.sql("UPDATE call_backs SET next_attempt_at = now() WHERE state = 'waiting' RETURNING state")
    rings = centre.until(lambda: centre.sfu.twirp_calls("CreateSIPParticipant"), lambda found: len(found) > 1)
    ring = rings[-1]["request"]
    assert ring["sip_call_to"] == "0701234567"
    line = centre.join(
        ring["room_name"], ring["participant_identity"], "customer", kind="sip", attributes={"sip.callStatus": "active"}
    )
    rung = Phone(centre=centre, caller=line, call_id=ring["room_name"])
    rung.hears("Hello, this is Norlight. You asked us:")
    rung.hears(ANSWER)
    centre.until(lambda: centre.server.sql(query, asked["id"])[0][0], lambda state: state == "told")
    assert follow_ups(centre, asked["id"]) == [("callback", "done")]
    rung.says("No thank you, goodbye.")
    rung.is_hung_up_on()
    assert rung.ends() == "goodbye"


@pytest.fixture(scope="module")
def centre() -> Iterator[CallCentre]:
    with call_centre(
        "app-login-error-401", "contact-and-hours", ASSIST_COMPANY="Norlight", LIVEKIT_SIP_TRUNK="ST_1"
    ) as running:
        running.server.user(SUPERVISOR, "supervisor", PASSWORD)
        yield running


@pytest.fixture(scope="module")
def worker(centre: CallCentre) -> WorkerProcess:
    return centre.worker("receptionist start", "receptionist")


@pytest.mark.faults
def test_a_killed_job_is_replaced_by_one_that_knows_what_is_open(centre: CallCentre, worker: WorkerProcess) -> None:
    killed(centre)


def test_known_questions_are_answered_and_an_unknown_one_by_a_supervisor(
    centre: CallCentre, worker: WorkerProcess
) -> None:
    answered(centre)


@pytest.mark.faults
def test_a_caller_who_hangs_up_on_their_question_has_asked_it_once(centre: CallCentre, worker: WorkerProcess) -> None:
    left(centre)


@pytest.mark.faults
def test_an_answer_that_comes_after_the_call_is_told_by_ringing_back(centre: CallCentre, worker: WorkerProcess) -> None:
    rung_back(centre)


@pytest.mark.faults
def test_where_the_voice_is_dead_a_recording_is_heard_and_somebody_calls_back(
    centre: CallCentre, worker: WorkerProcess
) -> None:
    centre.deepgram.fail(speak=Faults(refuse=-1))
    eva = Phone.dial(centre, "+4670000002")
    eva.is_hung_up_on()
    centre.deepgram.fail(speak=Faults())
    assert max(heard.spoken_s for heard in eva.caller.heard.values()) > 3.0
    assert eva.ends() == "out_of_order"
    assert "technical reason" in eva.asks_supervisors()["question"]


@pytest.mark.faults
def test_a_server_that_is_down_has_new_callers_leave_a_message_and_stops_no_other(
    centre: CallCentre, worker: WorkerProcess
) -> None:
    ada = Phone.visit(centre, "Ada Lind")
    ada.hears(GREETING)
    assert ada.session_id
    centre.server.kill()
    new = Phone.dial(centre, "+4670000004")
    new.hears("something is not working on our side", closing=False)
    new.hears("Please tell me what it is about")
    new.says(UNKNOWN)
    new.hears("I could not pass your question on yet.", closing=False)
    centre.server.start()
    ada.says(KNOWN)
    ada.hears(ARTICLE, closing=False)
    ada.hangs_up()
    assert ada.ends() == "caller_left"
    new.hangs_up()
    assert new.ends() == "caller_left"
    asked = new.asks_supervisors()
    contact = centre.server.sql("SELECT customer_contact FROM help_requests WHERE id = %s", asked["id"])
    assert (asked["question"], contact) == (UNKNOWN, [("+4670000004",)])


def test_nobodys_words_are_in_the_log_and_nothing_failed(centre: CallCentre, worker: WorkerProcess) -> None:
    log = worker.log_path.read_text()
    assert all(words not in log for words in ("moon", "0701234567", "mobile app", ANSWER))
    troubles = ("Task was destroyed", "never retrieved", "talk_failed", "reception_failed", "not_finished")
    assert [line for line in log.splitlines() if any(trouble in line for trouble in troubles)] == []
