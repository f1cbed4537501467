"""The receptionist with a language model: what it is let say, what its tools do, and what happens when it fails."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from assist.receptionist.conversation import Conversation
from pipeline.conversation import HandOver, HangUp
from tests.assist.receptionist.reception import acts_of, conversation_at, model_settings, said, text_of
from tests.doubles.openai_server import OpenAIDouble, Reply, calls, decides, fails, hangs, openai_double, says, together
from tests.doubles.reception_server import ReceptionServer, reception_server

HOURS = "We are open from 9 am to 5 pm on weekdays."
QUESTION = "What are your opening hours?"
UNKNOWN = "Do you ship to Norway?"
CALLER = {"customer_name": "Jane Doe", "customer_phone": "+15550100"}


@pytest.fixture
async def server() -> AsyncIterator[ReceptionServer]:
    async with reception_server() as double:
        double.knows(QUESTION, HOURS, title="Opening hours", version=3)
        yield double


@asynccontextmanager
async def talk_with(
    server: ReceptionServer, *replies: Reply, **settings: Any
) -> AsyncIterator[tuple[Conversation, OpenAIDouble]]:
    """A conversation in which the model does this."""
    caller = settings.pop("caller", None)
    async with (
        openai_double(*replies) as model,
        conversation_at(server, caller=caller, **model_settings(model.base_url, **settings)) as talk,
    ):
        yield talk, model


async def test_what_was_found_is_said_in_the_models_words_and_the_log_says_what_it_stood_in(
    server: ReceptionServer,
) -> None:
    replies = (calls("search_knowledge", question=QUESTION), says("We are open on weekdays ", "from 9 am to 5 pm."))
    async with talk_with(server, *replies) as (talk, model):
        with capture_logs() as logs:
            assert await said(talk.hear(QUESTION)) == "We are open on weekdays from 9 am to 5 pm."
    logged = [line for line in logs if line["event"] == "receptionist_answered"]
    assert [(line["by"], line["articles"][0]["version"]) for line in logged] == [("model", 3)]
    assert "weekdays" not in repr(logs)
    assert [one["function"]["name"] for one in model.requests[0]["tools"]] == [
        "search_knowledge", "request_help", "note_contact", "transfer_to_human", "end_call",
    ]  # fmt: skip
    assert model.requests[1]["messages"][-1]["role"] == "tool"
    assert server.requests == []


async def test_a_model_that_answers_without_searching_is_held_against_what_it_should_have_found(
    server: ReceptionServer,
) -> None:
    async with talk_with(server, says("We are open from 9 am to 5 pm on weekdays.")) as (talk, _):
        assert await said(talk.hear(QUESTION)) == HOURS
    assert server.asked == [QUESTION]


@pytest.mark.parametrize(
    "claim",
    [
        "We are open from 8 am to 5 pm on weekdays.",
        "We are open around the clock.",
        "Yes, of course!",
        "No, sorry.",
        "We ship to Norway for free.",
        "You get a refund of 20 dollars.",
        "You can get that, sure.",
        "I'm sure we do.",
        "Did you know that we ship for free?",
        "Which of our 3 free plans do you have?",
    ],
)
async def test_claims_that_do_not_stand_in_what_was_found_are_not_said(server: ReceptionServer, claim: str) -> None:
    async with talk_with(server, calls("search_knowledge", question=QUESTION), says(claim)) as (talk, _):
        assert (await said(talk.hear(QUESTION))).startswith(HOURS)


async def test_of_an_answer_the_sentences_that_stand_are_said_and_the_others_are_not(server: ReceptionServer) -> None:
    written = (
        "We are open from 9 am to 5 pm on weekdays. On Sundays we are open too. Is there anything else I can help with?"
    )
    async with talk_with(server, calls("search_knowledge", question=QUESTION), says(written)) as (talk, _):
        assert await said(talk.hear(QUESTION)) == f"{HOURS} Is there anything else I can help with?"


async def test_made_up_facts_about_what_nobody_knows_become_an_honest_answer_and_a_ticket(
    server: ReceptionServer,
) -> None:
    async with talk_with(server, says("Yes, we ship to Norway within 5 days.")) as (talk, _):
        answer = await said(talk.hear(UNKNOWN))
    assert "I don't know" in answer
    assert "5 days" not in answer
    assert [one["question"] for one in server.requests] == [UNKNOWN]


async def test_a_model_that_asks_for_help_again_and_again_makes_one_ticket_and_is_stopped(
    server: ReceptionServer,
) -> None:
    wordings = iter(
        ["Do you ship to Norway?", "Does the company deliver to Norway?", "Norway?", "Shipping abroad?"] * 9
    )
    loop = decides(lambda _: calls("request_help", question=next(wordings)))
    async with talk_with(server, loop) as (talk, model):
        answer = await said(talk.hear(UNKNOWN))
        assert "asked a supervisor" in answer
        assert len(model.requests) == 5
        await said(talk.hear("Sorry, do you ship to Norway?"))
        await said(talk.hear("okay"))
    assert len(server.requests) == 1


async def test_a_tool_with_the_same_arguments_is_not_carried_out_again(server: ReceptionServer) -> None:
    again = calls("search_knowledge", question=QUESTION)
    async with talk_with(server, again, together(again, again), again, says(HOURS)) as (talk, model):
        assert await said(talk.hear(QUESTION)) == HOURS
        assert len(model.requests) == 4
    assert server.asked == [QUESTION]


async def test_a_ticket_and_the_contact_are_made_by_the_models_tools(server: ReceptionServer) -> None:
    replies = (
        together(calls("search_knowledge", question=UNKNOWN), calls("request_help", question=UNKNOWN)),
        says("I'm sorry, I don't know that. ", "I have asked a supervisor. ", "May I have your name and number?"),
        Reply(calls=[("note_contact", {"name": "Jane Doe", "number": "555 0100 200"})], finish="tool_calls"),
        says("Thank you, Jane Doe. I have noted 555 0100 200. Somebody will call you back."),
    )
    async with talk_with(server, *replies) as (talk, _):
        first = await said(talk.hear(UNKNOWN))
        assert first == "I'm sorry, I don't know that. I have asked a supervisor. May I have your name and number?"
        second = await said(talk.hear("Jane Doe, five five five oh one double zero two zero zero"))
        assert second == "Thank you, Jane Doe. I have noted 555 0100 200. Somebody will call you back."
    assert server.contacts == [{"customer_name": "Jane Doe", "customer_contact": "5550100200"}]
    assert len(server.requests) == 1


async def test_a_number_that_the_caller_never_said_is_not_noted(server: ReceptionServer) -> None:
    replies = (calls("note_contact", number="555 999 0000"), says("Could you repeat your number?"))
    async with talk_with(server, *replies) as (talk, model):
        assert await said(talk.hear("My number is 555 0100 200")) == "Could you repeat your number?"
        assert "has not said" in model.requests[1]["messages"][-1]["content"]
    assert server.contacts == []


async def test_nobody_is_said_to_be_asked_who_was_not(server: ReceptionServer) -> None:
    async with talk_with(server, says("I have asked a supervisor. Somebody will call you back.")) as (talk, _):
        answer = await said(talk.hear(UNKNOWN))
    assert answer.startswith("I'm sorry, I don't know")
    assert len(server.requests) == 1


async def test_the_model_passes_the_caller_on_and_ends_calls(server: ReceptionServer) -> None:
    async with talk_with(server, calls("transfer_to_human", reason="asked"), transfer_to="tel:+1555") as (talk, _):
        acts = await acts_of(talk.hear("My neighbour wants somebody important."))
        assert (text_of(acts), acts[-1]) == (
            "One moment please, I am connecting you.",
            HandOver(reason="asked_for_human"),
        )
    async with talk_with(server, calls("end_call", reason="done")) as (talk, _):
        assert (await acts_of(talk.hear("ok great")))[-1] == HangUp(reason="ended_by_model")


async def test_the_model_cannot_end_the_call_on_an_open_question(server: ReceptionServer) -> None:
    async with talk_with(server, calls("end_call", reason="rude"), says("Goodbye!")) as (talk, _):
        acts = await acts_of(talk.hear(UNKNOWN))
        assert not any(isinstance(act, HangUp) for act in acts)
    assert len(server.requests) == 1


async def test_a_question_for_a_detail_keeps_the_callers_question_open_until_it_is_answered(
    server: ReceptionServer,
) -> None:
    replies = (
        calls("search_knowledge", question=QUESTION),
        says("Which opening hours do you mean?"),
        says("We are open from 9 am to 5 pm on weekdays."),
    )
    async with talk_with(server, *replies) as (talk, _):
        assert await said(talk.hear("When do you open?")) == "Which opening hours do you mean?"
        assert len(talk.memory.open()) == 1
        assert await said(talk.hear("The normal ones")) == HOURS
        assert talk.memory.open() == ()
        assert await talk.finish("caller_left") == 0
    assert server.requests == []


@pytest.mark.parametrize("reply", [fails(500), Reply(pieces=("We are ",), cut_after=1), Reply(status=401)])
async def test_a_model_that_fails_leaves_the_turn_to_the_rules(server: ReceptionServer, reply: Reply) -> None:
    async with talk_with(server, reply) as (talk, _):
        assert (await said(talk.hear(QUESTION))).startswith(HOURS)


async def test_one_failure_is_tried_once_more(server: ReceptionServer) -> None:
    replies = (
        fails(500),
        calls("search_knowledge", question=QUESTION),
        says("We are open on weekdays from 9 am to 5 pm."),
    )
    async with talk_with(server, *replies) as (talk, model):
        assert (await said(talk.hear(QUESTION))).startswith("We are open on weekdays")
        assert len(model.requests) == 3


async def test_a_model_that_says_nothing_is_not_waited_for(server: ReceptionServer) -> None:
    async with talk_with(server, hangs(), answer_first_token_s=0.3) as (talk, model):
        assert (await said(talk.hear(QUESTION))).startswith(HOURS)
        assert len(model.requests) == 2


async def test_after_three_failures_in_a_row_a_human_takes_over(server: ReceptionServer) -> None:
    async with talk_with(server, fails(500), transfer_to="tel:+1555", caller=CALLER) as (talk, _):
        for words in (QUESTION, "What are your opening hours?"):
            assert HOURS in await said(talk.hear(words))
        acts = await acts_of(talk.hear("hello"))
    assert text_of(acts).startswith("I'm sorry, something is not working")
    assert acts[-1] == HandOver(reason="out_of_order")
    assert "(llm)" in server.requests[0]["question"]


async def test_without_a_human_the_rules_serve_on_and_the_dead_model_is_not_asked_again(
    server: ReceptionServer,
) -> None:
    async with talk_with(server, fails(500)) as (talk, model):
        for _ in range(5):
            assert HOURS in await said(talk.hear(QUESTION))
        assert len(model.requests) == 6


async def test_a_call_spends_no_more_than_its_budget(server: ReceptionServer) -> None:
    async with talk_with(server, says("Hello!"), call_token_budget=1_500) as (talk, model):
        for _ in range(6):
            assert await said(talk.hear("hello"))
        assert 0 < len(model.requests) < 4


async def test_thoughts_and_marks_are_not_spoken(server: ReceptionServer) -> None:
    written = "<think>They ask for hours.</think>- **We are open** from 9 am to 5 pm on weekdays. [1]\n"
    async with talk_with(server, calls("search_knowledge", question=QUESTION), says(written)) as (talk, _):
        assert await said(talk.hear(QUESTION)) == HOURS


async def test_broken_and_unknown_tool_calls_are_told_to_the_model(server: ReceptionServer) -> None:
    broken = Reply(
        delta={"tool_calls": [{"index": 0, "id": "c", "function": {"name": "request_help", "arguments": "{nonsense"}}]},
        finish="tool_calls",
    )
    async with talk_with(server, broken, calls("drop_tables"), says("Hello!")) as (talk, model):
        assert await said(talk.hear("hello")) == "Hello!"
        told = [_last(request["messages"])["content"] for request in model.requests[1:]]
    assert ["no JSON object" in told[0], "no such tool" in told[1]] == [True, True]


async def test_a_supervisors_answer_may_be_said_again(server: ReceptionServer) -> None:
    replies = (
        calls("request_help", question=UNKNOWN),
        says("I have asked a supervisor."),
        says("We ship to Oslo in 5 days."),
    )
    async with talk_with(server, *replies, caller=CALLER) as (talk, _):
        await said(talk.hear(UNKNOWN))
        await server.answer(server.requests[0], "We ship to Oslo in 5 days.")
        news = talk.news()
        await anext(news)
        await news.aclose()  # type: ignore[attr-defined]
        assert await said(talk.hear("Sorry, where do you ship to?")) == "We ship to Oslo in 5 days."
    assert len(server.requests) == 1


def _last(messages: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return messages[-1]
