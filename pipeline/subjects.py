"""The subjects of a call, most salient first: which of the knowledge base's things the customer asks about."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from pipeline.ports import Mention, NameMatcher
from pipeline.subject_lore import Group, KnownSubject, SubjectLore
from pipeline.subject_mentions import LIKELY, Pointing, Said, pointings
from pipeline.types import Speaker, Subject

FADING = 0.85
"""What is left of a mention's weight after each further utterance."""
_CANDIDATES_MAX = 24
_AFFINITY_MIN = -4.0
_RECENT_UTTERANCES = 4
_SALIENCE_MIN = 0.02


class Signs(Struct, frozen=True, gc=False):
    """What speaks for or against one candidate; all 0 where nothing is known."""

    focus: float = 0.0
    """Score of its mention in the customer's last utterance."""
    agent: float = 0.0
    """Best mention by the agent, faded."""
    latest: float = 0.0
    """Score of its latest mention, less by what has been named since."""
    latest_of_group: float = 0.0
    """The same, counting only what is of its group."""
    often: float = 0.0
    """Log of one more than the sum of its scores."""
    affinity: float = 0.0
    """How far its group is from the likeliest for the focus, nats ≤ 0."""
    recent: float = 0.0
    """The same for the utterances before."""
    label: float = 0.0
    """1: the focus says "the hotel" and it is one; -1: it says so and it is none."""
    turned_down: float = 0.0
    broad: float = 0.0
    """1 for "trains" in general."""
    broad_label: float = 0.0
    """The focus says the label of a broad candidate."""
    broad_recent: float = 0.0
    """The utterances before do, faded."""
    nothing: float = 0.0
    """1 for what was not named at all; as a weight, the bar that candidates have to pass."""


WEIGHTS = Signs(
    focus=0.2,
    agent=2.2,
    latest=2.5,
    latest_of_group=3.0,
    often=2.2,
    affinity=0.8,
    recent=0.4,
    label=1.0,
    turned_down=-1.5,
    broad=2.4,
    broad_label=3.5,
    broad_recent=2.25,
    nothing=1.7,
)
"""Fitted (conditional likelihood, DSTC10 counting fourfold and DSTC11 half) on the development halves of DSTC9, DSTC10
and DSTC11; `label` and `turned_down`, which are rare there, set by hand."""


class Focus(Struct, frozen=True, kw_only=True):
    """What the customer's last utterance is about. The masses add up to 1."""

    subjects: tuple[Subject, ...] = ()
    """Most salient first."""
    unnamed: float = 0.0
    """Probability that it is about articles without a subject."""
    other: float = 1.0
    """Probability that it is about something that nobody has named, or that none of the articles is about."""


