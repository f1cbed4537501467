"""The packaged turn model, and weights files that cannot be used."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from integrations.embedding import LocalEmbedder
from integrations.packaged_model import PACKAGED_DIMENSIONS, PACKAGED_MODEL
from integrations.turn_model import (
    PACKAGED_WEIGHTS,
    TurnModel,
    TurnModelError,
    load_turn_model,
    probabilities,
    save_turn_model,
    turn_model_for,
)
from pipeline.speech_acts import Act, RuleSpeechActs
from pipeline.turn_kinds import SaidTurn, TurnChances

_BYTES_MAX = 2_000_000
_UNIT = (1.0,) + (0.0,) * (PACKAGED_DIMENSIONS - 1)


@pytest.fixture(scope="module")
def model() -> TurnModel:
    return load_turn_model()


@pytest.fixture
async def embedder() -> AsyncIterator[LocalEmbedder]:
    local = LocalEmbedder(threads=1)
    yield local
    await local.close()


def _said(text: str, asked: str = "", similarity: float | None = 0.4) -> SaidTurn:
    vector = _UNIT if asked else None
    return SaidTurn(text=text, asked=asked, vector=_UNIT, asked_vector=vector, act=Act.STATEMENT, similarity=similarity)


def _sum(chances: TurnChances) -> float:
    return chances.seek + chances.inform + chances.social + chances.end


def test_the_packaged_weights_load_and_are_small(model: TurnModel) -> None:
    assert PACKAGED_WEIGHTS.stat().st_size < _BYTES_MAX
    assert model.info.embedding_model == PACKAGED_MODEL
    assert model.info.dimensions == PACKAGED_DIMENSIONS


@pytest.mark.parametrize("text", ["how do i reset it", "", "?", "🙂 ¿qué?", "la " * 5000, "\x00\ud83d", "a'b'c"])
def test_chances_are_probabilities_whatever_the_text(model: TurnModel, text: str) -> None:
    for asked in ("", "How can I help?"):
        for similarity in (None, -0.1, 1.0):
            chances = model.classify(_said(text, asked, similarity))
            assert _sum(chances) == pytest.approx(1.0, abs=1e-5)
            assert min(chances.seek, chances.inform, chances.social, chances.end) >= 0.0
            assert chances.seeking is (chances.seek >= model.info.limit(Act.STATEMENT))
            assert (chances.kind == "seek") is chances.seeking


def test_a_higher_temperature_makes_it_less_sure(model: TurnModel) -> None:
    scores = np.array([[2.0, 0.0, 0.0, 0.0]], dtype=np.float32)
    assert probabilities(scores, 2.0)[0, 0] < probabilities(scores, 1.0)[0, 0]
    assert model.info.temperature > 0


async def test_plain_turns_are_understood(model: TurnModel, embedder: LocalEmbedder) -> None:
    acts = RuleSpeechActs()
    turns = [
        ("seek", "How can I help you?", "my dishwasher leaks and there's an error on the display"),
        ("seek", "It costs nine dollars a month.", "and is there a discount if i pay for the whole year"),
        ("inform", "What is your customer number?", "it's seven seven one zero four"),
        ("social", "Thanks for waiting.", "no problem at all"),
        ("end", "Is there anything else I can do for you?", "no that's everything thank you bye"),
    ]
    for kind, asked, text in turns:
        vector, asked_vector = await embedder.embed([text, asked], "query")
        said = SaidTurn(
            text=text, asked=asked, vector=vector, asked_vector=asked_vector, act=acts.read(text, asked).act
        )
        assert model.classify(said).kind == kind


def test_vectors_of_another_length_are_refused(model: TurnModel) -> None:
    said = msgspec.structs.replace(_said("hello"), vector=(1.0, 0.0))
    with pytest.raises(ValueError, match=PACKAGED_MODEL):
        model.classify(said)


def test_another_embedding_model_means_no_turn_model() -> None:
    assert turn_model_for("some-other-model") is None
    assert turn_model_for(PACKAGED_MODEL) is not None


def test_what_is_saved_is_loaded_again(model: TurnModel, tmp_path: Path) -> None:
    save_turn_model(model, tmp_path / "one")
    save_turn_model(load_turn_model(tmp_path / "one"), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert load_turn_model(tmp_path / "one").classify(_said("hello")) == model.classify(_said("hello"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TurnModelError, match="nowhere"):
        load_turn_model(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"\x10\x00\x00\x00\x00\x00\x00\x00{}"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken").write_bytes(content)
    with pytest.raises(TurnModelError, match="broken"):
        load_turn_model(tmp_path / "broken")


def test_weights_of_another_format_or_shape_are_refused(model: TurnModel, tmp_path: Path) -> None:
    other = msgspec.structs.replace(model.info, format=model.info.format + 1)
    save_turn_model(TurnModel(info=other, dense=model.dense, words=model.words), tmp_path / "other")
    with pytest.raises(TurnModelError, match="format"):
        load_turn_model(tmp_path / "other")
    save_turn_model(TurnModel(info=model.info, dense=model.dense[1:], words=model.words), tmp_path / "short")
    with pytest.raises(TurnModelError, match="fit together"):
        load_turn_model(tmp_path / "short")
