"""Which model plays which role, by the settings: answers, extraction, keywords, embeddings, reranking."""

from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import SecretStr

from neolight.llm.chat import ChatModel
from neolight.llm.connection import Connection
from neolight.llm.endpoint import Line, Pace
from neolight.llm.providers import chat_model
from neolight.llm.rerank import Reranker, reranker
from neolight.settings import Settings


@dataclass(frozen=True, slots=True)
class Lines:
    """What roles share that call the same server with the same key."""

    lines: dict[tuple[str, str | None, str | None], Line] = field(
        default_factory=dict[tuple[str, str | None, str | None], Line]
    )

    def of(self, connection: Connection) -> Line:
        """The line of a connection."""
        key = connection.provider, connection.base_url, connection.api_key
        if key not in self.lines:
            self.lines[key] = Line(connection.patience, connection.pace)
        return self.lines[key]


@dataclass(frozen=True, slots=True)
class Models:
    """The chat models by role, and the reranker; None for what is not configured."""

    answers: ChatModel | None
    extraction: ChatModel | None
    keywords: ChatModel | None
    reranker: Reranker | None

    async def close(self) -> None:
        """Closes all connections."""
        for model in {id(one): one for one in (self.answers, self.extraction, self.keywords) if one}.values():
            await model.close()
        if self.reranker:
            await self.reranker.close()


def models(settings: Settings, lines: Lines) -> Models:
    """The models of the settings. Nothing is sent yet. Raises ConfigurationError."""

    def chat(role: Connection) -> ChatModel | None:
        return chat_model(role, line=lines.of(role))

    ranking = rerank_connection(settings)
    return Models(
        chat(answer_connection(settings)),
        chat(extraction_connection(settings)),
        chat(keywords_connection(settings)),
        reranker(ranking, line=lines.of(ranking)),
    )


def answer_connection(settings: Settings) -> Connection:
    """The model that answers."""
    return Connection(
        settings.chat_provider,
        settings.llm_model,
        api_key=_secret(settings.openai_api_key),
        base_url=settings.openai_base_url,
        concurrency=settings.llm_concurrency,
        timeout=settings.llm_timeout,
        pace=Pace(settings.llm_requests_per_minute, settings.llm_tokens_per_minute),
    )


def extraction_connection(settings: Settings) -> Connection:
    """The model that extracts entities and relations; it has places of its own beside the one that answers."""
    own = settings.extraction_base_url, settings.extraction_api_key
    return _role(settings, settings.extraction_provider, settings.extraction_model, own)


def keywords_connection(settings: Settings) -> Connection:
    """The model that reads questions: keywords, and what a follow-up question refers to."""
    own = settings.keywords_base_url, settings.keywords_api_key
    return _role(settings, settings.keywords_provider, settings.keywords_model, own)


def embedding_connection(settings: Settings, provider: str, model: str | None) -> Connection:
    """The embedding model."""
    url, key = _place(settings, provider, (settings.embedding_base_url, settings.embedding_api_key))
    return Connection(
        provider,
        model,
        api_key=key,
        base_url=url,
        concurrency=settings.embedding_concurrency,
        timeout=settings.llm_timeout,
        pace=Pace(settings.embedding_requests_per_minute, settings.embedding_tokens_per_minute),
    )


def rerank_connection(settings: Settings) -> Connection:
    """The reranker."""
    return Connection(
        settings.rerank_provider or "none",
        settings.rerank_model,
        api_key=_secret(settings.rerank_api_key),
        base_url=settings.rerank_url,
        concurrency=settings.llm_concurrency,
        timeout=settings.llm_timeout,
    )


def _role(
    settings: Settings, provider: str | None, model: str | None, own: tuple[str | None, SecretStr | None]
) -> Connection:
    """A chat role: what it does not set is as for answers."""
    named = provider or settings.chat_provider
    url, key = _place(settings, named, own)
    return Connection(
        named,
        model or settings.llm_model,
        api_key=key,
        base_url=url,
        concurrency=settings.llm_concurrency,
        timeout=settings.llm_timeout,
        pace=Pace(settings.llm_requests_per_minute, settings.llm_tokens_per_minute),
    )


def _place(
    settings: Settings, provider: str, own: tuple[str | None, SecretStr | None]
) -> tuple[str | None, str | None]:
    """The base URL and the key of a role: its own, else the common ones, unless they are another provider's."""
    url, key = own[0], _secret(own[1])
    if provider not in (settings.chat_provider, "openai"):
        return url, key
    return url or settings.openai_base_url, key or (None if url else _secret(settings.openai_api_key))


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
