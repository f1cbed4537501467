"""What the two workers share that speak with LiveKit: their processes, their settings, and the server that they tell.

Nothing here may bring models or the database along: each call has a process of its own.
"""

import asyncio

from msgspec import Struct

from assist.logs import set_up_logs
from assist.settings import Settings, SettingsError, read
from integrations.livekit import stt
from integrations.livekit.delivery import deliver_left_behind
from integrations.livekit.ingress import Ingress
from integrations.livekit.rooms import AgentName
from integrations.livekit.worker import Entrypoint, JobContext, JobProcess, WorkerOptions, make_worker, run_worker

_SETTINGS = "settings"


class Options(Struct, frozen=True, kw_only=True):
    """Of the command line."""

    port: int
    max_load: float
    drain_s: int


def prepare(process: JobProcess) -> None:
    """A process that waits for a job."""
    configured = read()
    set_up_logs(configured.log_level, configured.log_format)
    process.userdata[_SETTINGS] = configured


def settings_of(context: JobContext) -> Settings:
    """As `prepare` has read them in this process."""
    configured: Settings = context.proc.userdata[_SETTINGS]
    return configured


async def run_jobs(
    configured: Settings, options: Options, stop: asyncio.Event, agent_name: AgentName, entrypoint: Entrypoint
) -> None:
    """A worker for the rooms to which `agent_name` is dispatched, until `stop` is set. It also delivers what killed
    jobs have left behind.

    Raises:
        SettingsError: names each setting that is missing.
    """
    livekit = configured.livekit
    missing = missing_settings(configured)
    if livekit is None or missing:
        raise SettingsError("Calls over LiveKit need these settings: " + ", ".join(missing))
    try:
        stt.make_recogniser(recogniser_options(configured), role="customer", identity="")
    except stt.RecogniserError as error:
        raise SettingsError(str(error)) from None
    worker = WorkerOptions(
        agent_name=agent_name,
        url=livekit.url,
        api_key=livekit.api_key,
        api_secret=livekit.api_secret.get_secret_value(),
        may_publish=agent_name == "receptionist",
        port=options.port,
        max_load=options.max_load,
        drain_s=options.drain_s,
    )
    ingress = connect_ingress(configured)
    delivering = asyncio.create_task(deliver_left_behind(configured.worker.spool, ingress))
    try:
        await run_worker(make_worker(worker, entrypoint, prepare), worker, stop)
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        await ingress.aclose()


def missing_settings(configured: Settings) -> list[str]:
    """Environment variables that must be set and are not."""
    speech = configured.speech
    needed = {
        "LIVEKIT_URL": configured.livekit_url,
        "LIVEKIT_API_KEY": configured.livekit_api_key,
        "LIVEKIT_API_SECRET": configured.livekit_api_secret,
        "ASSIST_API_KEY": configured.worker.api_key,
        "DEEPGRAM_API_KEY": speech.recogniser != "deepgram" or speech.deepgram_api_key,
    }
    return [name for name, value in needed.items() if not value]


def recogniser_options(configured: Settings) -> stt.RecogniserOptions:
    """What the settings say about recognition."""
    speech = configured.speech
    return stt.RecogniserOptions(
        recogniser=speech.recogniser,
        model=speech.model,
        language=speech.language,
        base_url=speech.deepgram_url,
        api_key=speech.deepgram_api_key.get_secret_value() if speech.deepgram_api_key else None,
        script=speech.script,
    )


def connect_ingress(configured: Settings) -> Ingress:
    """The server that calls are told to."""
    key = configured.worker.api_key
    return Ingress(configured.worker.url, key.get_secret_value() if key else "")
