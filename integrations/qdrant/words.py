"""Sparse vectors for BM25: word endings and stop words of the language that a text is in."""

import re

from qdrant_edge import Bm25, Bm25Config, DisabledStemmer, SparseVector, StopwordsSet

from pipeline.types import Passage

_AVERAGE_TOKENS = 40.0
_NEUTRAL = ""
_ENGLISH = "english"
_STEMMED = {
    "da": "danish",
    "de": "german",
    "en": _ENGLISH,
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "nn": "norwegian",
    "pt": "portuguese",
    "sv": "swedish",
}
# Letters of codes are written apart from their digits as often as not: "P-104", "P 104", "P104".
_CODE = re.compile(r"\b(?:([A-Za-z]{1,5})-(\d{1,8})|([B-HJ-Zb-hj-z]) (\d{2,8}))\b")
# Kana, Han, Hangul, Thai, Lao, Burmese, Khmer: no blanks between words, or endings grown on to them. They are
# looked up by pairs of letters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")


class Words:
    """Makes the sparse vectors of passages and questions; the engine adds the rarity of each word."""

    def __init__(self) -> None:
        """Loads nothing yet; a language is loaded when it is first met, which is cheap."""
        self._models: dict[str, tuple[Bm25, ...]] = {}

    def of_passage(self, passage: Passage) -> SparseVector:
        """Title, headings and text together: the words people ask with are often only in the title."""
        text = _spelled("\n".join(part for part in (passage.title, passage.heading, passage.text) if part))
        return _merged([model.embed_document(text) for model in self._of(passage.language)])

    def of_query(self, text: str, language: str) -> SparseVector:
        """Without any index when no word is left to look for."""
        text = _spelled(text)
        return _merged([model.embed_query(text) for model in self._of(language)])

    def _of(self, language: str) -> tuple[Bm25, ...]:
        name = _STEMMED.get(language.replace("_", "-").partition("-")[0].casefold(), _NEUTRAL)
        if name not in self._models:
            self._models[name] = tuple(Bm25(config) for config in _configs(name))
        return self._models[name]


def _configs(name: str) -> list[Bm25Config]:
    if name == _NEUTRAL:
        # Without rules for a language every word counts, and only as it is written.
        words = StopwordsSet(custom=set())
        return [Bm25Config(stemmer=DisabledStemmer(), stopwords=words, avg_len=_AVERAGE_TOKENS, ascii_folding=True)]
    stemmed = Bm25Config(language=name, avg_len=_AVERAGE_TOKENS, ascii_folding=True)
    if name == _ENGLISH:
        return [stemmed]
    # Names of products are the same in every language, but each stems them in its own way.
    written = Bm25Config(language=name, stemmer=DisabledStemmer(), avg_len=_AVERAGE_TOKENS, ascii_folding=True)
    return [stemmed, written]


def _merged(vectors: list[SparseVector]) -> SparseVector:
    """The first vector, and half of what only a further one has."""
    if len(vectors) == 1:
        return vectors[0]
    weights: dict[int, float] = {}
    for number, vector in enumerate(vectors):
        for index, value in zip(vector.indices, vector.values, strict=True):
            weights.setdefault(index, value if number == 0 else value / 2)
    return SparseVector(indices=list(weights), values=list(weights.values()))


def _spelled(text: str) -> str:
    codes = " ".join("".join(parts) for parts in _CODE.findall(text))
    return f"{_UNSPACED.sub(_in_pairs, text)} {codes}"


def _in_pairs(run: re.Match[str]) -> str:
    letters = run.group()
    if len(letters) == 1:
        return f" {letters} "
    return " " + " ".join(letters[start : start + 2] for start in range(len(letters) - 1)) + " "
