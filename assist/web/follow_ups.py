"""Follow-ups over HTTP: customers who get their answer after the call, and who has to be called."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, get, post
from litestar.params import Parameter

from assist.errors import NotFoundError
from assist.escalation.follow_ups import FollowUpPage, FollowUpView
from assist.web.api_document import PROBLEM
from assist.web.authentication import caller, may_read_supervision, services_of, supervises


class FollowUpsController(Controller):
    """Answers for customers whose call has ended."""

    path = "/api/follow-ups"
    tags = ("supervision",)

    @get("", operation_id="ListFollowUps", guards=[may_read_supervision])
    async def index(
        self,
        request: Request[Any, Any, Any],
        states: Annotated[str, Parameter(query="state", max_length=100)] = "",
        limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
        cursor: str | None = None,
    ) -> FollowUpPage:
        """Who waits longest first; `state` is pending, sent, failed, open or done, or several with commas."""
        wanted = [one.strip() for one in states.split(",") if one.strip()]
        return await services_of(request).supervision.follow_ups.page(wanted, limit=limit, cursor=cursor)

    @post(
        "/{follow_up_id:str}/done",
        operation_id="FinishFollowUp",
        status_code=200,
        guards=[supervises],
        responses={404: PROBLEM, 409: PROBLEM},
    )
    async def done(self, request: Request[Any, Any, Any], follow_up_id: str) -> FollowUpView:
        """Somebody has told the customer."""
        try:
            identity = UUID(follow_up_id)
        except ValueError:
            raise NotFoundError("unknown_follow_up", "There is no such follow-up.") from None
        return await services_of(request).supervision.follow_ups.done(identity, caller(request))
