"""Learning on a real database, with an index in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from assist.access import Person, Role
from assist.db.engine import Session, Sessions
from assist.db.models import AuditEntry, HelpRequest, HelpRequestEvent, KnowledgeDraft, User
from assist.escalation.policy import Policy
from assist.indexing import Indexer
from assist.knowledge import Knowledge
from assist.learning.curation import Curation
from assist.learning.drafts import Drafts
from assist.learning.neighbours import Neighbours
from pipeline.errors import UpstreamError
from pipeline.ports import Vector
from pipeline.types import Passage
from tests.pipeline.shelf import ShelfIndex, WordEmbedder


class ListedShelf(ShelfIndex):
    """A shelf that can say what it holds, and that can be down."""

    is_down = False

    async def put(self, passages: Sequence[Passage], vectors: Sequence[Vector]) -> None:
        if self.is_down:
            raise UpstreamError("qdrant", "down", retryable=True)
        await super().put(passages, vectors)

    async def ids(self):  # type: ignore[no-untyped-def]
        for id_ in list(self.passages):
            yield id_


@dataclass(kw_only=True)
class Desk:
    """Everything that a test of learning uses."""

    sessions: Sessions
    curation: Curation
    drafts: Drafts
    indexer: Indexer
    index: ListedShelf
    knowledge: Knowledge
    supervisor: Person
    policy: Policy

    async def request(self, question: str, answer: str, **fields: object) -> UUID:
        """An answered request."""
        async with self.sessions.begin() as session:
            row = HelpRequest(
                id=uuid4(),
                channel="call",
                question=question,
                normalised_question=question.lower(),
                answer=answer,
                resolution="answered",
                status="resolved",
                **fields,
            )
            session.add(row)
        return row.id

    async def take(
        self, request_id: UUID, learn: str = "draft", principal: object | None = None
    ) -> KnowledgeDraft | None:
        """Learns from a request, as whoever answers it does."""
        async with self.sessions.begin() as session:
            request = await session.get(HelpRequest, request_id)
            assert request is not None
            await self.drafts.take(session, request, learn, principal or self.supervisor)  # type: ignore[arg-type]
        async with self.sessions() as session:
            found = select(KnowledgeDraft).where(KnowledgeDraft.request_id == request_id)
            return (await session.scalars(found)).one_or_none()

    async def draft(self, question: str, answer: str, **fields: object) -> UUID:
        """An open draft's id."""
        draft = await self.take(await self.request(question, answer, **fields))
        assert draft is not None
        return draft.id

    async def get_request(self, request_id: UUID) -> HelpRequest:
        """As it is stored now."""
        async with self.sessions() as session:
            return (await session.scalars(select(HelpRequest).where(HelpRequest.id == request_id))).one()

    async def history(self, request_id: UUID) -> list[str]:
        """What was done with a request."""
        async with self.sessions() as session:
            found = select(HelpRequestEvent.action).where(HelpRequestEvent.request_id == request_id)
            return list(await session.scalars(found.order_by(HelpRequestEvent.id)))

    async def audited(self) -> list[str]:
        """Actions in the audit log, oldest first."""
        async with self.sessions() as session:
            return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def person(role: Role, user_id: UUID | None = None) -> Person:
    """Somebody signed in."""
    name = role.value.title()
    return Person(
        id=user_id or uuid4(),
        email=f"{role.value}@learning.example",
        name=name,
        role=role,
        agent_identities=(),
        session_hash="",
    )


async def no_job(_: Session) -> None:
    """Tests run the indexer themselves."""


@pytest.fixture
async def desk(sessions: Sessions) -> Desk:
    """With one supervisor."""
    supervisor = person(Role.SUPERVISOR)
    async with sessions.begin() as session:
        session.add(
            User(
                id=supervisor.id,
                email=supervisor.email,
                name=supervisor.name,
                role="supervisor",
                agent_id="s1",
                password_hash="-",
            )
        )
    index, embedder = ListedShelf(), WordEmbedder()
    curation = Curation(sessions=sessions, indexing=no_job)
    neighbours = Neighbours(sessions=sessions, embedder=embedder, index=index)
    made = Desk(
        sessions=sessions,
        curation=curation,
        drafts=None,  # type: ignore[arg-type]
        indexer=Indexer(sessions=sessions, index=index, embedder=embedder),
        index=index,
        knowledge=Knowledge(sessions=sessions, indexing=no_job),
        supervisor=supervisor,
        policy=Policy(),
    )

    async def current(_: Session) -> Policy:
        return made.policy

    made.drafts = Drafts(sessions=sessions, curation=curation, neighbours=neighbours, policy=current)
    return made
