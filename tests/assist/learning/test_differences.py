"""Differences between versions: nothing is lost on the way from one text to the other."""

from hypothesis import given, settings
from hypothesis import strategies as some

from assist.learning.differences import difference

TEXTS = some.text(alphabet=some.sampled_from("ab \n.é"), max_size=80)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_old_and_new_text_can_be_read_off_the_lines(before: str, after: str) -> None:
    lines = difference(before, after)
    assert "\n".join(line.text for line in lines if line.kind != "added") == before
    assert "\n".join(line.text for line in lines if line.kind != "removed") == after
    for line in lines:
        assert not line.spans or "".join(span.text for span in line.spans) == line.text


@settings(deadline=None)
@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {line.kind for line in difference(text, text)} == {"same"}


def test_within_a_changed_line_the_changed_words_are_marked() -> None:
    removed, added, same = difference("Refunds take five days.\nEnd.", "Refunds take ten days.\nEnd.")
    assert [span.text for span in removed.spans if span.changed] == ["five"]
    assert [span.text for span in added.spans if span.changed] == ["ten"]
    assert (same.kind, same.spans) == ("same", [])


def test_lines_without_anything_in_common_are_not_compared_word_by_word() -> None:
    removed, added = difference("Refunds take five days.", "Keep the old box?")
    assert removed.spans == added.spans == []
