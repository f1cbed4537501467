"""Alembic's entry: the models' metadata, on the connection or URL that the caller gives."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import Connection

from assist.db.models import Base
from assist.db.models.base import JsonColumn


def include_object(_: Any, name: str | None, *__: Any) -> bool:
    """The job library owns its tables; they travel as its own SQL."""
    return not (name or "").startswith("procrastinate_")


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Writes our JSON column as the plain JSONB that it is."""
    if kind == "type" and isinstance(item, JsonColumn):
        return "postgresql.JSONB()"
    return False


def run(connection: Connection) -> None:
    """Brings the schema to the wanted revision."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        render_item=render_item,
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url, "Run migrations with `assist migrate`; it knows the database."
    with create_engine(url, poolclass=NullPool).connect() as opened:
        run(opened)
