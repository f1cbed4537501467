"""Everything around supervisors, composed: requests, policy, routing, notifications, learning."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from assist.audit import AuditLog
from assist.channel_settings import NotificationSettings
from assist.db.engine import Sessions
from assist.delivery import SUPERVISION, Hub
from assist.escalation.alerts import Alerts
from assist.escalation.answers import AnswerDelivery
from assist.escalation.assigning import ASSIGN_WAITING
from assist.escalation.call_questions import CallQuestions
from assist.escalation.follow_ups import FollowUps
from assist.escalation.policies import Policies
from assist.escalation.releasing import RELEASE_REQUESTS
from assist.escalation.requests import HelpRequests
from assist.escalation.routing import Router
from assist.escalation.team import Team
from assist.escalation.timer_firing import TimerFiring
from assist.escalation.timers import FIRE_TIMERS, TIMER_QUEUE
from assist.escalation.waiting import Waiting
from assist.floor import Floor
from assist.jobs import Job
from assist.learning.drafts import Drafts
from assist.learning.parts import Learning, LearningParts, make_learning
from assist.notifications.channels import make_channels
from assist.notifications.notifier import Notifier
from assist.notifications.outbox import Outbox
from assist.notifications.reading import Deliveries
from assist.notifications.slack_interactions import SlackInteractions
from assist.settings import Settings
from assist.statistics import Statistics
from pipeline.confidence import DEFAULT_THRESHOLD

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """What routes, turns and jobs use of it."""

    help_requests: HelpRequests
    policies: Policies
    drafts: Drafts
    learning: Learning
    notifier: Notifier
    outbox: Outbox
    deliveries: Deliveries
    slack: SlackInteractions
    statistics: Statistics
    audit: AuditLog
    answers: AnswerDelivery
    questions: CallQuestions
    follow_ups: FollowUps
    floor: Floor
    team: Team
    jobs: tuple[Job, ...] = ()
    """For the worker."""
    work: Mapping[str, Work] = field(default_factory=dict)
    """Runs beside the requests, by name."""


def make_supervision(
    settings: Settings, sessions: Sessions, hub: Hub, announce: Callable[[], None], learning: LearningParts
) -> Supervision:
    """The parts, in the order of who needs whom."""
    outbox, slack = _make_outbox(sessions, hub, announce, settings.notifications)
    notifier = Notifier(channels=outbox.channels, public_url=outbox.public_url)
    team, policies = _make_team(sessions, hub, announce, settings.escalation.timeout_minutes)
    learned = make_learning(sessions, learning, policies.current, team.changed)
    answers = AnswerDelivery(notifier=notifier, rings=settings.livekit is not None and settings.sip_trunk is not None)
    threshold = settings.pipeline.suggestion_threshold
    help_requests = HelpRequests(
        sessions=sessions,
        policies=policies,
        router=Router(),
        notifier=notifier,
        answers=answers,
        drafts=learned.drafts,
        hub=hub,
        announce=announce,
    )
    timing_jobs, timing_work = _make_timing(help_requests)
    questions = CallQuestions(
        sessions=sessions,
        help_requests=help_requests,
        policies=policies,
        threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
    )
    follow_ups = FollowUps(sessions=sessions, hub=hub, announce=announce, answers=answers)
    return Supervision(
        help_requests=help_requests,
        policies=policies,
        drafts=learned.drafts,
        learning=learned,
        notifier=notifier,
        outbox=outbox,
        deliveries=_make_deliveries(outbox),
        slack=slack,
        statistics=Statistics(sessions=sessions),
        audit=AuditLog(sessions=sessions),
        answers=answers,
        questions=questions,
        follow_ups=follow_ups,
        floor=Floor(sessions=sessions, hub=hub, announce=announce),
        team=team,
        jobs=(questions.job, follow_ups.job, *timing_jobs, *outbox.jobs, *learned.jobs),
        work={**timing_work, "outbox": outbox.watch},
    )


def _make_team(
    sessions: Sessions, hub: Hub, announce: Callable[[], None], timeout_minutes: float
) -> tuple[Team, Policies]:
    def changed() -> None:
        hub.wake(SUPERVISION)
        announce()

    policies = Policies(sessions=sessions, timeout_minutes=timeout_minutes, changed=changed)
    return Team(sessions=sessions, policies=policies, changed=changed), policies


def _make_outbox(
    sessions: Sessions, hub: Hub, announce: Callable[[], None], settings: NotificationSettings
) -> tuple[Outbox, SlackInteractions]:
    """What sends messages, and what answers clicks on them."""
    url, channels, secret = settings.public_url, make_channels(settings), settings.slack_signing_secret
    slack = SlackInteractions(
        sessions=sessions,
        channels=channels,
        signing_secret=secret.get_secret_value() if secret else None,
        public_url=url,
    )
    return Outbox(sessions=sessions, channels=channels, hub=hub, announce=announce, public_url=url), slack


def _make_deliveries(outbox: Outbox) -> Deliveries:
    return Deliveries(
        sessions=outbox.sessions,
        channels=outbox.channels,
        hub=outbox.hub,
        announce=outbox.announce,
        public_url=outbox.public_url,
    )


def _make_timing(requests: HelpRequests) -> tuple[tuple[Job, ...], Mapping[str, Work]]:
    """What happens to requests by itself: what is due, and what waits for somebody."""
    firing = TimerFiring(sessions=requests.sessions, became_due=requests.became_due, told=requests.told)
    alerts = Alerts(router=requests.router, notifier=requests.notifier)
    waiting = Waiting(
        sessions=requests.sessions,
        policies=requests.policies,
        router=requests.router,
        alerts=alerts,
        told=requests.told,
    )
    jobs = (
        Job(name=FIRE_TIMERS, queue=TIMER_QUEUE, body=firing.fire_due),
        Job(name=ASSIGN_WAITING, queue=TIMER_QUEUE, body=waiting.assign),
        Job(name=RELEASE_REQUESTS, queue=TIMER_QUEUE, body=requests.release),
    )
    return jobs, {"timers": firing.run, "waiting_requests": waiting.run}
