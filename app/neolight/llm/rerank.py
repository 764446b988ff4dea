"""Rerankers over HTTP: a model reads question and passage together, and says how well they fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neolight.errors import ConfigurationError
from neolight.llm.connection import Connection
from neolight.llm.endpoint import Endpoint, Line
from neolight.llm.failures import Garbled
from neolight.llm.tokens import count, sendable, truncate
from neolight.llm.usage import note
from neolight.models import Spent

if TYPE_CHECKING:
    import openai
else:
    from neolight.llm import late as openai

TEXT_TOKENS = 4_000
"""Of a longer passage only the beginning is judged."""


def _plain(model: str, question: str, texts: Sequence[str]) -> dict[str, object]:
    return {"model": model, "query": question, "documents": list(texts), "top_n": len(texts)}


def _short(model: str, question: str, texts: Sequence[str]) -> dict[str, object]:
    return {**_plain(model, question, texts), "return_documents": False}


def _tei(_: str, question: str, texts: Sequence[str]) -> dict[str, object]:
    return {"query": question, "texts": list(texts), "truncate": True}


@dataclass(frozen=True, slots=True)
class Style:
    """A protocol of rerankers: where it is, the path below a base URL, the request, and the name of a score."""

    url: str | None
    path: str
    body: Callable[[str, str, Sequence[str]], dict[str, object]]
    score: str = "relevance_score"
    needs_key: bool = False
    model: str | None = None


STYLES: Mapping[str, Style] = {
    "cohere": Style("https://api.cohere.com/v2", "/rerank", _plain, needs_key=True, model="rerank-v3.5"),
    "jina": Style(
        "https://api.jina.ai/v1", "/rerank", _short, needs_key=True, model="jina-reranker-v2-base-multilingual"
    ),
    "vllm": Style(None, "/v1/rerank", _plain),
    "tei": Style(None, "/rerank", _tei, score="score"),
}
"""Rerankers by name: services of Cohere and Jina, and servers of one's own: vLLM, Text Embeddings Inference."""


class Reranker:
    """A reranking model behind an HTTP endpoint."""

    def __init__(self, endpoint: Endpoint, url: str, name: str, style: Style) -> None:
        self.name = name
        self._endpoint = endpoint
        self._url = url
        self._style = style

    async def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text fits the question: a number for each, in their order; more is better.

        Raises ModelUnavailable where the endpoint does not answer, ModelError where it refuses.
        """
        if not texts:
            return []
        shown = [truncate(sendable(text), TEXT_TOKENS) for text in texts]
        body = self._style.body(self.name, sendable(question), shown)
        found = await self._endpoint.post(self._url, body, lambda reply: _scores(reply, self._style.score, len(texts)))
        note(Spent(self.name, "rerank", 1, count(question) * len(texts) + sum(map(count, shown))))
        return found

    async def close(self) -> None:
        """Closes the connections of the endpoint."""
        await self._endpoint.close()


def reranker(connection: Connection, *, line: Line | None = None) -> Reranker | None:
    """The reranker of a connection, whose provider is a style; None for `none`. Raises ConfigurationError."""
    if connection.provider == "none":
        return None
    style = STYLES.get(connection.provider)
    if style is None:
        raise ConfigurationError(
            f"{connection.provider!r} is no reranker.", hint=f"Set NEOLIGHT_RERANK_PROVIDER to {', '.join(STYLES)}."
        )
    base = connection.base_url or style.url
    if not base:
        raise ConfigurationError(f"The reranker {connection.provider} has no address.", hint="Set NEOLIGHT_RERANK_URL.")
    if style.needs_key and not connection.base_url and not connection.api_key:
        raise ConfigurationError(
            f"The reranker {connection.provider} needs a key.", hint="Set NEOLIGHT_RERANK_API_KEY."
        )
    name = connection.model or style.model or connection.provider
    base = base.rstrip("/")
    url = base if base.endswith("/rerank") else base + (style.path if not base.endswith("/v1") else "/rerank")
    client = openai.AsyncOpenAI(api_key=connection.api_key or "none", base_url=base, max_retries=0)
    endpoint = Endpoint(
        client,
        concurrency=connection.concurrency,
        timeout=connection.timeout,
        patience=connection.patience,
        line=line,
    )
    return Reranker(endpoint, url, name, style)


def _scores(reply: Mapping[str, Any], name: str, wanted: int) -> list[float]:
    """The scores of a reply in the order of the texts. Raises Garbled."""
    try:
        found = {int(row["index"]): float(row[name]) for row in reply["results"]}
        return [found[index] for index in range(wanted)]
    except (KeyError, TypeError, ValueError) as error:
        raise Garbled(f"no scores in it: {str(reply.get('error') or reply)[:120]}") from error
