"""A line of `assist doctor`."""

from msgspec import Struct


class Finding(Struct, frozen=True, kw_only=True):
    """One line of the report."""

    name: str
    state: str
    """ok, off or failed."""
    detail: str
