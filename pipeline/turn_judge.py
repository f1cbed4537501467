"""Has the turn classifier judge what the customer has just said, against the rules' reading of it."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from pipeline.dialogue import Utterance
from pipeline.ports import Embedder, Index, Probe, Vector
from pipeline.turn_judging import is_to_be_judged, judged, said_turn
from pipeline.turn_kinds import TurnChances, TurnClassifier
from pipeline.types import Scope, Speaker

_REMEMBERED = 4096
_JUDGED_UTTERANCES = 6
"""The last utterances of the customer; what lies further back stays as the rules read it."""

_Key = tuple[str, str, Scope]


@dataclass(frozen=True, kw_only=True)
class TurnJudge:
    """Remembers its verdicts on single utterances, within bounds; make a new one when the knowledge base changes."""

    classifier: TurnClassifier
    embedder: Embedder
    index: Index
    _verdicts: OrderedDict[_Key, TurnChances] = field(default_factory=OrderedDict)

    async def __call__(self, spoken: Sequence[Utterance], scope: Scope) -> tuple[Utterance, ...]:
        """The same talk, with the classifier's word on the customer's last utterances.

        Raises:
            UpstreamError: the embedder or the index failed.
        """
        seen = msgspec.structs.replace(scope, at=None)
        said = [it for it in spoken if it.speaker is Speaker.CUSTOMER and is_to_be_judged(it)][-_JUDGED_UTTERANCES:]
        # A copy: while we wait for the model, other calls may push what we need out of the memory.
        verdicts = {key: self._verdicts[key] for it in said if (key := (it.text, it.asked, seen)) in self._verdicts}
        missing = [it for it in said if (it.text, it.asked, seen) not in verdicts]
        if missing:
            verdicts |= await self._judge(missing, scope, seen)
        if spoken and spoken[-1].speaker is Speaker.AGENT and spoken[-1].text:
            # The customer's reply needs this vector; nobody waits for it now.
            await self.embedder.embed([spoken[-1].text], "query")
        self._verdicts.update(verdicts)
        self._forget()
        return tuple(_with_verdict(it, verdicts.get((it.text, it.asked, seen))) for it in spoken)

    async def _judge(self, said: Sequence[Utterance], scope: Scope, seen: Scope) -> dict[_Key, TurnChances]:
        texts = list(dict.fromkeys(text for it in said for text in (it.text, it.asked) if text))
        vectors = dict(zip(texts, await self.embedder.embed(texts, "query"), strict=True))
        probes = [Probe(vector=vectors[it.text], text="") for it in said]
        rankings = await self.index.search(probes, scope, 1)
        nearest = {
            ranking.probe: ranking.hits[0].score for ranking in rankings if ranking.by == "dense" and ranking.hits
        }
        return {
            (it.text, it.asked, seen): self.classifier.classify(
                said_turn(it, vectors[it.text], _vector_of(it.asked, vectors), nearest.get(place))
            )
            for place, it in enumerate(said)
        }

    def _forget(self) -> None:
        while len(self._verdicts) > _REMEMBERED:
            self._verdicts.popitem(last=False)


def _with_verdict(utterance: Utterance, chances: TurnChances | None) -> Utterance:
    is_asked_about = utterance.speaker is Speaker.CUSTOMER and is_to_be_judged(utterance)
    return judged(utterance, chances) if chances and is_asked_about else utterance


def _vector_of(text: str, vectors: dict[str, Vector]) -> Vector | None:
    return vectors[text] if text else None
