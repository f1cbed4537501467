"""While the server cannot be reached, callers leave a message; nothing that they ask is lost."""

from typing import Any

from assist.receptionist.conversation import Conversation
from assist.receptionist.opening import take_message
from assist.settings import Settings
from pipeline.conversation import HandOver, HangUp, Unraised
from tests.assist.receptionist.reception import acts_of, said, text_of

QUESTION = "How much is the yearly plan?"


def talk_of(*, phone: str | None = "+15550100200", **settings: Any) -> Conversation:
    """With a caller by telephone."""
    return take_message(Settings(**settings).receptionist, name=None, phone=phone)


async def test_a_question_is_taken_down_with_name_and_number() -> None:
    talk = talk_of(phone=None)
    assert await said(talk.greet()) == (
        "I'm sorry, something is not working on our side. Please tell me what it is about, and we will call you back."
    )
    assert "I will keep trying" in await said(talk.hear(QUESTION))
    assert "On which number" in await said(talk.hear("My name is Jane Doe"))
    assert "Is that right?" in await said(talk.hear("555 0100 200"))
    assert "call you back at 5 5 5, 0 1 0, 0 2 0 0" in await said(talk.hear("yes"))
    assert [act for act in await acts_of(talk.hear("goodbye")) if isinstance(act, HangUp)]
    assert await talk.finish("goodbye") == 1
    assert talk.unraised() == (Unraised(question=QUESTION, customer_name="Jane Doe", customer_contact="5550100200"),)


async def test_whatever_a_caller_complains_about_is_a_message() -> None:
    talk = talk_of()
    answer = await said(talk.hear("my internet has been down since yesterday"))
    assert "did not understand" not in answer
    (owed,) = talk.unraised()
    assert (owed.question, owed.customer_contact) == ("my internet has been down since yesterday", "+15550100200")


async def test_who_says_nothing_has_asked_nothing() -> None:
    talk = talk_of()
    await said(talk.greet())
    assert await talk.finish("caller_left") == 0
    assert talk.unraised() == ()


async def test_a_human_takes_the_call_where_there_is_one_and_else_somebody_calls_back() -> None:
    talk = talk_of(transfer_to="+15550199")
    acts = await acts_of(talk.greet())
    assert isinstance(acts[-1], HandOver)
    assert "tell me" not in text_of(acts)
    assert "nobody is free" in await said(talk.hand_over_failed("486"))
    assert [one.customer_contact for one in talk.unraised()] == ["+15550100200"]
