"""Priority and tags by rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.escalation.policy import Policy, Priority, Rule
from assist.escalation.rules import MAX_TAGS, Facts, facts_of, judge, merged_tags

PRIORITIES = tuple(Priority)


def judged(*rules: Rule, question: str = "Where is my parcel?", **facts: str) -> tuple[Priority, tuple[str, ...]]:
    found = judge(Policy(rules=rules), Facts(question=question, **facts))
    return found.priority, found.tags


def test_without_a_rule_that_holds_a_request_is_medium_and_has_no_tags() -> None:
    assert judged(Rule(name="never", keywords=("unicorn",), priority=Priority.URGENT, tags=("x",))) == (
        Priority.MEDIUM,
        (),
    )


@pytest.mark.parametrize(
    ("question", "priority", "tags"),
    [
        ("There is smoke coming out of the router", Priority.URGENT, ("safety",)),
        ("My account was HACKED and I want a refund", Priority.URGENT, ("security", "billing")),
        ("I will talk to my lawyer", Priority.HIGH, ("retention",)),
        ("Can I get a refund?", Priority.MEDIUM, ("billing",)),
        ("Which colours are there?", Priority.MEDIUM, ()),
    ],
)
def test_the_defaults_know_danger_fraud_complaints_and_money(
    question: str, priority: Priority, tags: tuple[str, ...]
) -> None:
    found = judge(Policy(), Facts(question=question))
    assert (found.priority, found.tags) == (priority, tags)


def test_a_keyword_in_the_excerpt_counts_but_not_across_question_and_excerpt() -> None:
    rule = Rule(name="leak", keywords=("gas leak",), tags=("safety",))
    assert judged(rule, question="What now?", context_excerpt="Customer: we have a gas leak")[1] == ("safety",)
    assert judged(rule, question="about gas", context_excerpt="leak of news")[1] == ()


def test_every_condition_of_a_rule_must_hold_and_any_of_its_values_will_do() -> None:
    rule = Rule(name="both", queues=("mobile", "tv"), customer_tiers=("VIP",), tags=("care",))
    assert judged(rule, queue="TV", customer_tier="vip")[1] == ("care",)
    assert judged(rule, queue="tv")[1] == ()
    assert judged(rule, queue="phone", customer_tier="vip")[1] == ()


def test_intent_and_sentiment_are_read_from_metadata_and_the_tier_from_the_crm_too() -> None:
    facts = facts_of("q", None, "tv", {"intent": "cancel", "sentiment": {"label": "negative"}}, {"tier": "vip"})
    assert (facts.intent, facts.sentiment, facts.customer_tier, facts.queue) == ("cancel", "negative", "vip", "tv")
    rules = (
        Rule(name="i", intents=("cancel",), tags=("a",)),
        Rule(name="s", sentiments=("Negative",), tags=("b",)),
        Rule(name="t", customer_tiers=("vip",), tags=("c",)),
    )
    assert judge(Policy(rules=rules), facts).tags == ("a", "b", "c")


@pytest.mark.parametrize("value", [None, 5, "", "  ", ["negative"], {"score": 1}, {"label": 3}])
def test_metadata_that_is_no_text_says_nothing(value: object) -> None:
    assert facts_of("q", None, None, {"sentiment": value}).sentiment is None


@given(st.lists(st.sampled_from(PRIORITIES), max_size=6))
def test_the_most_urgent_rule_wins_whatever_the_order(named: list[Priority]) -> None:
    rules = tuple(Rule(name=str(place), priority=one) for place, one in enumerate(named))
    assert judged(*rules)[0] is (max(named, key=PRIORITIES.index) if named else Priority.MEDIUM)


@given(st.lists(st.text(min_size=1, max_size=5), max_size=40))
def test_tags_are_a_union_without_repeats_and_not_too_many(tags: list[str]) -> None:
    found = merged_tags(tags, tags)
    assert len({tag.casefold() for tag in found}) == len(found) <= MAX_TAGS
    assert set(found) <= {tag.strip() for tag in tags}
