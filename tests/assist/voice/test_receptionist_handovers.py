"""A receptionist with a language model and with colleagues: models that fail, callers who are passed on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from tests.assist.voice.call_centre import CallCentre, call_centre
from tests.assist.voice.phone import Phone
from tests.doubles import voices
from tests.doubles.openai_server import OpenAIDouble, Reply, calls, decides, fails, hangs, openai_double, says

pytestmark = [pytest.mark.server, pytest.mark.spoken, pytest.mark.faults, pytest.mark.timeout(300)]

GREETING, PERSON, COLLEAGUES = "Hello, this is Norlight.", "I want to speak to a person, please.", "+46812345"
SUPPORTED = ("When can I call technical support?", "Technical support answers day and night.")
FAILING = ("What does error 401 in the mobile app mean?", "saved sign-in is no longer accepted")
HANGING = ("What does error 429 in the app mean?", "too many sign-in attempts")
LOOPING = ("What does error 403 in the app mean?", "Error 403 means")
ARTICLES = ("contact-and-hours", "app-login-error-401", "app-login-error-403", "app-login-error-429")


def thinks(messages: Sequence[Mapping[str, Any]]) -> Reply:
    """A model that does well with one question only."""
    asked = [message["content"] for message in messages if message["role"] == "user"][-1]
    if asked == SUPPORTED[0] and messages[-1]["role"] == "tool":
        return says(SUPPORTED[1], " We also deliver pizza.")
    search = calls("search_knowledge", question=asked)
    return {SUPPORTED[0]: search, FAILING[0]: fails(), HANGING[0]: hangs(), LOOPING[0]: search}.get(asked, says(""))


def helped(centre: CallCentre) -> None:
    """A call that a model answers, or the articles themselves."""
    vera = Phone.visit(centre, "Vera Holm")
    vera.hears(GREETING)
    for question, answer in (SUPPORTED, FAILING, HANGING, LOOPING):
        vera.says(question)
        vera.hears(answer, closing=question == SUPPORTED[0])
    assert not any("pizza" in text for text in vera.heard())
    vera.hangs_up()


def transferred(centre: CallCentre) -> None:
    """A call by telephone that nobody takes, and then somebody."""
    centre.sfu.transfers_end("failed_quietly", "answered")
    otto = Phone.dial(centre, "+4670000001")
    otto.hears(GREETING)
    otto.says(PERSON)
    otto.hears("I am connecting you.", "nobody is free to take your call just now. Somebody will call you back.")
    assert "Please call back." in otto.asks_supervisors()["question"]
    otto.says(PERSON)
    otto.hears("I am connecting you.", times=2)
    assert otto.ends() == "transferred"
    transfer = centre.sfu.twirp_calls("TransferSIPParticipant")[-1]["request"]
    assert (transfer["room_name"], transfer["transfer_to"]) == (otto.caller.room.name, f"tel:{COLLEAGUES}")
    otto.hangs_up()


def joined(centre: CallCentre) -> None:
    """A call that a colleague enters."""
    centre.sfu.calls_end("joins")
    ida = Phone.visit(centre, "Ida Berg")
    room = ida.caller.room.name
    ida.hears(GREETING)
    ida.says(PERSON)
    ida.hears("I am connecting you.")
    colleague = centre.join(room, "agent:transfer", "agent", kind="sip")
    jobs = {"receptionist": "JS_SUCCESS", "assist": "JS_RUNNING"}
    centre.until(lambda: {job["agent_name"]: job["outcome"] for job in centre.sfu.jobs(room)}, lambda now: now == jobs)
    centre.says(colleague, "Hello, this is Bob.", voices.AGENT)
    ida.says("I have a question about my bill.")
    lines = centre.until(lambda: centre.lines(ida.session_id), lambda found: len(found) >= 5)
    assert lines[-2:] == [("agent", "Hello, this is Bob."), ("customer", "I have a question about my bill.")]
    assert [text for text in ida.heard() if "back" in text] == []
    call = ida.call
    assert (call["call"]["status"], call["gaps"], call["voice"]["state"]) == ("active", [], "listening")
    assert len(centre.sfu.jobs(room)) == len(jobs)
    ida.hangs_up()
    centre.people.do(colleague.leave())


@pytest.fixture(scope="module")
def centre() -> Iterator[CallCentre]:
    with call_centre(*ARTICLES, ASSIST_COMPANY="Norlight", LIVEKIT_SIP_TRUNK="ST_1") as running:
        yield running


@pytest.fixture(scope="module")
def model(centre: CallCentre) -> Iterator[OpenAIDouble]:
    double = openai_double(decides(thinks))
    yield centre.people.do(double.__aenter__())
    centre.people.do(double.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def workers(centre: CallCentre, model: OpenAIDouble) -> None:
    centre.worker("listen", "assist")
    centre.worker(
        "receptionist start",
        "receptionist",
        OPENAI_BASE_URL=model.base_url,
        OPENAI_API_KEY="sk-test",
        ASSIST_MODEL="small",
        ASSIST_ANSWER_FIRST_TOKEN_S="1.5",
        ASSIST_TRANSFER_TO=COLLEAGUES,
    )


def test_a_model_speaks_and_where_it_fails_the_article_does(centre: CallCentre, workers: None) -> None:
    helped(centre)


def test_a_telephone_call_that_nobody_took_is_transferred_to_who_does(centre: CallCentre, workers: None) -> None:
    transferred(centre)


def test_a_colleague_who_joins_goes_on_in_the_same_call_with_a_listener(centre: CallCentre, workers: None) -> None:
    joined(centre)
