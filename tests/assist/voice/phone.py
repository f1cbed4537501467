"""A caller of the receptionist in a test: says something, and knows what was heard in return."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.assist.voice.call_centre import CallCentre
from tests.doubles import tone_marks, voices
from tests.doubles.livekit.callers import Caller

Json = dict[str, Any]
Story = Callable[[CallCentre], None]
_AT_ONCE = 4
"""Calls that one machine bears."""


@dataclass(kw_only=True)
class Phone:
    """One caller's line."""

    centre: CallCentre
    caller: Caller
    call_id: str

    @classmethod
    def visit(cls, centre: CallCentre, name: str) -> "Phone":
        """Somebody calls from the page /call."""
        with centre.server.client() as anybody:
            ticket = anybody.post("/api/voice/test-calls", json={"name": name}).raise_for_status().json()
        caller = centre.join(ticket["room"], ticket["identity"], "customer", token=ticket["token"])
        return cls(centre=centre, caller=caller, call_id=ticket["room"])

    @classmethod
    def dial(cls, centre: CallCentre, number: str) -> "Phone":
        """Somebody calls by telephone, and the dispatch rule sends the receptionist."""
        call_id = f"SCL_{uuid4().hex[:12]}"
        attributes = {
            "sip.callID": call_id,
            "sip.callStatus": "active",
            "sip.phoneNumber": number,
            "sip.ruleID": "SDR_1",
        }
        caller = centre.join(
            f"sip-{call_id}", f"sip_{number}", "customer", kind="sip", attributes=attributes, agents=["receptionist"]
        )
        return cls(centre=centre, caller=caller, call_id=call_id)

    def heard(self, *, closing: bool = True) -> list[str]:
        """What was said to the caller, to its end or only begun, one utterance a piece."""
        found = []
        for identity, heard in list(self.caller.heard.items()):
            if identity.startswith("agent-"):
                marks = [mark for mark in tone_marks.find(heard.pcm) if mark.closing == closing]
                found += [one.text for mark in marks if (one := voices.known(mark.number)) is not None]
        return found

    def hears(self, *parts: str, closing: bool = True, times: int = 1) -> None:
        """Waits until each of these was said so often, to its end or not."""

        def is_said(heard: list[str]) -> bool:
            return all(sum(part in text for text in heard) >= times for part in parts)

        self.centre.until(lambda: self.heard(closing=closing), is_said)

    def says(self, text: str) -> None:
        """And waits for an answer."""
        self.centre.says(self.caller, text)

    def hangs_up(self) -> None:
        """At once."""
        self.centre.people.do(self.caller.leave())

    def is_hung_up_on(self) -> None:
        """Waits until the room has closed."""
        self.centre.wait(self.caller.disconnected.is_set)
        self.hangs_up()

    @property
    def session_id(self) -> str:
        """Of the call, as soon as the server knows it."""

        def found() -> list[str]:
            return [call["session_id"] for call in self.centre.calls() if call["call_id"] == self.call_id]

        return self.centre.until(found, bool)[0]

    @property
    def call(self) -> Json:
        """As screens see it."""
        return self.centre.call(self.session_id)

    def asks_supervisors(self, count: int = 1) -> Json:
        """Waits for so many help requests; the last one."""
        found: list[Json] = self.centre.until(lambda: self.call["escalations"], lambda asked: len(asked) >= count)
        assert len(found) == count
        return found[-1]

    def ends(self) -> str:
        """Waits until the call has ended, and no job is in its room any more; how it ended."""
        room = self.caller.room.name
        self.centre.until(lambda: self.call["call"]["status"], lambda status: status == "ended")
        self.centre.until(lambda: self._outcomes(room), lambda outcomes: "JS_RUNNING" not in outcomes)
        ((how,),) = self.centre.server.sql(
            "SELECT end_status FROM call_sessions WHERE session_id = %s", self.session_id
        )
        return str(how)

    def _outcomes(self, room: str) -> set[str]:
        return {job["outcome"] for job in self.centre.sfu.jobs(room)}


@contextmanager
def told_at_once(centre: CallCentre, *stories: Story) -> Iterator[dict[Story, Future[None]]]:
    """What several callers do at the same time: calls last long, and most of it is waiting."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {story: pool.submit(story, centre) for story in stories}
