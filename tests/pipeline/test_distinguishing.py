"""Questions out of the evidence: what would tell the best candidates apart, and what "this" is."""

import msgspec
import pytest

from pipeline.clarify import Clarifier
from pipeline.clarifying import answered_questions, choices_in, was_proposed
from pipeline.context import ContextAnalyzer
from pipeline.types import (
    Context,
    Draft,
    Evidence,
    Formulation,
    History,
    Hit,
    Outcome,
    OutcomeKind,
    Passage,
    Query,
    QueryKind,
    Question,
    Subject,
)
from tests.pipeline.calls import turn
from tests.pipeline.shelf import article


def about(name: str, title: str, body: str, *subjects: str) -> Passage:
    return msgspec.structs.replace(article(name, title, body), subjects=subjects)


X200 = about("x200", "Reset the X200", "Hold the wheel of the X200 for ten seconds.", "X200")
X300 = about("x300", "Reset the X300", "Hold both keys of the X300 for five seconds.", "X300")
IPHONE = article("ios", "Pair the watch", "Open the settings and tap Bluetooth.", heading="On iPhone")
ANDROID = article("android", "Pair the watch", "Allow the location first.", heading="On Android")
BEFORE = article("before", "Cancel an order", "Cancel it in the account.", heading="Before shipping")
AFTER = article("after", "Cancel an order", "Send it back within 30 days.", heading="After shipping")
LIGHT = article(
    "light", "The light", "If the light is red, refill it. If the light is blinking, wait. Then start again."
)
E401 = article("e401", "Login error 401", "The session has expired.")
E403 = article("e403", "Login error 403", "The user was removed.")
OAK = article("oak", "Oak State Park", "Oak State Park is a park by the lake. Dogs are allowed on a leash.")
ELM = article("elm", "Elm State Park", "Elm State Park is a park in the hills. Dogs are not allowed.")
ANNA = article("anna", "Anna Berg", "Anna Berg is a Norwegian chess player. She was born in 1988.")
CARL = article("carl", "Carl Holm", "Carl Holm was a Danish chess player. He was born in 1950.")


async def understood(*lines: str, history: History | None = None, subjects: tuple[str, ...] = ()) -> Context:
    context = await ContextAnalyzer()(turn(*lines, history=history))
    named = tuple(Subject(name=name, kind="product", salience=1.0) for name in subjects)
    return msgspec.structs.replace(context, subjects=named) if named else context


async def ended(context: Context, *passages: Passage, confidence: float = 0.3) -> Outcome:
    """The end when these are found, equally likely, and nothing is sure enough to be shown."""
    formulation = Formulation(kind=QueryKind.SEMANTIC, text=context.focus)
    query = Query(context=context, text=context.focus, formulations=(formulation,))
    hits = tuple(Hit(passage=it, score=0.03, similarity=0.5, lexical=1.0) for it in passages)
    return await Clarifier()(Draft(evidence=Evidence(query=query, hits=hits), answers=(), confidence=confidence))


async def asked(context: Context, *passages: Passage) -> list[str]:
    return [question.text for question in (await ended(context, *passages)).questions]


async def test_products_are_told_apart_by_name() -> None:
    context = await understood("customer: how do i reset my radio")
    assert await asked(context, X200, X300) == ["Is it the X200 or the X300?"]


async def test_a_named_product_is_not_asked_for() -> None:
    context = await understood("customer: i have the x300", "customer: how do i reset my radio")
    assert await asked(context, X200, X300) == []
    known = await understood("customer: how do i reset my radio", subjects=("X200",))
    assert await asked(known, X200, X300) == []


async def test_articles_about_other_matters_are_no_choice_of_products() -> None:
    sound = about("sound", "Better sound of the X300", "Turn the bass down.", "X300")
    context = await understood("customer: how do i reset my radio")
    assert not any("X200 or" in text for text in await asked(context, X200, sound))


@pytest.mark.parametrize(
    ("said", "passages", "question"),
    [
        ("how do i pair my watch with the phone", (IPHONE, ANDROID), "Is it on iPhone or on Android?"),
        ("can i still cancel my order", (BEFORE, AFTER), "Is it before shipping or after shipping?"),
        ("what does the light mean", (LIGHT,), "Is the light red or blinking?"),
        ("i get an error when i log in here", (E401, E403), "Which code do you see: 401 or 403?"),
        ("can i bring my dogs into the park", (OAK, ELM), "Do you mean Oak State Park or Elm State Park?"),
        ("when was the chess player born", (ANNA, CARL), "Which chess player do you mean: Anna Berg or Carl Holm?"),
        ("does this castle have a garden", (OAK,), "Which castle do you mean?"),
    ],
)
async def test_the_question_is_made_of_the_evidence(said: str, passages: tuple[Passage, ...], question: str) -> None:
    assert (await asked(await understood(f"customer: {said}"), *passages))[:1] == [question]


