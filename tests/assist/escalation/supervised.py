"""What tests of escalation begin with: people, and requests in the database."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, update

from assist.access import Person, Role
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest, SupervisorProfile, User


async def add_person(sessions: Sessions, name: str, role: str = "supervisor", **profile: Any) -> UUID:
    """Somebody, with a profile where one is given."""
    identity = uuid4()
    values = {"id": identity, "email": f"{name}@team.example", "name": name, "role": role, "password_hash": "-"}
    async with sessions.begin() as session:
        await session.execute(insert(User).values(**values))
        if profile:
            await session.execute(insert(SupervisorProfile).values(user_id=identity, **profile))
    return identity


async def shut_out(sessions: Sessions, user_id: UUID) -> None:
    """Somebody may not sign in any more."""
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == user_id).values(is_active=False))


async def add_request(session: Session, **fields: Any) -> HelpRequest:
    """A request as it is just after it was stored."""
    question = fields.pop("question", f"Question {uuid4()}?")
    values = {"id": uuid4(), "question": question, "normalised_question": question, "channel": "call", **fields}
    request = HelpRequest(**values)
    session.add(request)
    await session.flush()
    return request


def signed_in(user_id: UUID, role: Role = Role.SUPERVISOR) -> Person:
    """The person as a route knows them."""
    return Person(
        id=user_id, email="someone@team.example", name="Someone", role=role, agent_identities=(), session_hash="-"
    )
