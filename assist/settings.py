"""Everything that can be configured: environment variables, or one TOML file named by ASSIST_CONFIG. Read once."""

import os
from collections.abc import Sequence
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

from assist.voice_settings import VoiceSettings, WorkerSettings


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
    url: str | None
    """Of an OpenAI-compatible endpoint, which has the `model` then; None: the model runs in this process."""
    api_key: SecretStr | None


class RerankingSettings(BaseModel):
    """Which model reads the best passages once more."""

    model: str | None
    """sentence-transformers CrossEncoder, name or path; None: nothing is reranked."""
    threads: int | None
    """Of torch; None: half the processors, at most 4."""


class ModelSettings(BaseModel):
    """Which language model writes, and how much it may take."""

    base_url: str | None
    """None: OpenAI's own, which needs a key."""
    api_key: SecretStr | None
    names: dict[str, str]
    """Model by role (rewrite, answer, summarise)."""
    first_token_s: float
    total_s: float
    max_tokens: int
    reasoning_effort: str | None
    prices: dict[str, tuple[float, float]]
    """US dollars for a million tokens of prompt and of answer, by model."""
    call_tokens: int | None
    call_cost_usd: float | None
    rewrite_s: float
    rewrite_below: float

    @property
    def is_configured(self) -> bool:
        """A key alone is no wish to send calls anywhere: a model must be named, and a place."""
        return bool(self.names) and (self.base_url is not None or self.api_key is not None)


class PipelineSettings(BaseModel):
    """How quiet the suggestions are."""

    suggestion_threshold: float | None
    """Smallest confidence [0, 1] of a suggestion; None: the calibrated default."""


class IngestSettings(BaseModel):
    """What becomes of files and pages."""

    subject_fields: tuple[str, ...]
    """Metadata fields that name what an article is about, most telling first."""
    parse_seconds: float
    """For one file."""
    parse_memory_mb: int
    """Of the process that parses."""
    file_mb: int
    """Size of one PDF or Word document."""
    fetch_concurrency: int
    """Web pages fetched at the same time."""
    pages_max: int
    """Pages of one sitemap or list."""


class EscalationSettings(BaseModel):
    """How long help requests may take."""

    timeout_minutes: float
    """Until a request ends unresolved, where the policy says nothing else."""


class WebSettings(BaseModel):
    """Who may connect, and how long things last."""

    host: str
    port: int
    allowed_origins: tuple[str, ...]
    """Further origins (scheme://host:port) whose pages may open sockets; the server's own is always allowed."""
    session_hours: float
    cookie_secure: bool
    livekit_url: str | None
    """Which pages with calls may reach; None: there are no calls in browsers."""


