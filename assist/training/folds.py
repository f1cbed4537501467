"""Which samples may not stand on both sides of a fold, and the folds."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assist.evaluation.dataset import DataSet, JudgedTurn
from assist.training.noise import spoken
from pipeline.types import Speaker

_SHARED_ASKED_WORDS = 10
_SHARED_SAID_WORDS = 6

Indices = NDArray[np.int64]


def linked(keys: Sequence[Sequence[str]]) -> list[int]:
    """A number for each sample; samples that share a key, directly or through others, have the same."""
    leaders: dict[str, str] = {}

    def leader(key: str) -> str:
        leaders.setdefault(key, key)
        while leaders[key] != key:
            leaders[key] = leaders[leaders[key]]
            key = leaders[key]
        return key

    for own in keys:
        for key in own[1:]:
            leaders[leader(key)] = leader(own[0])
    numbers: dict[str, int] = {}
    return [numbers.setdefault(leader(own[0]), len(numbers)) for own in keys]


def sentence_keys(asked: str, said: str) -> list[str]:
    """What a turn shares with the same talk in another data set, once as typed and once as heard.

    Short sentences are said in many calls and tell nothing.
    """
    asked, said = spoken(asked), spoken(said)
    keys = [f"asked/{asked}"] * (len(asked.split()) >= _SHARED_ASKED_WORDS)
    return keys + [f"said/{said}"] * (len(said.split()) >= _SHARED_SAID_WORDS)


def dealt(groups: Indices, count: int) -> Indices:
    """A fold for each sample: groups dealt out in an order of their own that does not depend on their size."""
    shuffled = np.random.default_rng(7).permutation(int(groups.max()) + 1)
    folds: Indices = shuffled[groups] % count
    return folds


def fold_of(group: int, count: int) -> int:
    """The fold of a group, whatever other groups there are."""
    return zlib.crc32(str(group).encode()) % count


def groups_of(sets: Sequence[DataSet]) -> list[list[int]]:
    """For every turn of every set the number of its group; calls that share a sentence are in one."""
    keys = [
        [f"{dataset.name}/{turn.call}", *sentence_keys(asked_before(turn), turn.turns[-1].text)]
        for dataset in sets
        for turn in dataset.turns
    ]
    numbers = iter(linked(keys))
    return [[next(numbers) for _ in dataset.turns] for dataset in sets]


def asked_before(turn: JudgedTurn) -> str:
    """What the agent said last before the turn; empty: nothing."""
    return next((said.text for said in reversed(turn.turns[:-1]) if said.speaker is Speaker.AGENT), "")
