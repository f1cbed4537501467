"""Training on a tiny set: repeatable, with labels that tell only what a turn is not."""

import random
from pathlib import Path

import msgspec
import numpy as np
import pytest

from assist.evaluation.dataset import DataSetError, load
from assist.evaluation.vectors import VectorFile
from assist.training.noise import misheard, spoken
from assist.training.samples import EXAMPLES, OWN, fold_groups, of_dataset, of_examples
from assist.training.train import Trained, Written, train
from assist.training.vectors import Vectors
from integrations.turn_model import save_turn_model
from pipeline.speech_acts import Act
from pipeline.turn_kinds import TURN_KINDS, SaidTurn
from tests.pipeline.shelf import WordEmbedder, vector

_ASKED = ("do you have parking", "is there a lift", "are dogs allowed", "what does the pool cost", "is breakfast late")
_OTHER = ("book a table please", "two people", "tuesday is fine", "my name is ana", "thank you bye")


def _set(folder: Path, name: str = "tiny") -> Path:
    place = folder / name
    place.mkdir()
    lines = [
        {
            "dialog_id": f"{name}-{number}#1",
            "turns": [
                {"speaker": "agent", "text": f"Sentence {number}."},
                {"speaker": "customer", "text": text, "asr_nbest": [text, text.replace("a", "e")]},
            ],
            "knowledge_seeking": text in _ASKED,
        }
        for number, text in enumerate([*_ASKED, *_OTHER] * 2)
    ]
    (place / "turns.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    article = {"id": "1", "title": "Parking", "body": "There is parking behind the house."}
    (place / "kb.jsonl").write_bytes(msgspec.json.encode(article))
    return place


def _examples(folder: Path) -> Path:
    path = folder / "examples.tsv"
    lines = [
        "seek\tHow can I help?\tthe heating makes a noise",
        "seek\t\twhere is my refund",
        "inform\tYour name?\tjoe",
        "inform\tWhich day?\tmonday please",
        "social\tHi.\thello there",
        "social\tOne moment.\tsure",
        "end\tAnything else?\tno that is all",
        "end\tGoodbye.\tbye",
    ]
    path.write_text("\n".join(["act\tagent\tcustomer", *lines]))
    return path


def _ignore(what: str, done: int, total: int) -> None:
    return None


async def _trained(folder: Path, place: Path, *, measured: bool) -> Trained:
    embedder = WordEmbedder()
    files = [VectorFile(folder / f"{kind}.vectors", embedder.dimensions) for kind in ("turns", "passages")]
    vectors = Vectors(embedder, files[0], files[1], _ignore)
    written = Written(examples=_examples(folder), knowledge=place / "kb.jsonl")
    return await train([(load(place), place)], written, vectors, "words", _ignore, measured=measured)


async def test_the_same_inputs_give_the_same_weights(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        trained = await _trained(tmp_path / name, _set(tmp_path / name), measured=False)
        save_turn_model(trained.model, tmp_path / f"{name}.weights")
    assert (tmp_path / "one.weights").read_bytes() == (tmp_path / "two.weights").read_bytes()


async def test_partial_labels_are_learned_beside_whole_ones(tmp_path: Path) -> None:
    place = _set(tmp_path)
    trained = await _trained(tmp_path, place, measured=True)

    def seek(text: str) -> float:
        asked = "Sentence 1."
        said = SaidTurn(
            text=text, asked=asked, vector=vector(text), asked_vector=vector(asked), act=Act.STATEMENT, similarity=0.3
        )
        return trained.model.classify(said).seek

    assert min(map(seek, _ASKED)) > max(map(seek, _OTHER))
    assert trained.judged is not None
    assert {figures.source for figures in trained.judged.folds} == {"tiny", OWN}
    assert {figures.source for figures in trained.judged.left_out} == {"tiny", OWN}
    kinds = {figures.source: figures.kinds_right for figures in trained.judged.folds}
    assert kinds["tiny"] is None
    assert kinds[OWN] is not None


def test_a_set_tells_only_seeking_from_the_rest(tmp_path: Path) -> None:
    place = _set(tmp_path)
    samples = of_dataset(load(place), place)
    measured = [sample for sample in samples if not sample.is_variant]
    assert len(measured) == 20
    assert {sum(sample.allowed) for sample in measured} == {1, 3}
    assert "do you heve perking" in {sample.text for sample in samples if sample.is_variant}


def test_calls_that_share_a_sentence_are_in_one_fold(tmp_path: Path) -> None:
    long = "seek\tI have found three rooms for you near the old harbour of town.\tdo they {} pets there"
    path = tmp_path / "examples.tsv"
    path.write_text("\n".join(["act\tagent\tcustomer", long.format("take"), long.format("like"), "social\t\thello"]))
    samples = of_examples(path)
    groups = fold_groups(samples)
    by_call = {sample.call: group for sample, group in zip(samples, groups, strict=True)}
    assert len(set(groups)) == 2
    assert by_call[f"{OWN}/2"] == by_call[f"{OWN}/3"] != by_call[f"{OWN}/4"]


def test_the_examples_that_come_along_are_many_and_of_every_kind() -> None:
    samples = [sample for sample in of_examples(EXAMPLES) if not sample.is_variant]
    counts = np.array([sample.allowed for sample in samples]).sum(axis=0)
    assert len(samples) >= 600
    assert len({(sample.asked, sample.text) for sample in samples}) == len(samples)
    assert dict(zip(TURN_KINDS, counts.tolist(), strict=True))["seek"] >= 300
    assert counts.min() >= 90


@pytest.mark.parametrize(
    "line", ["question\tHi.\thello", "seek\thello", "seek\tHi.\t", "seek Hi. hello", "seek\tHi.\thello\tmore"]
)
def test_a_line_of_another_form_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "examples.tsv"
    path.write_text(f"act\tagent\tcustomer\nsocial\tHi.\thello\n{line}\n")
    with pytest.raises(DataSetError, match="line 3"):
        of_examples(path)


def test_mishearings_are_repeatable_and_grow_with_strength() -> None:
    text = "Could you tell me whether breakfast is included, and until 10?"
    assert spoken(text) == "could you tell me whether breakfast is included and until one zero"
    assert misheard(text, random.Random(1), 0.0) == spoken(text)
    assert misheard(text, random.Random(1), 0.8) == misheard(text, random.Random(1), 0.8)
    changed = dict.fromkeys((0.3, 1.0), 0)
    for strength in changed:
        for seed in range(50):
            heard = misheard(text, random.Random(seed), strength).split()
            changed[strength] += len(set(spoken(text).split()) - set(heard))
    assert 0 < changed[0.3] < changed[1.0]
