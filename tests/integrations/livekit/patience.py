"""Waiting for conditions, not for times."""

import asyncio
import time
from collections.abc import Callable

LONGEST_S = 30.0


async def until(condition: Callable[[], object]) -> None:
    """Returns when the condition holds; fails when it does not in a generous time."""
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < deadline, "this never came about"
        await asyncio.sleep(0.02)
