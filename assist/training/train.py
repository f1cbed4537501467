"""From data sets and examples to a turn model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from scipy.sparse import csr_matrix

from assist.evaluation.dataset import DataSet
from assist.evaluation.system import Progress
from assist.samples import KNOWLEDGE
from assist.training.fitting import Material, fit
from assist.training.measuring import Judged, cross_validate
from assist.training.samples import EXAMPLES, OWN, Sample, of_dataset, of_examples
from assist.training.vectors import Vectors
from integrations.turn_features import BUCKETS, Floats, dense_features, word_features
from integrations.turn_model import TurnModel, info_for
from knowledge_ingest.documents import Document
from knowledge_ingest.sources import read
from pipeline.speech_acts import Act, RuleSpeechActs
from pipeline.turn_kinds import SaidTurn


class Written(Struct, frozen=True, kw_only=True):
    """Own examples, and the articles that their similarity is taken from."""

    examples: Path = EXAMPLES
    knowledge: Path = KNOWLEDGE


class Trained(Struct, frozen=True, kw_only=True):
    """A model, and what was measured of its like."""

    model: TurnModel
    judged: Judged | None
    """None when nothing was to be measured."""
    samples: int


async def train(
    sets: Sequence[tuple[DataSet, Path]],
    written: Written,
    vectors: Vectors,
    embedding_model: str,
    progress: Progress,
    *,
    measured: bool = True,
) -> Trained:
    """The same inputs give the same weights.

    Raises:
        DataSetError: a set or the examples cannot be used; says why.
        UpstreamError: the embedding model failed.
    """
    samples = of_examples(written.examples)
    for dataset, folder in sets:
        samples += of_dataset(dataset, folder)
    documents = {dataset.name: dataset.documents for dataset, _ in sets}
    documents[OWN] = tuple(item for item in read(written.knowledge) if isinstance(item, Document))
    material = await _material(samples, documents, vectors)
    judged = cross_validate(samples, material, lambda what: progress(what, 0, 1)) if measured else None
    progress("fitting the model", 0, 1)
    weights = fit(material)
    temperature, thresholds = (judged.temperature, judged.thresholds) if judged else (1.0, (0.5, 0.5))
    info = info_for(embedding_model, vectors.dimensions, temperature, thresholds)
    model = TurnModel(info=info, dense=weights.dense, words=weights.words)
    return Trained(model=model, judged=judged, samples=len(samples))


async def _material(
    samples: Sequence[Sample], documents: dict[str, tuple[Document, ...]], vectors: Vectors
) -> Material:
    turns = await vectors.of_turns([text for sample in samples for text in (sample.text, sample.asked) if text])
    nearest = np.zeros(len(samples), dtype=np.float32)
    for source, known in documents.items():
        rows = [place for place, sample in enumerate(samples) if sample.source == source]
        passages = await vectors.of_documents(known)
        for place in rows:
            nearest[place] = (passages @ turns[samples[place].text]).max()
    return _as_figures(samples, turns, nearest)


def _as_figures(samples: Sequence[Sample], turns: dict[str, Floats], nearest: Floats) -> Material:
    acts = RuleSpeechActs()
    dense: list[Floats] = []
    acts_read: list[Act] = []
    buckets, values, ends = [], [], [0]
    for sample, similarity in zip(samples, nearest.tolist(), strict=True):
        vector = turns[sample.text].tolist()
        said = SaidTurn(
            text=sample.text,
            asked=sample.asked,
            vector=vector,
            asked_vector=turns[sample.asked].tolist() if sample.asked else None,
            act=acts.read(sample.text, sample.asked).act,
            similarity=similarity if sample.knows_similarity else None,
        )
        acts_read.append(said.act)
        dense.append(np.append(dense_features(said), np.float32(1.0)))
        found, weights = word_features(said.text, said.asked)
        buckets.append(found)
        values.append(weights)
        ends.append(ends[-1] + len(found))
    words = csr_matrix((np.concatenate(values), np.concatenate(buckets), np.array(ends)), shape=(len(samples), BUCKETS))
    return Material(
        dense=np.array(dense, dtype=np.float32),
        words=words,
        allowed=np.array([sample.allowed for sample in samples], dtype=np.bool_),
        acts=tuple(acts_read),
        weights=np.array([sample.weight for sample in samples], dtype=np.float32),
    )
