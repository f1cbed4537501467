"""Drafts: a supervisor's answer on its way to becoming knowledge."""

from dataclasses import dataclass

from assist.access import Principal
from assist.db.engine import Session, Sessions
from assist.db.models import HelpRequest


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """Takes answers in, shows what they are near to, and carries out what supervisors decide."""

    sessions: Sessions

    async def take(self, session: Session, request: HelpRequest, learn: str, principal: Principal) -> None:
        """Makes an answered request a draft, in the caller's transaction; `approve` (or a role that the policy approves
        by itself) makes it an article at once, `none` nothing."""
        raise NotImplementedError