class Settings(VoiceSettings):
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
    embedding_url: str | None = Field(default=None, pattern="^https?://")
    embedding_api_key: SecretStr | None = None
    reranker: str | None = None
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key")
    )
    openai_base_url: str | None = Field(
        default=None, pattern="^https?://", validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url")
    )
    language_model: str | None = Field(
        default=None, validation_alias=AliasChoices("ASSIST_MODEL", "OPENAI_MODEL", "model", "language_model")
    )
    """Of every role that has none of its own."""
    answer_model: str | None = None
    rewrite_model: str | None = None
    summarise_model: str | None = None
    answer_first_token_s: float = Field(default=4.0, gt=0.0, le=300.0)
    answer_total_s: float = Field(default=15.0, gt=0.0, le=600.0)
    answer_max_tokens: int = Field(default=300, ge=16, le=16_000)
    answer_reasoning: str | None = Field(default=None, pattern="^[a-z]+$")
    rewrite_total_s: float = Field(default=1.5, gt=0.0, le=60.0)
    rewrite_below: float = Field(default=0.6, ge=0.0, le=1.0)
    """Confidence of a quoted answer under which the question is put in better words."""
    call_token_budget: int | None = Field(default=60_000, ge=0)
    call_cost_budget_usd: float | None = Field(default=None, ge=0.0)
    token_prices: dict[str, tuple[float, float]] = Field(default_factory=dict)
    suggestion_threshold: float | None = Field(default=None, ge=0.0, le=1.0)
    subject_fields: Annotated[tuple[str, ...], NoDecode] = ("product", "place", "plan", "version", "brand")
    ingest_parse_seconds: float = Field(default=60.0, gt=0.0, le=3600.0)
    ingest_parse_memory_mb: int = Field(default=1024, ge=256, le=65536)
    ingest_file_mb: int = Field(default=50, ge=1, le=1000)
    ingest_fetch_concurrency: int = Field(default=4, ge=1, le=32)
    ingest_pages_max: int = Field(default=10_000, ge=1, le=1_000_000)
    request_timeout_minutes: float = Field(
        default=30.0,
        gt=0.0,
        le=100_000.0,
        validation_alias=AliasChoices("REQUEST_TIMEOUT_MINUTES", "request_timeout_minutes"),
    )
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

    @field_validator(
        "openai_api_key", "openai_base_url", "language_model", "answer_model", "rewrite_model", "summarise_model",
        "embedding_url", "embedding_api_key", "reranker", mode="before",
    )  # fmt: skip
    @classmethod
    def _set_or_not(cls, value: object) -> object:
        """An empty variable is one that is not set; deployments pass such on."""
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """ "https://a.example, https://b.example" as one variable, or a TOML list."""
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("subject_fields", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        """ "product, place" as one variable, or a TOML list."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
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
        return EmbeddingSettings(
            model=self.embedding_model,
            threads=self.embedding_threads,
            url=self.embedding_url,
            api_key=self.embedding_api_key,
        )

    @property
    def reranking(self) -> RerankingSettings:
        """For `integrations.reranking`."""
        return RerankingSettings(model=self.reranker, threads=self.embedding_threads)

    @property
    def writing(self) -> ModelSettings:
        """For `integrations.language_model`."""
        roles = {"answer": self.answer_model, "rewrite": self.rewrite_model, "summarise": self.summarise_model}
        names = {role: name or self.language_model for role, name in roles.items()}
        return ModelSettings(
            base_url=self.openai_base_url,
            api_key=self.openai_api_key,
            names={role: name for role, name in names.items() if name},
            first_token_s=self.answer_first_token_s,
            total_s=self.answer_total_s,
            max_tokens=self.answer_max_tokens,
            reasoning_effort=self.answer_reasoning,
            prices=self.token_prices,
            call_tokens=self.call_token_budget,
            call_cost_usd=self.call_cost_budget_usd,
            rewrite_s=self.rewrite_total_s,
            rewrite_below=self.rewrite_below,
        )

    @property
    def pipeline(self) -> PipelineSettings:
        """For `pipeline`."""
        return PipelineSettings(suggestion_threshold=self.suggestion_threshold)

    @property
    def ingest(self) -> IngestSettings:
        """For `assist.sources`."""
        return IngestSettings(
            subject_fields=self.subject_fields,
            parse_seconds=self.ingest_parse_seconds,
            parse_memory_mb=self.ingest_parse_memory_mb,
            file_mb=self.ingest_file_mb,
            fetch_concurrency=self.ingest_fetch_concurrency,
            pages_max=self.ingest_pages_max,
        )

    @property
    def escalation(self) -> EscalationSettings:
        """For `assist.supervision`."""
        return EscalationSettings(timeout_minutes=self.request_timeout_minutes)

    @property
    def worker(self) -> WorkerSettings:
        """For the voice workers."""
        return WorkerSettings(
            url=self.server_url.rstrip("/"), api_key=self.server_api_key, spool=self.data_dir / "voice-spool"
        )

    @property
    def web(self) -> WebSettings:
        """For `assist.web`."""
        return WebSettings(
            host=self.host,
            port=self.port,
            allowed_origins=self.allowed_origins,
            session_hours=self.session_hours,
            cookie_secure=self.cookie_secure,
            livekit_url=self.livekit.url if self.livekit else None,
        )


def read() -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: names each wrong setting and why.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"  {_where(item['loc'])}{item['msg'].removeprefix('Value error, ')}" for item in error.errors()]
        raise SettingsError("These settings are wrong:\n" + "\n".join(lines)) from None


def _where(place: Sequence[int | str]) -> str:
    """The name of the variable; nothing where several do not go together."""
    names = [str(part) for part in place]
    known = Settings.model_fields.get(names[0]) if names else None
    if known is not None and known.validation_alias is None:
        names[0] = f"ASSIST_{names[0].upper()}"
    return f"{'.'.join(names)}: " if names else ""
