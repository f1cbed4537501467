"""A receptionist at work in a test: a caller's words in, what is said and done out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from assist.receptionist.assist_server import AssistServer
from assist.receptionist.conversation import Conversation
from assist.receptionist.opening import connect_tool_model, open_conversation
from assist.settings import Settings
from pipeline.conversation import Act, News, Say
from tests.doubles.reception_server import KEY, ReceptionServer

PATIENCE_S = 30.0


@asynccontextmanager
async def conversation_at(
    double: ReceptionServer, *, session_id: str | None = None, caller: dict[str, str] | None = None, **settings: Any
) -> AsyncIterator[Conversation]:
    """A conversation in a new call, or in one that goes on; with a model when the settings name one."""
    configured = Settings(**settings)
    server, model = AssistServer(double.url, KEY), connect_tool_model(configured.writing)
    try:
        session_id = session_id or double.open_call(**(caller or {}))
        yield await open_conversation(server, session_id, configured, model)
    finally:
        await server.close()
        if model is not None:
            await model.close()


def model_settings(base_url: str, **more: Any) -> dict[str, Any]:
    """Settings by which a model at this address speaks."""
    return {"openai_base_url": base_url, "openai_api_key": "sk-test", "language_model": "small", **more}


async def acts_of(acts: AsyncIterator[Act]) -> list[Act]:
    """All of them."""
    return [act async for act in acts]


async def said(acts: AsyncIterator[Act]) -> str:
    """What is said, as one text."""
    return text_of(await acts_of(acts))


def text_of(acts: list[Act] | tuple[Act, ...]) -> str:
    """What these acts say."""
    return " ".join(act.text for act in acts if isinstance(act, Say))


async def first_news(conversation: Conversation) -> News:
    """The next thing that nobody asked for."""
    async with asyncio.timeout(PATIENCE_S):
        news = conversation.news()
        try:
            return await anext(news)
        finally:
            await news.aclose()  # type: ignore[attr-defined]


async def until(condition: Callable[[], bool]) -> None:
    """Waits for it."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.02)
