"""Question-answer pairs in CSV, JSON and JSON Lines."""

import pytest

from knowledge_ingest.documents import Document, Unreadable
from knowledge_ingest.formats import READERS
from knowledge_ingest.metadata import Defaults


def rows(ending: str, content: str | bytes) -> list[Document | Unreadable]:
    data = content if isinstance(content, bytes) else content.encode()
    return list(READERS[ending](data, f"faq{ending}", Defaults()))


def pairs(found: list[Document | Unreadable]) -> list[tuple[str, str]]:
    return [(item.title, item.body) for item in found if isinstance(item, Document)]


@pytest.mark.parametrize(
    "content",
    [
        "question,answer\nHow?,So.\n",
        "\ufeffQuestion;Answer\r\nHow?;So.\r\n",
        "ANSWER\tQUESTION\nSo.\tHow?\n",
        '"Q"|"A"\n"How?"|"So."\n',
        "\n question , answer \nHow?,So.",
        "Title,Body\nHow?,So.\n\n\n",
    ],
)
def test_headers_and_separators_are_recognised(content: str) -> None:
    assert pairs(rows(".csv", content)) == [("How?", "So.")]


def test_cells_may_hold_separators_quotes_and_lines() -> None:
    found = rows(".csv", 'question,answer,tags\n"How, then?","Say ""so"";\nor not.","a;b"\n')
    assert pairs(found) == [("How, then?", 'Say "so";\nor not.')]
    assert isinstance(found[0], Document)
    assert found[0].tags == ("a", "b")


def test_rows_are_named_by_id_or_question_so_that_their_order_is_free() -> None:
    one = rows(".csv", "id,question,answer\n7,How?,So.\n,Where is it?,Here.\n,Where is it?,There.\n")
    two = rows(".csv", "id,question,answer\n,Where is it?,Here.\n,Where is it?,There.\n7,How?,So.\n")
    assert [item.uri for item in one] == ["faq.csv#7", "faq.csv#where-is-it", "faq.csv#where-is-it-2"]
    assert {item.uri for item in one} == {item.uri for item in two}


def test_bad_rows_are_told_and_the_others_are_read() -> None:
    found = rows(".csv", "id,question,answer\n1,How?,So.\n2,Why?,\n1,Again?,Yes.\n4,Where?,Here, there.\n5,Who?,Me.\n")
    assert pairs(found) == [("How?", "So."), ("Who?", "Me.")]
    bad = [item for item in found if isinstance(item, Unreadable)]
    assert [(item.uri, item.empty) for item in bad] == [
        ("faq.csv#2", True),
        ("faq.csv#1-line-4", False),
        ("faq.csv#4", False),
    ]


def test_an_open_quote_ends_the_file_but_not_the_rows_above() -> None:
    found = rows(".csv", 'question,answer\nHow?,So.\nWhy?,"Because\nWho?,Me.\n')
    assert pairs(found) == [("How?", "So.")]
    assert [item.uri for item in found if isinstance(item, Unreadable)] == ["faq.csv"]


def test_other_columns_become_metadata() -> None:
    (found,) = rows(".csv", "Question,Answer,Product,URL,Plan\nHow?,So.,Router,https://kb/1,gold\n")
    assert isinstance(found, Document)
    assert (found.url, found.tags) == ("https://kb/1", ("Router",))
    assert found.attributes == {"product": "Router", "plan": "gold"}


def test_json_lines_go_on_after_a_broken_one() -> None:
    found = rows(".jsonl", '{"question":"How?","answer":"So."}\n{broken\n\n[1]\n{"q":"Who?","a":"Me.","tags":["x"]}\n')
    assert pairs(found) == [("How?", "So."), ("Who?", "Me.")]
    assert [item.uri for item in found if isinstance(item, Unreadable)] == ["faq.jsonl#line-2", "faq.jsonl#line-4"]


@pytest.mark.parametrize(
    "content", ['[{"question":"How?","answer":"So."}]', '{"version":1,"faqs":[{"question":"How?","answer":"So."}]}']
)
def test_json_may_be_a_list_or_hold_one(content: str) -> None:
    assert pairs(rows(".json", content)) == [("How?", "So.")]


def test_an_article_without_title_is_called_by_its_beginning() -> None:
    (found,) = rows(".jsonl", '{"title":"","body":"%s"}' % ("A very nice place to stay with the family. " * 5))
    assert isinstance(found, Document)
    assert found.title.startswith("A very nice place")
    assert found.title.endswith("…")
    assert len(found.title) < 90


@pytest.mark.parametrize(("ending", "content"), [(".csv", "question,answer\n"), (".jsonl", "\n\n"), (".json", "[]")])
def test_a_table_without_rows_is_empty(ending: str, content: str) -> None:
    (found,) = rows(ending, content)
    assert isinstance(found, Unreadable)
    assert found.empty


def test_short_rows_are_in_the_language_of_their_table() -> None:
    table = (
        "question,answer\nWann kommt die Rechnung?,Sie kommt am Anfang des Monats.\nWo?,Oslo.\n"
        "Was ist wenn ich sie nicht bezahle?,Dann schicken wir noch eine Mahnung an die Adresse.\n"
    )
    assert [item.language for item in rows(".csv", table) if isinstance(item, Document)] == ["de"] * 3
