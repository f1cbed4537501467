"""What the receptionist keeps when callers hang up, supervisors answer, sockets break and processes end."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from pipeline.conversation import HangUp, News, Unraised
from tests.assist.receptionist.reception import acts_of, conversation_at, first_news, said, text_of, until
from tests.doubles.reception_server import ReceptionServer, reception_server

ANSWER = "Yes, to Oslo and Bergen. It takes 5 days."
CALLER = {"customer_name": "Jane Doe", "customer_phone": "+15550100"}


@pytest.fixture
async def server() -> AsyncIterator[ReceptionServer]:
    async with reception_server() as double:
        yield double


async def test_a_caller_who_hangs_up_while_the_question_is_passed_on_loses_nothing(server: ReceptionServer) -> None:
    server.held["/api/help-requests"] = asyncio.Event()
    async with conversation_at(server) as talk:
        hearing = asyncio.create_task(acts_of(talk.hear("Do you ship to Norway?")))
        await until(lambda: len(server.posts("/api/help-requests")) == 1)
        hearing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hearing
        server.held["/api/help-requests"].set()
        assert await talk.finish("caller_left") == 0
        assert not talk.memory.open()
    assert len(server.requests) == 1
    assert len(server.posts("/api/help-requests")) == 1


async def test_a_caller_who_hangs_up_during_the_search_gets_a_ticket(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        acts = talk.hear("Do you ship to Norway?")
        await anext(acts)
        await acts.aclose()  # type: ignore[attr-defined]
        assert await talk.finish("caller_left") == 0
        assert await talk.finish("again") == 0
    assert [one["question"] for one in server.requests] == ["Do you ship to Norway?"]


async def test_what_cannot_be_passed_on_at_the_end_is_counted(server: ReceptionServer) -> None:
    async with conversation_at(server) as talk:
        server.failing = {"/api/help-requests": 1000}
        await said(talk.hear("Do you ship to Norway?"))
        assert await talk.finish("caller_left") == 1
        assert talk.unraised() == (Unraised(question="Do you ship to Norway?"),)
        server.failing = {}
        assert await talk.finish("again") == 0
        assert talk.unraised() == ()


async def test_a_number_that_could_not_be_noted_is_noted_at_the_end(server: ReceptionServer) -> None:
    async with conversation_at(server, caller={"customer_name": "Jane"}) as talk:
        await said(talk.hear("Do you ship to Norway?"))
        await said(talk.hear("555 0100 200"))
        server.failing = {next(iter(_contact_paths(server))): 3}
        await said(talk.hear("yes"))
        assert server.contacts == []
        await talk.finish("caller_left")
    assert server.contacts == [{"customer_name": "Jane", "customer_contact": "5550100200"}]


async def test_a_supervisors_answer_is_said_and_the_server_hears_that_it_was(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        await said(talk.hear("Do you ship to Norway?"))
        suggestion_id = await server.answer(server.requests[0], ANSWER)
        news = talk.news()
        told = await anext(news)
        assert text_of(told.acts).startswith(
            f"I have an answer from a supervisor to your question “Do you ship to Norway?”. {ANSWER}"
        )
        assert told.suggestion_id == suggestion_id
        assert server.shown == []
        listening = asyncio.ensure_future(anext(news))
        await talk.told(suggestion_id)
        await talk.finish("caller_left")
        assert server.shown == [suggestion_id]
        listening.cancel()
        assert ANSWER in await said(talk.hear("Sorry, do you ship to Norway?"))
    assert len(server.requests) == 1


async def test_an_answer_comes_once_over_a_broken_socket_and_shown_is_told_on_the_next(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        await said(talk.hear("Do you ship to Norway?"))
        heard: list[News] = []

        async def listen() -> None:
            async for news in talk.news():
                heard.extend([news])

        listening = asyncio.create_task(listen())
        suggestion_id = await server.answer(server.requests[0], ANSWER)
        await until(lambda: len(heard) == 1)
        await server.cut()
        await talk.told(suggestion_id)
        await until(lambda: suggestion_id in server.shown)
        await server.happens({"type": "escalation", "escalation": {**_told(server)}})
        await talk.finish("caller_left")
        listening.cancel()
        assert len(heard) == 1


async def test_what_a_supervisor_could_not_resolve_is_not_said_in_their_words(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        await said(talk.hear("Do you ship to Norway?"))
        await server.answer(server.requests[0], "Ask legal, he is a difficult one.", unresolved=True)
        news = await first_news(talk)
    assert news.suggestion_id is None
    assert "legal" not in text_of(news.acts)
    assert "call you back at plus 1" in text_of(news.acts)


async def test_a_question_that_nobody_answers_in_time_is_told_too(server: ReceptionServer) -> None:
    async with conversation_at(server, caller=CALLER) as talk:
        await said(talk.hear("Do you ship to Norway?"))
        await server.give_up(server.requests[0])
        assert "could not answer it" in text_of((await first_news(talk)).acts)


async def test_after_a_restart_it_says_so_and_knows_what_was_asked(server: ReceptionServer) -> None:
    session_id = server.open_call(**CALLER)
    async with conversation_at(server, session_id=session_id) as talk:
        await said(talk.hear("Do you ship to Norway?"))
    async with conversation_at(server, session_id=session_id) as talk:
        assert await said(talk.greet()) == (
            "I am back. Sorry for the interruption. A supervisor still has your question. How can I help you?"
        )
        assert "supervisor" in await said(talk.hear("Do you ship to Norway?"))
    assert len(server.requests) == 1


async def test_an_answer_that_came_while_nobody_was_there_is_said_after_the_restart(server: ReceptionServer) -> None:
    session_id = server.open_call(**CALLER)
    async with conversation_at(server, session_id=session_id) as talk:
        await said(talk.hear("Do you ship to Norway?"))
    suggestion_id = await server.answer(server.requests[0], ANSWER)
    async with conversation_at(server, session_id=session_id) as talk:
        news = await first_news(talk)
        assert (ANSWER in text_of(news.acts), news.suggestion_id) == (True, suggestion_id)
    server.suggestions[0]["shown_to_agent"] = True
    async with conversation_at(server, session_id=session_id) as talk:
        assert talk.answers.waiting() == []
        assert ANSWER in await said(talk.hear("Do you ship to Norway?"))


async def test_the_end_may_come_twice(server: ReceptionServer) -> None:
    async with conversation_at(server) as talk:
        acts = await acts_of(talk.hear("bye"))
        assert isinstance(acts[-1], HangUp)
        await asyncio.gather(talk.finish("goodbye"), talk.finish("room_closed"))
    assert server.requests == []


def _contact_paths(server: ReceptionServer) -> list[str]:
    return [f"/api/voice/calls/{session_id}/contact" for session_id in server.calls]


def _told(server: ReceptionServer) -> dict[str, str]:
    return {name: server.requests[0][name] for name in ("id", "question", "status", "suggestion_id")}
