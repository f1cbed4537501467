"""What `assist listen` and `assist receptionist` share: they run until they are told to stop."""

import asyncio
import importlib
import signal
from collections.abc import Callable
from types import ModuleType
from typing import Any

import rich_click as click

from assist.cli.running import run, settings
from assist.logs import set_up_logs
from assist.settings import Settings

_PORT = 8081
Command = Callable[..., Any]


def worker_options(command: Command) -> Command:
    """Options of every worker."""
    port = click.option(
        "--port", default=_PORT, show_default=True, type=click.IntRange(0, 65535), help="Port of the health checks."
    )
    max_load = click.option(
        "--max-load",
        default=0.7,
        show_default=True,
        type=click.FloatRange(min=0.05),
        help="Load of the processors above which calls are declined; more than 1: never.",
    )
    drain = click.option(
        "--drain",
        "drain_s",
        default=0,
        show_default=True,
        type=click.IntRange(0, 86_400),
        help="Seconds for which calls go on after SIGTERM, before another worker takes them over.",
    )
    decorated: Command = port(max_load(drain(command)))
    return decorated


def run_worker_command(name: str, **options: Any) -> None:
    """Runs a module of `assist` that works with LiveKit, until SIGINT or SIGTERM.

    Raises:
        ClickException: LiveKit's packages are not installed, or LiveKit cannot be reached.
    """
    module = voice_module(name)
    configured = settings()
    set_up_logs(configured.log_level, configured.log_format)
    run(_until_stopped(module, configured, module.Options(**options)))


def voice_module(name: str) -> ModuleType:
    """A module that needs LiveKit's packages.

    Raises:
        ClickException: they are not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "livekit":
            raise
        raise click.ClickException("Calls over LiveKit need the voice extra: pip install 'assist[voice]'") from None


async def _until_stopped(module: ModuleType, configured: Settings, options: object) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await module.run(configured, options, stop)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from None
