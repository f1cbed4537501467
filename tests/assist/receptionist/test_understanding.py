"""What callers mean: intents, names, and when two questions are one."""

import re

import msgspec
import pytest

from assist.receptionist.memory import CallMemory
from assist.receptionist.names import given_name, introduced
from assist.receptionist.phrases import phrases
from assist.receptionist.same_question import asks_the_same
from assist.receptionist.spoken_text import SentenceStream, SpokenCheck
from assist.receptionist.understanding import Intent, understand
from pipeline.languages import LANGUAGES

ENGLISH = phrases("en")


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("Hi there, good morning", Intent.GREETING),
        ("Thank you, bye", Intent.GOODBYE),
        ("no that's all", Intent.GOODBYE),
        ("no thanks", Intent.NO),
        ("yes please", Intent.YES),
        ("Representative!", Intent.HUMAN),
        ("can i speak to somebody please", Intent.HUMAN),
        ("I need a human", Intent.HUMAN),
        ("How do I talk to my neighbour about wifi", Intent.QUESTION),
        ("I need an agent to fix my router on Monday", Intent.QUESTION),
        ("no, but how long does it take?", Intent.QUESTION),
        ("my internet is slow since yesterday", Intent.QUESTION),
        ("shipping to Norway", Intent.MATTER),
        ("what?", Intent.REPEAT),
        ("hold on", Intent.WAIT),
        ("am I talking to a machine", Intent.ROBOT),
        ("", Intent.UNCLEAR),
    ],
)
def test_what_a_caller_wants(words: str, intent: Intent) -> None:
    assert understand(words, "", ENGLISH).intent is intent


@pytest.mark.parametrize(
    ("language", "words", "intent"),
    [
        ("de", "Ich möchte mit einem Menschen sprechen", Intent.HUMAN),
        ("de", "Wie lange dauert der Versand nach Norwegen?", Intent.QUESTION),
        ("de", "nein danke, das war's", Intent.GOODBYE),
        ("es", "Quiero hablar con una persona", Intent.HUMAN),
        ("es", "¿Cuánto tarda el envío a Noruega?", Intent.QUESTION),
        ("fr", "Je voudrais parler à quelqu'un", Intent.HUMAN),
        ("fr", "non merci, c'est tout", Intent.GOODBYE),
    ],
)
def test_what_a_caller_wants_in_other_languages(language: str, words: str, intent: Intent) -> None:
    assert understand(words, "", phrases(language)).intent is intent


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_places(language: str) -> None:
    spoken = phrases(language)
    assert spoken.code == language
    for name, text in msgspec.structs.asdict(spoken.say).items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", getattr(ENGLISH.say, name))), name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Jane", "Jane"),
        ("it's jane doe", "Jane Doe"),
        ("my name is Jane van der Berg and my number is five five", "Jane van der Berg"),
        ("Jane O'Neil speaking", "Jane O'Neil"),
        ("yes, Jane", "Jane"),
        ("J A N E", "Jane"),
        ("thanks", None),
        ("I'm not telling", None),
        ("555 0100", None),
        ("I would rather not say that to you", None),
    ],
)
def test_the_name_that_a_caller_gives(words: str, name: str | None) -> None:
    assert given_name(words, ENGLISH) == name


def test_a_name_is_volunteered_only_by_an_introduction() -> None:
    assert introduced("Hello, my name is Jane Doe, I have a question", ENGLISH) == "Jane Doe"
    for words in ("Norway", "I'm not happy", "it's about my bill", "this is urgent"):
        assert introduced(words, ENGLISH) is None


SAME = [
    ("Do you ship to Norway?", "Can you please ship to Norway?"),
    ("Do you ship to Norway?", "I asked whether you ship to Norway."),
    ("Do you ship to Norway?", "The customer asks if the company ships to Norway"),
    ("How much is the fee?", "What does the fee cost?"),
]
DIFFERENT = [
    ("Do you ship to Norway?", "Do you ship batteries to Norway?"),
    ("Do you ship to Norway?", "How long does shipping to Norway take?"),
    ("When do you ship to Norway?", "Do you ship to Norway?"),
    ("Is error 401 serious?", "Is error 403 serious?"),
    ("Is Norway included?", "Is Norway not included?"),
    ("How do I turn it on?", "How do I turn it off?"),
    ("What is it?", "Where is it?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_question_in_other_words(one: str, other: str) -> None:
    assert asks_the_same(one, other)
    assert asks_the_same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_question(one: str, other: str) -> None:
    assert not asks_the_same(one, other)


@pytest.mark.parametrize(
    "sentence",
    [
        "Hello, this is Norlight.",
        "One moment, let me check.",
        "I'm sorry, I don't know that.",
        "Could you tell me your name, please?",
        "Thank you, Jane Doe.",
        "I noted 555 0100.",
        "Is there anything else I can help you with?",
        "Would you like me to ask a supervisor?",
        "Have a nice day, goodbye!",
    ],
)
def test_courtesies_may_be_said(sentence: str) -> None:
    memory = CallMemory(session_id="s", name="Jane Doe", number="5550100")
    assert SpokenCheck(memory=memory, house_words=frozenset({"norlight"})).allows(sentence) is not None


@pytest.mark.parametrize(
    "sentence",
    [
        "Yes.",
        "Yes, we do.",
        "That is possible.",
        "We have that, sorry.",
        "I know we do.",
        "You can call 555 9999.",
        "I am transferring you now.",
        "A supervisor will call you back.",
        "It is free.",
        "Your plan is cancelled.",
    ],
)
def test_claims_and_promises_may_not(sentence: str) -> None:
    memory = CallMemory(session_id="s", name="Jane Doe", number="5550100")
    assert SpokenCheck(memory=memory, house_words=frozenset({"norlight"})).allows(sentence) is None


def test_a_text_is_cut_into_sentences_while_it_is_written() -> None:
    stream, text = SentenceStream(), "Use e.g. the app. It costs 2.50 dollars! **Done**\n- A list [1]. And the rest"
    found = [sentence for char in text for sentence in stream.feed(char)]
    assert found == ["Use e.g. the app.", "It costs 2.50 dollars!", "Done", "A list."]
    assert stream.rest() == ["And the rest"]
