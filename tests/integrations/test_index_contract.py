"""What every adapter of the `Index` port keeps. Set QDRANT_TEST_URL to run it on a real server as well."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest
from qdrant_client import AsyncQdrantClient

from integrations.qdrant.edge import EdgeIndex
from integrations.qdrant.layout import IndexLayoutError
from integrations.qdrant.server import ServerIndex
from pipeline.errors import UpstreamError
from pipeline.ports import Index, Probe
from pipeline.types import Scope
from tests.integrations.passages import LAYOUT, found, passage, passage_id, probe, unit

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant"),
]

TEST_URL = os.environ.get("QDRANT_TEST_URL")
Adapter = EdgeIndex | ServerIndex

_NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["edge", "server-in-memory", *(["server"] if TEST_URL else [])])
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Adapter]:
    opened: Adapter
    if request.param == "edge":
        opened = await EdgeIndex.open(tmp_path / "index", LAYOUT)
    elif request.param == "server-in-memory":
        opened = ServerIndex(client=AsyncQdrantClient(":memory:"), layout=LAYOUT)
    else:
        opened = ServerIndex.connect(
            str(TEST_URL),
            LAYOUT,
            api_key=os.environ.get("QDRANT_TEST_API_KEY"),
            collection=f"assist_test_{uuid4().hex}",
        )
    yield opened
    await opened.close()
    if request.param == "server" and isinstance(opened, ServerIndex):
        cleaner = AsyncQdrantClient(url=TEST_URL, api_key=os.environ.get("QDRANT_TEST_API_KEY"))
        await cleaner.delete_collection(opened.collection)
        await cleaner.close()


async def ids(index: Adapter) -> list[UUID]:
    return [held async for held in index.ids()]


def test_the_adapters_are_indexes() -> None:
    edge: type[Index] = EdgeIndex
    server: type[Index] = ServerIndex
    assert (edge.__name__, server.__name__) == ("EdgeIndex", "ServerIndex")


async def test_an_empty_index_finds_nothing(index: Adapter) -> None:
    rankings = await index.search([probe()], Scope(), 5)
    assert [(ranking.by, ranking.probe, ranking.hits) for ranking in rankings] == [
        ("dense", 0, ()),
        ("bm25", 0, ()),
    ]
    assert await index.count() == 0
    assert await ids(index) == []


async def test_no_probe_gives_no_ranking(index: Adapter) -> None:
    await index.put([passage("a")], [unit(0.0)])
    assert await index.search([], Scope(), 5) == []


async def test_putting_and_removing_nothing_is_fine(index: Adapter) -> None:
    await index.put([], [])
    await index.remove([])
    await index.clear()
    assert await index.count() == 0


async def test_the_nearest_by_meaning_come_first_with_their_cosine(index: Adapter) -> None:
    angles = {"far": 3.0, "near": 0.1, "middle": 1.0}
    await index.put([passage(name) for name in angles], [unit(angle) for angle in angles.values()])
    [dense, _] = await index.search([probe(0.0)], Scope(), 5)
    assert [hit.passage.id for hit in dense.hits] == [passage_id(name) for name in ("near", "middle", "far")]
    assert [hit.score for hit in dense.hits] == pytest.approx([0.995, 0.540, -0.990], abs=1e-3)


async def test_a_cosine_never_leaves_its_range(index: Adapter) -> None:
    angles = [number / 7 for number in range(40)]
    await index.put([passage(f"p{number}") for number in range(40)], [unit(angle) for angle in angles])
    rankings = await index.search([probe(angle) for angle in angles], Scope(), 40)
    scores = [hit.score for ranking in rankings if ranking.by == "dense" for hit in ranking.hits]
    assert len(scores) == 40 * 40
    assert all(-1.0 <= score <= 1.0 for score in scores)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the display says E31", "washer"),
        ("error e-31 again", "washer"),
        ("what does P-104 mean", "printer"),
        ("it shows p 104", "printer"),
        ("code P104", "printer"),
        ("I get a 401", "login"),
        ("refunding", "refund"),
        ("straße", "street"),
        ("ストア", "japanese"),
    ],
)
async def test_a_rare_word_finds_its_passage(index: Adapter, question: str, expected: str) -> None:
    texts = {
        "washer": "E31 means that the water does not drain.",
        "printer": "P-104 stands for a paper jam.",
        "login": "The app answers 401 when the session has ended.",
        "refund": "Refunds arrive within five days.",
        "street": "Unsere Filiale liegt in der Straße am Markt.",
        "japanese": "東京のストアは午前九時に開きます。",
        "other": "Our shop opens at nine.",
    }
    await index.put([passage(name, text) for name, text in texts.items()], [unit(0.0)] * len(texts))
    [_, words] = await index.search([probe(0.0, question)], Scope(), 5)
    assert words.hits[0].passage.id == passage_id(expected)
    assert words.hits[0].score > 0.0


async def test_words_of_title_and_heading_count(index: Adapter) -> None:
    await index.put(
        [passage("a", title="Warranty terms"), passage("b", heading="Returns > Postage"), passage("c")],
        [unit(0.0)] * 3,
    )
    rankings = await index.search([probe(text="warranty"), probe(text="postage")], Scope(), 5)
    assert found(rankings, "bm25", 0) == [passage_id("a")]
    assert found(rankings, "bm25", 1) == [passage_id("b")]


@pytest.mark.parametrize("text", ["", "the of and", "zyxgrumpf", "?!"])
async def test_without_a_known_word_only_meaning_finds(index: Adapter, text: str) -> None:
    await index.put([passage("a")], [unit(0.0)])
    [dense, words] = await index.search([probe(0.0, text)], Scope(), 5)
    assert len(dense.hits) == 1
    assert words.hits == ()


async def test_every_probe_gets_its_own_rankings_in_order(index: Adapter) -> None:
    await index.put([passage("a", "apples"), passage("b", "bananas")], [unit(0.0), unit(1.5)])
    rankings = await index.search([probe(1.5, "apples"), probe(0.0, "the"), probe(0.0, "bananas")], Scope(), 1)
    assert [(ranking.by, ranking.probe) for ranking in rankings] == [
        ("dense", 0),
        ("bm25", 0),
        ("dense", 1),
        ("bm25", 1),
        ("dense", 2),
        ("bm25", 2),
    ]
    first = [ranking.hits[0].passage.text if ranking.hits else None for ranking in rankings]
    assert first == ["bananas", "apples", "apples", None, "apples", "bananas"]


async def test_the_limit_holds_for_each_ranking(index: Adapter) -> None:
    await index.put([passage(f"p{number}") for number in range(9)], [unit(number / 9) for number in range(9)])
    for limit in (1, 4, 50):
        rankings = await index.search([probe()], Scope(), limit)
        assert [len(ranking.hits) for ranking in rankings] == [min(limit, 9)] * 2
    rankings = await index.search([probe()], Scope(), 0)
    assert [ranking.hits for ranking in rankings] == [(), ()]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), {"english", "british", "german", "taiwanese"}),
        (Scope(language="en"), {"english", "british"}),
        (Scope(language="EN"), {"english", "british"}),
        (Scope(language="en-GB"), {"english", "british"}),
        (Scope(language="en_US"), {"english"}),
        (Scope(language="de"), {"german"}),
        (Scope(language="zh-Hant"), {"taiwanese"}),
        (Scope(language="fr"), set()),
        (Scope(tags=("billing",)), {"english", "german"}),
        (Scope(tags=("billing", "router")), {"english", "british", "german"}),
        (Scope(tags=("none such",)), set()),
        (Scope(audience=("partner",)), {"german"}),
        (Scope(audience=("everyone", "partner")), {"english", "british", "german", "taiwanese"}),
        (Scope(language="en", tags=("billing",), audience=("everyone",)), {"english"}),
        (Scope(language="en", audience=("partner",)), set()),
    ],
)
async def test_a_scope_narrows_both_rankings(index: Adapter, scope: Scope, expected: set[str]) -> None:
    held = [
        passage("english", language="en", tags=("billing", "refunds")),
        passage("british", language="en-GB", tags=("router",)),
        passage("german", language="de", tags=("billing",), audience="partner"),
        passage("taiwanese", language="zh-Hant-TW"),
    ]
    await index.put(held, [unit(0.0)] * len(held))
    rankings = await index.search([probe(0.0, "router")], scope, 10)
    assert set(found(rankings, "dense")) == {passage_id(name) for name in expected}
    assert set(found(rankings, "bm25")) == {passage_id(name) for name in expected}


async def test_a_probe_finds_only_passages_about_one_of_its_subjects(index: Adapter) -> None:
    held = [
        passage("anbar", subjects=("Anbar", "Centre")),
        passage("bon", subjects=("Bon, Nene",)),
        passage("lower", subjects=("anbar",)),
        passage("longer", subjects=("Anbar Grill",)),
        passage("any"),
    ]
    await index.put(held, [unit(0.0)] * len(held))
    wanted = [("Anbar",), (), ("Bon, Nene", "Anbar"), ("nar",)]
    rankings = await index.search([probe(subjects=subjects) for subjects in wanted], Scope(), 10)
    expected = [{"anbar"}, {"anbar", "bon", "lower", "longer", "any"}, {"anbar", "bon"}, set[str]()]
    for number, names in enumerate(expected):
        for by in ("dense", "bm25"):
            assert set(found(rankings, by, number)) == {passage_id(name) for name in names}


async def test_subjects_narrow_what_the_scope_lets_through(index: Adapter) -> None:
    held = [passage("a", subjects=("X",), audience="partner"), passage("b", subjects=("X",)), passage("c")]
    await index.put(held, [unit(0.0)] * len(held))
    rankings = await index.search([probe(subjects=("X",))], Scope(audience=("everyone",)), 10)
    assert found(rankings, "dense") == found(rankings, "bm25") == [passage_id("b")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, {"always", "from", "until", "between"}),
        (_NOON - timedelta(days=9), {"always", "until"}),
        (_NOON - timedelta(microseconds=1), {"always", "until"}),
        (_NOON, {"always", "from", "until", "between"}),
        (_NOON + timedelta(days=1, microseconds=-1), {"always", "from", "until", "between"}),
        (_NOON + timedelta(days=1), {"always", "from"}),
        (datetime(9999, 1, 1, tzinfo=UTC), {"always", "from"}),
        (datetime(1, 1, 1, tzinfo=UTC), {"always", "until"}),
        (_NOON.astimezone(timezone(timedelta(hours=-11))), {"always", "from", "until", "between"}),
    ],
)
async def test_a_moment_hides_what_does_not_hold_then(index: Adapter, at: datetime | None, expected: set[str]) -> None:
    end = _NOON + timedelta(days=1)
    held = [passage("always"), passage("from", valid_from=_NOON), passage("until", valid_until=end)]
    held.append(passage("between", valid_from=_NOON, valid_until=end))
    await index.put(held, [unit(0.0)] * len(held))
    rankings = await index.search([probe()], Scope(at=at, language="en"), 10)
    assert set(found(rankings, "dense")) == {passage_id(name) for name in expected}
    assert set(found(rankings, "bm25")) == {passage_id(name) for name in expected}


@pytest.mark.parametrize(
    ("language", "text", "asked", "stop_words"),
    [
        ("en", "Refunds are paid within five days.", "refunding", "are the of"),
        ("de", "Die Rechnungen kommen per Post.", "Rechnung", "die das und"),
        ("es", "Los reembolsos tardan cinco días.", "reembolso", "los las y"),
        ("fr", "Les remboursements prennent cinq jours.", "remboursement", "les des et"),
        ("de-AT", "Die Rechnungen kommen per Post.", "Rechnung", "die das und"),
        ("pl", "Zwrot trwa pięć dni.", "zwrot", ""),
    ],
)
async def test_words_are_looked_up_by_the_rules_of_their_language(
    index: Adapter, language: str, text: str, asked: str, stop_words: str
) -> None:
    await index.put([passage("a", text, title="", language=language)], [unit(0.0)])
    both = [probe(text=asked, language=language), probe(text=stop_words, language=language)]
    rankings = await index.search(both, Scope(), 5)
    assert found(rankings, "bm25", 0) == [passage_id("a")]
    assert found(rankings, "bm25", 1) == []


async def test_a_name_is_found_in_articles_of_another_language(index: Adapter) -> None:
    await index.put([passage("a", "Der Router blinkt rot.", title="", language="de")], [unit(0.0)])
    [_, words] = await index.search([probe(text="my router is blinking")], Scope(), 5)
    assert [hit.passage.id for hit in words.hits] == [passage_id("a")]


async def test_the_language_of_the_scope_goes_before_that_of_the_probe(index: Adapter) -> None:
    await index.put([passage("a", "Die Rechnungen kommen.", title="", language="de")], [unit(0.0)])
    [_, words] = await index.search([probe(text="Rechnung", language="pl")], Scope(language="de"), 5)
    assert [hit.passage.id for hit in words.hits] == [passage_id("a")]


async def test_a_language_without_rules_finds_words_only_as_they_are_written(index: Adapter) -> None:
    await index.put([passage("a", "Zwroty trwają pięć dni.", title="", language="pl")], [unit(0.0)])
    rankings = await index.search([probe(text=text, language="pl") for text in ("zwrot", "ZWROTY", "piec")], Scope(), 5)
    assert [len(found(rankings, "bm25", number)) for number in range(3)] == [0, 1, 1]


async def test_a_passage_comes_back_as_it_was_put(index: Adapter) -> None:
    full = passage(
        "full",
        "Größe: “XL” — naïve café 日本語 🎧\n\ttab \\ \"quote\" 'single' </script>",
        title="Ünïcödé",
        heading="Größen > Maße",
        version=7,
        start=120,
        end=185,
        url="https://example.com/größe?a=1#b",
        tags=("größe", "日本"),
        audience="partner",
        language="de-AT",
        subjects=("Größe XL", "Café, Bar & Co"),
        page=12,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    )
    bare = passage("bare", "x", updated_at=None)
    await index.put([full, bare], [unit(0.0), unit(1.0)])
    [dense, _] = await index.search([probe(0.0)], Scope(), 5)
    assert [hit.passage for hit in dense.hits] == [full, bare]


async def test_putting_an_id_again_overwrites_it(index: Adapter) -> None:
    old = passage("a", "Old apples", tags=("old",))
    await index.put([old], [unit(0.0)])
    new = msgspec.structs.replace(old, text="New bananas", tags=("new",), version=2)
    await index.put([new], [unit(1.5)])
    assert await index.count() == 1
    rankings = await index.search([probe(1.5, "bananas"), probe(1.5, "apples")], Scope(), 5)
    assert [hit.passage for ranking in rankings for hit in ranking.hits] == [new, new, new]
    assert rankings[0].hits[0].score == pytest.approx(1.0)
    rankings = await index.search([probe()], Scope(tags=("old",)), 5)
    assert found(rankings, "dense") == []


async def test_of_two_passages_with_one_id_the_later_stays(index: Adapter) -> None:
    await index.put([passage("a", "first"), passage("a", "second")], [unit(0.0), unit(1.0)])
    [dense, _] = await index.search([probe()], Scope(), 5)
    assert [hit.passage.text for hit in dense.hits] == ["second"]


async def test_removed_passages_are_gone_and_unknown_ids_ignored(index: Adapter) -> None:
    await index.put([passage(name) for name in "abc"], [unit(0.0)] * 3)
    await index.remove([passage_id("b"), passage_id("never there")])
    rankings = await index.search([probe()], Scope(), 5)
    assert set(found(rankings, "dense")) == {passage_id("a"), passage_id("c")}
    assert set(found(rankings, "bm25")) == {passage_id("a"), passage_id("c")}
    assert await index.count() == 2


async def test_a_cleared_index_is_empty_and_can_be_filled_again(index: Adapter) -> None:
    await index.put([passage(name) for name in "abc"], [unit(0.0)] * 3)
    await index.clear()
    assert await index.count() == 0
    assert found(await index.search([probe()], Scope(), 5), "dense") == []
    await index.put([passage("d")], [unit(0.0)])
    assert await ids(index) == [passage_id("d")]


async def test_two_thousand_passages_are_held_searched_and_listed(index: Adapter) -> None:
    held = [passage(f"p{number}", f"Article about code{number}x.") for number in range(2000)]
    await index.put(held, [unit(number / 1000) for number in range(2000)])
    assert await index.count() == 2000
    assert sorted(await ids(index)) == sorted(it.id for it in held)
    rankings = await index.search([probe(1.2345, "code777x")], Scope(language="en"), 20)
    assert found(rankings, "dense")[:1] in ([held[1234].id], [held[1235].id])
    assert len(found(rankings, "dense")) == 20
    assert found(rankings, "bm25") == [held[777].id]
    await index.remove([it.id for it in held[:1500]])
    assert await index.count() == 500


async def test_searches_and_writes_may_overlap(index: Adapter) -> None:
    async def put(name: str) -> None:
        await index.put([passage(f"{name}{number}") for number in range(40)], [unit(0.0)] * 40)

    async def search() -> int:
        [dense, words] = await index.search([probe()], Scope(), 5)
        return max(len(dense.hits), len(words.hits))

    await put("first")
    results = await asyncio.gather(*(search() for _ in range(20)), *(put(name) for name in "abcd"))
    assert results[:20] == [5] * 20
    assert await index.count() == 200


async def test_vectors_of_another_model_are_refused_with_the_remedy(index: Adapter) -> None:
    with pytest.raises(IndexLayoutError, match="assist reindex"):
        await index.put([passage("a")], [(1.0, 0.0)])
    with pytest.raises(IndexLayoutError, match="assist reindex"):
        await index.search([Probe(vector=(1.0, 0.0), text="x")], Scope(), 5)
    with pytest.raises(ValueError, match="1 passages came with 2 vectors"):
        await index.put([passage("a")], [unit(0.0), unit(0.0)])
    assert await index.count() == 0


async def test_a_closed_index_says_so(index: Adapter) -> None:
    await index.count()
    await index.close()
    await index.close()
    with pytest.raises(UpstreamError) as caught:
        await index.count()
    assert (caught.value.service, caught.value.retryable) == ("qdrant", False)
