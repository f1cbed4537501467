"""The declarative base: column types by annotation, and names for every constraint."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, TypeDecorator, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]


class JsonColumn(TypeDecorator[Any]):
    """JSONB under one name, so that migrations render it the same everywhere."""

    impl = JSONB(none_as_null=True)
    cache_ok = True


class Base(DeclarativeBase):
    """Root of all models."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        Json: JsonColumn,
        list[str]: JsonColumn,
        list[Json]: JsonColumn,
    }


def stamped() -> Mapped[datetime]:
    """Moment of the insert, on the database's clock."""
    return mapped_column(server_default=func.clock_timestamp())


__all__ = ["Base", "Json", "JsonColumn", "stamped"]
