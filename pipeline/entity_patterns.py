"""The forms of entities. Each pattern has bounded repeats, so that matching takes linear time."""

import re
from collections.abc import Callable

from pipeline.support_words import CURRENCY_SIGNS, CURRENCY_WORDS, MONTHS, TOP_LEVEL_DOMAINS, WEEKDAYS

Value = Callable[[re.Match[str]], str | None]

DAY_WORDS = (*MONTHS, *WEEKDAYS, "tomorrow", "yesterday", "today", "tonight")
_I = re.IGNORECASE
_MONTH = "(?:" + "|".join([*MONTHS, *(month[:3] for month in MONTHS), "sept"]) + r")\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?:19|20)\d\d)?"
_TLD = "(?:" + "|".join(TOP_LEVEL_DOMAINS) + ")"
_SPOKEN_LINK = r"(?: (?:dot|underscore|dash|hyphen) \w{1,30})"
_CURRENCY = "|".join(CURRENCY_WORDS)
_LEADING_PREPOSITION = re.compile(r"^(?:on|in|since|by|until|the) ")
_MONEY = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_IS = r"(?:[:=]| is| was| of| says| reads| shows| like|,)?(?: (?:the|an?|just|it's))?"
_ID = r"#? ?(?=[a-z]{0,6}[- ]?\d)((?:[a-z]{1,6}[- ]?)?\d[\dA-Z]*(?:[- ]\d[\dA-Z]*){0,6})"
_NUMBER = r"(?: ?(?:number|no\.?|num|nr\.?|id|code|reference|ref|#))?"

EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")
SPOKEN_EMAIL = re.compile(
    rf"\b(\w{{1,30}}{_SPOKEN_LINK}{{0,4}}) at (\w{{1,40}}(?: (?:dot|dash) (?!{_TLD}\b)\w{{1,30}}){{0,2}}"
    rf" dot {_TLD}(?: dot {_TLD})?)\b",
    _I,
)
LINK = re.compile(r"\bhttps?://\S{1,300}|\bwww\.\S{1,300}", _I)
DATE = re.compile(
    rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}|\d{{1,2}}/\d{{1,2}}"
    rf"|{_MONTH} (?:the )?{_DAY}{_YEAR}|(?:the )?{_DAY}(?: of)? {_MONTH}{_YEAR}"
    rf"|(?:(?:last|next|this|on|since|by|until) )?(?:{'|'.join(WEEKDAYS)})"
    rf"|(?:last|next) (?:week|month|year|weekend)"
    rf"|(?:in |on |since |last |next |this )(?:{'|'.join(MONTHS)})\b(?! \d)"
    rf"|(?:the day (?:before|after) )?(?:tomorrow|yesterday)|(?<!you )(?<!you doing )today|tonight)\b(?!\.\d)",
    _I,
)
AMOUNT = re.compile(
    rf"([$€£¥₹]) ?({_MONEY})|\b({_MONEY}) ?(?:us |u\.s\. )?({_CURRENCY}|[$€£¥₹])(?![a-z])(?: and (\d{{1,2}}) cents?)?",
    _I,
)
CENTS = re.compile(r"\b(\d{1,3}) cents\b", _I)
PHONE = re.compile(r"(?<![\w#.-])(\+?\(?\d[\d().\- /]{5,22}\d)(?![\w-])")
_PHONE_NAMED = r"(?:phone|mobile|cell|telephone|callback|contact)(?: phone)?(?: number)?|call me (?:back )?(?:at|on)"
PHONE_NAMED = re.compile(rf"\b(?:{_PHONE_NAMED}){_IS} ?(\+?\(?\d[\d().\- /]{{3,22}}\d)(?![\w-])", _I)
TICKET = re.compile(
    rf"\b(?:ticket|case|incident|support request|service request|request){_NUMBER}{_IS} ?{_ID}(?!\w)", _I
)
ORDER = re.compile(
    rf"\b(?:order|purchase|invoice|booking|reservation|confirmation|tracking|shipment|parcel|delivery|transaction)"
    rf"{_NUMBER}{_IS} ?{_ID}(?!\w)",
    _I,
)
OTHER_NUMBER = re.compile(
    rf"\b(?:account|customer|member(?:ship)?|policy|contract|serial|model|part|zip|postal|post|area|sort|promo|coupon"
    rf"|discount|voucher|gift|verification|security|access|activation|confirmation|country|pin|one[- ]time|otp|card"
    rf"|room|flat|apartment|apt|suite|seat|gate|flight|extension|ext|reference|ref|imei|iccid|vin|license|licence)"
    rf"(?: card)?{_NUMBER}{_IS} ?{_ID}(?!\w)",
    _I,
)
HASH_ID = re.compile(r"(?<![\w&])#([A-Z]{0,6}-?\d[\dA-Z]*(?:-[\dA-Z]{1,12}){0,4})", _I)
VERSION = re.compile(
    r"\b(?:version|ver\.?|v\.?|release|build|firmware(?: version)?|ios|ipados|android|windows|macos|app)"
    r"(?: number)?(?: is| was|:)? ?v?(\d{1,5}(?:\.\d{1,6}){0,4}[a-z]?)\b(?! ?(?:percent|%|times|minutes|hours|days))",
    _I,
)
DOTTED_VERSION = re.compile(r"(?<![\w.])v?(\d{1,4}(?:\.\d{1,6}){2,4})\b(?!\.\d)", _I)
HEX_CODE = re.compile(r"\b0x[0-9a-f]{2,16}\b", _I)
NAMED_CODE = re.compile(r"\b(?:[A-Z0-9]{1,20}_){0,4}ERR(?:OR)?(?:_[A-Z0-9]{1,30}){1,6}\b", _I)
_CODE = r"((?:[A-Z]{1,5}(?:[- ](?=\d))?)?\d{1,6}(?:[.-]\d{1,5})?[A-Z]?)"
ERROR_CODE = re.compile(
    rf"\b(?:(?:error|err|fault|status|exception|failure|stop|http|trouble)(?: ?(?:code|number|message|status|no\.?))?"
    rf"|(?<!zip )(?<!promo )code|(?:blinks?|flash(?:es|ing)?|display(?:s|ing)?|shows?|showing))"
    rf"(?: ?[:=#]| is| was| of| says| saying| that says| reading| called| like| with|,){{0,2}}"
    rf"(?: (?:the|an?|code|error|number)){{0,2}} ?[\"'#(]?{_CODE}(?![\w%:/])(?! ?(?:times|minutes?|hours?|days?|weeks?"
    r"|months?|years?|seconds?|percent|people|of|items?|more|bars?|am\b|pm\b|lights?|devices?))",
    _I,
)
CODE_ERROR = re.compile(
    r"\b((?:[A-Z]{1,4}-?)?\d{2,6})(?:'s)? (?:errors?|fault|exception|status|not found|unauthorized)\b", _I
)
HTTP_CODE = re.compile(
    r"\b(?:getting|get|got|gets|see|seeing|shows?|says|gives? me|gave me|returns?|with) (?:an?|the) ([45]\d\d)\b"
    r"(?! ?[a-z]{0,30}s\b)",
    _I,
)
SHAPED_CODE = re.compile(r"(?<![\w#-])([A-Z]{1,4}-\d{2,5}|[Ee]-?\d{1,4}|[EF]\d{1,3})(?![\w-])")

