"""`python -m tests.refining_server serve`: the real server, with a refiner and subjects that do what a test says.

The refiner writes down when it begins, and one sentence for each line of a file in the data directory, so that a test
decides when the next one comes. The calls are about what their words name.
"""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any, cast

import msgspec

from assist.cli.running import run
from assist.cli.serve import running_server, stop_signal
from assist.logs import set_up_logs
from assist.services import Services
from assist.settings import Settings, read
from assist.thinking import Thinking
from pipeline.events import AnswerDelta, Emit, ModelUsed
from pipeline.run import Stage
from pipeline.types import Answer, Context, Outcome, Subject, Turn

SENTENCES = (
    "Ask the customer to sign out of the app on every device and sign in again.",
    "If that does not help, reset the password, which ends all old sessions.",
    "Error 401 goes away within a minute after that.",
)
SUBJECTS = ("HomeHub X200", "Norlight App")
_LOOK_S = 0.02


def pace_file(data_dir: Path) -> Path:
    """As many lines as sentences may be written."""
    return data_dir / "pace"


def begun_file(data_dir: Path) -> Path:
    """A line for each refinement that was begun."""
    return data_dir / "begun"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PacedRefiner:
    """Writes one sentence for each line of the pace file."""

    data_dir: Path

    async def __call__(self, given: Outcome, emit: Emit) -> Answer | None:
        """Refines the first answer; has none where there was none."""
        if not given.draft.answers:
            return None
        with begun_file(self.data_dir).open("a") as begun:
            begun.write("begun\n")
        first = given.draft.answers[0]
        for count in range(1, len(SENTENCES) + 1):
            while self._allowed() < count:
                await asyncio.sleep(_LOOK_S)
            await emit(AnswerDelta(text=" ".join(SENTENCES[:count])))
        while self._allowed() <= len(SENTENCES):
            await asyncio.sleep(_LOOK_S)
        used = ModelUsed(
            role="answer",
            model="scripted-1",
            outcome="done",
            prompt_tokens=200,
            completion_tokens=40,
            cost_usd=None,
            elapsed_ms=10.0,
        )
        await emit(used)
        citations = tuple(
            msgspec.structs.replace(one, passage=msgspec.structs.replace(one.passage, page=12))
            for one in first.citations
        )
        return msgspec.structs.replace(first, text=" ".join(SENTENCES), citations=citations)

    def _allowed(self) -> int:
        try:
            return len(pace_file(self.data_dir).read_text().splitlines())
        except FileNotFoundError:
            return 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class WithSubjects:
    """Adds what the call's words name to what the real stage has understood."""

    inner: Stage[Turn, Context]

    async def __call__(self, given: Turn) -> Context:
        """As the stage "context"."""
        context = await self.inner(given)
        said = " ".join(segment.text for segment in given.transcript).lower()
        named = [name for name in SUBJECTS if name.lower() in said and name not in given.history.dismissed_subjects]
        subjects = tuple(Subject(name=name, kind="product", salience=1.0 / (n + 1)) for n, name in enumerate(named))
        return msgspec.structs.replace(context, subjects=subjects)


async def _serve(configured: Settings) -> None:
    stop = stop_signal()
    async with running_server(configured) as (server, _, services):
        _script(services, configured.data_dir)
        await server.until(stop)


def _script(services: Services, data_dir: Path) -> None:
    thinking = cast(Thinking, cast(Any, services.desk.pipeline).__self__)
    real = thinking.pipeline

    def scripted() -> Any:
        pipeline = real()
        context = WithSubjects(inner=pipeline.context)
        return dataclasses.replace(pipeline, context=context, refiner=PacedRefiner(data_dir=data_dir))

    for doer in (services.desk, services.runners.turn_runner, services.runners.refinements):
        object.__setattr__(doer, "pipeline", scripted)


def main(arguments: list[str]) -> None:
    """serve --port PORT"""
    configured = read().model_copy(update={"port": int(arguments[2])})
    set_up_logs(configured.log_level, configured.log_format)
    run(_serve(configured))


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
