"""Rooms of spoken calls, gaps in transcripts, LiveKit's events, and how a caller is reached."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from msgspec import Struct
from sqlalchemy import Select, and_, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import (
    CallSession,
    HelpRequest,
    KnowledgeArticle,
    LiveKitEvent,
    Participant,
    TranscriptGap,
    VoiceRoom,
)
from assist.db.models.base import Json

_OPEN = ("pending", "in_progress")
NOW = func.clock_timestamp()
"""The database's clock, as a value of a column."""


class Elapsed(Struct, frozen=True, kw_only=True):
    """A call and its clock."""

    call: CallSession
    seconds: float
    """Since it started, on the database's clock."""


async def elapsed(session: Session, session_id: UUID) -> Elapsed | None:
    """None: no such call."""
    seconds = func.extract("epoch", func.clock_timestamp() - CallSession.started_at)
    statement = select(CallSession, seconds).where(CallSession.session_id == session_id)
    row = (await session.execute(statement)).one_or_none()
    return Elapsed(call=row[0], seconds=max(0.0, float(row[1]))) if row else None


async def insert_room(session: Session, values: Json) -> None:
    """A room that is there already is left as it is."""
    await session.execute(insert(VoiceRoom).values(**values).on_conflict_do_nothing(index_elements=["session_id"]))


