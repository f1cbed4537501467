"""The command line. Each command is a module of its own, imported only when it is called: models load slowly."""

import importlib

import click

from assist import __version__

COMMANDS = {
    "demo": "Start the product with sample data and sample calls: the first thing to try.",
    "doctor": "Say what is configured, and whether it answers.",
    "eval": "Measure the suggestions on judged data sets.",
    "ingest": "Read articles from files, folders and web sites into the knowledge base.",
    "listen": "Transcribe LiveKit calls, both sides of each (a worker).",
    "keys": "Make, list and revoke API keys.",
    "migrate": "Bring the database's schema to this version.",
    "receptionist": "Answer calls by itself (a worker), or in this terminal (console).",
    "reindex": "Rebuild the vector index from the database.",
    "replay": "Play a recorded call against a server, and measure it.",
    "serve": "Start the server.",
    "supervise": "Answer agents' questions from a terminal.",
    "train": "Train the models that judge turns, rank passages and calibrate confidence.",
    "users": "Add and manage the people who sign in.",
}


class LazyGroup(click.Group):
    """Finds `assist.cli.NAME.command` when NAME is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """By name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"assist.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list for --help, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Assist listens to live support calls and shows agents cited suggestions."""
