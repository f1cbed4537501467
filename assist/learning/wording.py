"""Questions and answers as they were spoken or typed, made into titles and texts of articles."""

import re

from knowledge_ingest.documents import legible, one_line
from pipeline.query import cleaned

_TITLE_CHARS_MAX = 200
_LEAD = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: there)?[,.!]?\s+"
    r"|(?:and|but|so|well|okay|ok|yes|no),?\s+"
    r"|(?:i have a question|quick question|i was wondering|i'd like to know|i would like to know|can you tell me"
    r"|could you tell me|please tell me|the customer (?:asks|wants to know|is asking))[,:.]?\s+)+",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:who|what|when|where|why|which|whose|how|can|could|do|does|did|is|are|was|were|will|would|may|should|has|have"
    r"|am|wer|was|wann|wo|warum|wie|kann|cómo|qué|cuándo|dónde|puedo|comment|quand|où|pourquoi)\b",
    re.IGNORECASE,
)
_HEADING = re.compile(r"^(\s{0,3})(#{1,6}(?:\s|$))", re.MULTILINE)
_COMMENT = re.compile(r"<!--")


def title_of(question: str, topic: str | None) -> str:
    """The question in words that stand alone; a topic that is a question goes before it."""
    asked = one_line(topic or "")
    text = asked if asked.endswith("?") else one_line(question)
    tidy = _LEAD.sub("", cleaned(text)).strip(" ,;:-") or text
    tidy = tidy[:1].upper() + tidy[1:]
    if len(tidy) > _TITLE_CHARS_MAX:
        tidy = tidy[:_TITLE_CHARS_MAX].rsplit(" ", 1)[0] + "…"
    return f"{tidy.rstrip('.! ')}?" if _ASKS.match(tidy) and not tidy.endswith(("?", "…", ")")) else tidy


def wordings_of(title: str, *asked: str | None) -> list[str]:
    """How the question was asked, each once, without what the title says in the same words."""
    found = dict.fromkeys(one_line(text)[:500] for text in asked if text)
    own = title.casefold().rstrip("?. ")
    return [text for text in found if text and text.casefold().rstrip("?. ") != own]


def body_of(answer: str) -> str:
    """A typed answer as Markdown that says the same: a line with # in front is no heading, and nothing is a comment."""
    text = _COMMENT.sub("&lt;!--", legible(answer).strip())
    return _HEADING.sub(lambda match: f"{match[1]}\\{match[2]}", text)
