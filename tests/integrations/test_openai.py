"""Requests to an endpoint on a real socket, well and ill."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
import structlog

from integrations.call_budget import CallLimits
from integrations.circuit_breaker import CircuitLimits, CircuitState
from integrations.language_model import EndpointModel, ModelOptions
from integrations.openai import Endpoint
from integrations.openai_errors import EndpointError, Trouble
from integrations.token_counts import Price
from pipeline.events import ModelUsed
from pipeline.ports import Message, WritingTask
from tests.doubles.openai_server import (
    BROKEN_JSON,
    NOT_THE_PROTOCOL,
    TOOL_CALL,
    OpenAIDouble,
    Reply,
    openai_double,
    says,
)

CALL = UUID("7f8f5c3e-92a5-4f1e-9f0b-4d5b7c5e2a11")
SAID = "my secret diagnosis"
TASK = WritingTask(role="answer", messages=(Message(role="user", content=SAID),), call_id=CALL)
FAST = ModelOptions(models={"answer": "small"}, first_token_s=5.0, total_s=10.0)


@asynccontextmanager
async def model_at(double: OpenAIDouble, options: ModelOptions = FAST, **more: Any) -> AsyncIterator[EndpointModel]:
    model = EndpointModel(Endpoint(double.base_url, "sk-canary"), options, **more)
    try:
        yield model
    finally:
        await model.close()


async def written(model: EndpointModel, task: WritingTask = TASK) -> tuple[str, ModelUsed]:
    text = ""
    async with model.write(task) as writing:
        async for piece in writing:
            text += piece
    return text, writing.used


async def answer_of(reply: Reply, options: ModelOptions = FAST) -> tuple[str, ModelUsed]:
    async with openai_double(reply) as double, model_at(double, options) as model:
        return await written(model)


async def test_text_arrives_in_pieces_with_the_counts_and_the_price_of_the_endpoint() -> None:
    options = ModelOptions(models={"answer": "small"}, prices={"small": Price(prompt=2.0, completion=10.0)})
    async with openai_double(says("Ten ", "days.")) as double, model_at(double, options) as model:
        async with model.write(TASK) as writing:
            pieces = [piece async for piece in writing]
        assert pieces == ["Ten ", "days."]
        assert not writing.is_estimated
        used = writing.used
        assert (used.role, used.model, used.outcome) == ("answer", "small", "done")
        assert (used.prompt_tokens, used.completion_tokens) == (100, 20)
        assert used.cost_usd == pytest.approx((100 * 2.0 + 20 * 10.0) / 1e6)
        request = double.requests[0]
        assert request["model"] == "small"
        assert request["max_tokens"] == 300
        assert double.headers[0]["authorization"] == "Bearer sk-canary"


async def test_without_usage_the_tokens_are_estimated_and_a_model_without_a_price_has_no_cost() -> None:
    async with openai_double(Reply(pieces=("Twelve letters, more",), usage=None)) as double, model_at(double) as model:
        async with model.write(TASK) as writing:
            async for _ in writing:
                pass
        assert writing.is_estimated
        assert writing.used.completion_tokens == 5
        assert writing.used.prompt_tokens > 0
        assert writing.used.cost_usd is None


@pytest.mark.parametrize(
    ("reply", "text", "outcome"),
    [
        (Reply(pieces=("Half ", "a"), cut_after=1), "Half ", "cut_short"),
        (Reply(pieces=("Half ", "a"), finish=None, has_done=False), "Half a", "cut_short"),
        (Reply(pieces=("Half",), finish="length"), "Half", "cut_short"),
        (Reply(pieces=("Half",), finish="content_filter"), "Half", "refused"),
        (Reply(delta={"refusal": "I can't help with that."}), "", "refused"),
        (Reply(delta=TOOL_CALL, finish="tool_calls"), "", "failed"),
        (Reply(), "", "failed"),
        (Reply(pieces=("Half ",), raw=(BROKEN_JSON,)), "", "failed"),
        (Reply(raw=(NOT_THE_PROTOCOL,), finish=None), "", "failed"),
        (Reply(raw=(b"\xff\xfe\n\n",), finish=None), "", "failed"),
        (Reply(raw=(b"<html>Welcome</html>\n\n",), finish=None, has_done=False), "", "failed"),
        (Reply(raw=(b'data: {"error": {"message": "overloaded"}}\n\n',)), "", "failed"),
        (Reply(status=500), "", "failed"),
        (Reply(status=401), "", "failed"),
        (Reply(status=404), "", "failed"),
        (Reply(status=400), "", "failed"),
        (Reply(status=429), "", "failed"),
        (Reply(cut_after=0), "", "failed"),
        (Reply(delta={"content": ["no", "text"]}), "", "failed"),
    ],
)
async def test_whatever_the_server_does_is_an_outcome(reply: Reply, text: str, outcome: str) -> None:
    found, used = await answer_of(reply)
    assert (found, used.outcome) == (text, outcome)


async def test_a_server_that_is_not_there_is_an_outcome_and_costs_nothing() -> None:
    async with openai_double() as double:
        gone = double.base_url
    model = EndpointModel(Endpoint(gone), FAST)
    text, used = await written(model)
    assert (text, used.outcome, used.prompt_tokens) == ("", "failed", 0)
    await model.close()


async def test_a_first_token_that_does_not_come_times_out_and_closes_the_connection() -> None:
    options = ModelOptions(models={"answer": "small"}, first_token_s=0.05)
    async with openai_double(Reply(wait_before=asyncio.Event())) as double, model_at(double, options) as model:
        text, used = await written(model)
        assert (text, used.outcome) == ("", "timed_out")
        assert used.prompt_tokens > 0
        await asyncio.wait_for(double.closed_early.wait(), 5.0)


async def test_a_slow_answer_is_cut_at_the_total_time_and_keeps_what_came() -> None:
    options = ModelOptions(models={"answer": "small"}, first_token_s=5.0, total_s=0.3)
    reply = Reply(pieces=("One. ", "Two."), wait_between=asyncio.Event())
    async with openai_double(reply) as double, model_at(double, options) as model:
        text, used = await written(model)
        assert (text, used.outcome) == ("One. ", "timed_out")
        await asyncio.wait_for(double.closed_early.wait(), 5.0)


async def test_a_thought_is_a_sign_of_life_but_no_text() -> None:
    text, used = await answer_of(
        Reply(delta={"reasoning_content": "hm"}, pieces=("<thi", "nk>Let me", "</think>", "Ten."))
    )
    assert (text, used.outcome) == ("Ten.", "done")


async def test_a_busy_server_is_asked_again_when_it_says_so_within_the_time() -> None:
    busy = Reply(status=429, headers={"retry-after": "0.01"})
    async with openai_double(busy, busy, says("Now.")) as double, model_at(double) as model:
        assert (await written(model))[0] == "Now."
        assert len(double.requests) == 3


async def test_a_busy_server_that_wants_more_time_than_there_is_gets_it() -> None:
    now = 0.0
    busy = Reply(status=429, headers={"retry-after": "30"})
    async with openai_double(busy, says("Now.")) as double, model_at(double, clock=lambda: now) as model:
        assert (await written(model))[1].outcome == "failed"
        now = 29.0
        assert (await written(model))[1].outcome == "not_tried"
        now = 31.0
        assert (await written(model))[1].outcome == "done"
        assert len(double.requests) == 2


async def test_a_dead_endpoint_costs_nothing_after_some_failures_and_is_tried_again_by_one() -> None:
    now = 0.0
    options = ModelOptions(models={"answer": "small"}, circuit=CircuitLimits(failures=3, open_s=10.0))
    async with openai_double(Reply(status=500)) as double, model_at(double, options, clock=lambda: now) as model:
        outcomes = [(await written(model))[1].outcome for _ in range(5)]
        assert outcomes == ["failed", "failed", "failed", "not_tried", "not_tried"]
        assert len(double.requests) == 3
        assert model.circuit_states() == {"small": CircuitState.OPEN}
        now = 11.0
        open_again = asyncio.Event()
        double.script(Reply(pieces=("Back.",), wait_before=open_again))
        double.began.clear()
        probe = asyncio.create_task(written(model))
        await double.began.wait()
        assert (await written(model))[1].outcome == "not_tried"
        open_again.set()
        assert (await probe)[0] == "Back."
        assert model.circuit_states() == {"small": CircuitState.CLOSED}
        assert (await written(model))[1].outcome == "done"


async def test_a_request_that_is_not_accepted_does_not_open_the_circuit() -> None:
    options = ModelOptions(models={"answer": "small"}, circuit=CircuitLimits(failures=1))
    async with openai_double(Reply(status=400), says("Fine.")) as double, model_at(double, options) as model:
        assert (await written(model))[1].outcome == "failed"
        assert (await written(model))[0] == "Fine."


async def test_a_call_spends_its_budget_and_no_more_while_another_call_has_its_own() -> None:
    options = ModelOptions(models={"answer": "small"}, max_tokens=50, per_call=CallLimits(tokens=200))
    async with openai_double(says("Yes.")) as double, model_at(double, options) as model:
        assert (await written(model))[1].outcome == "done"
        assert model.budgets.spent(CALL).tokens == 120
        outcomes = [(await written(model))[1].outcome for _ in range(3)]
        assert outcomes == ["done", "over_budget", "over_budget"]
        assert len(double.requests) == 2
        other = WritingTask(role="answer", messages=TASK.messages, call_id=UUID(int=1))
        assert (await written(model, other))[1].outcome == "done"


async def test_a_budget_in_money_counts_the_most_a_request_can_cost() -> None:
    prices = {"small": Price(prompt=0.0, completion=1000.0)}
    options = ModelOptions(models={"answer": "small"}, max_tokens=50, prices=prices, per_call=CallLimits(cost_usd=0.06))
    async with openai_double(says("Yes.")) as double, model_at(double, options) as model:
        assert (await written(model))[1].cost_usd == pytest.approx(0.02)
        assert (await written(model))[1].outcome == "over_budget"


async def test_two_requests_of_a_call_cannot_share_one_remainder() -> None:
    gate = asyncio.Event()
    options = ModelOptions(models={"answer": "small"}, max_tokens=50, per_call=CallLimits(tokens=80))
    async with openai_double(Reply(pieces=("A",), wait_before=gate)) as double, model_at(double, options) as model:
        first = asyncio.create_task(written(model))
        await double.began.wait()
        assert (await written(model))[1].outcome == "over_budget"
        gate.set()
        assert (await first)[1].outcome == "done"


async def test_a_server_that_ignores_the_limit_is_cut() -> None:
    options = ModelOptions(models={"answer": "small"}, max_tokens=10)
    async with openai_double(Reply(pieces=["word word "] * 1000)) as double, model_at(double, options) as model:
        text, used = await written(model)
        assert used.outcome == "cut_short"
        assert len(text) < 200


async def test_cancelling_closes_the_connection_and_still_leaves_an_account() -> None:
    accounts: list[ModelUsed] = []
    reply = Reply(pieces=("One. ", "Two."), wait_between=asyncio.Event())
    async with openai_double(reply) as double, model_at(double) as model:
        arrived = asyncio.Event()

        async def reading() -> None:
            writing = model.write(TASK)
            async with writing as opened:
                try:
                    async for _ in opened:
                        arrived.set()
                finally:
                    accounts.append(opened.used)

        task = asyncio.create_task(reading())
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(double.closed_early.wait(), 5.0)
    assert [used.outcome for used in accounts] == ["cut_short"]
    assert model.circuit_states() == {"small": CircuitState.CLOSED}


async def test_who_has_read_enough_closes_the_connection() -> None:
    reply = Reply(pieces=("One. ", "Two."), wait_between=asyncio.Event())
    async with openai_double(reply) as double, model_at(double) as model:
        async with model.write(TASK) as writing:
            async for _ in writing:
                break
        assert writing.used.outcome == "cut_short"
        await asyncio.wait_for(double.closed_early.wait(), 5.0)


@pytest.mark.parametrize("refused", ["max_tokens", "temperature", "stream_options"])
async def test_a_parameter_that_a_server_does_not_take_is_left_out_from_then_on(refused: str) -> None:
    picky = Reply(pieces=("Yes.",), needs=lambda body: refused if refused in body else None)
    async with openai_double(picky) as double, model_at(double) as model:
        assert (await written(model))[0] == "Yes."
        assert (await written(model))[0] == "Yes."
        assert [refused in request for request in double.requests] == [True, False, False]
        limit = "max_completion_tokens" if refused == "max_tokens" else "max_tokens"
        assert double.requests[-1][limit] == 300


async def test_a_role_without_a_model_is_not_tried() -> None:
    async with openai_double() as double, model_at(double) as model:
        assert model.has("answer")
        assert not model.has("rewrite")
        task = WritingTask(role="rewrite", messages=TASK.messages)
        assert (await written(model, task))[1].outcome == "not_tried"
        assert double.requests == []


async def test_neither_keys_nor_words_of_customers_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        for reply in (Reply(status=401, error={"message": f"bad key, you said {SAID}"}), Reply(raw=(BROKEN_JSON,))):
            await answer_of(reply)
    assert [log["event"] for log in logs] == ["model_request_failed"] * 2
    everything = f"{logs} {caplog.text}"
    assert SAID not in everything
    assert "sk-canary" not in everything


async def test_the_endpoint_says_which_models_it_has_or_what_is_wrong() -> None:
    async with openai_double() as double:
        endpoint = Endpoint(double.base_url)
        assert await endpoint.models() == ("small", "large")
        double.has_models = False
        with pytest.raises(EndpointError) as raised:
            await endpoint.models()
        assert raised.value.trouble is Trouble.DENIED
        await endpoint.close()
