"""Judged turns as a run would give them."""

from collections.abc import Sequence

from assist.evaluation.dataset import DataSet, JudgedTurn, Said
from assist.evaluation.run import Found, Judged
from assist.evaluation.system import Row
from pipeline.types import Speaker

ROWS = {
    id_: Row(id=id_, title=f"About {id_}", subjects=(id_.partition("/")[0],), body=f"The text of {id_}.")
    for id_ in ("inn/1", "inn/2", "pub/1", "pub/2")
}


def judged(
    dialog_id: str,
    *,
    seeking: bool | None,
    detected: bool,
    relevant: Sequence[str] = (),
    found: Sequence[str] = (),
    confidence: float | None = None,
) -> Judged:
    """A turn and what was made of it; times are those of the pipeline's stages in ms."""
    said = (Said(speaker=Speaker.AGENT, text="Which one?"), Said(speaker=Speaker.CUSTOMER, text="Can I park there?"))
    return Judged(
        turn=JudgedTurn(dialog_id=dialog_id, turns=said, knowledge_seeking=seeking, relevant_ids=tuple(relevant)),
        detected=detected,
        asked="Can I park there?" if detected else "",
        searched=("semantic ×1.00: can i park there",),
        subjects=("inn (place 0.90)",),
        found=tuple(Found(row_id=id_, score=0.03, similarity=0.5, lexical=2.0) for id_ in found),
        confidence=confidence,
        answers=int(bool(confidence and confidence > 0.5)),
        stage_ms={"context": 1.0, "query": 1.0} | ({"retrieve": 18.0} if detected else {}),
        total_ms=20.0 if detected else None,
        embedding_ms=10.0 if detected else None,
    )


def dataset(results: Sequence[Judged], *, judges_detection: bool = True) -> DataSet:
    """The set that they came from."""
    return DataSet(
        name="inns",
        documents=(),
        turns=tuple(result.turn for result in results),
        judges_detection=judges_detection,
        notes=(),
    )
