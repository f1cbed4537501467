"""What the knowledge base teaches about its subjects: their names, their groups, and the words of each group."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

from msgspec import Struct

from pipeline.words import content

Group = tuple[str, ...]
"""Labels that subjects share: the kind, broader subjects, tags."""

_GROUPS_MAX = 64
_TEXTS_OF_A_GROUP_MAX = 4000
_OFTEN_IN_NAMES = 3
_TEXT_CHARS_MAX = 600
_WORDS_MAX = 24
_SMOOTHING = 1.0
_LABEL_SHARE = 0.3
"""As if the label of a group stood in this share of its texts: "the hotel" means one of the hotels."""
_NATS_MAX = 3.0
"""Most that one word says for one group against the others."""
_CACHE_TEXTS = 4096


class SubjectArticle(Struct, frozen=True, kw_only=True):
    """An article as far as its subjects go."""

    subjects: tuple[tuple[str, str], ...] = ()
    """(name, kind) of what it is about; empty: nothing in particular."""
    tags: tuple[str, ...] = ()
    text: str = ""
    """Title and some of the body."""


class KnownSubject(Struct, frozen=True, kw_only=True):
    """A subject that articles are about."""

    name: str
    kind: str
    group: Group = ()
    is_broad: bool = False
    """It stands above others, as "train" or "Acme Router" above its models; it is meant when none of them is."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SubjectLore:
    """Immutable; make a new one with `lore_of` when the knowledge base has changed."""

    subjects: Mapping[str, KnownSubject] = field(default_factory=dict)
    """By name; those that some article is most specifically about."""
    unnamed: tuple[Group, ...] = ()
    """Groups of articles that are about no subject."""
    share_named: float = 0.0
    """Of the articles, those that name a subject, [0, 1]."""
    groups: tuple[Group, ...] = ()
    labels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Stem of a group's label → groups, by position."""
    word_nats: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Stem → log-likelihood in each group against the others, in nats."""

    def names(self) -> tuple[tuple[str, str], ...]:
        """(name, kind) of every subject, for a `NameMatcher`."""
        return tuple((subject.name, subject.kind) for subject in self.subjects.values())

    def broad(self) -> tuple[KnownSubject, ...]:
        """Broad subjects, and under the name "" each group of articles without a subject."""
        return self._broad

    @cached_property
    def _broad(self) -> tuple[KnownSubject, ...]:
        nobody = (KnownSubject(name="", kind="", group=group, is_broad=True) for group in self.unnamed)
        named = (subject for subject in self.subjects.values() if subject.is_broad)
        return (*named, *nobody)

    @cached_property
    def _places(self) -> dict[Group, int]:
        return {group: place for place, group in enumerate(self.groups)}

    @cached_property
    def _read(self) -> Callable[[str], tuple[float, ...]]:
        return lru_cache(maxsize=_CACHE_TEXTS)(partial(_group_scores, self))

    def affinities(self, text: str) -> tuple[float, ...]:
        """Log-probability that the words are about each of `groups`, ≤ 0; all alike when they don't tell."""
        return self._read(text)

    def place_of(self, group: Group) -> int | None:
        """Position in `groups`."""
        return self._places.get(group)

    def labelled(self, text: str) -> frozenset[int]:
        """Groups whose label is said, by position: "the restaurant"."""
        return frozenset(place for word in content(text) for place in self.labels.get(word, ()))


def lore_of(articles: Iterable[SubjectArticle]) -> SubjectLore:
    """Learns from all articles; takes about a second for ten thousand, so run it beside the event loop."""
    given = tuple(articles)
    owners = _owners(given)
    group_of = _grouped(given, owners)
    texts: dict[Group, list[SubjectArticle]] = {}
    for article, owner in zip(given, owners, strict=True):
        texts.setdefault(group_of[owner.name if owner else article.tags], []).append(article)
    groups = tuple(texts)
    subjects = {
        owner.name: KnownSubject(name=owner.name, kind=owner.kind, group=group_of[owner.name], is_broad=owner.is_broad)
        for owner in owners
        if owner
    }
    unnamed = (group_of[article.tags] for article, owner in zip(given, owners, strict=True) if owner is None)
    return SubjectLore(
        subjects=subjects,
        unnamed=tuple(dict.fromkeys(unnamed)),
        share_named=sum(owner is not None for owner in owners) / max(1, len(owners)),
        groups=groups,
        labels=_labels(groups),
        word_nats=_word_nats(groups, texts, subjects),
    )


def _owners(articles: Sequence[SubjectArticle]) -> list[KnownSubject | None]:
    """What each article is most specifically about: of its subjects the one with the fewest articles."""
    counts = Counter(name for article in articles for name, _ in article.subjects)
    broad = _broad_kinds(articles, counts)
    owners: list[KnownSubject | None] = []
    for article in articles:
        if not article.subjects:
            owners.append(None)
            continue
        name, kind = min(article.subjects, key=lambda subject: (subject[1] in broad, counts[subject[0]], subject))
        owners.append(KnownSubject(name=name, kind=kind, is_broad=kind in broad))
    return owners