class NoNames:
    """Matches nothing; for a knowledge base without subjects."""

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Always empty."""
        return ()


@dataclass(frozen=True, kw_only=True)
class SubjectTracker:
    """Keeps nothing between calls; matcher and lore remember single texts within bounds."""

    matcher: NameMatcher = field(default_factory=NoNames)
    lore: SubjectLore = field(default_factory=SubjectLore)
    weights: Signs = WEIGHTS

    def __call__(self, talk: Sequence[Said], dismissed: Collection[str] = ()) -> tuple[Subject, ...]:
        """Most salient first; `talk` in order, up to what is to be answered. Never raises."""
        return self.focus(talk, dismissed).subjects

    def focus(self, talk: Sequence[Said], dismissed: Collection[str] = ()) -> Focus:
        """The same with what is left for everything else."""
        found = [
            pair
            for pair in candidates(talk, self.matcher, self.lore)
            if not pair[0].name or pair[0].name not in dismissed
        ]
        strengths = [strength(self.weights, signs) for _, signs in found]
        nothing = self.weights.nothing
        highest = max((nothing, *strengths))
        weights = [math.exp(strength - highest) for strength in strengths]
        total = sum(weights) + math.exp(nothing - highest)
        shares = [(subject, weight / total) for (subject, _), weight in zip(found, weights, strict=True)]
        named = [
            Subject(name=subject.name, kind=subject.kind, salience=share)
            for subject, share in shares
            if subject.name and share >= _SALIENCE_MIN
        ]
        unnamed = sum(share for subject, share in shares if not subject.name)
        return Focus(
            subjects=tuple(sorted(named, key=lambda subject: (-subject.salience, subject.name))),
            unnamed=unnamed,
            other=max(0.0, 1.0 - unnamed - sum(subject.salience for subject in named)),
        )


def candidates(talk: Sequence[Said], matcher: NameMatcher, lore: SubjectLore) -> list[tuple[KnownSubject, Signs]]:
    """Everything that may be meant, with what speaks for it; articles without a subject stand under the name ""."""
    if not lore.subjects:
        return []
    pointed = pointings(talk, matcher)
    last = max((place for place, it in enumerate(pointed) if it.speaker is Speaker.CUSTOMER), default=len(pointed) - 1)
    reading = _Reading(lore=lore, pointed=pointed, place=last, about=_groups_talked_of(lore, pointed, last))
    return [(subject, reading.signs(subject)) for subject in (*reading.named(), *lore.broad())]


class _GroupTalk(Struct, frozen=True):
    """How the talk fits the groups, by position."""

    affinities: tuple[float, ...]
    recent: tuple[float, ...]
    labels: frozenset[int]
    recent_labels: dict[int, float]


def _groups_talked_of(lore: SubjectLore, pointed: Sequence[Pointing], place: int) -> _GroupTalk:
    focus = pointed[place].text if pointed else ""
    recent = [0.0] * len(lore.groups)
    recent_labels: dict[int, float] = {}
    for other in range(max(0, place - _RECENT_UTTERANCES), len(pointed)):
        if other == place:
            continue
        fading = FADING ** max(0, place - other - 1)
        for group, affinity in enumerate(_below_best(lore.affinities(pointed[other].text))):
            recent[group] += fading * affinity
        for group in lore.labelled(pointed[other].text):
            recent_labels[group] = max(recent_labels.get(group, 0.0), fading)
    return _GroupTalk(
        affinities=_below_best(lore.affinities(focus)),
        recent=_below_best(recent),
        labels=lore.labelled(focus),
        recent_labels=recent_labels,
    )


def _below_best(scores: Sequence[float]) -> tuple[float, ...]:
    highest = max(scores, default=0.0)
    return tuple(max(_AFFINITY_MIN, score - highest) for score in scores)


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """The talk up to the focus at `place`, and after it what the agent has said since."""

    lore: SubjectLore
    pointed: Sequence[Pointing]
    place: int
    about: _GroupTalk

    def named(self) -> list[KnownSubject]:
        """The best candidates among those mentioned, without broad ones."""
        best: dict[str, float] = {}
        for place, it in enumerate(self.pointed):
            for name, score in it.named.items():
                best[name] = max(best.get(name, 0.0), score * self._fading(place))
        known = [self.lore.subjects[name] for name in best if name in self.lore.subjects]
        known.sort(key=lambda subject: (-best[subject.name], subject.name))
        return [subject for subject in known if not subject.is_broad][:_CANDIDATES_MAX]

    def signs(self, subject: KnownSubject) -> Signs:
        """What speaks for one candidate."""
        group = self.lore.place_of(subject.group)
        labelled = group is not None and group in self.about.labels
        broad = float(subject.is_broad)
        return Signs(
            focus=self.pointed[self.place].named.get(subject.name, 0.0) if self.pointed else 0.0,
            agent=self._from_agent(subject.name),
            latest=self._latest(subject.name, None),
            latest_of_group=self._latest(subject.name, subject.group),
            often=math.log1p(sum(it.named.get(subject.name, 0.0) for it in self.pointed)),
            affinity=self.about.affinities[group] if group is not None else 0.0,
            recent=self.about.recent[group] if group is not None else 0.0,
            label=0.0 if broad or not self.about.labels else (1.0 if labelled else -1.0),
            turned_down=self._turned_down(subject.name),
            broad=broad,
            broad_label=broad * labelled,
            broad_recent=broad * self.about.recent_labels.get(-1 if group is None else group, 0.0),
        )

    def _fading(self, place: int) -> float:
        return FADING ** max(0, self.place - place - 1)

    def _from_agent(self, name: str) -> float:
        """Best mention by the agent, faded."""
        return max(
            (
                it.named.get(name, 0.0) * self._fading(place)
                for place, it in enumerate(self.pointed)
                if it.speaker is Speaker.AGENT
            ),
            default=0.0,
        )

    def _latest(self, name: str, group: Group | None) -> float:
        """Its best score, each less by what later utterances name instead (of the same group, when one is given)."""
        best, left = 0.0, 1.0
        for it in reversed(self.pointed):
            best = max(best, left * it.named.get(name, 0.0))
            left *= 1.0 - max((score for other, score in it.named.items() if self._is_in(other, group)), default=0.0)
            if left < best:
                break
        return best

    def _is_in(self, name: str, group: Group | None) -> bool:
        known = self.lore.subjects.get(name)
        return known is not None and (group is None or known.group == group)

    def _turned_down(self, name: str) -> float:
        """1.0 when it was turned down and not named again since."""
        for it in reversed(self.pointed):
            if it.named.get(name, 0.0) >= LIKELY:
                return 0.0
            if name in it.turned_down:
                return 1.0
        return 0.0


def strength(weights: Signs, signs: Signs) -> float:
    return float(sum(getattr(weights, name) * getattr(signs, name) for name in Signs.__struct_fields__))
