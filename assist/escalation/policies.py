"""The policy of this installation: read often, changed rarely."""

from dataclasses import dataclass

from assist.access import Principal
from assist.db.engine import Session, Sessions
from assist.escalation.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Policies:
    """Reads and changes the one policy."""

    sessions: Sessions
    timeout_minutes: float
    """REQUEST_TIMEOUT_MINUTES: resolution limit where the policy names none."""

    async def current(self, session: Session) -> Policy:
        """In force now; the defaults when none was ever stored."""
        raise NotImplementedError

    async def change(self, policy: Policy, principal: Principal, *, version: int) -> int:
        """Replaces version `version` (0: the defaults) and returns the new number."""
        raise NotImplementedError
