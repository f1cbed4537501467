"""The database's errors, for whoever must tell them apart without knowing its library."""

from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import SQLAlchemyError as DatabaseError

__all__ = ["DataError", "DatabaseError", "IntegrityError", "OperationalError", "ProgrammingError"]
