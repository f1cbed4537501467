"""`assist demo`"""

import asyncio
import itertools
import secrets
from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

import httpx
import rich_click as click
from rich.console import Console
from rich.panel import Panel

from assist.access import KeyScope, Machine, Role
from assist.accounts import Accounts, NewUser
from assist.cli.running import run, settings
from assist.cli.serve import running_server, stop_signal
from assist.errors import ConflictError
from assist.logs import set_up_logs
from assist.recordings import Recording, read_recording
from assist.replay import Replay, ReplayError
from assist.samples import CALLS, KNOWLEDGE
from assist.services import Services
from assist.settings import Settings
from assist.sources import reading
from knowledge_ingest.sources import read

_PEOPLE = (
    NewUser(email="agent@norlight.example", name="Marcus Bell", role=Role.AGENT),
    NewUser(email="agent2@norlight.example", name="Priya Nair", role=Role.AGENT),
    NewUser(email="supervisor@norlight.example", name="Helena Marsh", role=Role.SUPERVISOR),
    NewUser(email="analyst@norlight.example", name="Tomas Reyes", role=Role.ANALYST),
    NewUser(email="admin@norlight.example", name="Ines Okafor", role=Role.ADMIN),
)
_SOURCE = "demo"
"""Not the path: another installation that plays the demo on the same data has the same articles."""
_PAUSE_BETWEEN_CALLS_S = 4.0
_CALLS_AT_ONCE = 2


@click.command()
@click.option("--host", help="Address to listen on (ASSIST_HOST, default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (ASSIST_PORT, default 8000).")
@click.option("--speed", default=1.0, show_default=True, type=click.FloatRange(min=0.1, max=100.0))
def command(host: str | None, port: int | None, speed: float) -> None:
    """Start the product with sample knowledge, sample people and sample calls. Ends with Ctrl-C."""
    configured = settings()
    changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    configured = configured.model_copy(update=changes)
    set_up_logs("WARNING", configured.log_format)
    run(_demo(configured, speed))


async def _demo(configured: Settings, speed: float) -> None:
    stop = stop_signal()
    console = Console()
    console.print("Starting the database, the index and the embedding model …")
    async with running_server(configured) as (server, address, services):
        defaults, limits = reading(configured.ingest)
        report = await services.knowledge.store(_SOURCE, read(KNOWLEDGE, defaults=defaults, limits=limits))
        console.print(f"Sample knowledge: {report.added + report.unchanged + report.updated} articles. Indexing …")
        await _end_stale_calls(services)
        password = await _people(services.accounts)
        key = (await services.accounts.create_key("demo", [KeyScope.INGEST, KeyScope.READ])).secret
        starting = asyncio.create_task(_until_ready(services, address))
        playing = asyncio.create_task(_play_when(starting, address, key, speed))
        await _either(starting, stop)
        if not stop.is_set():
            console.print(_welcome(address, password, key))
        await server.until(stop)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        await services.accounts.revoke_key(key[:11])
    console.print("Stopped.")


async def _people(accounts: Accounts) -> str:
    """The sample people with a new password each time: nobody can know an old one."""
    password = f"demo-{secrets.token_hex(4)}"
    for person in _PEOPLE:
        try:
            await accounts.add_user(person, password)
        except ConflictError:
            await accounts.set_password(person.email, password)
    return password


async def _end_stale_calls(services: Services) -> None:
    """Ends sample calls that an earlier demo left open when it was stopped."""
    everybody = Machine(id=uuid4(), name="demo", scopes=frozenset({KeyScope.READ}))
    page = await services.calls.page(everybody, status="active", limit=200, before=None)
    for call in page.items:
        if call.call_id.startswith("sample-"):
            await services.calls.end(call.session_id, "abandoned")


async def _until_ready(services: Services, address: str) -> None:
    """Waits until the model is loaded and every sample article can be found."""
    async with httpx.AsyncClient(base_url=address, timeout=5.0) as client:
        while True:
            passages = (await services.knowledge.counts()).passages
            with suppress(httpx.TransportError):
                if not passages["pending"] and (await client.get("/health")).status_code == 200:
                    return
            await asyncio.sleep(0.2)


async def _either(task: asyncio.Task[None], stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((task, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


async def _play_when(ready: asyncio.Task[None], address: str, key: str, speed: float) -> None:
    await ready
    recordings = [read_recording(path) for path in sorted(CALLS.glob("*.jsonl"))]
    lanes = [recordings[lane::_CALLS_AT_ONCE] for lane in range(_CALLS_AT_ONCE)]
    await asyncio.gather(*(_lane(lane, address, key, speed) for lane in lanes))


async def _lane(recordings: Sequence[Recording], address: str, key: str, speed: float) -> None:
    """One caller after the other, for ever, over the public API."""
    for recording in itertools.cycle(recordings):
        try:
            await Replay(url=address, key=key, speed=speed).run([recording], 1)
        except ReplayError as error:
            Console(stderr=True).print(f"A sample call was cut short: {error}")
        await asyncio.sleep(_PAUSE_BETWEEN_CALLS_S)


def _welcome(address: str, password: str, key: str) -> Panel:
    people = "\n".join(f"  {person.email:<30} {person.role.value}" for person in _PEOPLE)
    return Panel.fit(
        f"Agent desk   {address}/\n"
        f"Supervisors  {address}/supervisor\n"
        f"API          {address}/schema\n"
        f"Health       {address}/health\n\n"
        f"Sign in with the password [bold]{password}[/] as\n{people}\n\n"
        f"API key (ingest, read; until the demo ends)\n  {key}\n\n"
        "Sample calls are playing now. Ctrl-C ends the demo.",
        title="Assist demo",
    )
