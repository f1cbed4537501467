"""`assist supervise`: the supervisor's console in a terminal, for people and, with --json, for scripts."""

import sys
from collections.abc import Callable
from typing import Any

import rich_click as click
from rich.console import Console
from rich.prompt import Prompt

from assist.cli import supervise_output as output
from assist.cli.supervise_client import Client, Json, Refused, forget, save, saved, sign_in

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON.")
_OPEN = "pending,in_progress"


@click.group(invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Answer agents' questions from a terminal. Without a command: a console that asks what to do."""
    if ctx.invoked_subcommand is None:
        _converse(Client(login=saved()))


@command.command("login")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Base address of the server.")
@click.option("--email", prompt="E-mail address")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, else ask for it.")
def login(url: str, email: str, password_stdin: bool) -> None:
    """Sign in; the session is kept in a file that only you can read."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else click.prompt("Password", hide_input=True)
    save(sign_in(url, email, password))
    click.echo(f"Signed in as {email} at {url}.")


@command.command("logout")
def logout() -> None:
    """End the session."""
    try:
        Client(login=saved()).delete("/api/session")
    finally:
        forget()
    click.echo("Signed out.")


@command.command("list")
@click.option("--status", default=_OPEN, show_default=True, help="pending, in_progress, resolved, unresolved.")
@click.option("--priority", help="low, medium, high, urgent; several with commas.")
@click.option("--tag")
@click.option("--mine", is_flag=True, help="Only what is assigned to me.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200))
@as_json
def list_requests(status: str, priority: str, tag: str, mine: bool, limit: int, json_: bool) -> None:
    """List requests; what is due first stands first."""
    mine_or_all = "me" if mine else None
    page = Client(login=saved()).get(
        "/api/help-requests", status=status, priority=priority, tag=tag, assigned_to=mine_or_all, limit=limit
    )
    if json_:
        output.print_json(page)
    else:
        output.print_requests(page["items"], page["total"])


@command.command("show")
@click.argument("request_id")
@as_json
def show(request_id: str, json_: bool) -> None:
    """Show one request with its history."""
    client = Client(login=saved())
    _shown(client.get(f"/api/help-requests/{client.request_id(request_id)}"), json_=json_)


@command.command("claim")
@click.argument("request_id")
@as_json
def claim(request_id: str, json_: bool) -> None:
    """Take a request in hand."""
    _shown(_act(request_id, "claim"), json_=json_)


@command.command("hand-back")
@click.argument("request_id")
@click.option("--note")
@as_json
def hand_back(request_id: str, note: str | None, json_: bool) -> None:
    """Put a request back into the queue."""
    _shown(_act(request_id, "hand-back", _given(note=note)), json_=json_)


@command.command("reassign")
@click.argument("request_id")
@click.option("--to", "person", help="E-mail address of a supervisor.")
@click.option("--group", help="Name of a group.")
@click.option("--note")
@as_json
def reassign(request_id: str, person: str | None, group: str | None, note: str | None, json_: bool) -> None:
    """Give a request to somebody else, or to a group."""
    if (person is None) == (group is None):
        raise click.UsageError("Give --to or --group.")
    user_id = _user_id(Client(login=saved()), person) if person else None
    _shown(_act(request_id, "reassign", _given(user_id=user_id, group=group, note=note)), json_=json_)


@command.command("escalate")
@click.argument("request_id")
@click.option("--note")
@as_json
def escalate(request_id: str, note: str | None, json_: bool) -> None:
    """Pass a request on to the next level."""
    _shown(_act(request_id, "escalate", _given(note=note)), json_=json_)


@command.command("answer")
@click.argument("request_id")
@click.argument("text", required=False)
@click.option("--topic")
@click.option("--notes", help="For colleagues only.")
@click.option("--unresolved", is_flag=True, help="It cannot be answered; TEXT says why.")
@click.option("--learn", type=click.Choice(["draft", "approve", "none"]), default="draft", show_default=True)
@as_json
def answer(request_id: str, text: str | None, json_: bool, **options: Any) -> None:
    """Answer a request. TEXT is read from standard input when it is not given."""
    words = text if text is not None else sys.stdin.read()
    _shown(_answer(Client(login=saved()), request_id, {"answer": words, **_given(**options)}), json_=json_)


@command.command("statistics")
@click.option("--from", "since", help="Such as 2026-11-01T00:00:00Z; default: seven days ago.")
@click.option("--to", "until", help="Default: now.")
@as_json
def statistics(since: str | None, until: str | None, json_: bool) -> None:
    """Show volume, times, limits kept, load, and what was learned."""
    found = Client(login=saved()).get("/api/supervision/statistics", **{"from": since, "to": until})
    _printed(found, output.print_statistics, json_=json_)


@command.command("notifications")
@click.argument("request_id")
@as_json
def notifications(request_id: str, json_: bool) -> None:
    """Show who was told of a request, by which channel, and whether it arrived."""
    client = Client(login=saved())
    found = client.get(f"/api/help-requests/{client.request_id(request_id)}/notifications")
    _printed(found, lambda page: output.print_notifications(page["items"]), json_=json_)


@command.command("team")
@as_json
def team(json_: bool) -> None:
    """Show who is there, and how much each has open."""
    found = Client(login=saved()).get("/api/supervision/team")
    _printed(found, lambda page: output.print_team(page["items"]), json_=json_)


@command.command("availability")
@click.argument("state", type=click.Choice(["available", "away"]))
def availability(state: str) -> None:
    """Say whether new requests may come to you."""
    Client(login=saved()).put("/api/supervision/availability", {"availability": state})
    click.echo(f"You are {state}.")


def _act(request_id: str, action: str, body: Json | None = None) -> Json:
    client = Client(login=saved())
    return client.post(f"/api/help-requests/{client.request_id(request_id)}/{action}", body)


def _answer(client: Client, request_id: str, body: Json) -> Json:
    try:
        return client.post(f"/api/help-requests/{client.request_id(request_id)}/response", body)
    except Refused as refused:
        output.print_conflict(refused.current)
        raise


def _user_id(client: Client, email: str) -> str:
    for one in client.get("/api/supervision/team")["items"]:
        if one["email"].lower() == email.lower():
            return str(one["user_id"])
    raise click.ClickException(f"No supervisor has the address {email}. `assist supervise team` shows them.")


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _shown(request: Json, *, json_: bool) -> None:
    _printed(request, output.print_request, json_=json_)


def _printed(found: Json, show_: Callable[[Json], None], *, json_: bool) -> None:
    if json_:
        output.print_json(found)
    else:
        show_(found)


def _converse(client: Client) -> None:
    """Shows the queue, takes a request, answers it, and again."""
    console = Console()
    while True:
        page = client.get("/api/help-requests", status=_OPEN, limit=50)
        output.print_requests(page["items"], page["total"])
        chosen = Prompt.ask("Id of a request to answer, [bold]Enter[/] to look again, [bold]q[/] to leave", default="")
        if chosen == "q":
            return
        if not chosen:
            continue
        try:
            _converse_about(client, client.request_id(chosen), console)
        except click.ClickException as error:
            console.print(output.plain(error.message), style="red")


def _converse_about(client: Client, request_id: str, console: Console) -> None:
    output.print_request(client.get(f"/api/help-requests/{request_id}"))
    choice = Prompt.ask("What now?", choices=["answer", "claim", "escalate", "back"], default="answer")
    if choice == "back":
        return
    if choice != "answer":
        output.print_request(client.post(f"/api/help-requests/{request_id}/{choice}"))
        return
    words = Prompt.ask("Answer")
    learn = Prompt.ask("Learn it?", choices=["draft", "approve", "none"], default="draft")
    output.print_request(_answer(client, request_id, {"answer": words, "learn": learn}))
    console.print("Sent.", style="green")
