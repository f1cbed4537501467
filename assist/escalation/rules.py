"""How urgent a question is and what it is about, by the policy's rules. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from assist.escalation.policy import Policy, Priority, Rule
from assist.escalation.questions import folded_words, mentions

_ORDER = tuple(Priority)
"""Lowest first."""
MAX_TAGS = 20


class Facts(Struct, frozen=True, kw_only=True):
    """What rules look at."""

    question: str
    context_excerpt: str | None = None
    intent: str | None = None
    sentiment: str | None = None
    customer_tier: str | None = None
    queue: str | None = None


class Judged(Struct, frozen=True, kw_only=True):
    """What the rules say."""

    priority: Priority
    tags: tuple[str, ...]
    """In the order of the rules, without repeats."""


def facts_of(question: str, context_excerpt: str | None, queue: str | None, *sources: Mapping[str, Any]) -> Facts:
    """Takes intent, sentiment and customer tier from the first of the sources that names them."""
    return Facts(
        question=question,
        context_excerpt=context_excerpt,
        intent=_named(sources, "intent"),
        sentiment=_named(sources, "sentiment"),
        customer_tier=_named(sources, "customer_tier", "tier"),
        queue=queue,
    )


def judge(policy: Policy, facts: Facts) -> Judged:
    """The most urgent priority and all tags of the rules that hold; medium when none names a priority."""
    words = (folded_words(facts.question), folded_words(facts.context_excerpt or ""))
    holding = [rule for rule in policy.rules if _holds(rule, facts, words)]
    named = [rule.priority for rule in holding if rule.priority is not None]
    return Judged(
        priority=max(named, key=_ORDER.index, default=Priority.MEDIUM),
        tags=merged_tags(tag for rule in holding for tag in rule.tags),
    )


def merged_tags(*groups: Iterable[str]) -> tuple[str, ...]:
    """Tags without repeats and blank ones, whatever their case; the first spelling counts."""
    found: dict[str, str] = {}
    for group in groups:
        for tag in group:
            if tag.strip():
                found.setdefault(tag.strip().casefold(), tag.strip())
    return tuple(found.values())[:MAX_TAGS]


def _holds(rule: Rule, facts: Facts, words: tuple[str, ...]) -> bool:
    """Every condition that the rule names; a rule without any holds always."""
    named = (
        (rule.intents, facts.intent),
        (rule.sentiments, facts.sentiment),
        (rule.customer_tiers, facts.customer_tier),
        (rule.queues, facts.queue),
    )
    if rule.keywords and not any(mentions(text, keyword) for text in words for keyword in rule.keywords):
        return False
    return all(not wanted or _is_one_of(given, wanted) for wanted, given in named)


def _is_one_of(given: str | None, wanted: tuple[str, ...]) -> bool:
    return given is not None and given.strip().casefold() in {one.strip().casefold() for one in wanted}


def _named(sources: Iterable[Mapping[str, Any]], *names: str) -> str | None:
    """A text under one of the names, or the `label` of what is there."""
    for source in sources:
        for name in names:
            value = source.get(name)
            label = value.get("label") if isinstance(value, dict) else value
            if isinstance(label, str) and label.strip():
                return label
    return None
