"""A language model that says what it is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec

from pipeline.events import ModelUsed
from pipeline.ports import ModelRole, Writing, WritingTask


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """One request's course."""

    pieces: Sequence[str] = ()
    outcome: str = "done"
    hangs: bool = False
    """Nothing more comes after the pieces."""


class ScriptedWriting:
    """A `Writing` by script."""

    def __init__(self, role: str, script: Script) -> None:
        self._script = script
        self._role = role
        self.reached_end = False

    async def __aiter__(self) -> AsyncIterator[str]:
        for piece in self._script.pieces:
            await asyncio.sleep(0)
            yield piece
        if self._script.hangs:
            await asyncio.Event().wait()
        self.reached_end = True

    @property
    def used(self) -> ModelUsed:
        return ModelUsed(
            role=self._role,
            model="scripted",
            outcome=self._script.outcome if self.reached_end else "cut_short",
            prompt_tokens=10,
            completion_tokens=5,
            cost_usd=None,
            elapsed_ms=1.0,
        )

    @property
    def is_estimated(self) -> bool:
        return False


class ScriptedModel:
    """A `LanguageModel`: a script by role. Keeps what it was asked."""

    def __init__(self, *, answer: Script | None = None, rewrite: Script | None = None) -> None:
        self._scripts: dict[ModelRole, Script | None] = {"answer": answer, "rewrite": rewrite}
        self.tasks: list[WritingTask] = []
        self.open = 0

    def has(self, role: ModelRole) -> bool:
        return self._scripts.get(role) is not None

    def write(self, task: WritingTask) -> AbstractAsyncContextManager[Writing]:
        return self._opened(task)

    @asynccontextmanager
    async def _opened(self, task: WritingTask) -> AsyncIterator[Writing]:
        self.tasks.append(task)
        script = self._scripts[task.role]
        assert script is not None
        self.open += 1
        try:
            yield ScriptedWriting(task.role, script)
        finally:
            self.open -= 1
