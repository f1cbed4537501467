"""Puts a conversation together: from the settings, and from what the server knows of the call."""

import importlib

from assist.receptionist.assist_server import AssistServer
from assist.receptionist.call_stream import CallStream
from assist.receptionist.contact import ContactTalk
from assist.receptionist.conversation import Conversation
from assist.receptionist.errands import Errands
from assist.receptionist.extractive import ExtractiveMind
from assist.receptionist.memory import CallMemory, callable_number, remembered
from assist.receptionist.model_mind import ModelMind
from assist.receptionist.spoken_text import SpokenCheck
from assist.receptionist.supervisor_answers import SupervisorAnswers
from assist.receptionist.toolbox import Toolbox
from assist.settings import ModelSettings, Settings
from assist.voice_settings import ReceptionistSettings
from integrations.tool_calls import ToolModel
from pipeline.languages import folded
from pipeline.words import words

_FIRST_TOKEN_S = 6.0
_TOTAL_S = 8.0
"""A caller waits in silence: longer limits of the settings do not count here."""


def connect_tool_model(settings: ModelSettings) -> ToolModel | None:
    """The model that the settings name for answers; None: there is none. The SDK is imported only for one.

    One serves all calls of a process; ends with `close`.
    """
    name = settings.names.get("answer")
    if not settings.is_configured or name is None:
        return None
    sdk = importlib.import_module("integrations.openai_tools")
    options = sdk.ToolOptions(
        model=name,
        first_token_s=min(settings.first_token_s, _FIRST_TOKEN_S),
        total_s=min(settings.total_s, _TOTAL_S),
        max_tokens=settings.max_tokens,
        effort=settings.reasoning_effort,
    )
    key = settings.api_key.get_secret_value() if settings.api_key else None
    model: ToolModel = sdk.ToolEndpoint(settings.base_url, key, options)
    return model


async def open_conversation(
    server: AssistServer, session_id: str, settings: Settings, model: ToolModel | None
) -> Conversation:
    """A conversation in a call that the server knows; one that was interrupted goes on where it was.

    Raises:
        ServerError: the call cannot be read.
    """
    snapshot = await server.call(session_id)
    house, memory = settings.receptionist, remembered(snapshot)
    errands, rules = _rules(server, memory, house)
    mind = None
    if model is not None:
        mind = ModelMind(
            model=model,
            tools=Toolbox(errands=errands, rules=rules),
            check=SpokenCheck(memory=memory, house_words=frozenset(words(folded(house.company)))),
            company=house.company,
            tokens_left=settings.writing.call_tokens,
        )
    return Conversation(
        memory=memory,
        errands=errands,
        stream=CallStream(server, session_id, snapshot.seq, snapshot.epoch),
        house=house,
        rules=rules,
        model=mind,
        answers=SupervisorAnswers.of(snapshot),
    )


def take_message(house: ReceptionistSettings, *, name: str | None, phone: str | None) -> Conversation:
    """A conversation without the server: nothing is looked up, and what is asked is raised later."""
    memory = CallMemory(session_id="", name=name, number=callable_number(phone))
    errands, rules = _rules(None, memory, house)
    answers = SupervisorAnswers()
    return Conversation(
        memory=memory, errands=errands, stream=None, house=house, rules=rules, model=None, answers=answers
    )


def _rules(
    server: AssistServer | None, memory: CallMemory, house: ReceptionistSettings
) -> tuple[Errands, ExtractiveMind]:
    errands = Errands(server=server, memory=memory)
    return errands, ExtractiveMind(errands=errands, contact=ContactTalk(errands=errands), house=house)
