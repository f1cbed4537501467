"""Supervisors at work on real tables: who is there, and what they were told and asked to learn."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from assist.access import KeyScope, Machine, Person, Principal, Role
from assist.db import calls
from assist.db.accounts import change_user, insert_user
from assist.db.calls import NewCall, NewSegment
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest
from assist.delivery import Hub
from assist.errors import ConflictError
from assist.escalation.answers import AnswerDelivery
from assist.escalation.policies import Policies
from assist.escalation.requests import HelpRequests, NewRequest
from assist.escalation.routing import Router
from assist.escalation.steps import hold
from assist.escalation.views import HelpRequestView
from assist.learning.drafts import Drafts
from assist.notifications.notifier import Notifier, Occasion
from integrations.notify.message import Message

Json = dict[str, Any]


class Told(Notifier):
    """Keeps what it was to tell."""

    __repr__ = object.__repr__

    def __init__(self) -> None:
        object.__setattr__(self, "heard", [])

    heard: list[tuple[str, tuple[UUID, ...]]]

    async def tell(self, session: Session, occasion: Occasion) -> None:
        self.heard.append((occasion.event.removeprefix("help_request."), occasion.recipients))

    async def send_to_customer(
        self, session: Session, *, key: str, channel: str, address: str, message: Message, request_id: UUID
    ) -> UUID:
        raise AssertionError("no channel reaches customers here")

    def customer_channels(self) -> Sequence[str]:
        return ()


class Learned(Drafts):
    """Keeps what it was to learn."""

    __repr__ = object.__repr__

    def __init__(self) -> None:
        object.__setattr__(self, "taken", [])

    taken: list[tuple[UUID, str]]

    async def take(self, session: Session, request: HelpRequest, learn: str, principal: Principal) -> None:
        self.taken.append((request.id, learn))


@dataclass(frozen=True, kw_only=True)
class Office:
    """The requests of a test, and their people."""

    sessions: Sessions
    requests: HelpRequests
    told: Told
    learned: Learned
    woken: list[None] = field(default_factory=list)

    async def person(self, name: str, role: Role = Role.SUPERVISOR) -> Person:
        """Somebody who can sign in."""
        person = Person(
            id=uuid4(),
            email=f"{name}@office.example",
            name=name,
            role=role,
            agent_identities=(f"{name}@office.example",),
            session_hash="",
        )
        values = {"id": person.id, "email": person.email, "name": name, "role": role.value, "password_hash": "x"}
        async with self.sessions.begin() as session:
            await insert_user(session, values)
        return person

    async def disable(self, person: Person) -> None:
        """Shuts somebody out, as `assist users disable` does."""
        async with self.sessions.begin() as session:
            await change_user(session, person.id, {"is_active": False})

    async def key(self, *scopes: KeyScope) -> Machine:
        """An API key."""
        machine = Machine(id=uuid4(), name="acd", scopes=frozenset(scopes))
        await self.sql(
            "INSERT INTO api_keys (id, name, prefix, key_hash, scopes) VALUES (:id, 'acd', 'ak', :hash, '[]')",
            id=machine.id,
            hash=str(machine.id),
        )
        return machine

    async def call(self, *said: str, agent: str | None = None, key: UUID | None = None, **more: Any) -> UUID:
        """A call in which a customer has said this."""
        session_id = uuid4()
        fields: Json = {"agent_name": None, "customer_id": None, "customer_phone": None, "customer_name": None}
        fields |= {"acd_metadata": {}, "crm_metadata": {}, "agent_id": agent, "started_by_key": key, **more}
        async with self.sessions.begin() as session:
            await calls.insert_call(session, NewCall(session_id=session_id, call_id=str(session_id), **fields))
            if agent is not None:
                row = {"id": uuid4(), "session_id": session_id, "role": "agent", "identity": agent}
                await calls.insert_participants(session, [row])
            for number, words in enumerate(said, start=1):
                segment = NewSegment(
                    session_id=session_id,
                    segment_id=str(number),
                    speaker="customer",
                    text=words,
                    start_time=float(number),
                    end_time=number + 0.5,
                    confidence=None,
                    language=None,
                )
                await calls.insert_segment(session, segment, number)
        return session_id

    async def ask(self, question: str = "Do you ship to Norway?", **fields: Any) -> HelpRequestView:
        """A request of the pipeline's."""
        async with self.sessions.begin() as session:
            raised = await self.requests.raise_in(session, NewRequest(question=question, **fields))
        return await self.requests.get(raised.request.id)

    async def events(self, session_id: UUID) -> list[Json]:
        """The call's `escalation` events."""
        async with self.sessions() as session:
            rows = await calls.events_after(session, session_id, 0, 1000)
        return [row.payload["escalation"] for row in rows if row.type == "escalation"]

    async def sql(self, statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        async with self.sessions.begin() as session:
            found = await (await session.connection()).execute(text(statement), parameters)
            return [tuple(row) for row in found] if found.returns_rows else []

    async def audited(self) -> list[str]:
        """What was done, in order."""
        return [row[0] for row in await self.sql("SELECT action FROM audit_log ORDER BY id")]

    async def timers(self, request_id: UUID) -> list[str]:
        """Kinds of timers that still run."""
        query = (
            "SELECT kind FROM help_request_timers WHERE request_id = :id AND fired_at IS NULL AND cancelled_at IS NULL"
        )
        return sorted(row[0] for row in await self.sql(query, id=request_id))


def office(sessions: Sessions) -> Office:
    """Real requests, policy, routing and timers; the notifier and the drafts only keep what they were told."""
    told, learned, woken = Told(), Learned(), list[None]()
    requests = HelpRequests(
        sessions=sessions,
        policies=Policies(sessions=sessions, timeout_minutes=30.0),
        router=Router(),
        notifier=told,
        answers=AnswerDelivery(notifier=told),
        drafts=learned,
        hub=Hub(sessions=sessions),
        announce=lambda: woken.append(None),
    )
    return Office(sessions=sessions, requests=requests, told=told, learned=learned, woken=woken)


def actions(view: HelpRequestView) -> list[str]:
    """What its history says was done."""
    return [line.action for line in view.history]


async def conflict(work: Awaitable[Any]) -> ConflictError:
    """The conflict that it ends in."""
    with pytest.raises(ConflictError) as refused:
        await work
    return refused.value


async def due(desk: Office, request_id: UUID, kind: str) -> None:
    """A timer fires, as the timers' worker has it."""
    async with desk.sessions.begin() as session:
        request = await hold(session, request_id)
        await desk.requests.became_due(session, request, kind, datetime.now(UTC))


async def two(desk: Office) -> tuple[Person, Person]:
    """Two supervisors."""
    return await desk.person("ada"), await desk.person("bob")
