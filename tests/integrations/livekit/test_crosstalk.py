"""What comes back out of a loudspeaker is not said twice."""

import asyncio

import numpy as np
import pytest

from integrations.livekit.crosstalk import Crosstalk, Loudness, same_words
from integrations.livekit.spoken import Utterance

QUIET, LOUD = 100.0**2, 3000.0**2


def said(identity: str, text: str, start: float = 10.0, end: float = 12.0) -> Utterance:
    return Utterance(identity=identity, speaker="customer", text=text, start=start, end=end)


def play(loudness: Loudness, energy: float, start: float = 9.0, end: float = 13.0) -> None:
    for wall in np.arange(start, end, 0.05):
        loudness.note(float(wall), energy)


def room(*, alice: float, bob: float, wait_s: float = 5.0) -> Crosstalk:
    crosstalk = Crosstalk(wait_s)
    play(crosstalk.leg("alice"), alice)
    play(crosstalk.leg("bob"), bob)
    return crosstalk


async def test_words_of_the_loud_side_are_dropped_on_the_quiet_side() -> None:
    crosstalk = room(alice=QUIET, bob=LOUD)
    assert not await crosstalk.is_echo(said("bob", "My router is broken again."))
    assert await crosstalk.is_echo(said("alice", "my router is broken"))


async def test_the_quiet_side_waits_for_the_words_of_the_loud_side() -> None:
    crosstalk = room(alice=QUIET, bob=LOUD, wait_s=30.0)
    waiting = asyncio.create_task(crosstalk.is_echo(said("alice", "my router is broken")))
    await asyncio.sleep(0)
    assert not await crosstalk.is_echo(said("bob", "Something else."))
    assert not waiting.done()
    assert not await crosstalk.is_echo(said("bob", "My router is broken again."))
    assert await waiting


async def test_other_words_of_the_quiet_side_are_its_own() -> None:
    crosstalk = room(alice=QUIET, bob=LOUD, wait_s=0.05)
    await crosstalk.is_echo(said("bob", "My router is broken again."))
    assert not await crosstalk.is_echo(said("alice", "Let me look at that for you."))


async def test_the_same_words_from_an_equally_loud_side_are_its_own() -> None:
    crosstalk = room(alice=LOUD, bob=LOUD)
    await crosstalk.is_echo(said("bob", "Good morning."))
    assert not await crosstalk.is_echo(said("alice", "Good morning."))


async def test_the_same_words_at_another_time_are_its_own() -> None:
    crosstalk = room(alice=QUIET, bob=LOUD, wait_s=0.05)
    await crosstalk.is_echo(said("bob", "Thank you very much.", start=2.0, end=3.0))
    assert not await crosstalk.is_echo(said("alice", "Thank you very much."))


async def test_a_side_on_which_nothing_was_heard_is_not_louder() -> None:
    crosstalk = Crosstalk(30.0)
    play(crosstalk.leg("alice"), QUIET)
    crosstalk.leg("bob")
    assert not await crosstalk.is_echo(said("alice", "hello"))


def test_nearly_the_same_words_are_the_same() -> None:
    assert same_words("my router has broken", "so my router is broken again today")
    assert not same_words("my dog has fleas", "so my router is broken again today")
    assert not same_words("", "anything")


def test_levels_are_compared_in_decibels() -> None:
    loudness = Loudness()
    loudness.hear(np.full(800, 1000, dtype=np.int16), 1.0)
    loudness.hear(np.full(800, -10, dtype=np.int16), 2.0)
    loud, quiet = loudness.decibels(1.0, 1.05), loudness.decibels(2.0, 2.05)
    assert loud is not None
    assert quiet is not None
    assert loud - quiet == pytest.approx(40.0)
    assert loudness.decibels(5.0, 6.0) is None
