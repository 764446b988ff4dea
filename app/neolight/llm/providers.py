"""The table of model providers, and the models made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from neolight.errors import ConfigurationError
from neolight.llm.chat import ChatModel, Dialect
from neolight.llm.connection import Connection
from neolight.llm.embeddings import EmbeddingModel, WordLlamaEmbeddings
from neolight.llm.endpoint import Endpoint, Line
from neolight.llm.graphrag import PREFIX, adapted_chat, adapted_embeddings
from neolight.llm.local import DEFAULT, SentenceTransformerEmbeddings
from neolight.llm.remote import OpenAIEmbeddings, RequestShape

if TYPE_CHECKING:
    import openai
else:
    from neolight.llm import late as openai


@dataclass(frozen=True, slots=True)
class Provider:
    """How to reach a provider that speaks the OpenAI protocol."""

    base_url: str | None
    """Where it is, unless a URL is given; None where there is no common place."""
    needs_key: bool
    limit: str = "max_tokens"
    """What it calls the most tokens of a reply."""
    path: str = ""
    """What its base URLs end with: added to a URL that lacks it."""
    example: str = ""
    """A base URL of it, for messages."""
    batch: int = 2_048
    """The most texts of one embedding request."""
    extra: Mapping[str, object] = field(default_factory=dict[str, object])
    """What its embedding requests carry besides the texts."""


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider("https://api.openai.com/v1", needs_key=True, limit="max_completion_tokens"),
    "azure": Provider(
        None,
        needs_key=True,
        limit="max_completion_tokens",
        path="/openai/v1",
        example="https://<resource>.openai.azure.com/openai/v1",
    ),
    "gemini": Provider("https://generativelanguage.googleapis.com/v1beta/openai", needs_key=True, batch=100),
    "ollama": Provider("http://127.0.0.1:11434/v1", needs_key=False, path="/v1"),
    "bedrock": Provider(
        None, needs_key=True, path="/v1", example="https://bedrock-runtime.<region>.amazonaws.com/openai/v1"
    ),
    # Its retrieval models tell questions from passages; both are embedded as passages, so that they are comparable.
    "nim": Provider(
        "https://integrate.api.nvidia.com/v1", needs_key=True, extra={"input_type": "passage", "truncate": "END"}
    ),
}
"""Providers by name. Besides: `none` for no chat model; for embeddings on this machine `wordllama`, which ships with
Neolight, and `sentence-transformers`."""

OTHER = Provider(None, needs_key=False)
"""Any other OpenAI-compatible server: its URL is its name."""

EMBEDDING_DEFAULTS: Mapping[str, str] = {
    "openai": "text-embedding-3-small",
    "gemini": "gemini-embedding-001",
    "ollama": "nomic-embed-text",
    "nim": "nvidia/llama-3.2-nv-embedqa-1b-v2",
}


def chat_model(connection: Connection, *, line: Line | None = None) -> ChatModel | None:
    """The chat model of a connection, or None for the provider `none`. Nothing is sent yet.

    Raises ConfigurationError where a value is missing.
    """
    if connection.provider == "none":
        return None
    if connection.provider.startswith(PREFIX):
        return adapted_chat(connection, line=line)
    provider = _provider(connection)
    if not connection.model:
        raise ConfigurationError(f"The provider {connection.provider} needs a model.", hint="Set NEOLIGHT_LLM_MODEL.")
    return ChatModel(_endpoint(connection, provider, line), connection.model, dialect=Dialect(limit=provider.limit))


async def embedding_model(
    connection: Connection, *, dimensions: int | None = None, batch: int = 256, line: Line | None = None
) -> EmbeddingModel:
    """The embedding model of a connection. Without `dimensions` a remote model is asked for them.

    Raises ConfigurationError where a value is missing, and as `EmbeddingModel.embed` does.
    """
    if connection.provider == "wordllama":
        return WordLlamaEmbeddings()
    if connection.provider == "sentence-transformers":
        return await SentenceTransformerEmbeddings.load(connection.model or DEFAULT, dimensions=dimensions)
    if connection.provider.startswith(PREFIX):
        return await adapted_embeddings(connection, line=line)
    provider = _provider(connection)
    name = connection.model or EMBEDDING_DEFAULTS.get(connection.provider)
    if not name:
        raise ConfigurationError(
            f"The provider {connection.provider} needs an embedding model.", hint="Set NEOLIGHT_EMBEDDING_MODEL."
        )
    model = OpenAIEmbeddings(
        _endpoint(connection, provider, line),
        name,
        shape=RequestShape(dimensions=dimensions, extra=provider.extra),
        batch=min(batch, provider.batch),
        concurrency=connection.concurrency,
    )
    if dimensions is None:
        await model.probe()
    return model


def base_url(connection: Connection) -> str:
    """Where the requests of a connection go. Raises ConfigurationError."""
    provider = _provider(connection)
    url = connection.base_url or (connection.provider if _is_url(connection.provider) else provider.base_url)
    if not url:
        raise ConfigurationError(
            f"The provider {connection.provider} has no common address.",
            hint=f"Set its base URL, such as {provider.example}.",
        )
    url = url.rstrip("/")
    return url if url.endswith(provider.path) or connection.base_url is None else url + provider.path


def _provider(connection: Connection) -> Provider:
    if _is_url(connection.provider):
        return OTHER
    if connection.provider not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise ConfigurationError(
            f"{connection.provider!r} is no model provider.",
            hint=f"Use one of {known}, the URL of a server, or {PREFIX}<class of neo4j-graphrag>.",
        )
    return PROVIDERS[connection.provider]


def _endpoint(connection: Connection, provider: Provider, line: Line | None) -> Endpoint:
    url = base_url(connection)
    hosted = provider.base_url is None or connection.base_url is None
    if provider.needs_key and hosted and not connection.api_key:
        raise ConfigurationError(f"The provider {connection.provider} needs an API key.", hint="Set OPENAI_API_KEY.")
    # Measured: with aiohttp as its transport a call takes a fifth less of our CPU (0.4 ms). That is no reason for
    # another dependency, which warns of every connection left open.
    client = openai.AsyncOpenAI(api_key=connection.api_key or "none", base_url=url, max_retries=0)
    return Endpoint(
        client,
        concurrency=connection.concurrency,
        timeout=connection.timeout,
        patience=connection.patience,
        line=line,
    )


def _is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))