def _broad_kinds(articles: Sequence[SubjectArticle], counts: Mapping[str, int]) -> frozenset[str]:
    """Kinds of which some subject stands above at least two of another kind, as "hotels" above each hotel."""
    below: dict[tuple[str, str], set[str]] = {}
    for article in articles:
        for name, kind in article.subjects:
            smaller = (other for other, its in article.subjects if its != kind and counts[other] < counts[name])
            below.setdefault((name, kind), set()).update(smaller)
    above = {kind for (_, kind), names in below.items() if len(names) > 1}
    return frozenset(above) if len(above) < len({kind for _, kind in below}) else frozenset()


def _grouped(
    articles: Sequence[SubjectArticle], owners: Sequence[KnownSubject | None]
) -> dict[str | tuple[str, ...], Group]:
    """Name of a subject, or the tags of an article without one → group."""
    labels: dict[str | tuple[str, ...], Counter[str]] = {}
    sizes: Counter[str | tuple[str, ...]] = Counter()
    for article, owner in zip(articles, owners, strict=True):
        key = owner.name if owner else article.tags
        own = {name for name, kind in article.subjects if owner and (name != owner.name or owner.is_broad)}
        tags = {tag for tag in article.tags if not owner or tag.casefold() != owner.name.casefold()}
        labels.setdefault(key, Counter()).update(own | tags)
        sizes[key] += 1
    kinds = {owner.name: owner.kind for owner in owners if owner}
    whole = {
        key: tuple(sorted(label for label, count in found.items() if 2 * count > sizes[key]))
        or ((kinds[key],) if isinstance(key, str) else ())
        for key, found in labels.items()
    }
    return _few(whole, sizes)


def _few(
    groups: Mapping[str | tuple[str, ...], Group], sizes: Mapping[str | tuple[str, ...], int]
) -> dict[str | tuple[str, ...], Group]:
    """The same with at most `_GROUPS_MAX` different groups: by their most common label, the rest together."""
    if len(set(groups.values())) <= _GROUPS_MAX:
        return dict(groups)
    common: Counter[str] = Counter()
    for key, group in groups.items():
        common.update(dict.fromkeys(group, sizes[key]))
    kept = {label for label, _ in common.most_common(_GROUPS_MAX - 1)}
    best = {
        key: max((label for label in group if label in kept), key=common.__getitem__, default="")
        for key, group in groups.items()
    }
    return {key: (label,) if label else () for key, label in best.items()}


def _labels(groups: Sequence[Group]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        for word in {word for label in group for word in content(label)}:
            found.setdefault(word, []).append(place)
    return {word: tuple(places) for word, places in found.items() if len(places) < max(2, len(groups))}


def _word_nats(
    groups: Sequence[Group], texts: Mapping[Group, Sequence[SubjectArticle]], subjects: Mapping[str, KnownSubject]
) -> dict[str, tuple[float, ...]]:
    """Words of names are left out: they tell one subject, not the group."""
    if len(groups) < 2:
        return {}
    named = Counter(word for name in subjects for word in set(content(name)))
    own = {word for word, count in named.items() if count < _OFTEN_IN_NAMES}
    counts: list[Counter[str]] = []
    sizes: list[int] = []
    for group in groups:
        sample = texts[group][:: max(1, len(texts[group]) // _TEXTS_OF_A_GROUP_MAX)]
        counted = Counter(word for article in sample for word in content(article.text[:_TEXT_CHARS_MAX]))
        for word in {word for label in group for word in content(label)}:
            counted[word] = max(counted[word], round(_LABEL_SHARE * len(sample)))
        counts.append(counted)
        sizes.append(len(sample))
    labels = {word for group in groups for label in group for word in content(label)}
    vocabulary = {word for counted in counts for word, count in counted.items() if count > 2} - (own - labels)
    return {word: _against_others(word, counts, sizes) for word in vocabulary}


def _against_others(word: str, counts: Sequence[Counter[str]], sizes: Sequence[int]) -> tuple[float, ...]:
    rates = [counted[word] / size for counted, size in zip(counts, sizes, strict=True)]
    everywhere = sum(rates)
    return tuple(
        _bounded(math.log((rate * size + _SMOOTHING) / (size * (everywhere - rate) / (len(rates) - 1) + _SMOOTHING)))
        for rate, size in zip(rates, sizes, strict=True)
    )


def _bounded(nats: float) -> float:
    return max(-_NATS_MAX, min(_NATS_MAX, nats))


def _group_scores(lore: SubjectLore, text: str) -> tuple[float, ...]:
    scores = [0.0] * len(lore.groups)
    for word in content(text)[-_WORDS_MAX:]:
        for place, nats in enumerate(lore.word_nats.get(word, ())):
            scores[place] += nats
    if not scores:
        return ()
    highest = max(scores)
    total = highest + math.log(sum(math.exp(score - highest) for score in scores))
    return tuple(score - total for score in scores)
