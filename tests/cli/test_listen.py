"""`assist listen` on the command line: what it needs, and what it says where something is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LIVEKIT = {
    "LIVEKIT_URL": "ws://127.0.0.1:1",
    "LIVEKIT_API_KEY": "devkey",
    "LIVEKIT_API_SECRET": "secret-secret-secret-secret-secret",
    "ASSIST_API_KEY": "key",
}
WITHOUT_LIVEKIT = "import sys; sys.modules['livekit'] = None; from assist.cli import main; main(['listen'])"
BROUGHT_ALONG = """
import sys
import assist.listen
heavy = ("torch", "sentence_transformers", "transformers", "sqlalchemy", "psycopg", "litestar", "qdrant_client")
print([name for name in heavy if name in sys.modules])
"""


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in (*LIVEKIT, "DEEPGRAM_API_KEY")}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**kept, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def listen(**environment: str) -> subprocess.CompletedProcess[str]:
    return python("from assist.cli import main; main(['listen', '--port', '0'])", **environment)


def test_without_livekit_it_says_what_to_install() -> None:
    done = python(WITHOUT_LIVEKIT)
    assert done.returncode == 1
    assert "Calls over LiveKit need the voice extra: pip install 'assist[voice]'" in done.stderr


def test_the_command_line_imports_no_livekit() -> None:
    done = python("import sys, assist, assist.cli, assist.cli.listen; print('livekit' in sys.modules)")
    assert done.stdout.strip() == "False", done.stderr


def test_jobs_bring_neither_models_nor_the_database_along() -> None:
    done = python(BROUGHT_ALONG)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("name", [*LIVEKIT, "DEEPGRAM_API_KEY"])
def test_a_missing_setting_is_named(name: str) -> None:
    given = {**LIVEKIT, "DEEPGRAM_API_KEY": "dg"}
    del given[name]
    done = listen(**given)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(f"Calls over LiveKit need these settings: {name}")


def test_a_recogniser_that_cannot_work_is_told_before_any_call(tmp_path: Path) -> None:
    done = listen(**LIVEKIT, ASSIST_STT="scripted", ASSIST_STT_SCRIPT=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "ASSIST_STT_SCRIPT" in done.stderr
