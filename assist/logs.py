"""Logs: structlog to stderr, without customers' words."""

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


def set_up_logs(level: str, kind: str) -> None:
    """Logs to stderr, without customers' words: fields named pii_… and the messages of exceptions are dropped."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_customer_words,
            _where_it_failed,
            _renderer(kind),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _without_customer_words(_: Any, __: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if not name.startswith("pii_")}


def _where_it_failed(_: Any, __: str, event: EventDict) -> EventDict:
    """The traceback as files and lines. An exception's message may quote what a customer said."""
    info = event.pop("exc_info", None)
    error = info if isinstance(info, BaseException) else sys.exc_info()[1] if info else None
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        event["traceback"] = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _renderer(kind: str) -> Processor:
    if kind == "json":
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
