"""Everything around supervisors, composed: requests, policy, routing, notifications, learning."""

from collections.abc import Callable
from dataclasses import dataclass

from assist.db.engine import Sessions
from assist.delivery import Hub
from assist.escalation.answers import AnswerDelivery
from assist.escalation.policies import Policies
from assist.escalation.requests import HelpRequests
from assist.escalation.routing import Router
from assist.jobs import Job
from assist.learning.drafts import Drafts
from assist.notifications.notifier import Notifier


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """What routes, turns and jobs use of it."""

    help_requests: HelpRequests
    policies: Policies
    drafts: Drafts
    notifier: Notifier
    jobs: tuple[Job, ...] = ()
    """For the worker."""


def make_supervision(sessions: Sessions, hub: Hub, announce: Callable[[], None]) -> Supervision:
    """The parts, in the order of who needs whom."""
    notifier = Notifier()
    policies = Policies(sessions=sessions, timeout_minutes=30.0)
    drafts = Drafts(sessions=sessions)
    help_requests = HelpRequests(
        sessions=sessions,
        policies=policies,
        router=Router(),
        notifier=notifier,
        answers=AnswerDelivery(notifier=notifier),
        drafts=drafts,
        hub=hub,
        announce=announce,
    )
    return Supervision(help_requests=help_requests, policies=policies, drafts=drafts, notifier=notifier)
