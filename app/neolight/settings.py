"""The only reader of the environment."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from neolight.errors import ConfigurationError

VOCABULARY = Path(__file__).parent / "llm" / "vocabulary"


def _summary_tokens(value: int) -> int:
    if value and value < 400:
        raise ValueError("0 for never, or at least 400")
    return value


class Settings(BaseSettings):
    """Every setting, from the command line, the environment or `.env`, in that order of precedence."""

    model_config = SettingsConfigDict(
        env_prefix="NEOLIGHT_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    neo4j_uri: str | None = Field(default=None, validation_alias="NEO4J_URI")
    neo4j_username: str = Field(default="neo4j", validation_alias="NEO4J_USERNAME")
    lightrag_password: SecretStr | None = None
    """Of the Neo4j that `import-lightrag` reads, if LightRAG kept its graph in one."""
    neo4j_password: SecretStr = Field(default=SecretStr(""), validation_alias="NEO4J_PASSWORD")
    neo4j_database: str = Field(default="neo4j", validation_alias="NEO4J_DATABASE")
    neo4j_home: Path | None = None
    """An unpacked Neo4j server, for machines without a network."""

    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("neolight")))
    profile: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")
    """An embedded Neo4j of its own beside the others: its data is in `profiles/<name>` of the data directory."""
    cache_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir("neolight")))
    input_dir: Path | None = None
    """The folder that a scan takes files from: those of a workspace are in a folder of its name. Not set: `inputs` in
    the data directory."""
    host: str = "127.0.0.1"
    port: int = Field(default=9621, ge=1, le=65535)
    workers: int = 1
    workspace: str = "default"
    log_level: str = "INFO"
    cors_origins: tuple[str, ...] = ()
    root_path: str = ""

    accounts: SecretStr = SecretStr("")
    """Who may log in: JSON, or LightRAG's name:password,name:password."""
    token_secret: SecretStr | None = None
    token_hours: float = 48.0
    guest_token_hours: float = 24.0
    api_keys: SecretStr = SecretStr("")
    """Keys for programs: JSON, or one key."""
    whitelist: tuple[str, ...] = ()
    """Paths that need no credentials; /* at the end stands for all below."""
    rate_limit: int = 0
    """Requests a minute of one client; 0 is no limit."""

    llm_provider: str | None = None
    """A provider's name or a server's URL; where unset, `openai` if OPENAI_API_KEY is set, else `none`."""
    llm_model: str = "gpt-4o-mini"
    llm_concurrency: int = 16
    llm_timeout: float = 120.0
    """Seconds."""
    llm_requests_per_minute: int = 0
    """What the account allows; 0 for no limit."""
    llm_tokens_per_minute: int = 0
    extraction_provider: str | None = None
    """What extraction, keywords and embeddings do not set of their own is as for answers."""
    extraction_model: str | None = None
    extraction_base_url: str | None = None
    extraction_api_key: SecretStr | None = None
    keywords_provider: str | None = None
    keywords_model: str | None = None
    keywords_base_url: str | None = None
    keywords_api_key: SecretStr | None = None
    prices: dict[str, tuple[float, float]] = {}
    """Dollars for a million tokens in and out, by model; before the list prices that are known."""
    prompts_dir: Path | None = None
    """A folder with prompts that replace those of the same name."""

    rerank_provider: str | None = None
    rerank_url: str | None = None
    rerank_model: str | None = None
    rerank_api_key: SecretStr | None = None

    embedding_base_url: str | None = None
    embedding_api_key: SecretStr | None = None
    embedding_requests_per_minute: int = 0
    embedding_tokens_per_minute: int = 0
    embedding_provider: str = "wordllama"
    embedding_model: str | None = None
    embedding_dimensions: int | None = None
    embedding_batch: int = 512
    """Texts a request."""
    embedding_concurrency: int = 4

    chunk_strategy: str = "structure"
    """Where documents are cut; a workspace or an upload may say otherwise, of this and of the three below."""
    chunk_tokens: int = 400
    chunk_overlap: int = 40
    chunk_separator: str = "\n\n"
    entity_types: tuple[str, ...] = ()
    language: str | None = None
    gleaning: int = Field(default=0, ge=0, le=3)
    """How often the model is asked what it has missed in a passage."""
    summary_tokens: Annotated[int, AfterValidator(_summary_tokens)] = 600
    """Descriptions that are longer together are summarised by the model, when the pipeline rests; 0 for never."""
    max_upload_mb: int = 100
    url_allow: tuple[str, ...] = ()
    """Hosts whose documents may be fetched by their URL."""
    reader_seconds: float = 300.0
    reader_memory_mb: int = 1024
    reader_parser: Literal["builtin", "docling"] = "builtin"

    def __init__(self, **values: Any) -> None:
        """Reads the settings. Raises ConfigurationError, which names each that is not valid."""
        try:
            super().__init__(**values)
        except ValidationError as error:
            wrong = [f"{_variable(str(one['loc'][0]))}: {one['msg']}" for one in error.errors(include_url=False)]
            raise ConfigurationError(
                f"Not valid: {'; '.join(wrong)}.", hint="Correct it in the environment or in .env."
            ) from error
        except SettingsError as error:
            raise ConfigurationError(
                f"The settings cannot be read: {error}.", hint='A list is JSON, such as ["Person", "Company"].'
            ) from error

    @model_validator(mode="after")
    def _profile_folder(self) -> Settings:
        """A profile that names no folder of its own has one below the usual one."""
        if self.profile and "data_dir" not in self.model_fields_set:
            object.__setattr__(self, "data_dir", self.data_dir / "profiles" / self.profile)
        return self

    @cached_property
    def chat_provider(self) -> str:
        """The chat provider in force: `none` means that no language model is called."""
        return self.llm_provider or ("openai" if self.openai_api_key else "none")


def _variable(field: str) -> str:
    return field if field.isupper() else f"NEOLIGHT_{field.upper()}"


def use_bundled_vocabulary() -> None:
    """Points tiktoken at the vocabulary in this package, unless the environment names another folder."""
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(VOCABULARY))


def reader_environment() -> dict[str, str]:
    """What the processes that read files see of the environment: where things are, and no secret."""
    names = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMPDIR", "HF_HOME",
             "DOCLING_ARTIFACTS_PATH")  # fmt: skip
    return {name: os.environ[name] for name in names if name in os.environ}
