"""How much one call may spend on language models."""

from collections import OrderedDict
from uuid import UUID

from msgspec import Struct

_CALLS_KEPT = 4096


class CallLimits(Struct, frozen=True, kw_only=True):
    """Of one call; None: no limit."""

    tokens: int | None = 60_000
    """Of prompts and answers together."""
    cost_usd: float | None = None
    """Counts only requests to models whose price is known."""


class Spent(Struct, frozen=True, kw_only=True):
    """What went so far."""

    tokens: int = 0
    cost_usd: float = 0.0

    def plus(self, tokens: int, cost_usd: float) -> "Spent":
        """The sum; may be negative amounts."""
        return Spent(tokens=self.tokens + tokens, cost_usd=self.cost_usd + cost_usd)


class CallBudgets:
    """Spending by call, of the calls seen last. Requests reserve the most they can cost, then settle what they did."""

    def __init__(self, limits: CallLimits | None = None) -> None:
        """Nothing is spent yet; a process that takes a call over begins at zero unless it is told by `charge`."""
        self._limits = limits or CallLimits()
        self._spent: OrderedDict[UUID, Spent] = OrderedDict()

    def spent(self, call_id: UUID) -> Spent:
        """With what is reserved."""
        return self._spent.get(call_id, Spent())

    def reserve(self, call_id: UUID | None, tokens: int, cost_usd: float | None) -> bool:
        """Whether it fits into what is left; if so it is taken."""
        if call_id is None:
            return True
        after = self.spent(call_id).plus(tokens, cost_usd or 0.0)
        most = self._limits
        if most.tokens is not None and after.tokens > most.tokens:
            return False
        if most.cost_usd is not None and after.cost_usd > most.cost_usd:
            return False
        self._keep(call_id, after)
        return True

    def charge(self, call_id: UUID | None, tokens: int, cost_usd: float | None) -> None:
        """Adds to what is spent; negative amounts give back."""
        if call_id is not None:
            self._keep(call_id, self.spent(call_id).plus(tokens, cost_usd or 0.0))

    def _keep(self, call_id: UUID, spent: Spent) -> None:
        self._spent[call_id] = spent
        self._spent.move_to_end(call_id)
        while len(self._spent) > _CALLS_KEPT:
            self._spent.popitem(last=False)
