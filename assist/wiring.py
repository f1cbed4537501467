"""The composition root: which adapter stands behind which port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from uuid import uuid4

import msgspec
import structlog

from assist.accounts import Accounts
from assist.background import Background
from assist.calls import Calls
from assist.db import embedded
from assist.db.engine import Sessions, libpq_url
from assist.db.errors import DatabaseError
from assist.db.wakeup import WakeUps
from assist.delivery import Hub
from assist.desk import Desk
from assist.escalation.releasing import enqueue_release
from assist.indexing import Indexer
from assist.jobs import INDEX_KNOWLEDGE, KNOWLEDGE_QUEUE, Job, enqueue_indexing
from assist.knowledge import Knowledge
from assist.knowledge_answers import KnowledgeAnswers
from assist.learning.parts import LearningParts
from assist.live import Runners
from assist.metrics import LiveMetrics
from assist.services import Services
from assist.settings import Settings
from assist.storage import Storage, open_storage
from assist.supervision import Supervision, make_supervision
from assist.tasks import Worker
from assist.thinking import Parts, Thinking
from assist.turns import TurnRunner
from assist.voice.service import make_voice
from integrations.call_budget import CallLimits
from integrations.embedding import LocalEmbedder
from integrations.language_model import EndpointModel, ModelOptions
from integrations.model_connection import connect_embedder, connect_model
from integrations.openai_embedding import EndpointEmbedder
from integrations.packaged_model import PACKAGED_MODEL
from integrations.packaged_tokenizer import packaged_token_counter
from integrations.qdrant.edge import EdgeIndex
from integrations.qdrant.layout import Layout
from integrations.qdrant.server import ServerIndex
from integrations.reranking import LocalReranker
from integrations.token_counts import Price
from knowledge_ingest.chunk import Splitter
from pipeline.errors import UpstreamError
from pipeline.ports import Embedder, Index, LanguageModel, ModelRole, Reranker
from pipeline.refine import RefineLimits

_LEARN_EVERY_S = 2.0

AnyEmbedder = LocalEmbedder | EndpointEmbedder
AnyIndex = EdgeIndex | ServerIndex

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The application, with its background work running. The model loads meanwhile; /health tells when it is ready.

    Raises:
        SettingsError, EmbeddedDatabaseError: the database cannot be used; says why.
        UpstreamError: the index cannot be opened; says what to do.
    """
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(settings))
        embedder = make_embedder(settings)
        stack.push_async_callback(embedder.close)
        index = await open_index(settings, embedder)
        stack.push_async_callback(index.close)
        model = make_language_model(settings)
        if model is not None:
            stack.push_async_callback(model.close)
        reranker = make_reranker(settings)
        if reranker is not None:
            stack.push_async_callback(reranker.close)
        parts = make_parts(settings, embedder, index, model, reranker)
        services, work = _wire(settings, storage, embedder, index, parts)
        if reranker is not None:
            work["reranker"] = partial(_load, reranker)
        stack.push_async_callback(services.supervision.outbox.channels.close)
        stack.push_async_callback(services.voice.close)
        stack.push_async_callback(services.runners.stop)  # after the background work, which would wake them again
        background = await stack.enter_async_context(Background.running())
        for name, task in work.items():
            background.start(name, task)
        yield services


Work = Callable[[], Awaitable[object]]


def _wire(
    settings: Settings, storage: Storage, embedder: AnyEmbedder, index: AnyIndex, parts: Parts
) -> tuple[Services, dict[str, Work]]:
    """The services, and the work that has to run beside them."""
    sessions, conninfo = storage.sessions, libpq_url(storage.url)
    wakeups = WakeUps(conninfo=conninfo)
    hub, metrics = Hub(sessions=sessions), LiveMetrics()
    metrics.count_followers(hub.followers)
    thinking = Thinking(parts)
    knowledge = make_knowledge(sessions)
    learning = LearningParts(embedder=embedder, index=index, indexing=enqueue_indexing, splitter=knowledge.splitter)
    supervision = make_supervision(settings, sessions, hub, wakeups.send, learning)
    turn_runner = TurnRunner(
        sessions=sessions,
        pipeline=thinking.pipeline,
        ready=embedder.load,
        metrics=metrics,
        questions=supervision.questions,
    )
    runners = Runners(owner=_name(), sessions=sessions, turn_runner=turn_runner, hub=hub, announce=wakeups.send)
    indexer = Indexer(sessions=sessions, embedder=embedder, index=index)
    calls = Calls(sessions=sessions, runners=runners, hub=hub, metrics=metrics, answers=supervision.answers)
    services = Services(
        accounts=_accounts(settings, sessions),
        answers=KnowledgeAnswers(pipeline=thinking.pipeline),
        calls=calls,
        desk=Desk(sessions=sessions, pipeline=thinking.pipeline, runners=runners, questions=supervision.questions),
        hub=hub,
        index=index,
        indexer=indexer,
        knowledge=knowledge,
        metrics=metrics,
        model_ready=lambda: embedder.ready,
        runners=runners,
        sessions=sessions,
        settings=settings.web,
        supervision=supervision,
        voice=make_voice(settings, sessions, hub, wakeups.send, calls),
    )
    return services, {
        "model": embedder.load,
        "wakeups": lambda: wakeups.run(lambda: _look(hub, runners)),
        "jobs": Worker(conninfo=conninfo, jobs=_jobs(indexer, supervision)).run,
        "vocabulary": lambda: _keep_learning(knowledge, thinking),
        "index_check": indexer.reconcile,
        "index_watch": indexer.keep_up,
        **({"database": lambda: embedded.keep_running(settings.database.directory)} if storage.is_embedded else {}),
        **supervision.work,
        **services.voice.work,
    }