@pytest.mark.parametrize(
    ("said", "passages"),
    [
        ("how do i pair my watch with my android phone", (IPHONE, ANDROID)),
        ("can i still cancel my order before shipping", (BEFORE, AFTER)),
        ("what does the blinking light mean", (LIGHT,)),
        ("can i bring my dogs into oak state park", (OAK, ELM)),
        ("how do i reset the router", (OAK, ELM)),
        ("does this cost extra", (OAK, ELM)),
        ("what is the best time to visit", (OAK, ELM)),
    ],
)
async def test_what_is_clear_is_not_asked(said: str, passages: tuple[Passage, ...]) -> None:
    questions = (await ended(await understood(f"customer: {said}"), *passages)).questions
    assert not {question.purpose for question in questions} - {"topic"}


async def test_an_open_reference_is_clarified_before_it_is_answered() -> None:
    context = await understood("customer: can i bring my dogs into the park")
    assert (await ended(context, OAK, ELM, confidence=0.6)).kind is OutcomeKind.CLARIFY
    assert (await ended(context, OAK, ELM, confidence=0.6)).draft.answers == ()


async def test_what_was_talked_about_needs_no_name() -> None:
    context = await understood(
        "customer: is oak state park open on mondays",
        "agent: Yes, all day.",
        "customer: can i bring my dogs into the park",
    )
    assert "reference" not in [question.purpose for question in (await ended(context, OAK, ELM)).questions]


async def test_at_most_two_questions_and_none_twice() -> None:
    context = await understood("customer: how do i reset my radio")
    first = await ended(context, X200, X300)
    history = History(questions=tuple(question.text for question in first.questions))
    again = await understood("customer: how do i reset my radio", history=history)
    assert (await ended(again, X300, X200)).questions == ()
    assert len((await ended(await understood("customer: my app doesn't work"), E401, E403)).questions) <= 2


QUESTIONS = {
    purpose: Question(text=text, purpose=purpose, priority=1)
    for purpose, text in {
        "subject": "Is it the X200 or the X300?",
        "state": "Is the light red or blinking?",
        "reference": "Which castle do you mean?",
    }.items()
}


@pytest.mark.parametrize(
    ("purpose", "lines"),
    [
        ("subject", ("customer: how do i reset it", "agent: Hm.", "customer: it's an x300 i think")),
        ("subject", ("customer: how do i reset it", "agent: Is it the X200 or the X300?", "customer: the second one")),
        ("state", ("customer: there is a light", "agent: Which colour?", "customer: a kind of red")),
        (
            "reference",
            ("customer: does this castle have a garden", "agent: Which one?", "customer: the one in Rosenholm"),
        ),
    ],
)
async def test_a_question_is_withdrawn_when_it_was_answered(purpose: str, lines: tuple[str, ...]) -> None:
    question = QUESTIONS[purpose]
    assert answered_questions((question,), await understood(*lines)) == (question,)


@pytest.mark.parametrize(
    ("purpose", "lines"),
    [
        ("subject", ("customer: how do i reset it", "agent: Is it the X200 or the X300?", "customer: uh")),
        ("subject", ("customer: how do i reset it", "agent: Let me look at the X200 and the X300.")),
        ("state", ("customer: there is a light", "agent: Is it red or is it blinking?")),
        ("reference", ("customer: does this castle have a garden", "agent: One moment.", "customer: sure")),
    ],
)
async def test_a_question_stays_while_nobody_has_answered_it(purpose: str, lines: tuple[str, ...]) -> None:
    assert answered_questions((QUESTIONS[purpose],), await understood(*lines)) == ()


def test_the_same_question_in_other_words_is_the_same() -> None:
    asked_before = ("Which product or device is it about?", "Is it the X200 or the X300?")
    assert was_proposed(QUESTIONS["subject"], asked_before)
    assert was_proposed(Question(text="Is it about X300 or X200?", purpose="subject", priority=1), asked_before)
    german = Question(text="Um welches Produkt oder Gerät geht es?", purpose="product", priority=1)
    assert was_proposed(german, asked_before)
    assert not was_proposed(QUESTIONS["state"], asked_before)


@pytest.mark.parametrize(
    ("text", "purpose", "choices"),
    [
        ("Is it the X200 or the X300?", "subject", ("the X200", "the X300")),
        ("Which code do you see: E12, E21 or E31?", "code", ("E12", "E21", "E31")),
        ("Geht es um A1 oder B2?", "subject", ("A1", "B2")),
        ("Is the light red or blinking?", "state", ("red", "blinking")),
        ("When did this happen?", "date", ()),
    ],
)
def test_choices_can_be_read_from_a_question(text: str, purpose: str, choices: tuple[str, ...]) -> None:
    assert choices_in(Question(text=text, purpose=purpose, priority=1)) == choices


async def test_questions_are_asked_in_the_language_of_the_call() -> None:
    context = await understood("customer: how do i reset my radio")
    german = msgspec.structs.replace(context, language="de-DE")
    assert await asked(german, X200, X300) == ["Geht es um X200 oder X300?"]
    vague = msgspec.structs.replace(await understood("customer: my app doesn't work"), language="fr")
    assert (await asked(vague))[:1] == ["Que dit exactement le message ou le code d'erreur ?"]
