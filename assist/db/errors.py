"""The database's errors, for whoever must tell them apart without knowing its library."""

from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import SQLAlchemyError as DatabaseError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeoutError)
"""The database cannot do it now (connection lost, disk full, deadlock): the same statements may succeed later."""

__all__ = [
    "UNAVAILABLE",
    "DataError",
    "DatabaseError",
    "IntegrityError",
    "OperationalError",
    "ProgrammingError",
]
