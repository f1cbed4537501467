"""What a supervisor sees in a terminal: tables and panels, or JSON for programs. People's words stay plain text."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import rich_click as click
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PRIORITY_STYLES = {"urgent": "bold red", "high": "yellow", "medium": "", "low": "dim"}
_QUESTION_CHARS = 70
_PIPE_COLUMNS = 200


def print_json(value: object) -> None:
    """For programs."""
    click.echo(msgspec.json.format(msgspec.json.encode(value)).decode())


def plain(words: object) -> Text:
    """What people said: no markup, and no codes that a terminal would obey."""
    return Text(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", str(words)))


def print_requests(items: Sequence[Json], total: int) -> None:
    """The queue."""
    table = Table("Id", "Priority", "Status", "Due", "Assigned to", "Customer", "Question", "Tags")
    for one in items:
        table.add_row(
            one["id"][:8],
            Text(one["priority"], style=_PRIORITY_STYLES.get(one["priority"], "")),
            _status(one),
            due_words(one["due_at"], one["resolved_at"]),
            plain(one["assigned_to_name"] or "–"),
            plain(one["customer_name"] or one["customer_contact"] or "–"),
            plain(_first_line(one["question"])),
            plain(", ".join(one["tags"])),
        )
    console = _console()
    console.print(table)
    if len(items) < total:
        console.print(f"{len(items)} of {total}; --limit shows more.")


def print_request(one: Json) -> None:
    """One request with its history."""
    facts = Table.grid(padding=(0, 2))
    for name, value in _facts(one):
        facts.add_row(Text(name, style="dim"), plain(value))
    parts: list[Any] = [Text(""), plain(one["question"]), Text(""), facts]
    if one["context_excerpt"]:
        parts += [Text("\nFrom the call", style="bold"), plain(one["context_excerpt"])]
    if one["answer"]:
        parts += [Text(f"\nAnswer of {one['answered_by_name'] or 'somebody'}", style="bold"), plain(one["answer"])]
    history = Table("When", "Who", "What", "Note", box=None)
    for line in one["history"]:
        note = line["note"] or ""
        history.add_row(local(line["at"]), plain(line["actor_name"]), line["action"].replace("_", " "), plain(note))
    console = _console()
    console.print(Panel(Group(*parts), title=f"Request {one['id'][:8]}", title_align="left"))
    console.print(history)


def print_conflict(current: Json) -> None:
    """Somebody was faster."""
    if current.get("answer"):
        console = Console(stderr=True)
        title = f"{current.get('answered_by_name') or 'Somebody'} has answered already"
        console.print(Panel(plain(current["answer"]), title=title, title_align="left"))


def print_statistics(found: Json) -> None:
    """The figures of a period."""
    table = Table("", "Count", "Mean", "Half within", "90 % within", "Limits kept")
    for name, key in (("First response", "first_response"), ("Resolution", "resolution")):
        spread, kept = found[key], found[f"{key}_sla"]["share"]
        times = (seconds_words(spread[f"{what}_s"]) for what in ("mean", "p50", "p90"))
        table.add_row(name, str(spread["count"]), *times, share_words(kept))
    people = Table("Supervisor", "Answered", "Open", "Mean time to answer")
    for one in found["supervisors"]:
        mean = seconds_words(one["resolution_mean_s"])
        people.add_row(plain(one["name"]), str(one["answered"]), str(one["open"]), mean)
    learning, console = found["learning"], _console()
    console.print(f"{found['total']} requests from {local(found['since'])} to {local(found['until'])}")
    console.print(table, people)
    console.print(
        f"Learned from {share_words(learning['share_learned'])} of the answers; {learning['open_drafts']} drafts wait. "
        f"{share_words(learning['share_from_learned'])} of the calls with suggestions got one from a learned answer."
    )


def print_notifications(items: Sequence[Json]) -> None:
    """Who was told what."""
    table = Table("When", "Event", "Channel", "To", "State", "Tries", "Last error")
    for one in items:
        to = one.get("user_name") or one.get("address") or "–"
        error = plain(one["last_error"] or "")
        cells = (one["event"], one["channel"], plain(to), one["state"], str(one["attempts"]), error)
        table.add_row(local(one["created_at"]), *cells)
    _console().print(table)


def print_team(items: Sequence[Json]) -> None:
    """Who is there."""
    table = Table("Name", "E-mail", "State", "Open", "Groups", "Skills")
    for one in items:
        lists = (plain(", ".join(one["groups"])), plain(", ".join(one["skills"])))
        table.add_row(plain(one["name"]), one["email"], one["availability"], str(one["open_requests"]), *lists)
    _console().print(table)


def due_words(due_at: str | None, ended_at: str | None = None) -> str:
    """Such as "in 4 min" or "2 h late"; nothing for what has ended."""
    if due_at is None or ended_at is not None:
        return "–"
    left_s = (datetime.fromisoformat(due_at) - datetime.now(UTC)).total_seconds()
    return f"in {seconds_words(left_s)}" if left_s >= 0 else f"{seconds_words(-left_s)} late"


def seconds_words(seconds: float | None) -> str:
    """Such as "45 s", "4 min" or "2.5 h"."""
    if seconds is None:
        return "–"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def share_words(share: float | None) -> str:
    """Such as "97 %"."""
    return "–" if share is None else f"{share:.0%}".replace("%", " %")


def local(when: str) -> str:
    """In the time zone of this machine."""
    return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _console() -> Console:
    """As wide as the terminal; behind a pipe wide enough for every column."""
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_COLUMNS)


def _status(one: Json) -> str:
    words = str(one["status"]).replace("_", " ")
    return f"{words}, passed on" if one["escalated"] and one["resolved_at"] is None else words


def _first_line(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _QUESTION_CHARS else line[: _QUESTION_CHARS - 1] + "…"


def _facts(one: Json) -> list[tuple[str, object]]:
    facts = [
        ("Status", _status(one)),
        ("Priority", one["priority"]),
        ("Due", due_words(one["due_at"], one["resolved_at"])),
        ("Group", one["group"]),
        ("Assigned to", one["assigned_to_name"]),
        ("Customer", one["customer_name"]),
        ("Contact", one["customer_contact"]),
        ("Channel", one["channel"]),
        ("Call", f"{one['call_id']} ({'on the line' if one['call_active'] else 'ended'})" if one["call_id"] else None),
        ("Tags", ", ".join(one["tags"])),
        ("Notes", one["notes"]),
    ]
    return [(name, value) for name, value in facts if value]
