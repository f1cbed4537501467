"""Which subject the customer asks about. Names and texts are invented."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ports import Mention
from pipeline.subject_lore import SubjectArticle, SubjectLore, lore_of
from pipeline.subjects import SubjectTracker
from pipeline.types import Subject
from tests.pipeline.calls import segments

HOTELS = ("Bridge House", "Ferrow Hotel", "Tollgate Inn")
RESTAURANTS = ("Anbar", "Zaffrani Grill", "Papa Lupo")
HOTEL_TEXTS = (
    "Is breakfast included in the price of the room?",
    "What time is check-in? Rooms are ready from three.",
    "Can guests bring a pet to the room?",
    "Is there a gym or a swimming pool for guests?",
    "Do you change the towels in the room every day?",
)
RESTAURANT_TEXTS = (
    "Are there vegan dishes on the menu?",
    "Do you have gluten-free meals on the menu?",
    "Can we bring our own wine to the table?",
    "Do you offer delivery of meals or take-out?",
    "Is there a dress code for dinner?",
)
TRAIN_TEXTS = (
    "Can I bring a bike on the train?",
    "How do I collect the ticket at the station?",
    "Is there a discount on tickets for children travelling by train?",
    "Where on the platform does the train stop?",
)


class WholeNames:
    """Finds names written out; each given word of a name for itself is a weaker mention."""

    def mentions(self, text: str) -> tuple[Mention, ...]:
        lower = text.lower()
        found = []
        for name in (*HOTELS, *RESTAURANTS):
            head = name.split()[0].lower()
            if name.lower() in lower:
                found.append(_mention(name, lower.index(name.lower()), len(name), 0.98))
            elif head in lower.split():
                found.append(_mention(name, lower.index(head), len(head), 0.6))
        return tuple(sorted(found, key=lambda it: (-it.score, it.start)))


def _mention(name: str, start: int, length: int, score: float) -> Mention:
    return Mention(name=name, kind="place", start=start, end=start + length, score=score)


def _articles() -> list[SubjectArticle]:
    own = [
        SubjectArticle(subjects=((name, "place"),), tags=(domain,), text=text)
        for domain, names, texts in (
            ("hotel", HOTELS, HOTEL_TEXTS),
            ("restaurant", RESTAURANTS, RESTAURANT_TEXTS),
        )
        for name in names
        for text in texts
    ]
    return own + [SubjectArticle(tags=("train",), text=text) for text in TRAIN_TEXTS]


@pytest.fixture(scope="module")
def tracker() -> SubjectTracker:
    return SubjectTracker(matcher=WholeNames(), lore=lore_of(_articles()))


def _names(subjects: Sequence[Subject]) -> list[str]:
    return [subject.name for subject in subjects]


CALLS = [
    (
        "what the agent has just offered",
        ["customer: i need a room", "agent: there is the Ferrow Hotel", "customer: is breakfast included"],
        "Ferrow Hotel",
    ),
    (
        "what the customer names last",
        ["agent: there is the Ferrow Hotel", "customer: does the Bridge House have a gym"],
        "Bridge House",
    ),
    (
        "the second of a list",
        ["agent: i have the Bridge House and the Ferrow Hotel", "customer: the second one, can i bring a pet"],
        "Ferrow Hotel",
    ),
    (
        "the first of a list",
        ["agent: there are the Ferrow Hotel, the Tollgate Inn and the Bridge House", "customer: is the first one open"],
        "Ferrow Hotel",
    ),
    (
        "the last of a list, some words later",
        [
            "agent: i have the Bridge House, the Tollgate Inn and the Ferrow Hotel",
            "customer: let's take the last one",
            "agent: ok, anything else",
            "customer: do they have a gym",
        ],
        "Ferrow Hotel",
    ),
    (
        "what is left when one is turned down",
        ["agent: i have the Bridge House and the Ferrow Hotel", "customer: not the ferrow please, is there a gym"],
        "Bridge House",
    ),
    (
        "what stands in for what is full",
        ["agent: The Bridge House is unavailable, but the Tollgate Inn has rooms", "customer: is there a gym"],
        "Tollgate Inn",
    ),
    (
        "the kind of thing that the question is about",
        [
            "agent: i have booked the Ferrow Hotel for you",
            "customer: and a table somewhere",
            "agent: Anbar has a table at eight",
            "customer: fine. what time is check-in at the hotel",
        ],
        "Ferrow Hotel",
    ),
    (
        "the other kind again",
        [
            "agent: Zaffrani Grill has a table at eight",
            "customer: fine, and a room",
            "agent: i have booked the Ferrow Hotel for you",
            "customer: does the restaurant have vegan dishes on the menu",
        ],
        "Zaffrani Grill",
    ),
    (
        "not the place where something lies",
        ["agent: there is the Ferrow Hotel. it is located right across from Papa Lupo", "customer: is there a gym"],
        "Ferrow Hotel",
    ),
]


@pytest.mark.parametrize(("lines", "name"), [call[1:] for call in CALLS], ids=[call[0] for call in CALLS])
def test_the_most_salient_subject_is(tracker: SubjectTracker, lines: list[str], name: str) -> None:
    subjects = tracker(segments(lines))
    assert subjects
    assert subjects[0].name == name


@pytest.mark.parametrize(
    "said", ["do both of them have a gym", "are they both quiet", "is there a gym in either of them"]
)
def test_both_are_meant(tracker: SubjectTracker, said: str) -> None:
    call = segments(["agent: i have the Bridge House and the Ferrow Hotel", f"customer: {said}"])
    first, second = tracker(call)[:2]
    assert {first.name, second.name} == {"Bridge House", "Ferrow Hotel"}
    assert second.salience > 0.7 * first.salience


def test_when_the_talk_moves_to_trains_the_hotels_lose(tracker: SubjectTracker) -> None:
    before = ["agent: i have booked the Ferrow Hotel for you"]
    hotel = tracker.focus(segments([*before, "customer: can i bring a pet to the room"]))
    train = tracker.focus(segments([*before, "customer: i go by train, how do i collect the ticket at the station"]))
    assert hotel.subjects[0].salience > 0.6
    assert train.unnamed > 0.3
    assert train.unnamed > 3 * hotel.unnamed


def test_a_broad_subject_is_named_when_articles_carry_it() -> None:
    articles = [
        SubjectArticle(subjects=((name, "place"), (domain, "domain")), text=text)
        for domain, names, texts in (("hotel", HOTELS, HOTEL_TEXTS), ("restaurant", RESTAURANTS, RESTAURANT_TEXTS))
        for name in names
        for text in texts
    ]
    articles += [SubjectArticle(subjects=(("train", "domain"),), text=text) for text in TRAIN_TEXTS]
    tracker = SubjectTracker(matcher=WholeNames(), lore=lore_of(articles))
    assert set(tracker.lore.subjects) == {*HOTELS, *RESTAURANTS, "train"}
    call = segments(["agent: the train leaves at eight", "customer: can i bring a bike on the train"])
    assert tracker(call)[0].name == "train"


def test_dismissed_subjects_are_gone_and_the_others_rise(tracker: SubjectTracker) -> None:
    call = segments(["agent: i have the Bridge House and the Ferrow Hotel", "customer: is there a gym"])
    everything, rest = tracker(call), tracker(call, dismissed={"Bridge House"})
    assert "Bridge House" in _names(everything)
    assert _names(rest) == ["Ferrow Hotel"]
    assert rest[0].salience > next(it.salience for it in everything if it.name == "Ferrow Hotel")


def test_a_weak_mention_tells_less_than_a_sure_one(tracker: SubjectTracker) -> None:
    sure = tracker(segments(["customer: does the ferrow hotel have a gym"]))
    weak = tracker(segments(["customer: does the ferrow have a gym"]))
    assert sure[0].name == weak[0].name
    assert weak[0].salience < sure[0].salience


def test_nothing_named_leaves_everything_to_others(tracker: SubjectTracker) -> None:
    focus = tracker.focus(segments(["agent: how can i help", "customer: hello, i have a question"]))
    assert focus.subjects == ()
    assert focus.other > 0.3


def test_without_subjects_nothing_is_tracked() -> None:
    call = segments(["customer: does the ferrow hotel have a gym"])
    assert SubjectTracker()(call) == ()
    assert SubjectTracker(matcher=WholeNames(), lore=SubjectLore())(call) == ()
    assert SubjectTracker(matcher=WholeNames(), lore=lore_of([SubjectArticle(text="a b c")]))(()) == ()


def test_models_of_a_product_stand_below_it() -> None:
    articles = [
        SubjectArticle(
            subjects=(("HomeBox", "product"), (f"HomeBox {model}", "model")), text=f"Reset the {model} model."
        )
        for model in ("Mini", "Max", "Pro")
    ]
    articles.append(SubjectArticle(subjects=(("HomeBox", "product"),), text="All boxes need a cable."))
    lore = lore_of(articles)
    assert lore.subjects["HomeBox"].is_broad
    assert not lore.subjects["HomeBox Mini"].is_broad
    assert lore.subjects["HomeBox Mini"].group == ("HomeBox",)


def test_a_tag_that_repeats_the_name_makes_no_group_of_its_own() -> None:
    articles = [
        SubjectArticle(subjects=((name, "place"),), tags=("hotel", name.lower()), text="Rooms.") for name in HOTELS
    ]
    assert lore_of(articles).groups == (("hotel",),)


def test_many_different_tags_make_a_bounded_number_of_groups() -> None:
    articles = [
        SubjectArticle(
            subjects=((f"Thing {number}", "thing"),), tags=(f"tag{number}", f"more{number % 90}"), text="text"
        )
        for number in range(400)
    ]
    assert len(lore_of(articles).groups) <= 64


SPEECH = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            [*HOTELS, *RESTAURANTS, "the second one", "both", "not the", "train", "hotel", "is located in"]
        ),
        max_size=8,
    ).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(talk=st.lists(st.tuples(st.sampled_from(["agent", "customer"]), SPEECH), max_size=8))
def test_whatever_is_said_the_masses_add_up(tracker: SubjectTracker, talk: list[tuple[str, str]]) -> None:
    focus = tracker.focus(segments([f"{speaker}: {text}" for speaker, text in talk]))
    saliences = [subject.salience for subject in focus.subjects]
    assert saliences == sorted(saliences, reverse=True)
    assert all(0.0 < salience <= 1.0 for salience in saliences)
    assert sum(saliences) + focus.unnamed + focus.other == pytest.approx(1.0)
    assert len({subject.name for subject in focus.subjects}) == len(saliences)
