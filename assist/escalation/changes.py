"""What supervisors may write into a request, checked. Pure."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from assist.access import Person, Principal
from assist.db.models import HelpRequest
from assist.db.models.base import Json
from assist.errors import InvalidError
from assist.escalation.policy import Priority
from assist.escalation.questions import MAX_QUESTION_CHARS
from assist.escalation.rules import MAX_TAGS, merged_tags

MAX_ANSWER_CHARS = 20_000
MAX_TOPIC_CHARS = 200
MAX_NOTES_CHARS = 5_000
MAX_TAG_CHARS = 50
_LEARN = ("draft", "approve", "none")
_PRIORITIES = tuple(priority.value for priority in Priority)


class Response(Struct, frozen=True, kw_only=True):
    """What a supervisor says to a request."""

    answer: str
    """Plain text; never interpreted."""
    topic: str | None = None
    notes: str | None = None
    unresolved: bool = False
    """It cannot be answered; `answer` says why."""
    learn: str = "draft"
    """draft, approve or none."""


def checked_response(response: Response) -> Response:
    """The response without blanks around its texts.

    Raises:
        InvalidError: it is empty or too long.
    """
    if response.learn not in _LEARN:
        raise InvalidError(f"learn is one of {', '.join(_LEARN)}.")
    return msgspec.structs.replace(
        response,
        answer=_text("answer", response.answer, MAX_ANSWER_CHARS),
        topic=_optional("topic", response.topic, MAX_TOPIC_CHARS),
        notes=_optional("notes", response.notes, MAX_NOTES_CHARS),
    )


def is_repeat(request: HelpRequest, response: Response, principal: Principal) -> bool:
    """Whether this is the answer that has ended the request, sent once more by the same person or key."""
    resolution = "unresolved" if response.unresolved else "answered"
    person_id = principal.id if isinstance(principal, Person) else None
    given = (request.answer, request.resolution, request.answered_by, request.answered_by_name)
    return given == (response.answer, resolution, person_id, principal.name)


def checked_changes(changes: Json) -> Json:
    """Columns to set, of those that may be edited: priority, tags, notes and question.

    Raises:
        InvalidError: another field, or a value out of its range.
    """
    unknown = sorted(set(changes) - set(_CHECKS))
    if unknown or not changes:
        raise InvalidError(f"These fields can be changed: {', '.join(_CHECKS)}.")
    return {name: _CHECKS[name](value) for name, value in changes.items()}


def checked_note(note: str | None) -> str | None:
    """A remark in the history; None when it is blank."""
    return _optional("note", note, MAX_NOTES_CHARS)


def _text(name: str, value: Any, limit: int) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > limit:
        raise InvalidError(f"{name} has 1 to {limit} characters.")
    return text


def _optional(name: str, value: Any, limit: int) -> str | None:
    return _text(name, value, limit) if value is not None and value != "" and str(value).strip() else None


def _priority(value: Any) -> str:
    if value not in _PRIORITIES:
        raise InvalidError(f"priority is one of {', '.join(_PRIORITIES)}.")
    return str(value)


def _tags(value: Any) -> list[str]:
    given: list[Any] = list(value) if isinstance(value, list | tuple) else [None]
    if len(given) > MAX_TAGS or not all(
        isinstance(tag, str) and 0 < len(tag.strip()) <= MAX_TAG_CHARS for tag in given
    ):
        raise InvalidError(f"tags are at most {MAX_TAGS} texts of 1 to {MAX_TAG_CHARS} characters.")
    return list(merged_tags(given))


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "priority": _priority,
    "tags": _tags,
    "notes": lambda value: _optional("notes", value, MAX_NOTES_CHARS),
    "question": lambda value: _text("question", value, MAX_QUESTION_CHARS),
}
