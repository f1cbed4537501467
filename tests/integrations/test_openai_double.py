"""The OpenAI double calls tools as the real service does: read here by the real SDK."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest

from tests.doubles.openai_server import OpenAIDouble, Reply, calls, decides, fails, hangs, openai_double, says, together

QUESTION: list[Any] = [{"role": "user", "content": "What does it cost?"}]


@asynccontextmanager
async def asked(*replies: Reply) -> AsyncIterator[tuple[OpenAIDouble, openai.AsyncOpenAI]]:
    async with (
        openai_double(*replies) as double,
        openai.AsyncOpenAI(base_url=double.base_url, api_key="sk-canary", max_retries=0) as client,
    ):
        yield double, client


async def streamed(client: openai.AsyncOpenAI, messages: list[Any]) -> tuple[str, dict[int, dict[str, str]], list[str]]:
    """Text, calls by index, and each piece of arguments."""
    text = ""
    found: dict[int, dict[str, str]] = {}
    pieces: list[str] = []
    async for chunk in await client.chat.completions.create(model="small", messages=messages, stream=True):
        delta = chunk.choices[0].delta
        text += delta.content or ""
        for part in delta.tool_calls or []:
            call = found.setdefault(part.index, {"id": "", "name": "", "arguments": ""})
            assert part.function is not None
            call["id"] += part.id or ""
            call["name"] += part.function.name or ""
            call["arguments"] += part.function.arguments or ""
            pieces += [part.function.arguments] if part.function.arguments else []
    return text, found, pieces


async def test_arguments_of_a_streamed_call_come_in_pieces() -> None:
    async with asked(calls("search_knowledge", question="What does it cost?")) as (_, client):
        text, found, pieces = await streamed(client, QUESTION)
    assert text == ""
    assert found[0]["name"] == "search_knowledge"
    assert found[0]["id"]
    assert json.loads(found[0]["arguments"]) == {"question": "What does it cost?"}
    assert len(pieces) > 1


async def test_several_calls_come_in_one_answer() -> None:
    async with asked(together(calls("search_knowledge", question="a"), calls("end_call"))) as (_, client):
        _, found, _ = await streamed(client, QUESTION)
        whole = await client.chat.completions.create(model="small", messages=QUESTION)
    assert [found[index]["name"] for index in (0, 1)] == ["search_knowledge", "end_call"]
    assert found[0]["id"] != found[1]["id"]
    assert json.loads(found[1]["arguments"]) == {}
    assert whole.choices[0].finish_reason == "tool_calls"
    assert [call.id for call in whole.choices[0].message.tool_calls or []] == [found[0]["id"], found[1]["id"]]


async def test_a_model_may_answer_by_what_its_tool_has_found() -> None:
    def choose(messages: Sequence[Mapping[str, Any]]) -> Reply:
        last = messages[-1]
        return says(f"It costs {last['content']}.") if last["role"] == "tool" else calls("search_knowledge")

    async with asked(decides(choose)) as (_, client):
        _, found, _ = await streamed(client, QUESTION)
        call = {"id": found[0]["id"], "type": "function", "function": {"name": "search_knowledge", "arguments": "{}"}}
        answered = [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": call["id"], "content": "9"},
        ]
        text, more, _ = await streamed(client, [*QUESTION, *answered])
    assert (text, more) == ("It costs 9.", {})


async def test_a_failing_and_a_silent_server_are_told_from_each_other() -> None:
    async with asked(fails(500), hangs()) as (double, client):
        with pytest.raises(openai.InternalServerError):
            await streamed(client, QUESTION)
        for is_streaming in (True, False):
            with pytest.raises(openai.APITimeoutError):
                await client.chat.completions.create(model="small", messages=QUESTION, stream=is_streaming, timeout=0.3)
            async with asyncio.timeout(10):
                await double.closed_early.wait()
            double.closed_early.clear()
