"""`assist keys`"""

from datetime import timedelta

import rich_click as click

from assist.access import KeyScope
from assist.accounts import Accounts
from assist.cli.running import run, settings
from assist.cli.tables import print_table
from assist.storage import open_storage

_SCOPES = [scope.value for scope in KeyScope]


@click.group()
def command() -> None:
    """Make, list and revoke API keys."""


@command.command("create")
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help=f"One of {', '.join(_SCOPES)}; repeat it, or use commas."
)
@click.option("--expires-days", type=click.FloatRange(min=0.0, min_open=True), help="Runs out after so many days.")
def create(name: str, scopes: tuple[str, ...], expires_days: float | None) -> None:
    """Print a new key, once: only its digest is kept."""
    wanted = [part.strip() for text in scopes for part in text.split(",") if part.strip()]
    unknown = [part for part in wanted if part not in _SCOPES]
    if unknown:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(_SCOPES)}.", param_hint="--scope")
    lifetime = timedelta(days=expires_days) if expires_days is not None else None
    click.echo(run(_create(name, [KeyScope(part) for part in wanted], lifetime)))


@command.command("list")
def list_keys() -> None:
    """Show all keys without their secrets."""
    run(_list())


@command.command("revoke")
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Shut out the key that starts with PREFIX (as `list` shows it)."""
    run(_revoke(prefix))
    click.echo(f"The key {prefix}… is revoked.")


async def _create(name: str, scopes: list[KeyScope], lifetime: timedelta | None) -> str:
    configured = settings()
    async with open_storage(configured) as storage:
        accounts = Accounts(sessions=storage.sessions, session_lifetime=timedelta(hours=configured.web.session_hours))
        return (await accounts.create_key(name, scopes, lifetime)).secret


async def _list() -> None:
    async with open_storage(settings()) as storage:
        keys = await Accounts(sessions=storage.sessions, session_lifetime=timedelta(hours=1)).keys()
    headers = ("Prefix", "Name", "Scopes", "Created", "Expires", "Last used", "State")
    print_table(
        headers,
        [
            (
                key.prefix,
                key.name,
                ", ".join(key.scopes),
                f"{key.created_at:%Y-%m-%d}",
                f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "never",
                f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never",
                "revoked" if key.revoked_at else "live",
            )
            for key in keys
        ],
    )


async def _revoke(prefix: str) -> None:
    async with open_storage(settings()) as storage:
        await Accounts(sessions=storage.sessions, session_lifetime=timedelta(hours=1)).revoke_key(prefix)
