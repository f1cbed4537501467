"""The kind of answer that a question wants."""

import pytest

from pipeline.expected_answers import gives_what_is_asked


@pytest.mark.parametrize(
    ("question", "sentence", "expected"),
    [
        ("how long does that take", "Bringing your number takes 3 business days and is free.", True),
        ("how long does that take", "Do not cancel with the old provider first.", False),
        ("when will i get it", "It arrives overnight.", True),
        ("when do you open", "We open at 8 a.m. on weekdays.", True),
        ("and how much is it", "Porting is free.", True),
        ("what does it cost", "The visit costs $79.", True),
        ("what does it cost", "A technician brings a new device.", False),
        ("how many devices can i add", "Up to 250 devices can be connected.", True),
        ("how often can i do that", "You may do it three times a year.", True),
        ("how do i reset my password", "Choose Forgot password.", None),
        ("my router is broken", "It takes 3 days.", None),
    ],
)
def test_a_sentence_either_has_it_or_not(question: str, sentence: str, expected: bool | None) -> None:
    assert gives_what_is_asked(question, sentence) is expected
