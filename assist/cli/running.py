"""How every command runs: settings read once, failures as one clear line."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import rich_click as click

from assist.db.embedded import EmbeddedDatabaseError
from assist.errors import RequestError
from assist.logs import set_up_logs
from assist.settings import Settings, SettingsError, read
from pipeline.errors import UpstreamError

T = TypeVar("T")


def settings() -> Settings:
    """The settings; a wrong one ends the command with its name."""
    try:
        configured = read()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    set_up_logs("WARNING", configured.log_format)
    return configured


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work; expected failures become its error message."""
    try:
        return asyncio.run(work)
    except (EmbeddedDatabaseError, RequestError, SettingsError, UpstreamError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.Abort from None
