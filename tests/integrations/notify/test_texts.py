"""Texts cut to size."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.notify.texts import ELLIPSIS, cut, one_line


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_is_as_long_as_it_may_be_and_no_longer(text: str, most: int) -> None:
    found = cut(text, most)
    assert len(found) <= most
    assert found == text if len(text) <= most else found.endswith(ELLIPSIS)
    assert text.startswith(found.removesuffix(ELLIPSIS))


@given(st.text(alphabet="a&", max_size=200), st.integers(1, 100))
def test_whatever_is_counted_counts(text: str, most: int) -> None:
    def size(part: str) -> int:
        return len(part.replace("&", "&amp;"))

    found = cut(text, most, size)
    assert size(found) <= most or found == ELLIPSIS


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    found = one_line(text)
    assert len(found.splitlines()) <= 1
    assert found.isprintable()