async def room_of(session: Session, session_id: UUID, *, lock: bool = False) -> VoiceRoom | None:
    """The room of a call; locked until the transaction ends."""
    statement = select(VoiceRoom).where(VoiceRoom.session_id == session_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def room_named(session: Session, room: str) -> VoiceRoom | None:
    """The newest room of this name whose call goes on."""
    statement = (
        select(VoiceRoom)
        .join(CallSession, CallSession.session_id == VoiceRoom.session_id)
        .where(VoiceRoom.room == room, CallSession.status == "active")
        .order_by(VoiceRoom.created_at.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def change_room(session: Session, session_id: UUID, values: Json) -> None:
    """Sets columns."""
    await session.execute(update(VoiceRoom).where(VoiceRoom.session_id == session_id).values(**values))


async def beat(session: Session, session_id: UUID, job_id: str, settled_s: float) -> bool:
    """A job's heartbeat, the common case in one statement. False: it is not the room's job, or one is sought."""
    statement = (
        update(VoiceRoom)
        .where(VoiceRoom.session_id == session_id, VoiceRoom.job_id == job_id)
        .values(heartbeat_at=func.clock_timestamp(), settled_s=func.greatest(VoiceRoom.settled_s, settled_s))
        .returning(VoiceRoom.next_dispatch_at.is_(None))
    )
    return bool((await session.execute(statement)).scalar_one_or_none())


async def silent_rooms(session: Session, *, quiet: timedelta, first_wait: timedelta) -> Sequence[UUID]:
    """Active calls whose job has fallen silent or never came, and which nobody has noticed yet."""
    now = func.clock_timestamp()
    never = and_(VoiceRoom.heartbeat_at.is_(None), VoiceRoom.created_at < now - first_wait)
    statement = _active_rooms().where(
        VoiceRoom.next_dispatch_at.is_(None), or_(VoiceRoom.heartbeat_at < now - quiet, never)
    )
    return (await session.execute(statement)).scalars().all()


async def due_rooms(session: Session, limit: int) -> Sequence[UUID]:
    """Active calls that need a job and may ask for one now."""
    statement = _active_rooms().where(VoiceRoom.next_dispatch_at <= func.clock_timestamp())
    return (await session.execute(statement.order_by(VoiceRoom.next_dispatch_at).limit(limit))).scalars().all()


def _active_rooms() -> Select[UUID]:
    return (
        select(VoiceRoom.session_id)
        .join(CallSession, CallSession.session_id == VoiceRoom.session_id)
        .where(CallSession.status == "active")
    )


async def insert_gap(session: Session, session_id: UUID, gap: Json) -> bool:
    """False: it is known; nothing is changed."""
    statement = insert(TranscriptGap).values(session_id=session_id, **gap)
    statement = statement.on_conflict_do_nothing(index_elements=["session_id", "id"])
    return (await session.execute(statement.returning(TranscriptGap.id))).scalar_one_or_none() is not None


async def gaps_of(session: Session, session_id: UUID) -> Sequence[TranscriptGap]:
    """Gaps in the order they began."""
    statement = select(TranscriptGap).where(TranscriptGap.session_id == session_id)
    return (await session.execute(statement.order_by(TranscriptGap.start_time, TranscriptGap.id))).scalars().all()


async def take_event(session: Session, event_id: str, event: str, room: str | None) -> bool:
    """Notes a webhook; False: it was taken before."""
    statement = insert(LiveKitEvent).values(id=event_id, event=event, room=room)
    statement = statement.on_conflict_do_nothing(index_elements=["id"])
    return (await session.execute(statement.returning(LiveKitEvent.id))).scalar_one_or_none() is not None


async def forget_events(session: Session, kept: timedelta) -> None:
    """Removes webhooks that nobody sends again."""
    await session.execute(delete(LiveKitEvent).where(LiveKitEvent.received_at < func.clock_timestamp() - kept))


async def join(session: Session, session_id: UUID, person: Json) -> bool:
    """Notes a participant as present; False: they were present already."""
    same = (
        Participant.session_id == session_id,
        Participant.role == person["role"],
        Participant.identity == person["identity"],
    )
    row = (await session.execute(select(Participant).where(*same))).scalar_one_or_none()
    if row is None:
        await session.execute(insert(Participant).values(id=uuid4(), session_id=session_id, **person))
        return True
    if row.left_at is None:
        return False
    await session.execute(update(Participant).where(*same).values(left_at=None, name=person["name"] or row.name))
    return True


async def leave(session: Session, session_id: UUID, role: str, identity: str) -> bool:
    """Notes that a participant has left; False: nobody like that was present."""
    statement = (
        update(Participant)
        .where(
            Participant.session_id == session_id,
            Participant.role == role,
            Participant.identity == identity,
            Participant.left_at.is_(None),
        )
        .values(left_at=func.clock_timestamp())
        .returning(Participant.id)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def set_agent(session: Session, session_id: UUID, agent_id: str, agent_name: str | None) -> None:
    """Who speaks with the customer now."""
    values = {"agent_id": agent_id, "agent_name": agent_name}
    await session.execute(update(CallSession).where(CallSession.session_id == session_id).values(**values))


async def set_contact(session: Session, session_id: UUID, name: str | None, contact: str | None) -> bool:
    """How a caller is reached, on the call and on its open requests. False: no such call."""
    of_call = {"customer_name": name, "customer_phone": contact}
    given = {column: value for column, value in of_call.items() if value}
    statement = update(CallSession).where(CallSession.session_id == session_id).values(**given)
    if (await session.execute(statement.returning(CallSession.session_id))).scalar_one_or_none() is None:
        return False
    of_request = {"customer_name": name, "customer_contact": contact}
    changed = {column: value for column, value in of_request.items() if value}
    requests = update(HelpRequest).where(HelpRequest.session_id == session_id, HelpRequest.status.in_(_OPEN))
    await session.execute(requests.values(updated_at=func.clock_timestamp(), **changed))
    return True


async def product_names(session: Session, limit: int) -> list[str]:
    """Names of what articles in force are about, the most written about first: words that a recogniser should know."""
    subject = func.jsonb_array_elements(KnowledgeArticle.subjects).table_valued("value").render_derived()
    name = subject.c.value.op("->>")("name")
    statement = (
        select(name)
        .select_from(KnowledgeArticle)
        .join(subject, true())
        .where(KnowledgeArticle.status == "approved", func.length(name) > 1)
        .group_by(name)
        .order_by(func.count().desc(), name)
        .limit(limit)
    )
    return list((await session.execute(statement)).scalars())
