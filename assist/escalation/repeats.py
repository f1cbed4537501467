"""When a customer asks again what the call has asked already, in nearly the same words. Pure."""

from assist.escalation.questions import normalised_question
from pipeline.languages import folded
from pipeline.stopwords import FILLERS
from pipeline.words import stem, words

_EMPTY = (frozenset(map(folded, FILLERS)) - {"no"}) | frozenset(
    folded(
        """
        a an the my your our this that these those please so then also again now just well ok okay hello hi hey and but
        still really actually right sorry
        der die das den dem ein eine einen einem einer mein meine meinen meinem bitte also dann auch nochmal jetzt mal
        denn und aber noch ja hallo entschuldigung
        el la los las un una mi mis por favor entonces también otra vez pues y pero hola perdón
        le les une mon ma mes s'il vous plaît alors aussi encore donc et mais bonjour pardon
        """
    ).split()
)
"""Words that may be added or left out without asking something else; "not", "off" and "when" are none of them."""


def is_same_question(one: str, other: str) -> bool:
    """Whether two questions differ in punctuation, order, inflection and empty words only."""
    if normalised_question(one) == normalised_question(other):
        return True
    first, second = _telling(one), _telling(other)
    return bool(first) and first == second


def _telling(question: str) -> frozenset[str]:
    return frozenset(stem(word) for word in map(folded, words(question)) if word not in _EMPTY)