def _name() -> str:
    """Of this process, among those that run calls."""
    return f"{socket.gethostname()}-{uuid4().hex[:12]}"


def _accounts(settings: Settings, sessions: Sessions) -> Accounts:
    lifetime = timedelta(hours=settings.web.session_hours)
    return Accounts(sessions=sessions, session_lifetime=lifetime, shut_out=enqueue_release)


def _jobs(indexer: Indexer, supervision: Supervision) -> tuple[Job, ...]:
    indexing = Job(name=INDEX_KNOWLEDGE, queue=KNOWLEDGE_QUEUE, body=indexer.index_pending)
    return indexing, *supervision.jobs


async def _load(reranker: LocalReranker) -> None:
    """Turns do without a reranker that cannot be loaded; trying again would not help."""
    try:
        await reranker.load()
    except UpstreamError as error:
        log.warning("reranker_not_loaded", reason=str(error))


async def _look(hub: Hub, runners: Runners) -> None:
    """What other processes have stored, and which calls wait for a runner."""
    try:
        await hub.check()
        await runners.scan()
    except DatabaseError as error:
        log.warning("database_not_read", error=type(error).__name__)


def make_knowledge(sessions: Sessions) -> Knowledge:
    """The tables about knowledge; documents are cut to what the packaged model reads."""
    splitter = Splitter(count_tokens=packaged_token_counter())
    return Knowledge(sessions=sessions, indexing=enqueue_indexing, splitter=splitter)


@asynccontextmanager
async def open_indexer(settings: Settings, sessions: Sessions, *, anew: bool = False) -> AsyncIterator[Indexer]:
    """An indexer for a command without a server; `anew` forgets an index that another model or layout has made.

    Raises:
        IndexInUseError: a server holds the index.
        UpstreamError: it cannot be opened; says what to do.
    """
    embedder = make_embedder(settings)
    try:
        index = await open_index(settings, embedder, anew=anew)
        try:
            yield Indexer(sessions=sessions, embedder=embedder, index=index)
        finally:
            await index.close()
    finally:
        await embedder.close()


def make_parts(
    settings: Settings,
    embedder: Embedder,
    index: Index,
    model: LanguageModel | None = None,
    reranker: Reranker | None = None,
) -> Parts:
    """What pipelines are made of."""
    return Parts(
        embedder=embedder,
        index=index,
        embedding_model=settings.embedding.model or PACKAGED_MODEL,
        threshold=settings.pipeline.suggestion_threshold,
        model=model,
        refine_limits=RefineLimits(rewrite_below=settings.writing.rewrite_below, rewrite_s=settings.writing.rewrite_s),
        reranker=reranker,
    )


def make_embedder(settings: Settings) -> AnyEmbedder:
    """The model that the settings name, not loaded yet."""
    chosen = settings.embedding
    if chosen.url is not None:
        api_key = chosen.api_key.get_secret_value() if chosen.api_key else None
        return connect_embedder(chosen.url, api_key, chosen.model or PACKAGED_MODEL)
    return LocalEmbedder(settings.embedding.model or PACKAGED_MODEL, threads=settings.embedding.threads)


def make_reranker(settings: Settings) -> LocalReranker | None:
    """The reranker that the settings name, not loaded yet; None: there is none. Ends with `close`."""
    chosen = settings.reranking
    return None if chosen.model is None else LocalReranker(chosen.model, threads=chosen.threads)


def make_language_model(settings: Settings) -> EndpointModel | None:
    """The language model that the settings name; None: there is none. Nothing is sent yet; ends with `close`."""
    chosen = settings.writing
    if not chosen.is_configured:
        return None
    options = ModelOptions(
        models=msgspec.convert(chosen.names, dict[ModelRole, str]),
        first_token_s=chosen.first_token_s,
        total_s=chosen.total_s,
        max_tokens=chosen.max_tokens,
        effort=chosen.reasoning_effort,
        prices={name: Price(prompt=prompt, completion=text) for name, (prompt, text) in chosen.prices.items()},
        per_call=CallLimits(tokens=chosen.call_tokens, cost_usd=chosen.call_cost_usd),
    )
    api_key = chosen.api_key.get_secret_value() if chosen.api_key else None
    return connect_model(chosen.base_url, api_key, options)


async def open_index(settings: Settings, embedder: AnyEmbedder, *, anew: bool = False) -> AnyIndex:
    """The index that the settings name.

    Raises:
        UpstreamError: it cannot be opened; says what to do.
    """
    qdrant = settings.qdrant
    if embedder.model != PACKAGED_MODEL:
        await embedder.load()
    layout = Layout(model=embedder.model, dimensions=embedder.dimensions)
    if qdrant.url is None:
        return await EdgeIndex.open(qdrant.directory, layout, recreate=anew)
    api_key = qdrant.api_key.get_secret_value() if qdrant.api_key else None
    server = ServerIndex.connect(qdrant.url, layout, api_key=api_key, collection=qdrant.collection)
    if anew:
        await server.recreate()
    return server


async def optimize(indexer: Indexer) -> None:
    """Builds the embedded index's search structure; a server does that by itself."""
    if isinstance(indexer.index, EdgeIndex):
        await indexer.index.optimize()


async def _keep_learning(knowledge: Knowledge, thinking: Thinking) -> None:
    """Has the pipeline learn the words of the knowledge base whenever that has changed, in every process."""
    seen: object = None
    while True:
        try:
            marker = await knowledge.revision()
            if marker != seen:
                await thinking.learn(await knowledge.learned())
                seen = marker
        except DatabaseError as error:
            log.warning("vocabulary_not_read", error=type(error).__name__)
        await asyncio.sleep(_LEARN_EVERY_S)
