"""Processes of `python -m MODULE` that begin with the libraries imported, which takes ten seconds otherwise.

They are forked from a process that has imported them and done nothing else.
"""

import atexit
import multiprocessing
import os
import runpy
import sys
import warnings
from multiprocessing.process import BaseProcess
from pathlib import Path

from msgspec import Struct

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "assist.cli.doctor",
        "assist.cli.ingest",
        "assist.cli.keys",
        "assist.cli.reindex",
        "assist.cli.replay",
        "assist.cli.serve",
        "assist.cli.users",
        "integrations.sentence_model",
    ]
)


class Files(Struct, frozen=True, kw_only=True):
    """What a process reads and writes; the output is appended."""

    stdin: Path = Path(os.devnull)
    stdout: Path
    stderr: Path


def start(module: str, arguments: list[str], environment: dict[str, str], files: Files) -> BaseProcess:
    """Begins `python -W ignore -m MODULE ARGUMENTS`."""
    process = _CONTEXT.Process(target=_become, args=(module, arguments, environment, files))
    process.start()
    return process


def _become(module: str, arguments: list[str], environment: dict[str, str], files: Files) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate((files.stdin, files.stdout, files.stderr)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND | os.O_CREAT
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)  # multiprocessing gives it another, without anything to read
    sys.argv = [module, *arguments]
    warnings.simplefilter("ignore")
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # multiprocessing leaves them out, and PostgreSQL is stopped there
