"""Everything about learning, composed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assist.db.engine import Session, Sessions
from assist.jobs import KNOWLEDGE_QUEUE, Job
from assist.learning.curation import EXPIRE_ARTICLES, Curation
from assist.learning.drafts import Drafts, LearningPolicy
from assist.learning.exchange import Exchange
from assist.learning.neighbours import Neighbours
from knowledge_ingest.chunk import Splitter
from pipeline.ports import Embedder, Index


@dataclass(frozen=True, kw_only=True)
class LearningParts:
    """What it needs from outside."""

    embedder: Embedder
    index: Index
    indexing: Callable[[Session], Awaitable[None]]
    """Has the index brought up to date once the given session's transaction is committed."""
    splitter: Splitter


@dataclass(frozen=True, kw_only=True)
class Learning:
    """What routes and jobs use of it."""

    drafts: Drafts
    curation: Curation
    exchange: Exchange

    @property
    def jobs(self) -> tuple[Job, ...]:
        """For the worker."""
        return (Job(name=EXPIRE_ARTICLES, queue=KNOWLEDGE_QUEUE, body=self.curation.expire),)


def make_learning(
    sessions: Sessions,
    parts: LearningParts,
    policy: Callable[[Session], Awaitable[LearningPolicy]],
    told: Callable[[], None],
) -> Learning:
    """The parts, in the order of who needs whom."""
    curation = Curation(sessions=sessions, indexing=parts.indexing, splitter=parts.splitter, told=told)
    neighbours = Neighbours(sessions=sessions, embedder=parts.embedder, index=parts.index)
    drafts = Drafts(sessions=sessions, curation=curation, neighbours=neighbours, policy=policy, told=told)
    return Learning(drafts=drafts, curation=curation, exchange=Exchange(curation=curation))
