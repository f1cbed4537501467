"""The classifier's word on an utterance, and what of the rules' reading stays."""

import pytest

from pipeline.dialogue import Utterance, utterances
from pipeline.entities import EntityFinder
from pipeline.needs import latest_need
from pipeline.speech_acts import Act, RuleSpeechActs
from pipeline.turn_judging import is_to_be_judged, judged
from pipeline.turn_kinds import TurnChances
from tests.pipeline.calls import turn


def _spoken(*lines: str) -> list[Utterance]:
    given = turn(*lines)
    return list(utterances(given.transcript, given.new, RuleSpeechActs()))


def _chances(seek: float, **others: float) -> TurnChances:
    shares = {"inform": 0.0, "social": 0.0, "end": 0.0, **others}
    return TurnChances(seek=seek, seeking=seek >= 0.5, **shares)


SEEK, INFORM, END = _chances(0.9, inform=0.1), _chances(0.1, inform=0.9), _chances(0.1, end=0.9)


def test_a_look_up_that_reads_like_a_question_is_no_need() -> None:
    spoken = _spoken("customer: what is the address of the hotel")
    spoken[0] = judged(spoken[0], INFORM)
    assert spoken[0].reading.act is Act.STATEMENT
    assert latest_need(spoken, EntityFinder()) is None


def test_a_question_that_the_rules_miss_becomes_a_need() -> None:
    spoken = _spoken("customer: ok great the wi fi there accost")
    spoken[0] = judged(spoken[0], SEEK)
    need = latest_need(spoken, EntityFinder())
    assert need is not None
    assert need.focus == "the wi fi there accost"
    assert need.confidence == pytest.approx(0.9)


def test_the_kind_of_question_and_its_focus_stay_as_the_rules_read_them() -> None:
    utterance = _spoken("customer: okay thanks. how do I reset my password?")[0]
    reading = judged(utterance, SEEK).reading
    assert (reading.act, reading.focus) == (Act.QUESTION, utterance.reading.focus)


def test_a_detail_still_enriches_the_open_need() -> None:
    spoken = _spoken("customer: my hub doesn't work", "agent: Which version is it?", "customer: version 2.5")
    spoken[-1] = judged(spoken[-1], INFORM)
    need = latest_need(spoken, EntityFinder())
    assert need is not None
    assert need.details == ("version 2.5",)


def test_an_end_settles_what_was_open() -> None:
    spoken = _spoken("customer: my hub doesn't work", "agent: Try now.", "customer: the lights are green and steady")
    spoken[-1] = judged(spoken[-1], END)
    assert spoken[-1].reading.act is Act.RESOLVED
    assert latest_need(spoken, EntityFinder()) is None


def test_yes_to_a_summary_stays_a_need() -> None:
    spoken = _spoken("agent: So you want to cancel your subscription?", "customer: yes")
    spoken[-1] = judged(spoken[-1], INFORM)
    assert latest_need(spoken, EntityFinder()) is not None


@pytest.mark.parametrize(("line", "expected"), [("okay thanks", False), ("hello", False), ("it says e4", True)])
def test_mere_social_words_need_no_embedding(line: str, *, expected: bool) -> None:
    assert is_to_be_judged(_spoken(f"customer: {line}")[0]) is expected
