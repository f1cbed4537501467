"""When a caller asks in other words what the call has asked already. Pure.

Two questions are one when the same things are said in them and they ask for the same (how long, when, how much, …).
Less than that is another question: a ticket too many costs less than a question lost.
"""

import re
from functools import lru_cache

from assist.escalation.repeats import is_same_question
from pipeline.claims import negations, numbers
from pipeline.languages import folded
from pipeline.stopwords import word_set
from pipeline.words import content, heard, stem, words

_REPORTING = frozenset(
    word
    for text in (
        """
        ask asked asking question questions answer tell know wonder wondering want wanted find out inform information
        customer caller client person company business firm please again still possible possibly able ability
        option way help check confirm say hear explain would whether currently now today actually exactly really
        offer offers offered provide provides supported support available availability cost costs price
        """,
        "frage fragen anrufer kunde kundin firma moglich moglichkeit wissen",
        "pregunta preguntar cliente empresa posible saber",
        "question demander client entreprise possible savoir",
    )
    for plain_word in text.split()
    for word in (plain_word, stem(plain_word))
)
"""Tell of asking, not of what is asked; of costs the kind of question tells."""
_DIRECTIONS = word_set("off out up down before after without less under")
"""Turn what is asked round, and carry no subject."""
_KINDS = (
    ("long", r"how (?:long|soon|fast|quickly)|how many (?:days|weeks|hours)|wie lange|cuanto tarda|combien de temps"),
    ("cost", r"how much|what (?:does|do|would|will) .{0,60}\bcosts?|price|costs?|wie viel|wieviel|cuanto|combien"),
    ("count", r"how many|wie viele|cuantos|cuantas"),
    ("when", r"when|what time|wann|cuando|quand"),
    ("where", r"where|wo|wohin|donde|ou"),
    ("why", r"why|warum|wieso|por que|pourquoi"),
    ("who", r"who|whom|wer|quien|qui"),
    ("how", r"how (?:do|can|to|should|would)|wie|como|comment"),
)


def asks_the_same(one: str, other: str) -> bool:
    """Whether an answer to one question answers the other."""
    if is_same_question(one, other):
        return True
    first, second = _said(one), _said(other)
    return bool(first) and first == second and _kind(one) == _kind(other) and _marks(one) == _marks(other)


@lru_cache(maxsize=1024)
def _said(question: str) -> frozenset[str]:
    return frozenset(word for word in map(folded, content(question)) if word not in _REPORTING)


@lru_cache(maxsize=1024)
def _kind(question: str) -> str:
    said = folded(heard(question))
    return next((kind for kind, pattern in _KINDS if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", said)), "")


def _marks(question: str) -> tuple[object, ...]:
    return numbers(question), negations(question) % 2, _DIRECTIONS & set(words(question))
