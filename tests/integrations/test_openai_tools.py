"""A model with tools on a real socket, well and ill."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from integrations.openai_errors import EndpointError, Trouble
from integrations.openai_tools import ToolEndpoint, ToolOptions
from integrations.tool_calls import ToolCall
from tests.doubles.openai_server import (
    BROKEN_JSON,
    NOT_THE_PROTOCOL,
    OpenAIDouble,
    Reply,
    calls,
    fails,
    hangs,
    openai_double,
    says,
    together,
)

MESSAGES = [{"role": "user", "content": "my secret diagnosis"}]
TOOLS = [{"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}]


@asynccontextmanager
async def model_of(*replies: Reply, **options: Any) -> AsyncIterator[tuple[ToolEndpoint, OpenAIDouble]]:
    async with openai_double(*replies) as double:
        model = ToolEndpoint(double.base_url, "sk-test", ToolOptions(model="small", **options))
        try:
            yield model, double
        finally:
            await model.close()


async def reply_of(model: ToolEndpoint) -> list[str | ToolCall]:
    return [piece async for piece in model.reply(MESSAGES, TOOLS)]


async def trouble_of(*replies: Reply, **options: Any) -> tuple[Trouble, int]:
    async with model_of(*replies, **options) as (model, double):
        with pytest.raises(EndpointError) as raised:
            await reply_of(model)
        assert "secret" not in str(raised.value)
        return raised.value.trouble, len(double.requests)


async def test_text_comes_in_pieces_and_tool_calls_whole_at_the_end() -> None:
    both = together(calls("search", question="hours"), calls("note", number="555"))
    told = Reply(pieces=("Let me ", "look."), calls=both.calls, finish="tool_calls")
    async with model_of(told) as (model, double):
        pieces = await reply_of(model)
        assert double.requests[0]["tools"] == TOOLS
    assert [piece for piece in pieces if isinstance(piece, str)] == ["Let me ", "look."]
    made = [piece for piece in pieces if isinstance(piece, ToolCall)]
    assert [(call.name, call.given()) for call in made] == [
        ("search", {"question": "hours"}),
        ("note", {"number": "555"}),
    ]
    assert len({call.id for call in made}) == 2


async def test_thoughts_are_kept_back() -> None:
    async with model_of(says("<think>hm", "mm</think>", "Hello.")) as (model, _):
        assert "".join(str(piece) for piece in await reply_of(model)) == "Hello."


async def test_a_parameter_that_the_server_refuses_is_left_out_for_good() -> None:
    picky = Reply(pieces=("Hello.",), needs=lambda body: "temperature" if "temperature" in body else None)
    async with model_of(picky) as (model, double):
        assert await reply_of(model) == ["Hello."]
        assert await reply_of(model) == ["Hello."]
        assert ["temperature" in request for request in double.requests] == [True, False, False]


async def test_what_may_pass_is_tried_once_more() -> None:
    async with model_of(fails(500), says("Hello.")) as (model, _):
        assert await reply_of(model) == ["Hello."]
    assert await trouble_of(fails(500)) == (Trouble.UNREACHABLE, 2)
    assert await trouble_of(Reply(status=429)) == (Trouble.BUSY, 2)


async def test_what_a_person_has_to_change_is_not_tried_again() -> None:
    assert await trouble_of(Reply(status=401)) == (Trouble.DENIED, 1)


async def test_a_server_that_says_nothing_is_given_up() -> None:
    assert await trouble_of(hangs(), first_token_s=0.2) == (Trouble.SLOW, 2)


async def test_an_answer_without_end_is_cut_off_and_not_begun_again() -> None:
    endless = Reply(pieces=("Hello",), wait_between=asyncio.Event())
    assert await trouble_of(endless, total_s=0.3) == (Trouble.SLOW, 1)
    async with model_of(endless, total_s=0.3) as (model, _):
        assert await anext(model.reply(MESSAGES, TOOLS)) == "Hello"


async def test_a_broken_stream_is_an_error_of_its_own_kind() -> None:
    trouble, _ = await trouble_of(Reply(raw=(BROKEN_JSON,), finish=None, usage=None))
    assert trouble in (Trouble.NONSENSE, Trouble.UNREACHABLE)


async def test_what_cannot_be_read_is_passed_over() -> None:
    async with model_of(Reply(raw=(NOT_THE_PROTOCOL,), pieces=("Hello.",))) as (model, _):
        assert await reply_of(model) == ["Hello."]


async def test_a_cut_call_is_no_call() -> None:
    cut = Reply(calls=calls("search", question="hours").calls, cut_after=1)
    async with model_of(cut) as (model, _):
        with pytest.raises(EndpointError):
            await reply_of(model)


def test_arguments_that_are_no_object_are_none() -> None:
    written = ["{", "[1]", "null", '{"a": 1}', ""]
    assert [ToolCall(id="c", name="n", arguments=one).given() for one in written] == [None, None, None, {"a": 1}, {}]
