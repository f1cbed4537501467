"""`assist migrate`"""

import asyncio

import rich_click as click

from assist.cli.running import run, settings
from assist.db import migrate
from assist.storage import database_url


@click.command()
def command() -> None:
    """Bring the database's schema to this version. Safe to repeat."""
    run(_migrate())


async def _migrate() -> None:
    revision = await asyncio.to_thread(migrate.upgrade, await database_url(settings()))
    click.echo(f"The schema is at revision {revision}.")
