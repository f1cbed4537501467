"""Fires timers in a process whose own clock is wrong: python -m tests.assist.escalation.skewed DATABASE_URL HOURS."""

import asyncio
import datetime
import json
import sys
import time
from typing import Any

HOURS = float(sys.argv[2])
_time, _now = time.time, datetime.datetime.now


class _Skewed(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return _now(tz) + datetime.timedelta(hours=HOURS)


time.time = lambda: _time() + HOURS * 3600.0
datetime.datetime = _Skewed  # type: ignore[misc]

from assist.db.engine import Session, create_engine, create_sessions  # noqa: E402 - after the clock was put wrong
from assist.db.models import HelpRequest  # noqa: E402
from assist.escalation.timer_firing import TimerFiring  # noqa: E402


async def main() -> None:
    """Prints which requests became due."""
    fired: list[str] = []

    async def became_due(_: Session, request: HelpRequest, kind: str, now: Any) -> None:
        fired.append(request.question)

    engine = create_engine(sys.argv[1], pool_size=2)
    firing = TimerFiring(sessions=create_sessions(engine), became_due=became_due, told=lambda _: None)
    await firing.fire_due()
    await engine.dispose()
    sys.stdout.write(json.dumps(fired))


if __name__ == "__main__":
    asyncio.run(main())
