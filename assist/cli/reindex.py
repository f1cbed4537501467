"""`assist reindex`"""

import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from assist.cli.running import run, settings
from assist.settings import Settings
from assist.storage import open_storage
from assist.wiring import open_indexer, optimize
from integrations.qdrant.edge import IndexInUseError


@click.command()
@click.option("--optimize", "optimized", is_flag=True, help="Afterwards build the fast search structure; takes long.")
def command(optimized: bool) -> None:
    """Rebuild the vector index from the database. The server must be stopped where the index is embedded."""
    run(_reindex(settings(), optimized=optimized))


async def _reindex(configured: Settings, *, optimized: bool) -> None:
    console = Console()
    try:
        async with (
            open_storage(configured) as storage,
            open_indexer(configured, storage.sessions, anew=True) as indexer,
        ):
            with Progress(TextColumn("Indexing"), BarColumn(), MofNCompleteColumn(), console=console) as bars:
                task = bars.add_task("Indexing", total=None)
                report = await indexer.rebuild(lambda done, total: bars.update(task, completed=done, total=total))
            if optimized:
                console.print("Optimising …")
                await optimize(indexer)
    except IndexInUseError as error:
        raise click.ClickException(f"{error} Stop the server, then run this again.") from None
    console.print(f"{report.indexed} passages are indexed.")
