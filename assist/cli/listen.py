"""`assist listen`"""

import rich_click as click

from assist.cli.voice_worker import run_worker_command, worker_options


@click.command()
@worker_options
def command(port: int, max_load: float, drain_s: int) -> None:
    """Transcribe LiveKit calls, each participant on its own. Runs until SIGINT or SIGTERM.

    It joins rooms to which the agent "assist" is dispatched, and sends what it hears to the server at ASSIST_URL.
    """
    run_worker_command("assist.listen", port=port, max_load=max_load, drain_s=drain_s)
