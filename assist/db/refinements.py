"""What a refinement may still change, and what came of a turn later. The call's row is always locked first."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, exists, select, update

from assist.db.engine import Session
from assist.db.models import CallSession, CallTurn, Suggestion
from assist.db.models.base import Json
from assist.db.turns import lease_end


class Place(Struct, frozen=True, kw_only=True):
    """Where a refined answer belongs."""

    session_id: UUID
    suggestion_id: UUID
    owner: str | None
    """Process whose runner gave the help; the refinement is void when another one has the call. None: asked by hand."""
    fence: int = 0
    """Of the turn that gave the help."""
    is_new: bool = False
    """Nothing is on the screen yet: the suggestion is made with the answer."""


async def keep(session: Session, place: Place) -> bool:
    """Whether somebody still waits for the refinement; prolongs the lease of the runner that gave the help."""
    known = select(CallSession.session_id).where(_open(place))
    prolonged = update(CallSession).where(_open(place)).values(lease_until=lease_end).returning(CallSession.session_id)
    found = await session.execute(known if place.owner is None else prolonged)
    if found.scalar_one_or_none() is None:
        return False
    return place.is_new or bool((await session.execute(select(exists().where(_unrefined(place))))).scalar_one())


async def lock(session: Session, place: Place) -> Suggestion | bool:
    """Locks the call, and the suggestion to be refined; True when one is to be made. False: nobody waits any more."""
    held = select(CallSession.session_id).where(_open(place)).with_for_update(key_share=True)
    if (await session.execute(held)).scalar_one_or_none() is None:
        return False
    if place.is_new:
        return not (await session.execute(select(exists().where(Suggestion.id == place.suggestion_id)))).scalar_one()
    statement = select(Suggestion).where(_unrefined(place)).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none() or False


async def add_to_turn(session: Session, session_id: UUID, number: int, values: Json) -> None:
    """What came of a turn later: `suggestions_count` and `questions_count` are added to it, other values replace."""
    counts = ("suggestions_count", "questions_count")
    added = {name: getattr(CallTurn, name) + value if name in counts else value for name, value in values.items()}
    turn = and_(CallTurn.session_id == session_id, CallTurn.number == number)
    await session.execute(update(CallTurn).where(turn).values(**added).execution_options(synchronize_session=False))


def _open(place: Place) -> ColumnElement[bool]:
    call = and_(CallSession.session_id == place.session_id, CallSession.status == "active")
    if place.owner is None:
        return call
    return and_(call, CallSession.owner == place.owner, CallSession.fence >= place.fence)


def _unrefined(place: Place) -> ColumnElement[bool]:
    return and_(
        Suggestion.id == place.suggestion_id,
        Suggestion.session_id == place.session_id,
        Suggestion.status == "active",
        Suggestion.dismissed.is_(False),
        Suggestion.refined_at.is_(None),
    )
