"""A caller of the receptionist in a test: says something, and knows what was heard in return."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from tests.assist.voice.call_centre import CallCentre
from tests.doubles import voices
from tests.doubles.livekit.callers import Caller
from tests.doubles.tone_marks import MARK_S, RATE, Mark, Samples, find

Json = dict[str, Any]


@dataclass(kw_only=True)
class Phone:
    """One caller's line."""

    centre: CallCentre
    caller: Caller
    call_id: str
    _marks: dict[str, "_Marks"] = field(default_factory=dict)

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
                marks = self._marks.setdefault(identity, _Marks()).of(heard.pcm)
                found += [one.text for mark in marks if mark.closing == closing and (one := voices.known(mark.number))]
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


class _Marks:
    """Those in a recording that grows: each second of it is looked at once."""

    def __init__(self) -> None:
        self._found: list[Mark] = []
        self._looked_at = 0

    def of(self, pcm: Samples) -> list[Mark]:
        """All so far."""
        start = max(0, self._looked_at - 2 * round(MARK_S * RATE))
        self._looked_at = len(pcm)
        for mark in find(pcm[start:]):
            start_s = start / RATE + mark.start_s
            if not any(abs(start_s - other.start_s) < MARK_S for other in self._found):
                self._found.append(replace(mark, start_s=start_s, end_s=start_s + MARK_S))
        return self._found
