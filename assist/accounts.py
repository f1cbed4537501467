"""People who sign in and machines with keys. Secrets are shown once and kept as digests."""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from msgspec import Struct
from pwdlib import PasswordHash

from assist.access import KeyScope, Machine, Person, Principal, Role
from assist.db import accounts
from assist.db.engine import Session, Sessions
from assist.db.errors import IntegrityError
from assist.db.models import ApiKey, User
from assist.errors import ConflictError, InvalidError, NotAuthenticatedError, NotFoundError
from assist.rate_limit import RateLimit

TICKET_LIFETIME = timedelta(seconds=30)
_KEY_PREFIX = "ak_"
_MIN_PASSWORD_CHARS = 8
_MAX_PASSWORD_CHARS = 200
_TOUCH_EVERY_S = 60.0
_KEY_CACHE_S = 2.0
"""A revoked key stops working after at most this long."""


class NewKey(Struct, frozen=True, kw_only=True):
    """A key that has just been made; `secret` is never seen again."""

    secret: str
    prefix: str


class NewUser(Struct, frozen=True, kw_only=True):
    """Who is to be added."""

    email: str
    name: str
    role: Role
    agent_id: str | None = None


def limit_sign_ins() -> RateLimit:
    """Sign-ins of an account from an address, until one succeeds."""
    return RateLimit(most=10, window_s=60.0, code="too_many_attempts", detail="Too many failed sign-ins.")


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Who may come in."""

    sessions: Sessions
    session_lifetime: timedelta
    shut_out: Callable[[Session, UUID], Awaitable[None]] | None = None
    """Called in the transaction that shuts a person out: what they had to do goes to others."""
    sign_ins: RateLimit = field(default_factory=limit_sign_ins)
    _hasher: PasswordHash = field(default_factory=PasswordHash.recommended)
    _keys: dict[str, tuple[float, Machine]] = field(default_factory=dict)
    """Digest → (read at, key): a live call sends many requests with one key."""
    _touched: dict[UUID, float] = field(default_factory=dict)

    async def add_user(self, new: NewUser, password: str) -> UUID:
        """Adds a person.

        Raises:
            InvalidError: the address or password will not do.
            ConflictError: the address or agent id is taken.
        """
        _check_email(new.email)
        _check_password(password)
        user_id = uuid4()
        values = {
            "id": user_id,
            "email": new.email,
            "name": new.name,
            "role": new.role.value,
            "agent_id": new.agent_id.lower() if new.agent_id else None,
            "password_hash": await asyncio.to_thread(self._hasher.hash, password),
        }
        try:
            async with self.sessions.begin() as session:
                await accounts.insert_user(session, values)
        except IntegrityError:
            detail = "There is a user with this e-mail address or agent id already."
            raise ConflictError("user_exists", detail) from None
        return user_id

    async def set_password(self, email: str, password: str) -> None:
        """Changes a password and signs the person out everywhere."""
        _check_password(password)
        digest = await asyncio.to_thread(self._hasher.hash, password)
        async with self.sessions.begin() as session:
            user = await self._user(session, email)
            await accounts.change_user(session, user.id, {"password_hash": digest})
            await accounts.delete_sessions_of(session, user.id)

    async def set_active(self, email: str, *, active: bool) -> None:
        """Lets a person in, or shuts them out at once."""
        async with self.sessions.begin() as session:
            user = await self._user(session, email)
            await accounts.change_user(session, user.id, {"is_active": active})
            if not active:
                await accounts.delete_sessions_of(session, user.id)
                if self.shut_out is not None:
                    await self.shut_out(session, user.id)

    async def users(self) -> Sequence[User]:
        """Everybody, by address."""
        async with self.sessions() as session:
            return await accounts.list_users(session)

    async def sign_in(self, email: str, password: str, address: str) -> tuple[str, Person]:
        """A new session's token and the person.

        Raises:
            NotAuthenticatedError: wrong address or password; the same answer for both, in about the same time.
            RequestError: 429, too many failures.
        """
        attempt = (email.lower(), address)
        self.sign_ins.take(attempt)  # before the password is looked at: attempts side by side count too
        async with self.sessions() as session:
            user = await accounts.user_by_email(session, email)
        digest = user.password_hash if user is not None else _NOBODY
        matches = await asyncio.to_thread(self._hasher.verify, password[:_MAX_PASSWORD_CHARS], digest)
        if user is None or not matches or not user.is_active:
            raise NotAuthenticatedError("The e-mail address or password is wrong.", code="invalid_credentials")
        self.sign_ins.forget(attempt)
        token = secrets.token_urlsafe(32)
        async with self.sessions.begin() as session:
            await accounts.insert_session(session, digest_of(token), user.id, self.session_lifetime)
        return token, _person(user, digest_of(token))

    async def sign_out(self, person: Person) -> None:
        """Ends this browser's session."""
        async with self.sessions.begin() as session:
            await accounts.delete_session(session, person.session_hash)

    async def person(self, token: str) -> Person | None:
        """Who a session's token belongs to."""
        return await self._person_of(digest_of(token))

    async def still_known(self, principal: Principal) -> bool:
        """Whether a long connection may go on: the person is signed in, the key neither revoked nor expired."""
        if isinstance(principal, Person):
            return await self._person_of(principal.session_hash) is not None
        async with self.sessions() as session:
            return await accounts.key_lives(session, principal.id)

    async def _person_of(self, session_hash: str) -> Person | None:
        async with self.sessions() as session:
            user = await accounts.session_user(session, session_hash)
        return _person(user, session_hash) if user is not None else None

    async def issue_ticket(self, person: Person) -> str:
        """A single-use ticket for one socket, good for `TICKET_LIFETIME`."""
        ticket = secrets.token_urlsafe(24)
        async with self.sessions.begin() as session:
            await accounts.insert_ticket(session, digest_of(ticket), person.session_hash, TICKET_LIFETIME)
        return ticket

    async def redeem_ticket(self, ticket: str) -> Person:
        """Who a ticket was made for.

        Raises:
            NotAuthenticatedError: unknown, used before, or too old.
        """
        async with self.sessions.begin() as session:
            session_hash = await accounts.redeem_ticket(session, digest_of(ticket))
        person = await self._person_of(session_hash) if session_hash else None
        if person is None:
            raise NotAuthenticatedError("This ticket is not valid any more. Ask for a new one.", code="invalid_ticket")
        return person

    async def create_key(self, name: str, scopes: Sequence[KeyScope], lifetime: timedelta | None = None) -> NewKey:
        """Makes a key."""
        if not scopes:
            raise InvalidError("A key needs at least one scope.")
        secret = _KEY_PREFIX + secrets.token_urlsafe(32)
        prefix = secret[: len(_KEY_PREFIX) + 8]
        values = {
            "id": uuid4(),
            "name": name,
            "prefix": prefix,
            "key_hash": digest_of(secret),
            "scopes": sorted({scope.value for scope in scopes}),
            "expires_at": datetime.now(UTC) + lifetime if lifetime is not None else None,
        }
        async with self.sessions.begin() as session:
            await accounts.insert_key(session, values)
        return NewKey(secret=secret, prefix=prefix)

    async def keys(self) -> Sequence[ApiKey]:
        """Newest first."""
        async with self.sessions() as session:
            return await accounts.list_keys(session)

    async def revoke_key(self, prefix: str) -> None:
        """Shuts a key out.

        Raises:
            NotFoundError: no live key starts so.
        """
        async with self.sessions.begin() as session:
            if not await accounts.revoke_key(session, prefix):
                raise NotFoundError("unknown_key", f"No live key starts with {prefix}. `assist keys list` shows them.")

    async def machine(self, secret: str) -> Machine:
        """Whose key it is.

        Raises:
            NotAuthenticatedError: unknown, revoked or expired.
        """
        digest = digest_of(secret)
        known = self._keys.get(digest)
        if known is not None and time.monotonic() - known[0] < _KEY_CACHE_S:
            return known[1]
        async with self.sessions() as session:
            row = await accounts.live_key(session, digest)
        if row is None:
            self._keys.pop(digest, None)
            raise NotAuthenticatedError("This API key is unknown, revoked or expired.", code="invalid_key")
        machine = Machine(id=row.id, name=row.name, scopes=frozenset(KeyScope(scope) for scope in row.scopes))
        self._keys[digest] = (time.monotonic(), machine)
        await self._touch(machine.id)
        return machine

    async def _touch(self, key_id: UUID) -> None:
        if time.monotonic() - self._touched.get(key_id, float("-inf")) > _TOUCH_EVERY_S:
            self._touched[key_id] = time.monotonic()
            async with self.sessions.begin() as session:
                await accounts.touch_key(session, key_id)

    async def _user(self, session: Session, email: str) -> User:
        user = await accounts.user_by_email(session, email)
        if user is None:
            raise NotFoundError("unknown_user", f"There is no user {email}. `assist users list` shows them.")
        return user


def digest_of(secret: str) -> str:
    """How a random secret is stored. (Passwords are not random and get argon2.)"""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(session_token: str) -> str:
    """What a page of ours proves itself with: only it can know both the session and this."""
    return digest_of("csrf\n" + session_token)


def _person(user: User, session_hash: str) -> Person:
    identities = (user.email.lower(), str(user.id), *((user.agent_id,) if user.agent_id else ()))
    return Person(
        id=user.id,
        email=user.email,
        name=user.name,
        role=Role(user.role),
        agent_identities=identities,
        session_hash=session_hash,
    )


def _check_email(email: str) -> None:
    name, at, host = email.partition("@")
    if not (name and at and host) or len(email) > 254 or any(character.isspace() for character in email):
        raise InvalidError(f"“{email[:80]}” is not an e-mail address.")


def _check_password(password: str) -> None:
    if not _MIN_PASSWORD_CHARS <= len(password) <= _MAX_PASSWORD_CHARS:
        raise InvalidError(f"A password has {_MIN_PASSWORD_CHARS} to {_MAX_PASSWORD_CHARS} characters.")


_NOBODY = PasswordHash.recommended().hash(secrets.token_urlsafe(16))
"""Verified against when the address is unknown, so that both cases take the same time."""
