"""The same article is not shown twice in a call, unless somebody asks for it again."""

import pytest

from assist.db.engine import Sessions
from pipeline.events import Emit
from pipeline.types import Answer, Outcome
from tests.assist.ledger import Ledger, settled, until
from tests.assist.scripted import Node, Script, answer_of, node, passage_of

pytestmark = pytest.mark.db


def _related(text: str) -> tuple[str, ...]:
    """Beside its own answer every question but the first brings that of "one?"."""
    return () if text == "one?" else ("one?",)


async def _said(one: Node, sessions: Sessions, *texts: str) -> Ledger:
    call = await one.start_call()
    for text in texts:
        await one.say(call, text)
        found = await settled(sessions, call)
    return found


def _titles(found: Ledger) -> list[str]:
    return [row.title for row in sorted(found.suggestions, key=lambda row: (row.created_at, -row.confidence_score))]


async def test_an_article_that_was_withdrawn_does_not_come_back_beside_another(sessions: Sessions) -> None:
    async with node(sessions, Script(also=_related)) as one:
        found = await _said(one, sessions, "one?", "two?", "three?", "four?")
    assert _titles(found) == ["one?", "two?", "three?", "four?"]
    assert found.suggestions[0].status == "withdrawn"


async def test_it_does_not_come_back_in_another_process_either(sessions: Sessions) -> None:
    async with node(sessions, Script(also=_related), scanning=False) as one:
        call = await one.start_call()
        for text in ("one?", "two?", "three?"):
            await one.say(call, text)
            await settled(sessions, call)
    async with node(sessions, Script(also=_related), owner="two") as two:
        await two.say(call, "four?")
        found = await settled(sessions, call)
    assert _titles(found) == ["one?", "two?", "three?", "four?"]


async def test_a_question_that_it_answers_brings_it_back(sessions: Sessions) -> None:
    async with node(sessions, Script(also=_related)) as one:
        found = await _said(one, sessions, "one?", "two?", "three?", "one?")
    assert _titles(found) == ["one?", "two?", "three?", "one?"]
    assert [row.status for row in found.suggestions] == ["withdrawn", "withdrawn", "active", "active"]


async def test_what_the_agent_has_put_away_is_not_pushed_again_but_given_when_the_agent_asks(
    sessions: Sessions,
) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        await one.say(call, "one?")
        card = (await settled(sessions, call)).suggestions[0]
        await one.desk.mark(call, card.id, action="dismissed", actor="user:ada")
        for text in ("two?", "three?", "one?"):
            await one.say(call, text)
            found = await settled(sessions, call)
        assert _titles(found) == ["one?", "two?", "three?"]
        await one.desk.ask(call, "one?", None)
        found = await settled(sessions, call)
    assert _titles(found) == ["one?", "two?", "three?", "one?"]
    assert found.suggestions[-1].suggestion_type == "manual_answer"


async def test_what_lies_open_because_the_agent_asked_is_not_pushed_beside_it(sessions: Sessions) -> None:
    async with node(sessions) as one:
        call = await one.start_call()
        await one.desk.ask(call, "one?", None)
        await one.say(call, "one?")
        found = await settled(sessions, call)
        await one.desk.ask(call, "two?", None)
        await one.desk.ask(call, "three?", None)
        await one.desk.ask(call, "four?", None)
        await one.say(call, "one?")
        later = await settled(sessions, call)
    assert _titles(found) == ["one?"]
    assert _titles(later) == ["one?", "two?", "three?", "four?", "one?"]


async def test_a_model_that_answers_with_what_is_on_the_screen_adds_nothing(sessions: Sessions) -> None:
    done: list[str] = []

    async def refiner(given: Outcome, _: Emit) -> Answer | None:
        done.append(given.draft.evidence.query.text)
        return answer_of("one?", "Said in other words.") if not given.draft.answers else None

    async def asked_all() -> bool:
        return done == ["one?", "unknown?"] and not one.runners.refinements._running

    async with node(sessions, Script(refiner=refiner)) as one:
        call = await one.start_call()
        for text in ("one?", "unknown?"):
            await one.say(call, text)
            await settled(sessions, call)
            await until(lambda: _idle(one))
        await until(asked_all)
        found = await settled(sessions, call)
    assert _titles(found) == ["one?"]


async def test_the_pipeline_is_told_what_the_call_was_given(sessions: Sessions) -> None:
    script = Script()
    async with node(sessions, script) as one:
        await _said(one, sessions, "one?", "two?", "three?", "words")
    history = script.turns[-1].history
    assert history.given_articles == {passage_of(title).article_id for title in ("one?", "two?", "three?")}
    assert history.shown_passages == {passage_of(title).id for title in ("two?", "three?")}


async def _idle(one: Node) -> bool:
    return not one.runners.refinements._running
