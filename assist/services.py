"""Everything a route or a task may use."""

from collections.abc import Callable
from dataclasses import dataclass

from assist.accounts import Accounts
from assist.calls import Calls
from assist.db.engine import Sessions
from assist.delivery import Hub
from assist.desk import Desk
from assist.indexing import Indexer
from assist.knowledge import Knowledge
from assist.knowledge_answers import KnowledgeAnswers
from assist.live import Runners
from assist.metrics import LiveMetrics
from assist.settings import WebSettings
from assist.supervision import Supervision
from assist.voice.service import Voice
from pipeline.ports import Index


@dataclass(frozen=True, kw_only=True)
class Services:
    """The application, wired."""

    accounts: Accounts
    answers: KnowledgeAnswers
    """To customers' questions."""
    calls: Calls
    desk: Desk
    hub: Hub
    index: Index
    indexer: Indexer
    knowledge: Knowledge
    metrics: LiveMetrics
    model_ready: Callable[[], bool]
    """The embedding model is loaded and has answered once."""
    runners: Runners
    sessions: Sessions
    settings: WebSettings
    supervision: Supervision
    voice: Voice
