"""`assist users`"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import rich_click as click

from assist.access import Role
from assist.accounts import Accounts, NewUser
from assist.cli.running import run, settings
from assist.cli.tables import print_table
from assist.escalation.releasing import enqueue_release
from assist.storage import open_storage

_ROLES = [role.value for role in Role]


@click.group()
def command() -> None:
    """Add and manage the people who sign in."""


@command.command("add")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice(_ROLES))
@click.option("--name", help="Shown on the screens; the address when not given.")
@click.option("--agent-id", help="The person's id in the telephone system, where it is not the e-mail address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, else ask for it.")
def add(email: str, role: str, name: str | None, agent_id: str | None, password_stdin: bool) -> None:
    """Add a person. Calls whose agent_id is EMAIL (or --agent-id) are theirs."""
    new = NewUser(email=email, name=name or email, role=Role(role), agent_id=agent_id)
    run(_add(new, _password(from_stdin=password_stdin)))
    click.echo(f"{email} can sign in as {role}.")


@command.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, else ask for it.")
def password(email: str, password_stdin: bool) -> None:
    """Change a password; the person is signed out everywhere."""
    run(_set_password(email, _password(from_stdin=password_stdin)))
    click.echo(f"The password of {email} is changed.")


@command.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Shut a person out at once."""
    run(_set_active(email, active=False))
    click.echo(f"{email} can no longer sign in.")


@command.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Let a person in again."""
    run(_set_active(email, active=True))
    click.echo(f"{email} can sign in again.")


@command.command("list")
def list_users() -> None:
    """Show everybody."""
    run(_list())


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return prompted


@asynccontextmanager
async def _accounts() -> AsyncIterator[Accounts]:
    async with open_storage(settings()) as storage:
        yield Accounts(sessions=storage.sessions, session_lifetime=timedelta(hours=1), shut_out=enqueue_release)


async def _add(new: NewUser, secret: str) -> None:
    async with _accounts() as accounts:
        await accounts.add_user(new, secret)


async def _set_password(email: str, secret: str) -> None:
    async with _accounts() as accounts:
        await accounts.set_password(email, secret)


async def _set_active(email: str, *, active: bool) -> None:
    async with _accounts() as accounts:
        await accounts.set_active(email, active=active)


async def _list() -> None:
    async with _accounts() as accounts:
        people = await accounts.users()
    print_table(
        ("E-mail", "Name", "Role", "Agent id", "State"),
        [
            (user.email, user.name, user.role, user.agent_id or user.email, "active" if user.is_active else "disabled")
            for user in people
        ],
    )
