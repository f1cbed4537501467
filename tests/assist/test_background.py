"""Work beside the requests: started again when it fails, ended with its block."""

import asyncio

import pytest

from assist.background import Background, cancelled


async def test_work_that_fails_is_started_again() -> None:
    tries, done = [], asyncio.Event()

    async def work() -> None:
        tries.append(1)
        if len(tries) < 2:
            raise RuntimeError
        done.set()

    async with Background.running() as background:
        background.start("test", work)
        await done.wait()
    assert len(tries) == 2


async def test_work_is_cancelled_and_awaited_at_the_end() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    async with Background.running() as background:
        background.start("test", work)
        await begun.wait()
        assert not ended.is_set()
    assert ended.is_set()


async def test_a_failing_block_ends_its_work_too() -> None:
    tasks = []

    async def work() -> None:
        tasks.append(asyncio.current_task())
        await asyncio.Event().wait()

    async def fail() -> None:
        async with Background.running() as background:
            background.start("test", work)
            await asyncio.sleep(0)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert [task.cancelled() for task in tasks if task] == [True]


async def test_cancelling_a_task_hides_its_failure_but_not_our_own_cancellation() -> None:
    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await released.wait()
            raise ValueError

    released = asyncio.Event()
    inner = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    outer = asyncio.create_task(cancelled(inner))
    await asyncio.sleep(0)
    outer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await outer
    released.set()
    await cancelled(inner)
    assert inner.done()