_BARE_ID = re.compile(r"(?<![\w.])(?=[A-Z]{0,6}-?\d)([A-Z]{0,6}[- ]?\d[\dA-Z]*(?:[- ]\d[\dA-Z]*){0,6})(?!\w)", _I)
_BARE_VERSION = re.compile(r"(?<![\w.])v?(\d{1,5}(?:\.\d{1,6}){0,4})(?!\w)", _I)
_BARE_MONEY = re.compile(rf"(?<![\w.])({_MONEY})(?!\w)")

ASKED_FOR = tuple(
    (entity_type, re.compile(rf"\b(?:{form})\b", _I))
    for entity_type, form in (
        ("error_code", r"(?:error|fault|which|what|the) (?:\w+ )?(?:codes?|messages?)|which error|what error"),
        ("version", r"version|release|firmware|which build"),
        ("ticket_number", r"(?:ticket|case|incident) (?:number|id|reference)"),
        (
            "order_number",
            r"(?:order|purchase|invoice|booking|reservation|tracking|confirmation) (?:number|id|reference|code)",
        ),
        ("phone", r"(?:phone|mobile|cell|telephone|callback|contact|best) number"),
        ("amount", r"how much|what amount|which amount|the amount"),
    )
)


def _spelled(match: re.Match[str]) -> str:
    user, host = (part.lower().replace(" dot ", ".") for part in (match[1], match[2]))
    for word, sign in ((" underscore ", "_"), (" dash ", "-"), (" hyphen ", "-")):
        user, host = user.replace(word, sign), host.replace(word, sign)
    return f"{user}@{host}"


