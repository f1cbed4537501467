"""How every command runs: settings read once, logs to stderr, failures as one clear line."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import rich_click as click
import structlog

from assist.db.embedded import EmbeddedDatabaseError
from assist.errors import RequestError
from assist.settings import Settings, SettingsError, read
from pipeline.errors import UpstreamError

T = TypeVar("T")


def settings() -> Settings:
    """The settings; a wrong one ends the command with its name."""
    try:
        return read()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work; expected failures become its error message."""
    try:
        return asyncio.run(work)
    except (EmbeddedDatabaseError, RequestError, SettingsError, UpstreamError) as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        raise click.Abort from None


def set_up_logs(level: str, kind: str) -> None:
    """Logs to stderr; customer words (fields named pii_…) are dropped."""
    renderer: Any = structlog.processors.JSONRenderer() if kind == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_customer_words,
            *([structlog.processors.format_exc_info] if kind == "json" else []),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _drop_customer_words(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if not name.startswith("pii_")}
