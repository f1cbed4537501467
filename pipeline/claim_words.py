"""Words that decide what a sentence claims, as data; where a customer's language is not here, only its digits count."""

from pipeline.stopwords import word_set

NUMBER_WORDS = {
    word: str(value)
    for line in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty",
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze",
    )
    for value, word in enumerate(line.split())
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100", "twice": "2"}
NO_AMOUNT = frozenset({"one", "un", "uno", "once", "zero", "null", "acht"})
"""Also articles, or words of another language."""
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7"}
NEGATIONS = word_set(
    """
    not no never none without cannot can't don't doesn't didn't won't isn't aren't wasn't weren't hasn't haven't hadn't
    couldn't shouldn't wouldn't mustn't needn't neither nobody nothing nowhere unable hardly except excluding
    nicht kein keine keinen keinem keiner keines nie niemals ohne weder außer
    sin nunca jamás ningún ninguna ninguno nadie nada tampoco excepto salvo
    ne pas jamais sans aucun aucune rien personne sauf
    """
)
PREFIXES = ("un", "in", "im", "non", "dis", "ir", "il")
OPPOSITES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (word_set(one), word_set(other))
    for one, other in (
        ("before prior until vor bis antes avant", "after following since once nach ab después après"),
        (
            "more above over exceeding longer later greater mehr über más plus",
            "less below under fewer within up weniger unter menos moins",
        ),
        ("minimum least mindestens mínimo minimum", "maximum most höchstens máximo maximum"),
        ("enable enabled activate activated turn-on", "disable disabled deactivate deactivated"),
        ("open opens opened opening", "closed closes close closing"),
        ("include includes included including", "exclude excludes excluded excluding except"),
        (
            "allow allows allowed permit permits permitted welcome",
            "prohibit prohibits prohibited forbid forbidden banned",
        ),
        (
            "free complimentary gratis kostenlos gratuit gratuito",
            "fee fees charge charges charged surcharge extra paid costs",
        ),
        ("required mandatory obligatory must need needed", "optional voluntary"),
        ("increase increases increased raise raised", "decrease decreases decreased reduce reduced lower lowers"),
        ("always immer siempre toujours", "sometimes never rarely nie nunca jamais"),
        ("accept accepts accepted", "reject rejects rejected refuse refused decline declined"),
        ("online", "offline"),
        ("first", "last"),
        ("arrive arrives arrival check-in", "depart departs departure check-out"),
        ("refundable", "nonrefundable"),
    )
)
ABSOLUTES = (
    word_set("always every all anytime immer jeder siempre toujours"),
    word_set("only solely exclusively nur solo sólo únicamente seulement uniquement"),
    word_set("guarantee guarantees guaranteed garantiert garantizado garanti"),
    word_set("unlimited unbegrenzt ilimitado illimité"),
    word_set("immediately instantly instant immediate sofort inmediatamente immédiatement"),
    word_set("free complimentary gratis kostenlos kostenfrei gratuit gratuitement gratuito charge cost"),
)
"""Words that promise a lot: each needs one of its own line in the source."""
CONDITIONS = word_set(
    """
    if unless only except provided when while wenn falls nur außer sofern si solo sólo salvo cuando seulement sauf quand
    """
)
"""Words that limit what a clause promises."""
LIGHT_WORDS = word_set(
    """
    offer offers offered offering provide provides provided providing available include includes included location place
    option options currently guest guests customer customers able please note usual usually simply site
    verfügbar bieten bietet angeboten disponible ofrece ofrecen offre offrent proposé
    """
)
"""Words that can be swapped for others without a change of meaning; they prove nothing either."""
