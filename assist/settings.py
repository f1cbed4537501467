"""Everything that can be configured: environment variables, or one TOML file named by ASSIST_CONFIG. Read once."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, BaseModel, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what it takes."""


class DatabaseSettings(BaseModel):
    """Where the rows are."""

    url: SecretStr | None
    """None: the embedded PostgreSQL in `directory`."""
    directory: Path
    pool_size: int


class QdrantSettings(BaseModel):
    """Where the vectors are."""

    url: str | None
    """None: Qdrant Edge in `directory`."""
    api_key: SecretStr | None
    collection: str
    directory: Path


class EmbeddingSettings(BaseModel):
    """Which model turns text into vectors."""

    model: str | None
    """sentence-transformers name or path; None: the packaged MiniLM."""
    threads: int | None
    """Of torch; None: half the processors, at most 4."""


class PipelineSettings(BaseModel):
    """How quiet the suggestions are."""

    suggestion_threshold: float | None
    """Smallest confidence [0, 1] of a suggestion; None: the calibrated default."""


class WebSettings(BaseModel):
    """Who may connect, and how long things last."""

    host: str
    port: int
    allowed_origins: tuple[str, ...]
    """Further origins (scheme://host:port) whose pages may open sockets; the server's own is always allowed."""
    session_hours: float
    cookie_secure: bool


class Settings(BaseSettings):
    """All settings, flat as they are named in the environment; the groups below are what the parts receive."""

    model_config = SettingsConfigDict(env_prefix="ASSIST_", extra="ignore", populate_by_name=True)

    data_dir: Path = Field(default_factory=lambda: Path.home() / ".local" / "share" / "assist")
    """Embedded engines keep their files here."""
    database_url: SecretStr | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    database_pool_size: int = Field(default=10, ge=2, le=200)
    qdrant_url: str | None = Field(default=None, validation_alias=AliasChoices("QDRANT_URL", "qdrant_url"))
    qdrant_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("QDRANT_API_KEY", "qdrant_api_key")
    )
    qdrant_collection: str = Field(
        default="assist_passages", validation_alias=AliasChoices("QDRANT_COLLECTION", "qdrant_collection")
    )
    embedding_model: str | None = None
    embedding_threads: int | None = Field(default=None, ge=1, le=64)
    suggestion_threshold: float | None = Field(default=None, ge=0.0, le=1.0)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    session_hours: float = Field(default=12.0, gt=0.0, le=720.0)
    cookie_secure: bool = False
    """Set when browsers reach the server by HTTPS."""
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: str = Field(default="console", pattern="^(console|json)$")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """Other processes are told this path."""
        return value.expanduser().absolute()

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """ "https://a.example, https://b.example" as one variable, or a TOML list."""
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file."""
        config = os.environ.get("ASSIST_CONFIG")
        if not config:
            return init_settings, env_settings
        if not Path(config).is_file():
            raise SettingsError(f"ASSIST_CONFIG names {config}, but there is no such file.")
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config)

    @property
    def database(self) -> DatabaseSettings:
        """For `assist.db`."""
        return DatabaseSettings(
            url=self.database_url, directory=self.data_dir / "postgres", pool_size=self.database_pool_size
        )

    @property
    def qdrant(self) -> QdrantSettings:
        """For `integrations.qdrant`."""
        return QdrantSettings(
            url=self.qdrant_url,
            api_key=self.qdrant_api_key,
            collection=self.qdrant_collection,
            directory=self.data_dir / "qdrant",
        )

    @property
    def embedding(self) -> EmbeddingSettings:
        """For `integrations.embedding`."""
        return EmbeddingSettings(model=self.embedding_model, threads=self.embedding_threads)

    @property
    def pipeline(self) -> PipelineSettings:
        """For `pipeline`."""
        return PipelineSettings(suggestion_threshold=self.suggestion_threshold)

    @property
    def web(self) -> WebSettings:
        """For `assist.web`."""
        return WebSettings(
            host=self.host,
            port=self.port,
            allowed_origins=self.allowed_origins,
            session_hours=self.session_hours,
            cookie_secure=self.cookie_secure,
        )


def read() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: names each wrong setting and why.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"  {'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        raise SettingsError("These settings are wrong:\n" + "\n".join(lines)) from None
