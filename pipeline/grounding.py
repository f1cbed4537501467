"""Answers that stand in the evidence: how a model is asked, and what of its text is kept."""

import re
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from pipeline.claims import addresses, without_opener
from pipeline.ports import Message
from pipeline.prompts import prompt
from pipeline.sentences import readable, spoken_sentences
from pipeline.support import Support, support
from pipeline.types import Citation, Hit, Passage, Query, Speaker

NO_ANSWER = "NO_ANSWER"
_TEXT_CHARS = 1_600
"""Of one passage; about 400 tokens."""
_UTTERANCES = 12
_UTTERANCE_CHARS = 400
_SENTENCES_MAX = 5
_MARKERS = re.compile(r"\s*(?:\[\d{1,3}(?:\s*[,;]\s*\d{1,3})*\]|【\d{1,3}[^】\n]{0,20}】)")
_NUMBERS = re.compile(r"\d{1,3}")
_END = re.compile(
    r"[.!?…。！？][\"')*_”’]{0,4}(?:\s*(?:\[[\d\s,;]{1,20}\]|【[^】\n]{1,24}】))*(?=\s+[^\s\[【])|[。！？]|\n"
)
_FENCE = re.compile(r"<(/?)\s*(evidence|passage|call|question)\b", re.IGNORECASE)
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LIST_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+|^\s*#{1,6}\s+|^\s*>\s?")


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence of the model that stands in the evidence."""

    text: str
    """Without markers and markup."""
    citations: tuple[Citation, ...]
    """At least one."""
    share: float
    """Of its words that stand in the cited place, (0, 1]."""


class GroundedText:
    """Reads a model's text as it is written and keeps the sentences that stand in the evidence."""

    def __init__(self, passages: Sequence[Passage], language: str = "en") -> None:
        """The passages as they were numbered in the prompt, from 1."""
        self._passages = tuple(passages)
        self._language = language
        self._buffer = ""
        self.kept: list[Verified] = []
        self.dropped = 0
        """Sentences that were not kept."""
        self.refused = False
        """The model said that the evidence does not hold the answer."""

    @property
    def text(self) -> str:
        """Whole sentences so far."""
        return " ".join(sentence.text for sentence in self.kept)

    @property
    def is_full(self) -> bool:
        """Enough was said; what follows would not be kept."""
        return self.refused or len(self.kept) >= _SENTENCES_MAX

    @property
    def citations(self) -> tuple[Citation, ...]:
        """In order of the sentences, each place once."""
        places: dict[tuple[UUID, int, int], Citation] = {}
        for sentence in self.kept:
            for citation in sentence.citations:
                places.setdefault((citation.passage.id, citation.start, citation.end), citation)
        return tuple(places.values())

    def feed(self, piece: str) -> bool:
        """Takes the next piece; whether a sentence was added."""
        self._buffer += _UNSEEN.sub("", piece)
        before, searched = len(self.kept), 0
        while stop := _END.search(self._buffer, searched):
            head = self._buffer[: stop.end()]
            if stop[0] != "\n" and not _is_end_of_sentence(head):
                searched = stop.end()
                continue
            self._buffer, searched = self._buffer[stop.end() :], 0
            self._judge(head)
        return len(self.kept) > before

    def finish(self, *, is_complete: bool = True) -> bool:
        """The text has ended; an unfinished last sentence is dropped unless it `is_complete`."""
        before, rest = len(self.kept), self._buffer.strip()
        self._buffer = ""
        if rest and (is_complete or NO_ANSWER in rest):
            self._judge(rest)
        elif rest:
            self.dropped += 1
        return len(self.kept) > before

    def _judge(self, written: str) -> None:
        if NO_ANSWER in written:
            self.refused = True
        if self.is_full or not any(char.isalnum() for char in _MARKERS.sub("", written)):
            return
        verified = verify(written, self._passages, self._language)
        if verified is None:
            self.dropped += 1
        elif verified.text not in {sentence.text for sentence in self.kept}:
            self.kept.append(verified)


