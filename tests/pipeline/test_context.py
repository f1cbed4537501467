"""The rolling state of the call."""

import pytest

from pipeline.context import ContextAnalyzer
from pipeline.types import Segment, Speaker, Turn
from tests.pipeline.calls import CALL_ID, segments, turn


async def test_a_sentence_cut_by_the_recogniser_is_joined_with_its_beginning() -> None:
    context = await ContextAnalyzer()(
        turn("customer: how do i get a refund for the", "customer: red jacket", pause_s=0.4)
    )
    assert context.focus == "how do i get a refund for the red jacket"


async def test_a_listening_noise_does_not_cut_a_sentence() -> None:
    context = await ContextAnalyzer()(
        turn("customer: i want to change the", "agent: mhm", "customer: delivery address", pause_s=0.3)
    )
    assert context.focus == "i want to change the delivery address"


async def test_thanks_after_a_question_do_not_ask_it_again() -> None:
    context = await ContextAnalyzer()(turn("customer: how do i get a refund", "customer: okay thank you", pause_s=0.3))
    assert not context.seeking


async def test_the_last_of_several_new_questions_is_the_focus() -> None:
    context = await ContextAnalyzer()(
        turn("customer: do you ship to canada?", "agent: yes", "customer: is there parking?", new=3)
    )
    assert context.focus == "is there parking?"


async def test_what_is_open_is_remembered_while_nothing_is_asked() -> None:
    context = await ContextAnalyzer()(turn("customer: my printer jams", "customer: it's broken", "customer: okay"))
    assert (context.seeking, context.detected_issue) == (False, "it's broken")


async def test_a_settled_issue_is_open_no_longer() -> None:
    context = await ContextAnalyzer()(turn("customer: my screen is broken", "agent: try now", "customer: it works now"))
    assert (context.seeking, context.detected_issue) == (False, None)


async def test_the_topic_comes_from_either_speaker() -> None:
    by_agent = await ContextAnalyzer()(
        turn("agent: So you want to port your number?", "customer: how long does that take")
    )
    by_customer = await ContextAnalyzer()(
        turn("customer: i want to port my number", "agent: one moment", "customer: how long does that take")
    )
    assert (by_agent.topic, by_customer.topic) == ("port your number", "port my number")


@pytest.mark.parametrize("text", ["", "   ", "?", "...", "\u0000", "🙂", "ok " * 3000])
async def test_texts_without_content_are_silence(text: str) -> None:
    lone = Segment(id="s1", number=1, speaker=Speaker.CUSTOMER, text=text, start_s=0.0, end_s=1.0)
    context = await ContextAnalyzer()(Turn(call_id=CALL_ID, number=1, transcript=(lone,), new=(lone,)))
    assert context.focus == "" or not context.seeking or context.focus.strip() != ""


async def test_a_long_call_is_read_from_its_end_but_entities_are_kept() -> None:
    talk = ["customer: my order number is 4815162", *["agent: let me see", "customer: okay"] * 400]
    context = await ContextAnalyzer()(
        Turn(call_id=CALL_ID, number=1, transcript=segments(talk), new=segments(talk)[-1:]),
    )
    assert [(entity.type, entity.value) for entity in context.entities] == [("order_number", "4815162")]
