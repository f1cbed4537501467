"""Who is calling, and what they may do. Ownership decides: agents have the calls they are on."""

from enum import Enum
from uuid import UUID

from msgspec import Struct

from assist.errors import NotPermittedError


class Role(Enum):
    """What a person is."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    ADMIN = "admin"


class KeyScope(Enum):
    """What a key may do. `admin` includes all others."""

    INGEST = "ingest"
    """Start, feed and end calls, and follow the stream of the calls it started."""
    READ = "read"
    """Read every call, its stream and the knowledge base."""
    CRM = "crm"
    ADMIN = "admin"


class Person(Struct, frozen=True, kw_only=True):
    """Somebody signed in."""

    id: UUID
    email: str
    name: str
    role: Role
    agent_identities: tuple[str, ...]
    """Lower case; a call whose agent_id is one of these is this person's."""
    session_hash: str

    @property
    def actor(self) -> str:
        """For logs and audit."""
        return f"user:{self.id}"

    @property
    def sees(self) -> tuple[str, ...] | None:
        """Agent ids whose calls are visible; None: all calls."""
        return self.agent_identities if self.role is Role.AGENT else None

    @property
    def may_act(self) -> bool:
        """May give feedback and ask on the calls that are visible."""
        return self.role is not Role.ANALYST


class Machine(Struct, frozen=True, kw_only=True):
    """An API key."""

    id: UUID
    name: str
    scopes: frozenset[KeyScope]

    @property
    def actor(self) -> str:
        """For logs and audit."""
        return f"key:{self.id}"

    def has(self, scope: KeyScope) -> bool:
        """Whether a scope is granted."""
        return scope in self.scopes or KeyScope.ADMIN in self.scopes

    @property
    def may_act(self) -> bool:
        """May give feedback and ask on the streams that are open to it."""
        return self.has(KeyScope.INGEST)


Principal = Person | Machine


def require_scope(principal: Principal, scope: KeyScope) -> None:
    """Raises NotPermittedError unless the caller is a key with this scope, or an administrator."""
    if isinstance(principal, Machine):
        if not principal.has(scope):
            raise NotPermittedError(f"This key lacks the scope “{scope.value}”.", code="missing_scope")
    elif principal.role is not Role.ADMIN:
        raise NotPermittedError(f"This needs an API key with the scope “{scope.value}”.", code="missing_scope")


def may_use_any_call(principal: Principal) -> bool:
    """Whether every call is open to the caller."""
    if isinstance(principal, Machine):
        return principal.has(KeyScope.READ)
    return principal.sees is None


def is_supervisor(principal: Principal) -> bool:
    """Whether somebody signed in who answers help requests: a supervisor or an administrator."""
    return isinstance(principal, Person) and principal.role in (Role.SUPERVISOR, Role.ADMIN)
