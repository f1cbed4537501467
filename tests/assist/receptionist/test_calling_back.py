"""Customers who are rung: whoever takes the call is told, machines and those who refuse are not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from assist.receptionist.assist_server import AssistServer
from assist.receptionist.calling_back import CallBack, call_back
from pipeline.conversation import HangUp
from tests.assist.receptionist.reception import acts_of, conversation_at, first_news, said, text_of
from tests.doubles.reception_server import KEY, ReceptionServer, reception_server

ANSWER = "Yes, to Oslo and Bergen. It takes 5 days."
RESULT = "/api/voice/call-backs/f1/result"


@asynccontextmanager
async def ringing() -> AsyncIterator[tuple[CallBack, ReceptionServer]]:
    """Somebody has taken the call."""
    async with reception_server() as double, conversation_at(double) as inner:
        double.owed = {"question": "Do you ship to Norway?", "answer": ANSWER, "state": "talking"}
        server = AssistServer(double.url, KEY)
        yield await call_back(inner, server, "f1"), double
        await server.close()


def outcomes(server: ReceptionServer) -> list[str]:
    return [body["outcome"] for body in server.posts(RESULT)]


async def test_the_answer_is_told_and_the_talk_goes_on() -> None:
    async with ringing() as (talk, server):
        assert "You asked us: “Do you ship to Norway?”" in await said(talk.greet())
        news = await first_news(talk)  # type: ignore[arg-type]
        assert text_of(news.acts) == ANSWER
        await talk.told(news.suggestion_id or "")
        assert outcomes(server) == ["told"]
        await acts_of(talk.hear("I was at the wrong number of the street."))
        await talk.finish("goodbye")
    assert outcomes(server) == ["told"]


@pytest.mark.parametrize(
    "words",
    [
        "You have reached the voicemail of Jane Doe. Please leave a message after the tone.",
        "I can't come to the phone right now.",
        "The person you are trying to reach is not available.",
        "Der Teilnehmer ist im Moment nicht erreichbar.",
        "Bitte hinterlassen Sie eine Nachricht nach dem Signalton.",
        "Este es el buzón de voz, deje su mensaje.",
        "Vous êtes bien sur la messagerie de Jeanne, laissez un message après le bip.",
    ],
)
async def test_a_machine_is_hung_up_on_and_rung_again_later(words: str) -> None:
    async with ringing() as (talk, server):
        assert await acts_of(talk.hear(words)) == [HangUp(reason="voicemail")]
    assert outcomes(server) == ["voicemail"]


@pytest.mark.parametrize(
    "words",
    [
        "Wrong number.",
        "Please don't call me again.",
        "I am not interested, thank you.",
        "Rufen Sie mich nicht mehr an.",
        "No me llame más.",
        "Vous vous trompez de numéro.",
    ],
)
async def test_who_does_not_want_to_be_called_is_left_alone(words: str) -> None:
    async with ringing() as (talk, server):
        acts = await acts_of(talk.hear(words))
        assert text_of(acts) == "I am sorry for the disturbance. Goodbye!"
        assert acts[-1] == HangUp(reason="refused")
    assert outcomes(server) == ["refused"]


@pytest.mark.parametrize(
    "words",
    [
        "Hello?",
        "Yes, this is Jane.",
        "I called you about the message I got.",
        "Who is calling me here?",
        "You never called me back!",
        "I got your voicemail.",
        "Ja, hallo?",
    ],
)
async def test_who_takes_the_call_is_talked_to(words: str) -> None:
    async with ringing() as (talk, server):
        assert not [act for act in await acts_of(talk.hear(words)) if isinstance(act, HangUp)]
    assert outcomes(server) == []


async def test_what_the_server_did_not_hear_it_hears_at_the_end() -> None:
    async with ringing() as (talk, server):
        server.failing = {RESULT: 1000}
        await acts_of(talk.hear("Wrong number."))
        assert outcomes(server) == []
        server.failing = {}
        await talk.finish("refused")
    assert outcomes(server) == ["refused"]
