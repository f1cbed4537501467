"""The receptionist without a language model: what it says, asks and passes on."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from assist.receptionist.conversation import Conversation
from pipeline.conversation import HandOver, HangUp
from tests.assist.receptionist.reception import acts_of, conversation_at, said, text_of
from tests.doubles.reception_server import ReceptionServer, reception_server

HOURS = "We are open from 9 am to 5 pm on weekdays."
CALLER = {"customer_name": "Jane Doe", "customer_phone": "+15550100"}


@pytest.fixture
async def server() -> AsyncIterator[ReceptionServer]:
    async with reception_server() as double:
        double.knows("What are your opening hours?", HOURS, title="Opening hours", version=3)
        yield double


@pytest.fixture
async def talk(server: ReceptionServer) -> AsyncIterator[Conversation]:
    async with conversation_at(server, company="Norlight") as conversation:
        yield conversation


async def test_it_greets_in_the_name_of_the_company(talk: Conversation) -> None:
    assert await said(talk.greet()) == "Hello, this is Norlight. How can I help you?"


async def test_a_known_question_gets_the_exact_text_and_the_log_says_what_it_stood_in(
    server: ReceptionServer, talk: Conversation
) -> None:
    with capture_logs() as logs:
        answer = await said(talk.hear("Hello, what are your opening hours please?"))
    assert answer.startswith(HOURS)
    article_id = server.known["What are your opening hours?"]["citations"][0]["article_id"]
    logged = [line for line in logs if line["event"] == "receptionist_answered"]
    assert [line["articles"] for line in logged] == [[{"article_id": article_id, "version": 3}]]
    assert "opening" not in repr(logs)
    assert server.requests == []


async def test_a_known_question_asked_again_is_answered_again_without_another_search(
    server: ReceptionServer, talk: Conversation
) -> None:
    await said(talk.hear("What are your opening hours?"))
    assert HOURS in await said(talk.hear("Could you tell me your opening hours again?"))
    assert len(server.asked) == 1


async def test_an_unknown_question_is_raised_once_however_often_and_in_whatever_words_it_is_asked(
    server: ReceptionServer, talk: Conversation
) -> None:
    first = await said(talk.hear("Do you ship to Norway?"))
    assert "I don't know" in first
    assert "asked a supervisor" in first
    await said(talk.hear("Jane"))
    await said(talk.hear("555 0100 200"))
    await said(talk.hear("yes"))
    for words in (
        "Sorry, can you ship to Norway?",
        "I asked whether you ship to Norway",
        "Shipping to Norway, please?",
    ):
        assert "has that question already" in await said(talk.hear(words))
    assert [one["question"] for one in server.requests] == ["Do you ship to Norway?"]
    headers = next(headers for path, _, headers in server.posted if path == "/api/help-requests")
    assert server.requests[0]["metadata"] == {"origin": "receptionist"}
    assert len(headers["Idempotency-Key"]) == 64


async def test_another_question_about_the_same_thing_is_another_question(
    server: ReceptionServer, talk: Conversation
) -> None:
    await said(talk.hear("Do you ship to Norway?"))
    await said(talk.hear("How long does shipping to Norway take?"))
    assert len(server.requests) == 2


async def test_name_and_number_are_asked_one_at_a_time_confirmed_and_noted(
    server: ReceptionServer, talk: Conversation
) -> None:
    assert (await said(talk.hear("Do you ship to Norway?"))).endswith("May I have your name?")
    assert (await said(talk.hear("it's jane doe"))) == "Thank you, Jane Doe. On which number can we call you back?"
    confirmed = await said(talk.hear("five five five, oh one double zero two"))
    assert confirmed == "I have noted 5 5 5, 0 1 0, 0 2. Is that right?"
    promised = await said(talk.hear("yes that's right"))
    assert "call you back at 5 5 5, 0 1 0, 0 2" in promised
    assert promised.endswith("Is there anything else I can help you with?")
    assert server.contacts == [{"customer_name": "Jane Doe", "customer_contact": "55501002"}]
    assert isinstance((await acts_of(talk.hear("no thanks")))[-1], HangUp)


async def test_a_number_may_come_in_pieces_and_be_corrected(server: ReceptionServer, talk: Conversation) -> None:
    await said(talk.hear("Do you ship to Norway?"))
    await said(talk.hear("Jane"))
    assert "5 5 5 so far" in await said(talk.hear("five five five"))
    assert "5 5 5, 0 1 0, 0 1. Is that right" in await said(talk.hear("oh one oh oh one"))
    assert "On which number" in await said(talk.hear("no"))
    assert "plus 4 9 1, 5 1 1, 2 3 4, 5 6 7" in await said(talk.hear("+49 1511 234567"))
    await said(talk.hear("correct"))
    assert server.contacts[-1]["customer_contact"] == "+491511234567"


async def test_who_does_not_want_to_say_is_not_asked_a_third_time(server: ReceptionServer, talk: Conversation) -> None:
    await said(talk.hear("Do you ship to Norway?"))
    assert "On which number" in await said(talk.hear("no I'd rather not"))
    assert "Without a number we cannot call you back" in await said(talk.hear("no"))
    assert "May I have" not in await said(talk.hear("Do you sell batteries?"))
    assert len(server.requests) == 2


async def test_what_the_call_knows_is_not_asked(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        answer = await said(talk.hear("Do you ship to Norway?"))
    assert "May I have your name" not in answer
    assert "call you back at plus 1 5 5, 5 0 1, 0 0" in answer
    assert server.requests[0]["customer_contact"] == "+15550100"


async def test_a_question_in_the_middle_is_answered_before_the_number_is_asked_for(talk: Conversation) -> None:
    await said(talk.hear("Do you ship to Norway?"))
    answer = await said(talk.hear("What are your opening hours?"))
    assert HOURS in answer
    assert "55" not in answer
    assert "Thank you, Jane." in await said(talk.hear("My name is Jane"))


async def test_two_questions_at_once_are_two_questions(server: ReceptionServer, talk: Conversation) -> None:
    answer = await said(talk.hear("What are your opening hours? And do you ship to Norway?"))
    assert HOURS in answer
    assert [one["question"] for one in server.requests] == ["do you ship to Norway?"]


async def test_a_question_that_leans_on_another_is_asked_with_it(server: ReceptionServer, talk: Conversation) -> None:
    await said(talk.hear("Do you ship to Norway?"))
    await said(talk.hear("And how long does it take?"))
    await said(talk.hear("how long does it take?"))
    assert [one["question"] for one in server.requests] == [
        "Do you ship to Norway?",
        "Do you ship to Norway? how long does it take?",
    ]


async def test_a_short_question_about_something_else_is_not_answered_with_what_was_said_before(
    server: ReceptionServer, talk: Conversation
) -> None:
    server.knows("What are your opening hours? Do you sell llamas?", HOURS, title="Opening hours")
    server.knows("What are your opening hours? On weekends too?", "Not on weekends.", title="Opening hours")
    assert HOURS in await said(talk.hear("What are your opening hours?"))
    assert HOURS not in await said(talk.hear("Do you sell llamas?"))
    assert [one["question"] for one in server.requests] == ["Do you sell llamas?"]
    await said(talk.hear("What are your opening hours?"))
    assert "Not on weekends." in await said(talk.hear("On weekends too?"))


async def test_a_number_that_nobody_has_asked_for_is_a_telephone_number(
    server: ReceptionServer, talk: Conversation
) -> None:
    assert "May I have your name?" in await said(talk.hear("555 0100 200"))
    assert "I have noted 5 5 5, 0 1 0, 0 2 0 0. Is that right?" in await said(talk.hear("Jane"))
    assert server.asked == []


async def test_a_knowledge_base_that_does_not_answer_is_no_ignorance(
    server: ReceptionServer, talk: Conversation
) -> None:
    server.unavailable = True
    answer = await said(talk.hear("What are your opening hours?"))
    assert "cannot look that up" in answer
    assert "don't know" not in answer
    assert len(server.requests) == 1


async def test_a_server_that_fails_for_a_moment_is_not_noticed(server: ReceptionServer, talk: Conversation) -> None:
    server.failing = {"/api/knowledge-base/answer": 1, "/api/help-requests": 1}
    assert HOURS in await said(talk.hear("What are your opening hours?"))
    assert "asked a supervisor" in await said(talk.hear("Do you ship to Norway?"))


async def test_a_question_that_could_not_be_passed_on_is_passed_on_at_the_end(
    server: ReceptionServer, talk: Conversation
) -> None:
    server.failing = {"/api/help-requests": 3}
    assert "could not pass your question on" in await said(talk.hear("Do you ship to Norway?"))
    assert server.requests == []
    assert await talk.finish("caller_left") == 0
    assert [one["question"] for one in server.requests] == ["Do you ship to Norway?"]


async def test_who_asks_for_a_human_is_passed_to_one(server: ReceptionServer) -> None:
    async with conversation_at(server, transfer_to="tel:+15550199") as talk:
        acts = await acts_of(talk.hear("Can I speak to a real person please?"))
    assert acts[-1] == HandOver(reason="asked_for_human")
    assert server.requests == []


async def test_where_nobody_can_be_reached_who_asks_for_a_human_is_called_back(
    server: ReceptionServer, talk: Conversation
) -> None:
    assert "call you back" in await said(talk.hear("agent"))
    await said(talk.hear("I want to talk to a human"))
    assert [one["question"] for one in server.requests] == ["The caller wants to speak to a person. Please call back."]


async def test_a_hand_over_that_nobody_takes_becomes_a_call_back(server: ReceptionServer) -> None:
    async with conversation_at(server, transfer_to="tel:+15550199") as talk:
        await acts_of(talk.hear("agent please"))
        assert "May I have your name" in await said(talk.hand_over_failed("busy"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("hello", "How can I help you?"),
        ("thanks a lot", "You're welcome. Is there anything else I can help you with?"),
        ("one moment please", "Of course, take your time."),
        ("are you a robot?", "I am the automated receptionist."),
        ("I have a question", "How can I help you?"),
        ("asdf qwer", "I'm sorry, I did not understand that. What would you like to know?"),
    ],
)
async def test_small_talk_is_answered_and_makes_no_ticket(
    server: ReceptionServer, talk: Conversation, words: str, answer: str
) -> None:
    assert (await said(talk.hear(words))).startswith(answer)
    assert server.requests == []


async def test_it_says_again_what_it_said(talk: Conversation) -> None:
    first = await said(talk.hear("What are your opening hours?"))
    assert await said(talk.hear("Sorry, could you repeat that?")) == first


async def test_goodbye_ends_the_call(talk: Conversation) -> None:
    assert (await acts_of(talk.hear("Thank you, bye!")))[-1] == HangUp(reason="goodbye")


async def test_goodbye_ends_the_call_in_the_middle_of_a_question_too(
    server: ReceptionServer, talk: Conversation
) -> None:
    await said(talk.hear("Do you ship to Norway?"))
    await said(talk.hear("Jane"))
    assert (await acts_of(talk.hear("bye bye")))[-1] == HangUp(reason="goodbye")
    assert server.requests[0]["status"] == "pending"


async def test_silence_is_asked_about_once_and_ends_the_call_then(talk: Conversation) -> None:
    assert await said(talk.silence(1)) == "Are you still there?"
    assert (await acts_of(talk.silence(2)))[-1] == HangUp(reason="idle")


async def test_after_the_most_turns_the_call_ends_with_a_promise(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER, receptionist_max_turns=2) as talk:
        await said(talk.hear("hello"))
        await said(talk.hear("hello"))
        acts = await acts_of(talk.hear("hello"))
    assert acts[-1] == HangUp(reason="too_long")
    assert "call you back at plus 1" in text_of(acts)
    assert len(server.requests) == 1


@pytest.mark.parametrize("part", ["stt", "tts"])
async def test_a_dead_part_is_apologised_for_and_passed_on(server: ReceptionServer, part: str) -> None:
    async with conversation_at(server, caller=CALLER, transfer_to="tel:+15550199") as talk:
        acts = await acts_of(talk.out_of_order(part))  # type: ignore[arg-type]
    assert text_of(acts).startswith("I'm sorry, something is not working on our side.")
    assert acts[-1] == HandOver(reason="out_of_order")
    assert f"({part})" in server.requests[0]["question"]


async def test_a_dead_part_ends_the_call_where_nobody_can_take_over(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        acts = await acts_of(talk.out_of_order("stt"))
    assert "call you back at plus 1" in text_of(acts)
    assert acts[-1] == HangUp(reason="out_of_order")


async def test_a_caller_is_answered_in_their_language(server: ReceptionServer, talk: Conversation) -> None:
    answer = await said(talk.hear("Guten Tag, wie lange dauert der Versand nach Norwegen?"))
    assert answer == "Das weiß ich leider nicht. Ich habe die Fachabteilung gefragt. Wie ist Ihr Name, bitte?"
    assert "Danke, Jürgen Müller." in await said(talk.hear("Mein Name ist Jürgen Müller"))
    assert server.posts("/api/knowledge-base/answer")[0]["language"] == "de"
