"""Words of support calls in any trade, as data. Nothing here belongs to one company."""

from pipeline.stopwords import word_set

_NAMES_OF_THINGS = (
    "account portal|air conditioner|android|api|app|application|bank card|battery|boiler|broadband|browser"
    "|cable box|calendar|camera|card reader|cell phone|charger|charging station|chrome|chromebook|coffee machine"
    "|coffee maker|computer|credit card|customer portal|dashboard|debit card|desktop|desktop app|dishwasher"
    "|doorbell|dryer|e-sim|earbuds|esim|extension|firefox|firewall|firmware|freezer|fridge|gateway|gift card"
    "|headphones|headset|heat pump|hub|internet|inverter|ios|ipad|iphone|keyboard|landline|laptop|linux|mac"
    "|macbook|macos|mailbox|mobile app|mobile phone|modem|monitor|online account|online banking|online shop|oven"
    "|pc|phone|phone app|plug-in|plugin|portal|printer|program|refrigerator|remote control|router|safari|scanner"
    "|sdk|sensor|set top box|set-top box|sim|sim card|site|smart hub|smart lock|smart meter|smart speaker"
    "|smart watch|smartphone|smartwatch|software|solar panels|speaker|tablet|television|terminal|thermostat|tv"
    "|vacuum|vacuum cleaner|voicemail|vpn|washer|washing machine|watch|web app|web page|web shop|web site|webcam"
    "|webpage|website|wi fi|wi-fi|wifi|windows|wlan"
)
GENERIC_PRODUCTS = frozenset(_NAMES_OF_THINGS.split("|"))
"""Kinds of things a call can be about even when the knowledge base names no product."""

SOFTWARE_WORDS = word_set(
    """
    app application software program website site page portal dashboard browser plugin extension api sdk firmware
    ios android windows macos linux chrome safari firefox online login log sign password
    """
)

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

CURRENCY_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
CURRENCY_WORDS = {
    "dollar": "USD",
    "dollars": "USD",
    "bucks": "USD",
    "usd": "USD",
    "euro": "EUR",
    "euros": "EUR",
    "eur": "EUR",
    "pound": "GBP",
    "pounds": "GBP",
    "quid": "GBP",
    "gbp": "GBP",
    "franc": "CHF",
    "francs": "CHF",
    "chf": "CHF",
    "rupees": "INR",
    "inr": "INR",
    "yen": "JPY",
    "cad": "CAD",
    "aud": "AUD",
}

VAGUE_STEM_SOURCES = word_set(
    """
    work works working worked job function functioning functional broken break broke bad wrong weird strange odd
    issue issues problem problems trouble troubles help question questions assistance support fix fixed repair
    solve resolve check look happen happens happening happened thing stuff fail fails failing failed properly
    correctly anymore longer today yesterday tomorrow now always sometimes again time times day days week minute
    minutes hour hours morning couple start started starting stop stopped stops calling call called ask asking
    contact contacting reach reaching regarding concerning matter situation messed mess up error errors message bug
    crazy stupid frustrating annoying terrible ridiculous customer service company guys really please new old
    account order device product item system service machine app application thing unit smart home model info
    information details more explain wondering information acting funny report complain complaint use using talk speak
    """
)
"""Words that say that something is wrong or wanted, but not what."""

TOP_LEVEL_DOMAINS = sorted(
    word_set("com net org edu gov info biz io co uk us de ch at fr it es nl be eu ca au in me dev app")
)

VAGUE_REPORTS = frozenset(
    [
        "wrong",
        "problem",
        "problems",
        "issue",
        "issues",
        "trouble",
        "question",
        "questions",
        "help",
        "inquiry",
        "enquiry",
        "concern",
    ]
)
"""With one of these, a single subject ("my bill") does not say yet what is wanted."""
