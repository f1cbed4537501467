"""Whatever supervisors and timers do to one request at once: one end, no contradiction, nobody waits in a circle."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest

from assist.access import Person, Role
from assist.db.engine import Sessions
from assist.errors import ConflictError
from assist.escalation.requests import Response
from tests.assist.escalation.office import Office, actions, due, office

pytestmark = pytest.mark.db

TERMINAL = {"answered": "resolved", "unresolved": "unresolved", "timed_out": "unresolved"}


def deed(desk: Office, request_id: UUID, who: Person, chance: random.Random) -> Awaitable[Any]:
    """Something that somebody or a timer does."""
    requests = desk.requests
    return chance.choice(
        (
            lambda: requests.claim(request_id, who),
            lambda: requests.claim(request_id, who),
            lambda: requests.hand_back(request_id, who, None),
            lambda: requests.escalate(request_id, who, None),
            lambda: requests.reassign(request_id, who, user_id=who.id, group=None, note=None),
            lambda: requests.edit(request_id, who, {"priority": chance.choice(("low", "urgent"))}),
            lambda: requests.answer(request_id, who, Response(answer=f"By {who.name}.")),
            lambda: requests.answer(request_id, who, Response(answer="No.", unresolved=True)),
            lambda: requests.time_out(request_id, who),
            lambda: due(desk, request_id, chance.choice(("reminder", "first_response", "resolution"))),
        )
    )()


@pytest.mark.parametrize("seed", range(4))
async def test_it_ends_at_most_once_and_its_history_tells_how(sessions: Sessions, seed: int) -> None:
    desk, chance = office(sessions), random.Random(seed)
    people = [await desk.person("ada"), await desk.person("bob"), await desk.person("olga", Role.ADMIN)]
    session_id = await desk.call()
    views = [await desk.ask(f"Question {number}?", session_id=session_id) for number in range(2)]
    deeds = (deed(desk, chance.choice(views).id, chance.choice(people), chance) for _ in range(16))
    found = await asyncio.gather(*deeds, return_exceptions=True)
    assert {type(one) for one in found if isinstance(one, BaseException)} <= {ConflictError}
    for view in views:
        ended = await desk.requests.get(view.id)
        ends = [action for action in actions(ended) if action in TERMINAL]
        assert len(ends) <= 1
        assert ended.status == TERMINAL[ends[0]] if ends else ended.status in ("pending", "in_progress")
        assert (ended.status == "in_progress") <= (ended.assigned_to is not None)
        assert (ended.resolved_at is not None) == bool(ends)
        assert bool(await desk.timers(view.id)) == (not ends)
        assert [event["status"] for event in await desk.events(session_id) if event["id"] == str(view.id)][
            -1
        ] == ended.status
