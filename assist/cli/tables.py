"""Lists for people in a terminal, and the same as tab-separated lines for programs behind a pipe."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes a table to stdout."""
    console = Console()
    if not console.is_terminal:
        for row in (headers, *rows):
            print("\t".join(row))
        return
    table = Table(*headers)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)