def verify(written: str, passages: Sequence[Passage], language: str = "en") -> Verified | None:
    """A sentence with its markers, if it stands in what it cites: each part of it in one passage as a whole."""
    parts, text = _cited_parts(written), _spoken(_MARKERS.sub("", written))
    if not parts or not text or addresses(written) - addresses(text):
        return None
    citations: list[Citation] = []
    shares: list[float] = []
    for claim, cited in parts:
        found = [
            (passages[number - 1], place)
            for number in cited
            if 1 <= number <= len(passages) and (place := support(claim, passages[number - 1], language))
        ]
        if not found:
            return None
        citations += [citation for passage, place in found for citation in _citations(passage, place)]
        shares.append(max(place.share for _, place in found))
    return Verified(text=text, citations=tuple(citations), share=min(shares))


def answer_messages(query: Query, hits: Sequence[Hit]) -> tuple[Message, ...]:
    """The request for an answer; the hits are numbered from 1 in their order."""
    evidence = "\n".join(_numbered(number, hit.passage) for number, hit in enumerate(hits, start=1))
    return (
        Message(role="system", content=prompt("answer").replace("{language}", _tag(query.context.language))),
        Message(
            role="user",
            content=f"<evidence>\n{evidence}\n</evidence>\n{_call(query)}\n"
            f"<question>\n{_as_data(query.text, _UTTERANCE_CHARS)}\n</question>",
        ),
    )


def rewrite_messages(query: Query) -> tuple[Message, ...]:
    """The request for a query that stands alone."""
    question = _as_data(query.context.focus or query.text, _UTTERANCE_CHARS)
    return (
        Message(role="system", content=prompt("rewrite")),
        Message(role="user", content=f"{_call(query)}\n<question>\n{question}\n</question>"),
    )


def _numbered(number: int, passage: Passage) -> str:
    title = passage.title if not passage.heading else f"{passage.title} > {passage.heading}"
    return f"<passage>\n[{number}] {_as_data(title, 200)}\n{_as_data(passage.text, _TEXT_CHARS)}\n</passage>"


def _call(query: Query) -> str:
    lines = [
        f"{'Customer' if segment.speaker is Speaker.CUSTOMER else 'Agent'}: {_as_data(segment.text, _UTTERANCE_CHARS)}"
        for segment in query.context.turn.transcript[-_UTTERANCES:]
    ]
    return "<call>\n" + "\n".join(lines) + "\n</call>"


def _as_data(text: str, chars: int) -> str:
    """Cannot close the mark it stands in."""
    return _FENCE.sub(r"‹\1\2", _UNSEEN.sub(" ", text))[:chars].strip()


def _tag(language: str) -> str:
    return language if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", language) else "en"


def _is_end_of_sentence(head: str) -> bool:
    """Not after "e.g."; whatever follows begins a sentence then."""
    bare = _MARKERS.sub("", head).rstrip()
    return len(spoken_sentences(f"{bare[-40:]} Next")) > len(spoken_sentences(bare[-40:]))


def _cited_parts(written: str) -> list[tuple[str, tuple[int, ...]]]:
    """Parts of the sentence with the numbers right behind each; empty when any part has none."""
    parts: list[tuple[str, tuple[int, ...]]] = []
    begin = 0
    for run in re.finditer(rf"(?:{_MARKERS.pattern})+", written):
        claim = _spoken(written[begin : run.start()])
        cited = tuple(int(number) for number in _NUMBERS.findall(re.sub(r"†[^】]*", "", run[0])))
        if claim:
            parts.append((claim, cited))
        begin = run.end()
    rest = _spoken(written[begin:])
    return parts if not any(char.isalnum() for char in rest) else []


def _spoken(written: str) -> str:
    """As it is read aloud: no markup, no markers, no bare yes or no."""
    text = readable(_LIST_MARK.sub("", written)).strip()
    return without_opener(re.sub(r"\s+([.,;:!?])", r"\1", text))


def _citations(passage: Passage, found: Support) -> Iterable[Citation]:
    for start, end in found.places:
        yield Citation(
            passage=passage, quote=passage.text[start:end], start=passage.start + start, end=passage.start + end
        )
