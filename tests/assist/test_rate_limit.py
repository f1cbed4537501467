"""How often somebody may do something."""

import pytest

from assist.errors import RequestError
from assist.rate_limit import RateLimit


def test_a_window_slides_for_each_key_and_the_refusal_says_when_to_come_back() -> None:
    now = 100.0
    limit = RateLimit(most=2, window_s=60.0, code="too_much", detail="Too much.", clock=lambda: now)
    limit.take("ann")
    now = 110.0
    limit.take("ann")
    with pytest.raises(RequestError) as refused:
        limit.take("ann")
    assert (refused.value.status, refused.value.code, refused.value.headers) == (429, "too_much", {"Retry-After": "50"})
    assert refused.value.detail == "Too much. Try again in 50 seconds."
    limit.take("bob")
    now = 160.5
    limit.take("ann")
    with pytest.raises(RequestError):
        limit.take("ann")
    limit.forget("ann")
    limit.take("ann")
