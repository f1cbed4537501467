"""Chunks into passages: their ids, and the text that stands for them in the index."""

import re
from collections.abc import Sequence
from uuid import UUID, uuid5

from knowledge_ingest.chunk import Chunk
from knowledge_ingest.documents import one_line
from pipeline.types import Passage

_NAMESPACE = UUID("5d1f3f0e-6c1b-5b8e-9b6a-3a1f4f0f7c21")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"\n]*\")?\)")
_RULE = re.compile(r"^[\s|:=-]{3,}$", re.MULTILINE)
_MARKS = re.compile(r"^\s*(?:#{1,6}\s+|>\s?)+|[*_]{2,3}|`+|<[^<>\n]{1,200}>", re.MULTILINE)
_QUESTION_SHARE = 0.5
"""Measured from 0.25 to 0.75: little difference."""
_CELLS = re.compile(r"[ \t]*\|[ \t]*")


def article_id(source: str, uri: str) -> UUID:
    """The same for the same place, in every database."""
    return uuid5(_NAMESPACE, f"article\n{source}\n{uri}")


def passage_id(article: UUID, version: int, chunk: Chunk) -> UUID:
    """The same for the same stretch of the same version, however often it is cut."""
    return uuid5(_NAMESPACE, f"passage\n{article}\n{version}\n{chunk.start}\n{chunk.end}")


def embedding_text(passage: Passage) -> str:
    """What is embedded for a passage: title, heading path and text, one below the other, without markup.

    People ask in the words of the title more often than in those of the text, and a passage from the middle
    of an article rarely repeats what it is about. Tags are named only where nothing else says them.
    """
    text = _unmarked(passage.text)
    above = [line for line in (passage.title, passage.heading) if line and not text.startswith(line)]
    said = " ".join([*above, text]).casefold()
    tags = [tag for tag in passage.tags if tag.casefold() not in said]
    return "\n".join([*([", ".join(tags)] if tags else []), *above, text])


def answer_views(passage: Passage, wordings: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """What is embedded for a passage that answers a question, each text with its share: the question in every wording,
    the answer below it, and the answer alone.

    One text of all would bury the question; people put a question anew in other words, which are nearer to a question
    than to its answer.
    """
    question = (passage.heading or "").rpartition(" > ")[2] or passage.title
    asked = tuple(dict.fromkeys(one_line(text) for text in (question, *wordings)))
    answer = _unmarked(passage.text)
    shares = tuple((text, _QUESTION_SHARE / len(asked)) for text in asked if text)
    rest = (1.0 - _QUESTION_SHARE) / 2
    return (*shares, (f"{question}\n{answer}", rest), (answer, rest))


def _unmarked(text: str) -> str:
    text = _LINK.sub(r"\1", text)
    text = _RULE.sub("", text)
    text = _MARKS.sub("", text)
    lines = (_CELLS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
