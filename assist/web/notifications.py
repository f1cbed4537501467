"""Messages to people: what became of them, what each person wishes, and Slack's clicks."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Controller, Request, Response, get, post, put
from litestar.background_tasks import BackgroundTask
from litestar.di import Provide
from litestar.params import Parameter
from msgspec import Meta, Struct

from assist.db.notifications import Wanted
from assist.errors import InvalidError, NotFoundError
from assist.escalation.steps import unknown_request
from assist.notifications.preferences import Preferences
from assist.notifications.reading import ChannelView, NotificationPage, NotificationView
from assist.notifications.slack_interactions import Reply
from assist.web.api_document import ANYBODY, PERSON, PROBLEM
from assist.web.authentication import caller, may_read_supervision, person, services_of, supervises

_STATES = ("pending", "sent", "dead", "cancelled")


class ChannelsOut(Struct, frozen=True, kw_only=True):
    """The configured channels."""

    items: list[ChannelView]


class ChannelTestIn(Struct, frozen=True, kw_only=True):
    """Which channel is to be tried."""

    channel: Annotated[
        Literal["web", "sms", "email", "slack", "teams", "discord", "webhook", "console"], Meta(description="Channel")
    ]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The query of a list."""

    states: Annotated[str, Parameter(query="state", max_length=60)] = ""
    request_id: UUID | None = None
    mine: bool = False
    unread: bool = False
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Parameter(max_length=100)] = None

    def wanted(self, request: Request[Any, Any, Any]) -> Wanted:
        """What it asks for."""
        states = tuple(part for part in self.states.split(",") if part)
        if not set(states) <= set(_STATES):
            raise InvalidError(f"state is one of {', '.join(_STATES)}, or several of them with commas.")
        user_id = person(request).id if self.mine else None
        return Wanted(states=states, request_id=self.request_id, user_id=user_id, unread=self.unread)


class NotificationsController(Controller):
    """The outbox."""

    path = "/api/notifications"
    tags = ("notifications",)

    @get(
        "",
        operation_id="ListNotifications",
        guards=[may_read_supervision],
        dependencies={"asked": Provide(Asked, sync_to_thread=False)},
    )
    async def index(self, request: Request[Any, Any, Any], asked: Asked) -> NotificationPage:
        """Newest first; `state` is pending, sent, dead or cancelled, or several with commas; `mine`: only the caller's;
        `unread`: on the screens, not seen yet."""
        deliveries = services_of(request).supervision.deliveries
        return await deliveries.page(asked.wanted(request), limit=asked.limit, cursor=asked.cursor)

    @post("/{notification_id:str}/resend", operation_id="ResendNotification", status_code=200, guards=[supervises],
          responses={409: PROBLEM})  # fmt: skip
    async def resend(self, request: Request[Any, Any, Any], notification_id: str) -> NotificationView:
        """Has a dead letter sent again. 409 `not_dead`."""
        deliveries = services_of(request).supervision.deliveries
        return await deliveries.resend(_identity(notification_id), caller(request))

    @post("/{notification_id:str}/read", operation_id="ReadNotification", status_code=200, security=PERSON,
          guards=[may_read_supervision])  # fmt: skip
    async def read(self, request: Request[Any, Any, Any], notification_id: str) -> NotificationView:
        """The caller has seen it."""
        deliveries = services_of(request).supervision.deliveries
        return await deliveries.mark_read(_identity(notification_id), person(request))

    @get("/preferences", operation_id="GetNotificationPreferences", security=PERSON, guards=[supervises])
    async def preferences(self, request: Request[Any, Any, Any]) -> Preferences:
        """What the caller wishes to be told, how and when."""
        return await services_of(request).supervision.deliveries.preferences(person(request))

    @put("/preferences", operation_id="SetNotificationPreferences", security=PERSON, guards=[supervises])
    async def set_preferences(self, request: Request[Any, Any, Any], data: Preferences) -> Preferences:
        """Replaces them."""
        return await services_of(request).supervision.deliveries.set_preferences(person(request), data)

    @get("/channels", operation_id="ListChannels", guards=[may_read_supervision])
    async def channels(self, request: Request[Any, Any, Any]) -> ChannelsOut:
        """Which channels are configured, and whom they reach."""
        return ChannelsOut(items=services_of(request).supervision.deliveries.configured())

    @post("/test", operation_id="TestChannel", status_code=201, security=PERSON, guards=[supervises],
          responses={409: PROBLEM})  # fmt: skip
    async def test(self, request: Request[Any, Any, Any], data: ChannelTestIn) -> NotificationPage:
        """Sends a test message. 409 `channel_not_configured`, `no_address`."""
        return await services_of(request).supervision.deliveries.send_test(person(request), data.channel)

    @post("/slack/interactions", operation_id="SlackInteraction", status_code=200, exclude_from_auth=True,
          security=ANYBODY, responses={401: PROBLEM, 413: PROBLEM})  # fmt: skip
    async def slack(self, request: Request[Any, Any, Any]) -> Response[Reply | None]:
        """A click on a button in Slack, proved by its signature. 401 for anything else."""
        interactions = services_of(request).supervision.slack
        click = await interactions.clicked(request.headers, await request.body())
        return Response(click.reply, background=BackgroundTask(interactions.show, click))


@get(
    "/api/help-requests/{request_id:str}/notifications",
    operation_id="ListNotificationsOfRequest",
    tags=["notifications"],
    guards=[may_read_supervision],
)
async def notifications_of_request(request: Request[Any, Any, Any], request_id: str) -> NotificationPage:
    """Who was told what about a request, newest first, with every attempt."""
    try:
        identity = UUID(request_id)
    except ValueError:
        raise unknown_request() from None
    page = await services_of(request).supervision.deliveries.of_request(identity)
    if page is None:
        raise unknown_request()
    return page


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError("unknown_notification", "There is no such message.") from None
