"""Documents are normalised, and equal content has an equal hash."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_ingest.documents import Document, Topic
from knowledge_ingest.metadata import Defaults, described, moment

_BASE = Document(uri="a", title="T", body="B")


@given(title=st.text(min_size=1), body=st.text(min_size=1), tags=st.lists(st.text()), key=st.text())
def test_whatever_is_accepted_can_be_stored_as_utf8(title: str, body: str, tags: list[str], key: str) -> None:
    try:
        made = Document(uri=key, title=title, body=body, tags=tuple(tags), attributes={key: [title, {key: body}]})
    except ValueError:
        return
    encoded = msgspec.json.encode(made)
    assert b"\\u0000" not in encoded
    assert made == Document(uri=made.uri, title=made.title, body=made.body, tags=made.tags, attributes=made.attributes)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "T2"},
        {"body": "B2"},
        {"url": "https://x"},
        {"tags": ("x",)},
        {"audience": "agents"},
        {"language": "de"},
        {"author": "Me"},
        {"updated_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"attributes": {"plan": "gold"}},
        {"subjects": (Topic(kind="plan", name="gold"),)},
        {"valid_from": datetime(2026, 1, 1, tzinfo=UTC)},
        {"valid_until": datetime(2026, 1, 1, tzinfo=UTC)},
        {"page_starts": (0,)},
    ],
)
def test_everything_that_matters_changes_the_hash(change: dict[str, object]) -> None:
    assert msgspec.structs.replace(_BASE, **change).content_hash != _BASE.content_hash


def test_line_ends_notes_and_the_order_of_attributes_do_not_matter() -> None:
    one = Document(uri="a", title="T", body="x\r\ny", attributes={"a": 1, "b": 2}, note="odd")
    two = Document(uri="b", title="T", body="x\ny", attributes={"b": 2, "a": 1})
    assert one.content_hash == two.content_hash


@pytest.mark.parametrize(("title", "body"), [("", "B"), ("T", " \n"), ("\x00", "B")])
def test_a_document_needs_title_and_body(title: str, body: str) -> None:
    with pytest.raises(ValueError, match="title and a body"):
        Document(uri="a", title=title, body=body)


def test_metadata_is_known_by_many_names_and_the_rest_is_kept() -> None:
    fields = {
        "Tag": "a; b,A",
        "Last-Updated": "2026-02-03",
        "LANG": "pt_BR",
        "permalink": "https://x/y",
        "Product": "Router",
        "Plan Name": "gold",
        "audience": ["agents"],
        "empty": " ",
    }
    made = described("u", "T", "B", fields, Defaults())
    assert made.tags == ("a", "b", "Router")
    assert made.updated_at == datetime(2026, 2, 3, tzinfo=UTC)
    assert (made.language, made.url, made.audience) == ("pt-BR", "https://x/y", "agents")
    assert made.attributes == {"product": "Router", "plan_name": "gold"}


def test_what_is_no_web_address_or_date_stays_an_attribute() -> None:
    made = described("u", "T", "B", {"url": "javascript:alert(1)", "updated": "last week"}, Defaults())
    assert (made.url, made.updated_at) == (None, None)
    assert made.attributes == {"url": "javascript:alert(1)", "updated": "last week"}


def test_several_audiences_are_refused_rather_than_guessed() -> None:
    with pytest.raises(ValueError, match="audience"):
        described("u", "T", "B", {"audience": ["agents", "partners"]}, Defaults())


@pytest.mark.parametrize("text", ["2026-13-01", "", "soon", "20260101T", None, 5])
def test_odd_dates_are_no_dates(text: object) -> None:
    assert moment(text) is None


def subjects(fields: Mapping[str, object], defaults: Defaults | None = None) -> list[tuple[str, str]]:
    made = described("u", "T", "B", fields, defaults or Defaults())
    return [(topic.kind, topic.name) for topic in made.subjects]


def test_subjects_come_from_the_fields_that_are_set_as_subjects() -> None:
    fields = {"Plan": "Gold", "entity": "Bon, Nene ; Anbar|Anbar", "colour": "red", "version": ["2.5", " 3 "]}
    assert subjects(fields) == [
        ("product", "Bon, Nene"),
        ("product", "Anbar"),
        ("plan", "Gold"),
        ("version", "2.5"),
        ("version", "3"),
    ]
    assert subjects(fields, Defaults(subject_fields=("Colour", "entity"))) == [
        ("colour", "red"),
        ("entity", "Bon, Nene"),
        ("entity", "Anbar"),
    ]
    assert subjects({"domain": "hotel"}) == []


def test_a_product_is_a_tag_under_its_whole_name_and_so_is_a_domain() -> None:
    made = described("u", "T", "B", {"tags": "a, b", "domain": "hotel", "entity": "Bon, Nene"}, Defaults())
    assert made.tags == ("a", "b", "hotel", "Bon, Nene")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("valid_from", "2026-05-01", datetime(2026, 5, 1, tzinfo=UTC)),
        ("valid_until", "2026-05-01", datetime(2026, 5, 2, tzinfo=UTC)),
        ("expires", "2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("Valid To", date(2026, 5, 1), datetime(2026, 5, 2, tzinfo=UTC)),
        ("expires", "never", None),
        ("expires", " ", None),
        ("valid_until", "9999-12-31", datetime(9999, 12, 31, tzinfo=UTC)),
    ],
)
def test_dates_of_validity_are_read_and_the_last_day_counts(field: str, value: object, expected: datetime) -> None:
    made = described("u", "T", "B", {field: value}, Defaults())
    assert (made.valid_from or made.valid_until) == expected
    assert made.attributes == {}


def test_a_date_of_validity_that_is_none_is_refused_rather_than_left_out() -> None:
    with pytest.raises(ValueError, match="valid_until takes a date"):
        described("u", "T", "B", {"expires": "next summer"}, Defaults())


_GERMAN = "Die Rechnung kommt am Anfang des Monats, und wir schicken sie mit der Post oder an die E-Mail-Adresse."


def test_the_language_is_told_by_the_text_where_nothing_else_says_it() -> None:
    assert described("u", "Rechnung", _GERMAN, {}, Defaults()).language == "de"
    assert described("u", "Rechnung", _GERMAN, {"lang": "nl"}, Defaults()).language == "nl"
    assert described("u", "Rechnung", _GERMAN, {}, Defaults(language="de-AT")).language == "de-AT"
    assert described("u", "T", "B", {}, Defaults()).language == "en"
