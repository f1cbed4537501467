"""Excerpts of calls and what comes of them, with the real model and the real index."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
import yaml
from msgspec import Struct

from integrations.embedding import LocalEmbedder
from pipeline.events import Event
from pipeline.run import Pipeline
from pipeline.types import Context, History, Outcome, OutcomeKind, Query, Speaker, Turn
from pipeline.words import words
from tests.pipeline.calls import CALL_ID, segments
from tests.pipeline.library import chain_over, passages_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

_FILE = Path(__file__).parent / "scenarios" / "calls.yaml"
_SILENCE = "silence"


class Scenario(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """None and empty: not looked at. See the head of the file."""

    name: str
    turns: tuple[str, ...]
    knowledge: str = "samples"
    expect: str | None = None
    article: str | None = None
    answers: tuple[str, ...] = ()
    """All of these articles are among the answers."""
    sufficient: bool | None = None
    subjects: tuple[str, ...] = ()
    entities: dict[str, str] = {}
    language: str | None = None
    query_has: tuple[str, ...] = ()
    query_lacks: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    never_asks: tuple[str, ...] = ()
    question_has: tuple[str, ...] = ()
    known_gap: str | None = None
    """Why it is not met yet."""


SCENARIOS = msgspec.convert(yaml.safe_load(_FILE.read_text(encoding="utf-8")), list[Scenario])


class Result(Struct, frozen=True, kw_only=True):
    """What the last turn led to."""

    context: Context
    query: Query | None
    outcome: Outcome | None

    @property
    def kind(self) -> str:
        return self.outcome.kind.value if self.outcome else _SILENCE

    @property
    def questions(self) -> str:
        return " ".join(question.text for question in self.outcome.questions) if self.outcome else ""

    @property
    def purposes(self) -> set[str]:
        return {question.purpose for question in self.outcome.questions} if self.outcome else set()


class Chains:
    """One pipeline a knowledge base, made when it is first needed."""

    def __init__(self, directory: Path) -> None:
        self._embedder = LocalEmbedder()
        self._directory = directory
        self._opened = AsyncExitStack()
        self._chains: dict[str, Pipeline] = {}

    async def over(self, knowledge: str) -> Pipeline:
        if knowledge not in self._chains:
            passages = passages_of(knowledge)
            opening = chain_over(passages, self._embedder, self._directory / knowledge)
            self._chains[knowledge] = await self._opened.enter_async_context(opening)
        return self._chains[knowledge]

    async def close(self) -> None:
        await self._opened.aclose()
        await self._embedder.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chains(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chains]:
    made = Chains(tmp_path_factory.mktemp("indexes"))
    yield made
    await made.close()


async def _ignore(_: Event) -> None:
    return None


async def played(scenario: Scenario, chain: Pipeline) -> Result:
    """Every utterance of the customer is a turn; what was given before stays on the screen."""
    transcript = segments(scenario.turns)
    history = History()
    result: Result | None = None
    done = 0
    for end, segment in enumerate(transcript, start=1):
        if segment.speaker is not Speaker.CUSTOMER and end < len(transcript):
            continue
        turn = Turn(call_id=CALL_ID, number=end, transcript=transcript[:end], new=transcript[done:end], history=history)
        context, query = await chain.ask(turn, _ignore)
        outcome = await chain.help(query, _ignore) if query else None
        result = Result(context=context, query=query, outcome=outcome)
        history = _remembered(history, result)
        done = end
    assert result is not None
    return result


def _remembered(history: History, result: Result) -> History:
    if result.outcome is None or result.query is None:
        return history
    shown = {it.passage.id for answer in result.outcome.draft.answers for it in answer.citations}
    return History(
        queries=(*history.queries, result.query.text),
        shown_passages=history.shown_passages | shown,
        questions=(*history.questions, *(question.text for question in result.outcome.questions)),
    )


def unmet(scenario: Scenario, result: Result) -> list[str]:
    """Expectations that do not hold, in words."""
    return [
        *_unmet_of_context(scenario, result.context),
        *_unmet_of_query(scenario, result),
        *_unmet_end(scenario, result),
    ]


def _unmet_of_context(scenario: Scenario, context: Context) -> list[str]:
    found: list[str] = []
    entities = {(entity.type, entity.value) for entity in context.entities}
    if not set(scenario.entities.items()) <= entities:
        found.append(f"entities are {sorted(entities)}")
    if scenario.sufficient not in (None, context.sufficient):
        found.append(f"sufficient is {context.sufficient}")
    names = [subject.name for subject in context.subjects]
    if scenario.subjects and names[: len(scenario.subjects)] != list(scenario.subjects):
        found.append(f"subjects are {names}")
    if scenario.language not in (None, context.language):
        found.append(f"language is {context.language}")
    return found


def _unmet_of_query(scenario: Scenario, result: Result) -> list[str]:
    if not (scenario.query_has or scenario.query_lacks):
        return []
    said = set(words(result.query.text)) if result.query else set()
    missing = [word for word in scenario.query_has if word not in said]
    unwanted = [word for word in scenario.query_lacks if word in said]
    return [f"query lacks {missing}"] * bool(missing) + [f"query has {unwanted}"] * bool(unwanted)


def _unmet_end(scenario: Scenario, result: Result) -> list[str]:
    found: list[str] = []
    if scenario.expect not in (None, result.kind):
        found.append(f"ended {result.kind}")
    articles = _articles(result)
    if scenario.article and scenario.article not in articles[:1]:
        found.append(f"articles are {articles[:3]}")
    if not set(scenario.answers) <= set(articles):
        found.append(f"answers are {articles}")
    if not set(scenario.asks) <= result.purposes or set(scenario.never_asks) & result.purposes:
        found.append(f"asks {sorted(result.purposes)}")
    if not all(words_asked.lower() in result.questions.lower() for words_asked in scenario.question_has):
        found.append(f"questions are {result.questions!r}")
    return found


def _articles(result: Result) -> list[str]:
    """Shown, best first; the one on the screen when nothing else was said."""
    if result.outcome is None:
        return []
    cited = [answer.citations[0].passage for answer in result.outcome.draft.answers]
    if not cited and result.outcome.kind is OutcomeKind.ANSWERED:
        cited = [hit.passage for hit in result.outcome.draft.evidence.hits[:1]]
    return [str(passage.url).rpartition("/")[2].partition("#")[0] for passage in cited]


def _id(scenario: Scenario) -> str:
    return scenario.name


async def test_there_are_enough_scenarios_and_their_names_differ() -> None:
    assert len(SCENARIOS) >= 40
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)
    gaps = {scenario.name: scenario.known_gap for scenario in SCENARIOS if scenario.known_gap}
    print(f"\n{len(SCENARIOS)} scenarios, {len(gaps)} known gaps: {gaps}")  # noqa: T201


@pytest.mark.parametrize("scenario", [it for it in SCENARIOS if it.known_gap is None], ids=_id)
async def test_a_call_gets_what_it_needs(scenario: Scenario, chains: Chains) -> None:
    result = await played(scenario, await chains.over(scenario.knowledge))
    assert unmet(scenario, result) == []


@pytest.mark.parametrize("scenario", [it for it in SCENARIOS if it.known_gap], ids=_id)
async def test_a_known_gap_is_still_one(scenario: Scenario, chains: Chains) -> None:
    """Strict: a scenario that is met is no gap any more, and its mark has to go."""
    result = await played(scenario, await chains.over(scenario.knowledge))
    assert unmet(scenario, result), f"{scenario.name!r} is met now: take `known_gap` out of {_FILE.name}"
