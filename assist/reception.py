"""The worker that answers calls by itself. Its job is called by name, in processes that LiveKit makes."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog

from assist.receptionist.assist_server import AssistServer, ServerError
from assist.receptionist.calling_back import call_back
from assist.receptionist.opening import connect_tool_model, open_conversation, take_message
from assist.settings import Settings, SettingsError
from assist.voice_worker import Options, connect_ingress, recogniser_options, run_jobs, settings_of
from integrations.livekit import stt, voices
from integrations.livekit.control import LiveKitRooms
from integrations.livekit.dispatch import Dispatch
from integrations.livekit.reception import Setting, answer_in
from integrations.livekit.roles import Person
from integrations.livekit.rooms import RECEPTIONIST
from integrations.livekit.talk import Limits
from integrations.livekit.transfers import Transfers
from integrations.livekit.voice_line import Parts
from integrations.livekit.worker import JobContext
from pipeline.conversation import Conversation

__all__ = ["Options", "answer", "run"]

log = structlog.get_logger(__name__)


async def answer(context: JobContext) -> None:
    """One job: one call."""
    configured = settings_of(context)
    assert configured.livekit is not None  # the worker does not start without it
    key = configured.worker.api_key
    server = AssistServer(configured.worker.url, key.get_secret_value() if key else "")
    model = connect_tool_model(configured.writing)
    rooms = LiveKitRooms(
        configured.livekit.url,
        configured.livekit.api_key,
        configured.livekit.api_secret.get_secret_value(),
        sip_trunk=configured.livekit.sip_trunk,
    )

    async def make_conversation(session_id: str | None, dispatch: Dispatch, fields: Mapping[str, Any]) -> Conversation:
        offline = take_message(
            configured.receptionist, name=fields.get("customer_name"), phone=fields.get("customer_phone")
        )
        if session_id is None:
            return offline
        try:
            conversation = await open_conversation(server, session_id, configured, model)
            if dispatch.purpose == "callback" and dispatch.follow_up_id is not None:
                return await call_back(conversation, server, dispatch.follow_up_id)
        except ServerError as error:
            log.error("reception_without_server", session_id=session_id, code=error.code)  # noqa: TRY400 - it says all
            return offline
        return conversation

    async def close() -> None:
        await server.close()
        if model is not None:
            await model.close()

    house = configured.receptionist
    setting = Setting(
        ingress=connect_ingress(configured),
        spool=configured.worker.spool,
        rooms=rooms,
        transfers=Transfers(rooms=rooms, to=house.transfer_to, is_warm=house.transfer_mode == "warm"),
        make_parts=lambda caller, keyterms: _parts(configured, caller, keyterms),
        make_conversation=make_conversation,
        apology=voices.apology,
        limits=Limits(idle_s=house.idle_s, max_s=house.max_minutes * 60.0),
        close=close,
    )
    await answer_in(context, setting)


async def run(configured: Settings, options: Options, stop: asyncio.Event) -> None:
    """The worker, until `stop` is set.

    Raises:
        SettingsError: names each setting that is missing.
    """
    try:
        voices.make_voice(voice_options(configured))
    except voices.VoiceError as error:
        raise SettingsError(str(error)) from None
    await run_jobs(configured, options, stop, RECEPTIONIST, answer)


def voice_options(configured: Settings) -> voices.VoiceOptions:
    """What the settings say about the voice."""
    speech = configured.speech
    return voices.VoiceOptions(
        voice=speech.voice,
        model=speech.voice_model,
        base_url=speech.deepgram_url,
        api_key=speech.deepgram_api_key.get_secret_value() if speech.deepgram_api_key else None,
    )


def _parts(configured: Settings, caller: Person, keyterms: tuple[str, ...]) -> Parts:
    recogniser = stt.make_recogniser(
        recogniser_options(configured), role=caller.role, identity=caller.identity, keyterms=keyterms
    )
    return Parts(recogniser=recogniser, voice=voices.make_voice(voice_options(configured)))
