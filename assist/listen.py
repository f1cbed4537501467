"""The worker that listens. Its job is called by name, in processes that LiveKit makes."""

import asyncio

from assist.settings import Settings
from assist.voice_worker import Options, connect_ingress, recogniser_options, run_jobs, settings_of
from integrations.livekit import stt
from integrations.livekit.leg import Recogniser
from integrations.livekit.listening import Setting, listen_to
from integrations.livekit.roles import Person
from integrations.livekit.rooms import LISTENER
from integrations.livekit.worker import JobContext

__all__ = ["Options", "listen", "run"]


async def listen(context: JobContext) -> None:
    """One job: one room."""
    configured = settings_of(context)

    def make_recogniser(person: Person, keyterms: tuple[str, ...]) -> Recogniser:
        return stt.make_recogniser(
            recogniser_options(configured), role=person.role, identity=person.identity, keyterms=keyterms
        )

    setting = Setting(
        ingress=connect_ingress(configured), spool=configured.worker.spool, make_recogniser=make_recogniser
    )
    await listen_to(context, setting)


async def run(configured: Settings, options: Options, stop: asyncio.Event) -> None:
    """The worker, until `stop` is set.

    Raises:
        SettingsError: names each setting that is missing.
    """
    await run_jobs(configured, options, stop, LISTENER, listen)
