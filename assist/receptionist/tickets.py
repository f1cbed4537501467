"""What supervisors read where a caller has asked nothing that could be quoted. In English, as their consoles are."""

WANTS_PERSON = "The caller wants to speak to a person. Please call back."
NOBODY_FREE = "The caller was to be passed to a person, but nobody took the call. Please call back."
TOO_LONG = "The conversation with the receptionist became too long. Please call back."
OUT_OF_ORDER = "The receptionist could not go on for a technical reason ({part}). Please call back."


def is_ticket(question: str) -> bool:
    """Whether it is one of these, and no question of the caller."""
    whole = (WANTS_PERSON, NOBODY_FREE, TOO_LONG)
    return question in whole or question.startswith(OUT_OF_ORDER.partition("{")[0])
