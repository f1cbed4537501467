"""Users, their sessions and tickets, and API keys. Only digests of secrets reach this module."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from assist.db.engine import Session
from assist.db.models import ApiKey, User, UserSession, WebSocketTicket


async def user_by_email(session: Session, email: str) -> User | None:
    """Whatever the case of the address."""
    return (await session.execute(select(User).where(func.lower(User.email) == email.lower()))).scalar_one_or_none()


async def insert_user(session: Session, values: dict[str, Any]) -> None:
    """Raises IntegrityError when the address or agent id is taken."""
    await session.execute(insert(User).values(**values))


async def change_user(session: Session, user_id: UUID, values: dict[str, Any]) -> None:
    """Sets columns of a user."""
    await session.execute(update(User).where(User.id == user_id).values(**values))


async def list_users(session: Session) -> Sequence[User]:
    """By address."""
    return (await session.execute(select(User).order_by(User.email))).scalars().all()


async def insert_session(session: Session, token_hash: str, user_id: UUID, lifetime: timedelta) -> None:
    """Signs a browser in, and forgets sessions that have run out."""
    await session.execute(delete(UserSession).where(UserSession.expires_at < func.clock_timestamp()))
    expires_at = func.clock_timestamp() + lifetime
    await session.execute(insert(UserSession).values(token_hash=token_hash, user_id=user_id, expires_at=expires_at))


async def session_user(session: Session, token_hash: str) -> User | None:
    """Whose session it is; None when it is unknown, has run out, or the user is no longer active."""
    statement = (
        select(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.token_hash == token_hash,
            UserSession.expires_at > func.clock_timestamp(),
            User.is_active,
        )
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def delete_session(session: Session, token_hash: str) -> None:
    """Signs one browser out."""
    await session.execute(delete(UserSession).where(UserSession.token_hash == token_hash))


async def delete_sessions_of(session: Session, user_id: UUID) -> None:
    """Signs a person out everywhere."""
    await session.execute(delete(UserSession).where(UserSession.user_id == user_id))


async def insert_ticket(session: Session, token_hash: str, session_hash: str, lifetime: timedelta) -> None:
    """A ticket of a signed-in browser."""
    await session.execute(delete(WebSocketTicket).where(WebSocketTicket.expires_at < func.clock_timestamp()))
    expires_at = func.clock_timestamp() + lifetime
    await session.execute(
        insert(WebSocketTicket).values(token_hash=token_hash, session_hash=session_hash, expires_at=expires_at)
    )


async def redeem_ticket(session: Session, token_hash: str) -> str | None:
    """The digest of the session that the ticket was made for; the ticket is gone afterwards."""
    statement = (
        delete(WebSocketTicket)
        .where(WebSocketTicket.token_hash == token_hash)
        .returning(WebSocketTicket.session_hash, WebSocketTicket.expires_at > func.clock_timestamp())
    )
    row = (await session.execute(statement)).one_or_none()
    return row[0] if row is not None and row[1] else None


async def insert_key(session: Session, values: dict[str, Any]) -> None:
    """Stores a key's digest."""
    await session.execute(insert(ApiKey).values(**values))


async def live_key(session: Session, key_hash: str) -> ApiKey | None:
    """The key, unless it was revoked or has run out."""
    statement = select(ApiKey).where(ApiKey.key_hash == key_hash, *_lives())
    return (await session.execute(statement)).scalar_one_or_none()


async def key_lives(session: Session, key_id: UUID) -> bool:
    """Whether a key that was good when a connection began still is."""
    return (await session.execute(select(ApiKey.id).where(ApiKey.id == key_id, *_lives()))).scalar() is not None


def _lives() -> tuple[ColumnElement[bool], ...]:
    unexpired = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.clock_timestamp())
    return ApiKey.revoked_at.is_(None), unexpired


async def touch_key(session: Session, key_id: UUID) -> None:
    """Notes that a key was used, at most once a minute."""
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < func.clock_timestamp() - timedelta(minutes=1))
    await session.execute(update(ApiKey).where(ApiKey.id == key_id, stale).values(last_used_at=func.clock_timestamp()))


async def list_keys(session: Session) -> Sequence[ApiKey]:
    """Newest first."""
    return (await session.execute(select(ApiKey).order_by(ApiKey.created_at.desc()))).scalars().all()


async def revoke_key(session: Session, prefix: str) -> int:
    """Revokes the keys that start so; how many there were."""
    statement = (
        update(ApiKey)
        .where(ApiKey.prefix == prefix, ApiKey.revoked_at.is_(None))
        .values(revoked_at=func.clock_timestamp())
        .returning(ApiKey.id)
    )
    return len((await session.execute(statement)).all())
