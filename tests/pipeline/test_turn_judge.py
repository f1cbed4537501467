"""The turn classifier is asked once for each utterance, and only about what the rules leave open."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pipeline.dialogue import Utterance, utterances
from pipeline.ports import Vector
from pipeline.speech_acts import SEEKING, RuleSpeechActs
from pipeline.turn_judge import TurnJudge
from pipeline.turn_kinds import SaidTurn, TurnChances
from pipeline.types import Scope, Speaker
from tests.pipeline.calls import segments
from tests.pipeline.shelf import SHELF, ShelfIndex, WordEmbedder

ASKS = TurnChances(seek=0.9, inform=0.05, social=0.03, end=0.02, seeking=True)
TELLS = TurnChances(seek=0.1, inform=0.8, social=0.05, end=0.05, seeking=False)


class Verdict:
    """Takes whatever has the word "port" for a question."""

    def __init__(self) -> None:
        self.asked: list[SaidTurn] = []

    def classify(self, said: SaidTurn) -> TurnChances:
        self.asked.append(said)
        return ASKS if "port" in said.text else TELLS


class Bench:
    """A judge on the test shelf."""

    def __init__(self) -> None:
        self.verdict, self.embedder, self.index = Verdict(), WordEmbedder(), ShelfIndex(SHELF)
        self.judge = TurnJudge(classifier=self.verdict, embedder=self.embedder, index=self.index)

    async def hear(self, *lines: str) -> tuple[Utterance, ...]:
        said = segments(lines)
        return await self.judge(utterances(said, said[-1:], RuleSpeechActs()), Scope())


async def test_the_classifier_overrules_the_rules_both_ways() -> None:
    (tells,) = await Bench().hear("customer: how do i book a table for two?")
    (asks,) = await Bench().hear("customer: the number of my port is seven.")
    assert tells.reading.act not in SEEKING
    assert asks.reading.act in SEEKING


async def test_what_was_judged_is_remembered() -> None:
    bench = Bench()
    await bench.hear("customer: can i port my number?")
    await bench.hear("customer: can i port my number?", "agent: You can. It takes three days.")
    assert [said.text for said in bench.verdict.asked] == ["can i port my number?"]


async def test_other_calls_may_push_a_verdict_out_while_it_is_needed() -> None:
    bench = Bench()
    await bench.hear("customer: can i port my number?")

    class Crowd(WordEmbedder):
        async def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> list[Vector]:
            bench.judge._verdicts.clear()
            return await super().embed(texts, kind)

    crowded = replace(bench.judge, embedder=Crowd())
    said = segments(["customer: can i port my number?", "agent: Sure.", "customer: how much is porting then?"])
    judged = await crowded(utterances(said, said[-1:], RuleSpeechActs()), Scope())
    assert [it.reading.act in SEEKING for it in judged if it.speaker is Speaker.CUSTOMER] == [True, True]


async def test_greetings_cost_no_embedding() -> None:
    bench = Bench()
    await bench.hear("customer: hello")
    assert bench.embedder.calls == []
    assert bench.verdict.asked == []


async def test_what_the_agent_says_is_embedded_before_the_customer_replies() -> None:
    bench = Bench()
    await bench.hear("customer: can i port my number?", "agent: Which number is it?")
    assert bench.embedder.calls[-1] == ("Which number is it?",)


async def test_the_classifier_hears_how_near_the_knowledge_base_is() -> None:
    bench = Bench()
    await bench.hear("customer: porting a phone number takes three business days?")
    (said,) = bench.verdict.asked
    assert said.similarity is not None
    assert said.similarity > 0.5
    assert said.asked_vector is None