def _whole(match: re.Match[str]) -> str:
    return _LEADING_PREPOSITION.sub("", match[0].lower()).strip(" .,")


def _money(match: re.Match[str]) -> str:
    sign, signed, counted, unit, cents = match.groups()
    currency = CURRENCY_SIGNS[sign] if sign else CURRENCY_SIGNS.get(unit) or CURRENCY_WORDS[unit.lower()]
    number = _decimal(signed or counted)
    return f"{number}.{int(cents):02d} {currency}" if cents and "." not in number else f"{number} {currency}"


def _decimal(number: str) -> str:
    head, comma, tail = number.rpartition(",")
    if comma and len(tail) < 3:
        return f"{head.replace(',', '')}.{tail}"
    return number.replace(",", "")


def _cents(match: re.Match[str]) -> str:
    return f"{int(match[1]) / 100:.2f} USD"


def _phone(match: re.Match[str]) -> str | None:
    digits = re.sub(r"\D", "", match[1])
    plus = match[1].startswith("+")
    grouped = re.search(r"\d[ ().-]+\d", match[1]) is not None
    if 10 <= len(digits) <= 15 and (plus or grouped or len(digits) <= 11):
        return ("+" if plus else "") + digits
    if plus and len(digits) >= 8:
        return "+" + digits
    return digits if len(digits) == 7 and re.fullmatch(r"\d{3}[ .-]\d{4}", match[1]) else None


def _named_phone(match: re.Match[str]) -> str | None:
    digits = re.sub(r"\D", "", match[1])
    return ("+" if match[1].startswith("+") else "") + digits if 6 <= len(digits) <= 15 else None


def _identifier(match: re.Match[str]) -> str | None:
    """Joined digits; single small numbers are counts ("order 2 pizzas"), not numbers of orders."""
    value = re.sub(r"(?<=\d) (?=\d)", "", match[1]).strip().upper().replace(" ", "-")
    return value if len(re.sub(r"\D", "", value)) >= 3 else None


def _first(match: re.Match[str]) -> str:
    return match[1].lower()


def _code(match: re.Match[str]) -> str | None:
    """Upper case without inner space; years and prices have been claimed before."""
    value = match[1].upper()
    letters = re.match(r"[A-Z]+", value)
    if letters and letters[0] in _NO_CODE_LETTERS:
        value = value[len(letters[0]) :].lstrip(" -")
    return re.sub(r"\s", "", value) or None


_NO_CODE_LETTERS = frozenset({"IS", "THE", "A", "AN", "OF", "ON", "IN", "AT", "TO", "FOR", "AND", "WAS", "MY", "ONLY"})

IN_ORDER: tuple[tuple[str | None, re.Pattern[str], Value], ...] = (
    ("email", EMAIL, lambda match: match[0].lower().strip(".-")),
    ("email", SPOKEN_EMAIL, _spelled),
    (None, LINK, _whole),
    ("date", DATE, _whole),
    ("amount", AMOUNT, _money),
    ("amount", CENTS, _cents),
    ("error_code", HEX_CODE, lambda match: match[0].lower()),
    ("error_code", NAMED_CODE, lambda match: match[0].upper()),
    ("phone", PHONE_NAMED, _named_phone),
    ("ticket_number", TICKET, _identifier),
    ("order_number", ORDER, _identifier),
    (None, OTHER_NUMBER, _identifier),
    ("order_number", HASH_ID, _identifier),
    ("phone", PHONE, _phone),
    ("error_code", CODE_ERROR, _code),
    ("version", VERSION, _first),
    ("version", DOTTED_VERSION, _first),
    ("error_code", ERROR_CODE, _code),
    ("error_code", HTTP_CODE, _code),
    ("error_code", SHAPED_CODE, _code),
)
"""Most telling first: what an earlier pattern claims, a later one no longer sees. None: recognised, not reported."""


def bare_values(text: str, wanted: str) -> list[str]:
    """Numbers that stand alone in the answer to a question for one."""
    if wanted == "version":
        return [match[1] for match in _BARE_VERSION.finditer(text)][:1]
    if wanted == "amount":
        return [f"{_decimal(match[1])} USD" for match in _BARE_MONEY.finditer(text)][:1]
    if wanted == "phone":
        return [value for match in PHONE.finditer(text) if (value := _named_phone(match))][:1]
    found = (re.sub(r"(?<=\d) (?=\d)", "", match[1]).strip().upper() for match in _BARE_ID.finditer(text))
    return [value.replace(" ", "-") for value in found if wanted == "error_code" or len(value) >= 3][:1]
