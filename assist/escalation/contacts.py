"""By which way a customer is reached after the call. Pure."""

import re
from collections.abc import Collection, Iterator

from msgspec import Struct

from assist.db.models import CallSession, HelpRequest

CALLBACK = "callback"
SMS, EMAIL = "sms", "email"
_EMAIL = re.compile(r"[^@\s<>]{1,100}@[^@\s<>]{1,200}\.[^@\s<>.]{2,50}")
_PHONE = re.compile(r"\+?[\d\s().\-/]{6,30}")
_LEAST_DIGITS = 6


class Way(Struct, frozen=True, kw_only=True):
    """How an answer goes to a customer."""

    channel: str
    """sms, email or callback."""
    address: str | None
    """None: nobody knows how to reach them; for a callback a telephone number where one is known."""


def way_to_customer(request: HelpRequest, call: CallSession | None, configured: Collection[str]) -> Way:
    """The first address that a configured channel reaches; the channel that the request names comes first, then what
    the request itself says before what the call and the CRM know. Without any: somebody has to call.
    """
    known = list(dict.fromkeys(_known(request, call)))
    wished = request.channel if request.channel in (SMS, EMAIL) else None
    for channel, address in sorted(known, key=lambda way: way[0] != wished):
        if channel in configured:
            return Way(channel=channel, address=address)
    numbers = [address for channel, address in known if channel == SMS]
    others = [address for _, address in known] + [(request.customer_contact or "").strip() or None]
    return Way(channel=CALLBACK, address=(numbers or others)[0])


def _known(request: HelpRequest, call: CallSession | None) -> Iterator[tuple[str, str]]:
    """(channel, address), best first."""
    texts = [request.customer_contact]
    if call is not None:
        texts += [call.customer_phone, call.crm_metadata.get("customer_email"), call.crm_metadata.get("email")]
    for text in texts:
        found = address_of(text) if isinstance(text, str) else None
        if found is not None:
            yield found


def is_number(address: str | None) -> bool:
    """Whether it can be rung."""
    found = address_of(address) if address else None
    return found is not None and found[0] == SMS


def address_of(contact: str) -> tuple[str, str] | None:
    """(channel, address) of a telephone number or an e-mail address; None: it is neither."""
    text = contact.strip().removeprefix("tel:").removeprefix("mailto:")
    if _EMAIL.fullmatch(text):
        return EMAIL, text
    digits = re.sub(r"\D", "", text)
    if not _PHONE.fullmatch(text) or len(digits) < _LEAST_DIGITS:
        return None
    if text.startswith("+"):
        return SMS, f"+{digits}"
    return SMS, f"+{digits[2:]}" if digits.startswith("00") else digits
