"""Entities by their form, spoken and written."""

import pytest

from pipeline.entities import EntityFinder
from pipeline.lexicon import lexicon_of
from pipeline.ports import Mention
from pipeline.spoken_numbers import with_digits
from tests.pipeline.calls import segments

FOUND = [
    ("error four oh one on version two point five", "", {("error_code", "401"), ("version", "2.5")}),
    ("getting a 500 error when i pay", "", {("error_code", "500")}),
    ("it gives me a 404", "", {("error_code", "404")}),
    ("error code: 1001", "", {("error_code", "1001")}),
    ("firmware 1.2.3", "", {("version", "1.2.3"), ("product", "firmware")}),
    ("ios 17.2 on my ipad", "", {("version", "17.2"), ("product", "ios"), ("product", "ipad")}),
    ("4021", "what's the error code you see?", {("error_code", "4021")}),
    ("two point five", "which version do you have?", {("version", "2.5")}),
    ("invoice INV-2024-001", "", {("order_number", "INV-2024-001")}),
    ("case number 00012345", "", {("ticket_number", "00012345")}),
    ("forty nine dollars and ninety nine cents", "", {("amount", "49.99 USD")}),
    ("it was €5 and then $1,200", "", {("amount", "5 EUR"), ("amount", "1200 USD")}),
    ("since march 3rd or 2026-03-03", "", {("date", "march 3rd"), ("date", "2026-03-03")}),
    ("call me at +1 (555) 123-4567", "", {("phone", "+15551234567")}),
    ("my address is Jo@Example.com", "", {("email", "jo@example.com")}),
    ("wait 5 minutes", "", set()),
    ("my zip code is 94103", "", set()),
    ("the promo code SAVE20", "", set()),
    ("i ordered 2 pizzas and called 3 times", "", set()),
    ("i've been on the phone for 30 minutes", "", set()),
    ("how can i help you today", "", set()),
    ("account number 12345678", "", set()),
    ("it's five o'clock and 3pm", "", set()),
]


@pytest.mark.parametrize(("text", "asked", "expected"), FOUND)
def test_things_are_recognised_by_form_and_by_what_was_asked(
    text: str, asked: str, expected: set[tuple[str, str]]
) -> None:
    assert {(entity.type, entity.value) for entity in EntityFinder().in_text(text, asked)} == expected


def test_names_from_the_knowledge_base_win_over_kinds_of_things() -> None:
    finder = EntityFinder(lexicon=lexicon_of(products=["Acme Mobile App", "HomeBox X2"]))
    found = finder.in_text("the acme mobile app does not find my homebox x2 or the app")
    assert [entity.value for entity in found if entity.type == "product"] == ["Acme Mobile App", "HomeBox X2", "app"]


def test_the_latest_mention_comes_first_and_nothing_comes_twice() -> None:
    call = segments(["customer: error 401 on my iphone", "agent: try again", "customer: now error 403", "agent: 403?"])
    found = EntityFinder().in_call(call)
    assert [entity.value for entity in found] == ["403", "401", "iphone"]


SPOKEN = [
    ("four oh one", "401"),
    ("four hundred and four", "404"),
    ("version two point five point one, please", "version 2.5.1, please"),
    ("double five triple nine one", "559991"),
    ("twenty twenty six", "2026"),
    ("p dash one oh four", "p-104"),
    ("that one is good", "that one is good"),
    ("one or two days", "one or two days"),
]


@pytest.mark.parametrize(("text", "expected"), SPOKEN)
def test_spoken_numbers_become_digits(text: str, expected: str) -> None:
    assert with_digits(text) == expected


def test_proper_names_are_taken_from_titles_but_not_the_companys_own() -> None:
    texts = ["Norwind router", *["Norwind helps you"] * 20, "the BeamBox blinks"]
    lexicon = lexicon_of(titles=["Set up the BeamBox at home", "Plans with Norwind", "Error E12"], texts=texts)
    finder = EntityFinder(lexicon=lexicon)
    assert [entity.value for entity in finder.products("norwind sent me a beambox, it shows e12")] == ["BeamBox"]


class _RouterNames:
    """Knows one name."""

    def mentions(self, text: str) -> tuple[Mention, ...]:
        start = text.lower().find("home router max")
        if start < 0:
            return ()
        end = start + len("home router max")
        return (
            Mention(name="Home Router Max", kind="product", start=start, end=end, score=0.95),
            Mention(name="Home Router Mini", kind="product", start=start, end=end - 4, score=0.3),
        )


def test_subjects_of_the_knowledge_base_are_products_when_they_are_surely_meant() -> None:
    finder = EntityFinder(lexicon=lexicon_of(products=["Old Name"]), matcher=_RouterNames())
    found = finder.products("the old name of the home router max is in the app")
    assert [entity.value for entity in found] == ["Home Router Max", "app"]
