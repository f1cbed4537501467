"""What kind of answer a question wants: a duration, a price, a number. Told from its asking words alone."""

import re

_NUMBER = r"(?:\d[\d.,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|sixty|ninety)"
_UNIT = r"(?:second|minute|hour|day|week|month|year)s?"
_MONTHS = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_CLOCK = r"\d{1,2}(?::\d\d)? ?[ap]\.?m\b"

_TIME = re.compile(
    rf"\b{_NUMBER}(?: to {_NUMBER}|-\w+)? (?:\w+ )?{_UNIT}\b|\b{_MONTHS} \d|{_CLOCK}"
    r"|\b(?:immediately|instantly|at once|right away|overnight|same day|next day|mid-?night|noon)\b",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"[$€£]\s?\d|\b\d[\d.,]* ?(?:dollars?|euros?|pounds?|cents?|usd|eur|gbp|percent)\b|\d ?%"
    r"|\b(?:free|no (?:extra )?(?:charge|cost|fee)|costs? nothing)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"\b(?:\d[\d.,]*|two|three|four|five|six|seven|eight|nine|ten|twelve|unlimited|none)\b", re.IGNORECASE
)

_WANTED = (
    (
        re.compile(
            r"\b(?:how (?:long|soon|fast|quickly)|when|how many (?:\w+ )?" + _UNIT + r"|by what (?:time|date))\b"
        ),
        _TIME,
    ),
    (
        re.compile(
            r"\bhow much(?! (?:longer|time))|\b(?:cost|costs|price|prices|fee|fees|charge[ds]?|expensive|cheap)\b"
        ),
        _PRICE,
    ),
    (re.compile(r"\bhow (?:many|often|far|big|large)\b|\b(?:limit|maximum|minimum)\b"), _COUNT),
)


def gives_what_is_asked(question: str, sentence: str) -> bool | None:
    """Whether a sentence holds the kind of answer that a question wants; None: it wants no special kind."""
    asked = question.lower()
    for asking, answer in _WANTED:
        if asking.search(asked):
            return answer.search(sentence) is not None
    return None
