"""Names found in speech. All names are invented."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.name_matching import LearnedNameMatcher, name_matcher
from integrations.word_ranks import packaged_word_ranks

PLACES = (
    ("Bridge Guest House", "hotel"),
    ("Acorn Guest House", "hotel"),
    ("Autumn House Lindale", "hotel"),
    ("The Ferrow Hotel", "hotel"),
    ("Tollgate Inn, a Marrow & Finch Hotel", "hotel"),
    ("Han Il Kwan", "restaurant"),
    ("Anbar", "restaurant"),
    ("Zaffrani Grill", "restaurant"),
    ("Papa Lupo's Kitchen - Harbour", "restaurant"),
    ("Papa Lupo's Kitchen - Old Town", "restaurant"),
    ("Pier 39", "attraction"),
    ("Pier 7", "attraction"),
    ("Alder Bank Guest House", "hotel"),
    ("Lindale Museum of Modern Art", "attraction"),
    ("Gable Express", "restaurant"),
    ("The Place", "restaurant"),
)
TEXTS = (
    "Is there a good place to park?",
    "What is the best place for a quiet dinner?",
    "Guests can leave their bags in the house.",
    "Which place has a garden?",
    "The place is open all day.",
    "Breakfast is served in this place from seven.",
)
ORDINARY = (
    "hi i'm calling because i can't log in to my account",
    "yes that sounds great can you book it for two people",
    "what's the phone number and the address please",
    "could you tell me if they have free parking for guests",
    "ok thank you so much for your help have a nice day",
    "is breakfast included in the price of the room",
    "no i don't think so let me check with my wife",
    "the app says error four oh one when i try to pay",
    "i'd like a quiet place near the river with a garden",
    "do i have to pay a deposit when i book a table",
    "my order has not arrived and it has been a week",
    "sure, one moment while I look that up for you.",
    "Can I bring my dog, and is there a fee for that?",
    "How late can we check in on Sunday evening?",
    "we are going to be late because of the weather",
    "is there wifi in all the rooms and is it fast",
)


@pytest.fixture(scope="module")
def matcher() -> LearnedNameMatcher:
    return name_matcher(PLACES, TEXTS, packaged_word_ranks())


HEARD = [
    ("can i park at the bridge guess house", "Bridge Guest House"),
    ("what about on bar is it open", "Anbar"),
    ("han two kwaan sounds good", "Han Il Kwan"),
    ("the autumn house please", "Autumn House Lindale"),
    ("does autumn house lindale have wifi", "Autumn House Lindale"),
    ("is the farrow hotel nice", "The Ferrow Hotel"),
    ("tell me about the tollgate", "Tollgate Inn, a Marrow & Finch Hotel"),
    ("Does Zaffrani do lunch?", "Zaffrani Grill"),
    ("the zafrani grille is fine", "Zaffrani Grill"),
    ("is Anbar's kitchen open late", "Anbar"),
    ("i walked to pier thirty nine", "Pier 39"),
    ("we want the gable express", "Gable Express"),
    ("do you have a table at the A B G H", "Alder Bank Guest House"),
    ("how much is lmma", "Lindale Museum of Modern Art"),
    ("ZAFFRANI GRILL", "Zaffrani Grill"),
]


@pytest.mark.parametrize(("said", "name"), HEARD)
def test_names_survive_what_speech_does_to_them(matcher: LearnedNameMatcher, said: str, name: str) -> None:
    mentions = matcher.mentions(said)
    assert mentions
    assert mentions[0].name == name
    assert mentions[0].score >= 0.4


def test_a_mention_has_its_place_in_the_text(matcher: LearnedNameMatcher) -> None:
    said = "Ist das Café Zaffrani Grill, or not?"
    mention = matcher.mentions(said)[0]
    assert said[mention.start : mention.end] == "Zaffrani Grill"
    assert mention.kind == "restaurant"


def test_a_name_said_completely_is_surer_than_a_part_of_it(matcher: LearnedNameMatcher) -> None:
    whole, part = matcher.mentions("zaffrani grill")[0], matcher.mentions("the zaffrani")[0]
    assert whole.name == part.name
    assert whole.score > part.score


def test_names_that_share_the_words_said_are_all_found_with_lower_scores(matcher: LearnedNameMatcher) -> None:
    both = matcher.mentions("can we eat at papa lupo's kitchen")
    assert {it.name for it in both[:2]} == {"Papa Lupo's Kitchen - Harbour", "Papa Lupo's Kitchen - Old Town"}
    assert abs(both[0].score - both[1].score) < 0.15
    one = matcher.mentions("can we eat at papa lupo's kitchen in the old town")
    assert one[0].name == "Papa Lupo's Kitchen - Old Town"
    assert one[0].score > both[0].score


def test_another_number_is_another_thing(matcher: LearnedNameMatcher) -> None:
    mentions = matcher.mentions("is pier 39 open today")
    assert [it.name for it in mentions if it.score >= 0.5] == ["Pier 39"]


def test_generic_words_of_names_mean_no_name(matcher: LearnedNameMatcher) -> None:
    for said in ("is there a guest house in town", "which hotel is cheaper", "i look for a nice house"):
        assert all(it.score < 0.5 for it in matcher.mentions(said))


def test_a_name_that_is_an_ordinary_word_needs_more_than_the_word(matcher: LearnedNameMatcher) -> None:
    assert all(it.score < 0.5 for it in matcher.mentions("it's a nice place for dinner"))


def test_ordinary_talk_names_nothing(matcher: LearnedNameMatcher) -> None:
    false = [(said, it) for said in ORDINARY for it in matcher.mentions(said) if it.score >= 0.5]
    assert false == []


def test_a_house_number_makes_an_address_not_a_name(matcher: LearnedNameMatcher) -> None:
    assert matcher.mentions("it is at 515 Zaffrani Street")[0].score < matcher.mentions("it is Zaffrani today")[0].score


def test_without_names_nothing_is_found() -> None:
    assert name_matcher(()).mentions("bridge guest house") == ()


def test_names_that_cannot_be_told_from_talk_are_left_out() -> None:
    matcher = name_matcher([("", "x"), ("the", "x"), ("!!!", "x"), ("it is", "x")])
    assert matcher.mentions("it is the one") == ()


def test_thousands_of_names_are_matched() -> None:
    names = [(f"{first} {last}", "plan") for first in _syllables(60) for last in _syllables(40)]
    matcher = name_matcher(names)
    assert matcher.mentions(f"i have the {names[1234][0].lower()} since may")[0].name == names[1234][0]


def _syllables(count: int) -> list[str]:
    starts, ends = ("Bra", "Tol", "Mer", "Kin", "Vas", "Pel", "Dor", "Lum"), ("nix", "vane", "dale", "rio", "tek")
    return [f"{start}{middle}{end}" for start in starts for middle in ("o", "i") for end in ends][:count]


def test_frequent_words_rank_before_rare_ones() -> None:
    ranks = packaged_word_ranks()
    assert ranks["the"] < ranks["hotel"] < ranks["ramp"]
    assert "zaffrani" not in ranks


@settings(max_examples=80, deadline=None)
@given(said=st.text(max_size=200), names=st.lists(st.text(max_size=40), max_size=8))
def test_whatever_is_said_scores_and_places_stay_in_bounds(said: str, names: list[str]) -> None:
    matcher = name_matcher([(name, "thing") for name in names], names)
    mentions = matcher.mentions(said)
    assert len(mentions) <= 16
    for mention in mentions:
        assert mention.name in names
        assert 0.0 < mention.score <= 1.0
        assert 0 <= mention.start < mention.end <= len(said)


@settings(max_examples=60, deadline=None)
@given(
    said=st.lists(
        st.sampled_from([word for name, _ in PLACES for word in name.lower().split()] + ["the", "at", "um", "is"]),
        max_size=60,
    ).map(" ".join)
)
def test_words_of_names_in_any_order_stay_in_bounds(matcher: LearnedNameMatcher, said: str) -> None:
    mentions = matcher.mentions(said)
    assert [it.score for it in mentions] == sorted((it.score for it in mentions), reverse=True)
    assert all(0.0 < it.score <= 1.0 and 0 <= it.start < it.end <= len(said) for it in mentions)
