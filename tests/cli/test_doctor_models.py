"""`assist doctor` tells whether the model endpoints answer, and what to change when they don't."""

from pathlib import Path

from assist.cli.doctor import examine_models
from assist.cli.findings import Finding
from assist.settings import Settings
from tests.doubles.openai_server import Reply, openai_double


async def findings(**given: object) -> dict[str, Finding]:
    return {found.name: found for found in await examine_models(Settings.model_validate(given))}


async def test_nothing_is_configured() -> None:
    found = await findings()
    assert found["language model"].state == "off"
    assert "sha256 verified" in found["embedding model"].detail
    assert found["reranker"].state == "off"


async def test_a_model_that_the_endpoint_has_is_fine_and_one_that_it_lacks_is_not() -> None:
    async with openai_double() as double:
        found = await findings(openai_base_url=double.base_url, language_model="small", answer_model="huge")
    assert found["language model for rewrite"].state == "ok"
    assert found["language model for answer"].state == "failed"
    assert "small, large" in found["language model for answer"].detail


async def test_a_reranker_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    found = await findings(reranker=str(tmp_path / "gone"))
    assert found["reranker"].state == "failed"
    assert "ASSIST_RERANKER" in found["reranker"].detail


async def test_a_model_without_a_place_is_told() -> None:
    found = await findings(language_model="small")
    assert found["language model"].state == "failed"
    assert "OPENAI_BASE_URL" in found["language model"].detail


async def test_an_endpoint_that_is_gone_is_told_with_what_to_check() -> None:
    async with openai_double() as double:
        gone = double.base_url
    found = await findings(openai_base_url=gone, language_model="small", embedding_url=gone, embedding_model="tiny")
    for name in ("language model for answer", "embedding model"):
        assert found[name].state == "failed"
        assert "Check" in found[name].detail


async def test_an_embedding_endpoint_tells_its_dimensions() -> None:
    async with openai_double(Reply()) as double:
        found = await findings(embedding_url=double.base_url, embedding_model="tiny")
        nameless = await findings(embedding_url=double.base_url)
    assert found["embedding model"].detail.endswith("8 dimensions")
    assert "ASSIST_EMBEDDING_MODEL" in nameless["embedding model"].detail
