"""What the receptionist says of its own accord, and the turns of phrase it listens for, by language.

The data lie in `assist/receptionist/languages/<code>.toml`.
"""

import re
import tomllib
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from pipeline.languages import ENGLISH, folded, language
from pipeline.speech_languages import folded_pattern
from pipeline.stopwords import word_set


class Sayings(Struct, frozen=True, kw_only=True):
    """Whole sentences; {company}, {name}, {number} and {question} are filled in."""

    greeting: str
    back: str
    calling_back: str
    still_waiting: str
    how_can_i_help: str
    welcome: str
    automatic: str
    anything_else: str
    go_ahead: str
    take_your_time: str
    not_understood: str
    unknown: str
    knowledge_unavailable: str
    asked_for_you: str
    not_passed_on: str
    asked_already: str
    not_resolved: str
    answer_came: str
    answer_came_unnamed: str
    ask_name: str
    name_noted: str
    ask_number: str
    ask_number_again: str
    number_so_far: str
    confirm_number: str
    noted: str
    promise: str
    promise_without_number: str
    call_back_at: str
    call_back: str
    connecting: str
    nobody_to_connect: str
    nobody_free: str
    out_of_order: str
    call_again: str
    leave_message: str
    not_wanted: str
    too_long: str
    still_there: str
    nobody_there: str
    goodbye: str


class _Hearing(Struct, frozen=True, kw_only=True):
    """Alternatives of patterns, lower case."""

    human: tuple[str, ...]
    farewell: tuple[str, ...]
    goodbye: tuple[str, ...]
    thanks: tuple[str, ...]
    greeting: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    repeat: tuple[str, ...]
    wait: tuple[str, ...]
    robot: tuple[str, ...]
    call_me: tuple[str, ...]
    name: tuple[str, ...]
    name_answer: tuple[str, ...]
    voicemail: tuple[str, ...]
    """Of a machine that takes a call."""
    refusal: tuple[str, ...]
    """Of somebody who does not want to be called."""


class _Courtesy(Struct, frozen=True, kw_only=True):
    social: str
    about: str
    beside: str
    honest: tuple[str, ...]
    promises: tuple[str, ...]
    transfers: tuple[str, ...]
    asking: tuple[str, ...]


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    say: Sayings
    hear: _Hearing
    courtesy: _Courtesy


class Phrases(Struct, frozen=True, kw_only=True):
    """Everything of one language. Patterns match folded text."""

    code: str
    say: Sayings
    heard: dict[str, re.Pattern[str]]
    """By the names of `_Hearing`."""
    social: frozenset[str]
    """Folded words; a sentence of these alone is politeness."""
    about: frozenset[str]
    """Make it a sentence about the conversation itself."""
    beside: frozenset[str]
    """What may stand beside `about`."""
    honest: re.Pattern[str]
    """Says that something is not known; counts as `about`."""
    promises: re.Pattern[str]
    """In a sentence that may be said only after somebody was asked."""
    transfers: re.Pattern[str]
    """In a sentence that may be said only where the caller is being transferred."""
    asking: re.Pattern[str]
    """Begins a question for something that only the caller knows."""

    def hears(self, kind: str, said: str) -> bool:
        """Whether a folded utterance has such a turn of phrase."""
        return bool(self.heard[kind].search(said))


def phrases(tag: str) -> Phrases:
    """Those of a language; English for languages that have none."""
    return _loaded(language(tag).code)


@cache
def all_phrases() -> tuple[Phrases, ...]:
    """Those of every language that there is a file of."""
    files = resources.files("assist.receptionist").joinpath("languages").iterdir()
    return tuple(_loaded(file.name.removesuffix(".toml")) for file in files if file.name.endswith(".toml"))


@cache
def _loaded(code: str) -> Phrases:
    folder = resources.files("assist.receptionist").joinpath("languages")
    source = folder.joinpath(f"{code}.toml")
    if not source.is_file():
        return _loaded(ENGLISH)
    read = msgspec.convert(tomllib.loads(source.read_text(encoding="utf-8")), _File)
    heard: dict[str, tuple[str, ...]] = msgspec.structs.asdict(read.hear)
    return Phrases(
        code=code,
        say=read.say,
        heard={kind: _any_of(alternatives) for kind, alternatives in heard.items()},
        social=word_set(folded(read.courtesy.social)),
        about=word_set(folded(read.courtesy.about)),
        beside=word_set(folded(read.courtesy.beside)),
        honest=_any_of(read.courtesy.honest),
        promises=_any_of(read.courtesy.promises),
        transfers=_any_of(read.courtesy.transfers),
        asking=re.compile(rf"^\W*(?:{_joined(read.courtesy.asking)})(?!\w)"),
    )


def _any_of(alternatives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_joined(alternatives)})(?!\w)")


def _joined(alternatives: tuple[str, ...]) -> str:
    return "|".join(folded_pattern(one) for one in alternatives)
