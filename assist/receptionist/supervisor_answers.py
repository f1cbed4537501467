"""Supervisors' answers to a call, each once: an answer counts when its request is known to have been resolved.

What a supervisor wrote about a question that they could not resolve is for colleagues, and never said to a caller.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import Struct, convert

from assist.receptionist.assist_server import CallSnapshot, HelpRequest, Json, SupervisorAnswer

WRITTEN_BY_ONE = "supervisor_answer"
_ENDED = ("resolved", "unresolved")


class SupervisorNews(Struct, frozen=True, kw_only=True):
    """A request has ended."""

    request_id: str
    question: str
    answer: str | None
    """None: it could not be answered."""
    suggestion_id: str | None


@dataclass(kw_only=True)
class SupervisorAnswers:
    """Of one call."""

    _requests: dict[str, HelpRequest] = field(default_factory=dict)
    _answers: dict[str, SupervisorAnswer] = field(default_factory=dict)
    """By request; not yet given out."""
    _given: set[str] = field(default_factory=set)
    """Requests that there is no more news of."""

    @classmethod
    def of(cls, snapshot: CallSnapshot) -> "SupervisorAnswers":
        """What has not been said yet; what could not be answered was told before."""
        written = {one.id: one for one in snapshot.suggestions if one.type == WRITTEN_BY_ONE}
        answers = cls()
        for request in snapshot.escalations:
            answer = written.get(request.suggestion_id or "")
            answers._requests[request.id] = request
            if answer is not None and not answer.shown_to_agent and request.status == "resolved":
                answers._answers[request.id] = answer
            elif request.status in _ENDED:
                answers._given.add(request.id)
        return answers

    def waiting(self) -> Sequence[SupervisorNews]:
        """What was there before the stream."""
        return [news for request_id in list(self._requests) for news in self._ready(request_id)]

    def take(self, event: Json) -> Sequence[SupervisorNews]:
        """What an event of the call's stream brings; nothing of most."""
        match event.get("type"):
            case "escalation":
                request = convert(event["escalation"], HelpRequest)
                self._requests[request.id] = request
                return list(self._ready(request.id))
            case "suggestions" if event.get("origin") == "supervisor" and event.get("suggestions"):
                request_id = str(event.get("request_id"))
                self._answers[request_id] = convert(event["suggestions"][0], SupervisorAnswer)
                return list(self._ready(request_id))
            case _:
                return []

    def _ready(self, request_id: str) -> Iterator[SupervisorNews]:
        request, answer = self._requests.get(request_id), self._answers.get(request_id)
        if request is None or request.status not in _ENDED or request_id in self._given:
            return
        if request.status == "resolved" and answer is None:
            return
        self._given.add(request_id)
        is_answered = request.status == "resolved" and answer is not None
        yield SupervisorNews(
            request_id=request_id,
            question=request.question,
            answer=answer.text if answer is not None and is_answered else None,
            suggestion_id=answer.id if answer is not None and is_answered else None,
        )
