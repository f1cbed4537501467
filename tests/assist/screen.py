"""A desk's view of a call as a program: a snapshot, brought up to date by events. Follows docs/api.md, not our code."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from assist.calls import Calls

Json = dict[str, Any]

_STATE = ("shown_to_agent", "agent_clicked", "agent_copied", "dismissed", "agent_feedback", "feedback_reason")


async def snapshot(calls: Calls, session_id: UUID) -> Json:
    """The call's snapshot as it goes over the wire, in a form that can be compared."""
    return comparable(msgspec.json.decode(msgspec.json.encode(await calls.snapshot(session_id))))


def comparable(screen: Json) -> Json:
    """Cards and questions by id, times as moments."""
    screen = _moments(screen)
    for name in ("suggestions", "clarifying_questions", "escalations"):
        screen[name] = sorted(screen[name], key=lambda one: str(one["id"]))
    return screen


def apply(screen: Json, event: Json) -> Json:
    """The screen after an event."""
    event = _moments(event)
    screen = {**screen, "seq": event["seq"], "call": {**screen["call"], "event_seq": event["seq"]}}
    match event["type"]:
        case "call":
            screen["call"] = {**event["call"], "last_segment": screen["call"]["last_segment"]}
        case "segment":
            heard = event["segment"]
            said = [*screen["segments"], heard]
            screen["segments"] = sorted(said, key=lambda one: (one["start_time"], one["number"]))
            screen["call"]["last_segment"] = {"speaker": heard["speaker"], "text": heard["text"]}
        case "context":
            screen["context"] = event["context"]
        case "suggestions":
            for name in ("suggestions", "clarifying_questions"):
                screen[name] = [*screen[name], *event[name]]
            screen["latest"] = {name: event[name] for name in ("seq", "turn", "query", "outcome", "origin")}
        case "suggestion_withdrawn" | "question_withdrawn" | "suggestion_updated" | "suggestion_delta":
            _change(screen, event)
        case "error":
            pass
        case _:
            screen |= _of_supervisors(screen, event)
    return comparable(screen)


async def read_through(messages: AsyncGenerator[Json], seq: int) -> list[Json]:
    """Messages up to the event of that number."""
    found: list[Json] = []
    async for message in messages:
        found.append(message)
        if message["type"] != "hello" and message.get("seq", 0) >= seq:
            break
    return found


def numbers(messages: list[Json]) -> list[int]:
    """Of the stored events."""
    return [message["seq"] for message in messages if message["type"] != "hello" and "seq" in message]


def _of_supervisors(screen: Json, event: Json) -> Json:
    """What changes by an event that supervisors bring about."""
    match event["type"]:
        case "escalation":
            one = event["escalation"]
            return {"escalations": [*(known for known in screen["escalations"] if known["id"] != one["id"]), one]}
        case "escalation_offer":
            return {"offer": {"turn": event["turn"], "question": event["question"]}}
        case "whisper":
            return {"whispers": [*screen["whispers"], event["whisper"]][-20:]}
        case unknown:
            raise AssertionError(f"an event that no desk knows: {unknown}")


def _change(screen: Json, event: Json) -> None:
    about_a_question = event["type"] == "question_withdrawn"
    name = "clarifying_questions" if about_a_question else "suggestions"
    identity = event["question_id" if about_a_question else "suggestion_id"]
    values: Json = {"status": "withdrawn"}
    if event["type"] == "suggestion_updated":
        values = {field: event[field] for field in _STATE}
    if event["type"] == "suggestion_delta":
        values = event["suggestion"]
        assert (event["done"], event["text"], identity) == (True, values["text"], values["id"])
    assert identity in {row["id"] for row in screen[name]}
    screen[name] = [{**row, **values} if row["id"] == identity else row for row in screen[name]]


def _moments(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _moments(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_moments(one) for one in value]
    if (name == "at" or name.endswith("_at")) and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value
