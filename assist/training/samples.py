"""What is learned from: judged turns of data sets, which tell seeking from the rest only, and own written examples."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from assist.evaluation.dataset import TURNS_FILE, DataSet, DataSetError
from assist.training.folds import asked_before, linked, sentence_keys
from assist.training.noise import misheard, spoken
from pipeline.turn_kinds import TURN_KINDS

EXAMPLES = Path(__file__).with_name("examples.tsv")
OWN = "own examples"
_HEADER = ["act", "agent", "customer"]

_OWN_WEIGHT = 1.5
_VARIANT_WEIGHT = 0.3
_SEEK = (True, False, False, False)
_NOT_SEEK = (False, True, True, True)


class Sample(Struct, frozen=True, kw_only=True):
    """One turn, or a variant of it as a recogniser might have written it."""

    source: str
    """The data set, or `OWN`."""
    text: str
    asked: str
    allowed: tuple[bool, ...]
    """Which of `TURN_KINDS` it may be."""
    weight: float
    call: str
    """Samples of the same call are never on both sides of a fold."""
    is_variant: bool
    """Made up for training: nothing is measured on it."""
    knows_similarity: bool = True


class _Heard(Struct, frozen=True, kw_only=True):
    asr_nbest: tuple[str, ...] = ()


class _Line(Struct, frozen=True, kw_only=True):
    turns: tuple[_Heard, ...]


def of_dataset(dataset: DataSet, folder: Path) -> list[Sample]:
    """Its turns with their variants: what the recogniser took for possible, where told, or made-up mishearings.

    Raises:
        DataSetError: the turns carry no labels.
    """
    if not dataset.judges_detection:
        raise DataSetError(f"{folder} does not tell knowledge-seeking turns from others; it cannot be trained on.")
    lines = (folder / TURNS_FILE).read_bytes().splitlines()
    heard = [msgspec.json.decode(line, type=_Line).turns[-1].asr_nbest for line in lines if line.strip()]
    scale = _small_set_scale(len(dataset.turns))
    samples: list[Sample] = []
    for turn, others in zip(dataset.turns, heard, strict=True):
        main = Sample(
            source=dataset.name,
            text=turn.turns[-1].text,
            asked=asked_before(turn),
            allowed=_SEEK if turn.knowledge_seeking else _NOT_SEEK,
            weight=scale,
            call=f"{dataset.name}/{turn.call}",
            is_variant=False,
        )
        samples += [main, *_variants(main, f"{turn.dialog_id}/{main.text}", tuple(others[1:]))]
    return samples


def of_examples(path: Path) -> list[Sample]:
    """The written examples: lines of kind, agent's words and customer's words with tabs between, under a header.

    Those that are no answers may as well open a call.

    Raises:
        DataSetError: a line is not of that form.
    """
    samples: list[Sample] = []
    for number, line in enumerate(_lines(path), start=1):
        cells = line.split("\t")
        if number == 1:
            if cells != _HEADER:
                raise DataSetError(f"{path}, line 1: expected {', '.join(_HEADER)} with tabs between them.")
            continue
        if len(cells) != len(_HEADER) or cells[0] not in TURN_KINDS or not cells[2].strip():
            raise DataSetError(f"{path}, line {number}: expected one of {', '.join(TURN_KINDS)}, a tab, {_HEADER[1:]}.")
        main = Sample(
            source=OWN,
            text=cells[2],
            asked=cells[1],
            allowed=tuple(kind == cells[0] for kind in TURN_KINDS),
            weight=_OWN_WEIGHT,
            call=f"{OWN}/{number}",
            is_variant=False,
        )
        samples += [main, *_variants(main, line, ())]
        if cells[0] != "inform" and main.asked:
            samples.append(msgspec.structs.replace(main, asked="", weight=_VARIANT_WEIGHT, is_variant=True))
    return samples


def fold_groups(samples: Sequence[Sample]) -> list[int]:
    """A number for each sample; those of one call, or of calls that share a sentence, have the same.

    The same talk stands in several data sets, once as typed and once as heard: without this it would be measured
    on what it has learned by heart.
    """
    return linked(
        [[sample.call, *(() if sample.is_variant else sentence_keys(sample.asked, sample.text))] for sample in samples]
    )


def _variants(main: Sample, seed: str, heard: Sequence[str]) -> Iterator[Sample]:
    def variant(text: str, share: float, *, knows: bool = True) -> Sample:
        return msgspec.structs.replace(
            main,
            text=text,
            asked=spoken(main.asked),
            weight=share * main.weight,
            is_variant=True,
            knows_similarity=knows,
        )

    for text in heard:
        yield variant(text, _VARIANT_WEIGHT)
    if not heard:
        yield variant(spoken(main.text), _VARIANT_WEIGHT)
    for number, strength in enumerate((0.5, 1.0)):
        text = misheard(main.text, random.Random(f"{number}/{seed}"), strength)  # noqa: S311
        yield variant(text, _VARIANT_WEIGHT, knows=number == 0)


def _small_set_scale(turns: int) -> float:
    """A set of a hundred turns would drown beside one of thousands."""
    return 3.0 if turns < 500 else 1.0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataSetError(f"{path} cannot be read ({error}).") from None
