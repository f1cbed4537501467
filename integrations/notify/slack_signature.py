"""Whether a request comes from Slack: HMAC-SHA256 over its raw body with the app's signing secret."""

import hashlib
import hmac

TOLERANCE_S = 300.0


def is_genuine(secret: str, timestamp: str, signature: str, body: bytes, now_s: float) -> bool:
    """True only for a good signature of at most five minutes ago or ahead; garbage is False, never an error.

    Args:
        secret: the app's; an empty one signs nothing.
        timestamp: header X-Slack-Request-Timestamp.
        signature: header X-Slack-Signature.
        body: exactly as it was received.
        now_s: seconds since 1970.
    """
    if not secret or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > len("9999999999"):
        return False
    if abs(now_s - int(timestamp)) > TOLERANCE_S:
        return False
    expected = "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
