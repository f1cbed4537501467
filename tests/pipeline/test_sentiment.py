"""How customers sound, by their words: in four languages, with negation, strength, and moods that pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sentiment import LATEST, NEUTRAL, sentiment_of

_NEGATIVE = [
    ("en", "This is absolutely ridiculous, I've been waiting for three weeks!"),
    ("en", "I'm not happy with this at all."),
    ("en", "Thank you, but this is still not good enough."),
    ("en", "This is the third time I call and nobody helps."),
    ("en", "I will talk to my lawyer about it"),
    ("de", "Das ist eine Frechheit, ich rufe schon zum dritten Mal an!"),
    ("de", "Das gefällt mir überhaupt nicht"),
    ("de", "ich bin ziemlich enttaeuscht und ehrlich gesagt sauer"),
    ("es", "No estoy contento con el servicio"),
    ("es", "Es inaceptable, estoy muy enfadado"),
    ("fr", "Je ne suis pas contente du tout"),
    ("fr", "C'est inadmissible, j'en ai marre"),
]
_POSITIVE = [
    ("en", "Oh great, that worked, thank you so much"),
    ("en", "I was angry yesterday, but now it is perfect."),
    ("en", "You have been very helpful"),
    ("de", "Super, vielen Dank, jetzt klappt es"),
    ("es", "Muchas gracias, perfecto"),
    ("fr", "Merci beaucoup, c'est parfait"),
]
_NEUTRAL = [
    ("en", "Good morning, I have a question about my bill"),
    ("en", "I can't log in, getting error 401 on mobile app v2.5"),
    ("en", "The hub is broken, it does not work any more"),
    ("en", "No problem."),
    ("en", "It's not bad."),
    ("de", "Guten Tag, die App funktioniert nicht"),
    ("es", "Buenos días, tengo una pregunta sobre mi factura"),
    ("fr", "Bien sûr, mon numéro est le 4711"),
]


@pytest.mark.parametrize(("language", "text"), _NEGATIVE)
def test_a_customer_who_complains_sounds_negative(language: str, text: str) -> None:
    assert sentiment_of([text], language).label == "negative"


@pytest.mark.parametrize(("language", "text"), _POSITIVE)
def test_a_customer_who_is_pleased_sounds_positive(language: str, text: str) -> None:
    assert sentiment_of([text], language).label == "positive"


@pytest.mark.parametrize(("language", "text"), _NEUTRAL)
def test_a_customer_who_tells_what_is_wrong_sounds_neutral(language: str, text: str) -> None:
    assert sentiment_of([text], language).label == "neutral"


@pytest.mark.parametrize(("language", "text"), [*_NEGATIVE, *_POSITIVE])
def test_the_language_is_told_by_the_words_when_nobody_names_it(language: str, text: str) -> None:
    longer = {
        "en": "I have been with you for a year and this is about my account",
        "de": "Ich bin seit einem Jahr bei Ihnen und das ist wegen meiner Rechnung",
        "es": "Llevo un año con ustedes y esto es por mi factura",
        "fr": "Je suis chez vous depuis un an et c'est pour ma facture",
    }[language]
    assert sentiment_of([longer, text]).label == sentiment_of([longer, text], language).label != "neutral"


def test_what_makes_a_word_stronger_or_weaker_counts() -> None:
    bit, plain, very = (
        sentiment_of([text], "en").score for text in ("I am a bit annoyed", "I am annoyed", "I am really very annoyed")
    )
    assert -1.0 < very < plain < bit < 0.0


def test_a_negation_turns_what_is_good_and_only_softens_what_is_bad() -> None:
    assert sentiment_of(["that is not good"], "en").score < 0.0
    assert 0.0 < sentiment_of(["that is not bad"], "en").score < sentiment_of(["that is good"], "en").score


def test_what_was_said_last_counts_most() -> None:
    calmed = sentiment_of(["this is outrageous", "I see", "great, that worked, thank you"], "en")
    enraged = sentiment_of(["great, that worked, thank you", "I see", "this is outrageous"], "en")
    assert (calmed.label, enraged.label) == ("positive", "negative")


def test_a_mood_fades_while_the_talk_goes_on_without_feeling() -> None:
    quiet = ["my number is 4711", "the one on the left", "since Monday", "yes", "in the kitchen"]
    scores = [sentiment_of(["this is ridiculous", *quiet[:count]], "en").score for count in range(len(quiet) + 1)]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1] < 0.0
    assert sentiment_of(["this is ridiculous", *(["yes"] * LATEST)], "en") == NEUTRAL


def test_in_a_language_that_it_does_not_read_everything_is_neutral() -> None:
    assert sentiment_of(["Questo è orribile e inaccettabile"], "it") == NEUTRAL
    assert sentiment_of([], "en") == NEUTRAL
    assert sentiment_of(["", "  "]) == NEUTRAL


@given(st.lists(st.text(max_size=200), max_size=12), st.sampled_from([None, "en", "de", "es", "fr", "ja", "??"]))
def test_whatever_is_said_the_score_is_on_the_scale_and_the_label_fits(said: list[str], tag: str | None) -> None:
    found = sentiment_of(said, tag)
    assert -1.0 <= found.score <= 1.0
    assert found.label in ("negative", "neutral", "positive")
    assert (found.score > 0.0) >= (found.label == "positive")
    assert (found.score < 0.0) >= (found.label == "negative")
