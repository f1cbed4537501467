"""Limits that keep the code readable: sizes of files and functions, and where things may stand."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("assist", "pipeline", "integrations", "knowledge_ingest", "migrations", "tests")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
TOP_LEVEL = {*PACKAGES, "docs", "deploy"}


def python_files() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path


def typescript_files() -> Iterator[Path]:
    for folder in ("src", "test"):
        yield from sorted((ROOT / "assist" / "ui" / folder).rglob("*.ts"))


def test_files_are_short() -> None:
    files = [path for path in [*python_files(), *typescript_files()] if "versions" not in path.parts]
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in long.items() if lines > MAX_FILE_LINES} == {}


def test_functions_are_short() -> None:
    long: dict[str, int] = {}
    for path in python_files():
        if "versions" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.parts[len(ROOT.parts)] != "tests"
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_only_the_agreed_folders_stand_at_the_top() -> None:
    ignored = {"build", "dist", "node_modules"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    assert folders - ignored - TOP_LEVEL == set()


@pytest.mark.parametrize("package", ["assist", "pipeline", "integrations", "knowledge_ingest"])
def test_module_names_tell_their_content(package: str) -> None:
    catch_all = {"utils", "util", "helpers", "common", "misc", "manager", "base_classes"}
    found = {path.stem for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts}
    assert found & catch_all == set()
