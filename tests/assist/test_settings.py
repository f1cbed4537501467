"""Settings come from the environment, or from one file; the environment wins."""

from datetime import time
from pathlib import Path

import pytest

from assist.settings import SettingsError, read


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("ASSIST_CONFIG", "ASSIST_PORT", "ASSIST_HOST", "ASSIST_DATA_DIR", "DATABASE_URL", "QDRANT_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_anything_the_engines_are_embedded(clean: pytest.MonkeyPatch) -> None:
    settings = read()
    assert settings.database.url is None
    assert settings.qdrant.url is None
    assert settings.database.directory.name == "postgres"
    assert settings.web.host == "127.0.0.1"


def test_the_file_counts_where_the_environment_says_nothing(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "assist.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\nallowed_origins = ["https://crm.example"]\n')
    clean.setenv("ASSIST_CONFIG", str(file))
    clean.setenv("ASSIST_PORT", "9001")
    settings = read()
    assert (settings.host, settings.port) == ("0.0.0.0", 9001)
    assert settings.web.allowed_origins == ("https://crm.example",)


def test_origins_are_separated_by_commas(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("ASSIST_ALLOWED_ORIGINS", "https://a.example/, https://b.example")
    assert read().web.allowed_origins == ("https://a.example", "https://b.example")


def test_a_wrong_setting_is_named(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("ASSIST_PORT", "many")
    with pytest.raises(SettingsError, match="ASSIST_PORT: "):
        read()


def test_secrets_are_not_shown(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("DATABASE_URL", "postgresql://me:hunter22@db/assist")
    assert "hunter22" not in repr(read())


def test_the_data_directory_is_absolute(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean.chdir(tmp_path)
    clean.setenv("ASSIST_DATA_DIR", "here")
    assert read().data_dir == tmp_path / "here"
    clean.setenv("ASSIST_DATA_DIR", "~/there")
    assert read().data_dir == Path.home() / "there"


def test_a_key_alone_sends_nothing_anywhere(clean: pytest.MonkeyPatch) -> None:
    clean.setenv("OPENAI_API_KEY", "sk-canary")
    clean.setenv("OPENAI_BASE_URL", "")
    clean.delenv("OPENAI_MODEL", raising=False)
    settings = read()
    assert not settings.writing.is_configured
    assert settings.writing.base_url is None
    assert "canary" not in repr(settings)


def test_models_are_named_by_role_with_one_for_the_rest(clean: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "assist.toml"
    file.write_text('model = "big"\nrewrite_model = "small"\n[token_prices]\nbig = [2.5, 10]\n')
    clean.setenv("ASSIST_CONFIG", str(file))
    clean.setenv("OPENAI_BASE_URL", "http://localhost:11434/v1")
    writing = read().writing
    assert writing.is_configured
    assert writing.names == {"answer": "big", "rewrite": "small", "summarise": "big"}
    assert writing.prices == {"big": (2.5, 10.0)}
    clean.setenv("ASSIST_MODEL", "other")
    clean.setenv("ASSIST_TOKEN_PRICES", '{"other": [1, 2]}')
    assert read().writing.names["answer"] == "other"
    assert read().writing.prices["other"] == (1.0, 2.0)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("08:00-20:00 Europe/Copenhagen", (time(8), time(20), "Europe/Copenhagen")),
        ("08:30-18:00", (time(8, 30), time(18), "UTC")),
        ("", None),
    ],
)
def test_calling_hours_are_written_as_people_write_them(
    clean: pytest.MonkeyPatch, given: str, expected: tuple[time, time, str] | None
) -> None:
    clean.setenv("ASSIST_CALL_BACK_HOURS", given)
    hours = read().call_back_hours
    assert (hours and (hours.opens, hours.closes, hours.time_zone)) == expected


@pytest.mark.parametrize(
    "given", ["always", "08:00", "8-20 Atlantis/Main", "08:00-20:00 ../../etc/passwd", "9:00-9:00"]
)
def test_calling_hours_that_are_none_are_refused_with_an_example(clean: pytest.MonkeyPatch, given: str) -> None:
    clean.setenv("ASSIST_CALL_BACK_HOURS", given)
    with pytest.raises(SettingsError, match=r"ASSIST_CALL_BACK_HOURS: (write it as 08:00|the hours end)"):
        read()
