"""Adapters for the LLM and embedder classes of neo4j-graphrag: models whose servers do not speak the OpenAI protocol.

A provider `graphrag:AnthropicLLM` or `graphrag:CohereEmbeddings` names the class; its own client's package must be
installed, and its key is where that client looks for it.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from neolight.errors import ConfigurationError
from neolight.llm.chat import ChatModel, ChatReply, Dialect, Message, Request
from neolight.llm.connection import Connection
from neolight.llm.embeddings import unit
from neolight.llm.endpoint import Endpoint, Line
from neolight.llm.failures import Adapted
from neolight.llm.structured import Form
from neolight.llm.tokens import count, sendable
from neolight.llm.usage import Ledger, note, paid_by
from neolight.models import Spent, Vectors

PREFIX = "graphrag:"


class AdaptedChat(ChatModel):
    """A chat model behind neo4j-graphrag's LLM interface. Structured output is asked for in words."""

    def __init__(self, llm: Any, name: str, endpoint: Endpoint) -> None:
        super().__init__(endpoint, name, dialect=Dialect(form=Form.TEXT, temperature=False, limit=None))
        self._llm = llm

    async def stream(self, messages: Sequence[Message], ledger: Ledger | None = None) -> AsyncIterator[str]:
        """The reply to a conversation, in one piece: the interface has no streams. Raises as `complete` does."""
        with paid_by(ledger) if ledger else nullcontext():
            reply = await self.reply(messages, kind="answer")
        yield reply.text

    async def close(self) -> None:
        """Closes the connections of the library's clients."""
        await _closed(self._llm)

    async def _ask(self, request: Request) -> ChatReply:
        body = self._body(request, self.dialect)
        system, rest = _parted(body["messages"])

        async def call() -> ChatReply:
            await self._endpoint.admit(body)
            try:
                found = await self._llm.ainvoke(
                    rest[-1]["content"], message_history=rest[:-1] or None, system_instruction=system or None
                )
            except Exception as error:
                raise _adapted(error) from error
            usage = found.usage
            tokens_in = (usage and usage.request_tokens) or count(system) + sum(count(one["content"]) for one in rest)
            tokens_out = (usage and usage.response_tokens) or count(found.content)
            return ChatReply(found.content, tokens_in, tokens_out, "stop")

        async with self._endpoint.slot():
            return self._noted(await self._endpoint.attempt(call), request)


class AdaptedEmbeddings:
    """An embedding model behind neo4j-graphrag's embedder interface, which takes one text at a time."""

    def __init__(self, embedder: Any, name: str, dimensions: int, endpoint: Endpoint) -> None:
        self.name = name
        self.dimensions = dimensions
        self._embedder = embedder
        self._endpoint = endpoint

    @property
    def resting(self) -> float:
        """Seconds for which the endpoint is left alone because it is down, else 0."""
        return self._endpoint.resting

    @property
    def down(self) -> bool:
        """Whether the endpoint was down at the last try."""
        return self._endpoint.down

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row of unit length for each text, in their order: shape (len(texts), dimensions).

        Raises ModelUnavailable, ModelError.
        """
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        rows = await asyncio.gather(*(self._one(sendable(text) if text.strip() else ".") for text in texts))
        note(Spent(self.name, "embedding", len(texts), sum(map(count, texts))))
        return unit(np.array(rows, dtype=np.float32))

    async def close(self) -> None:
        """Closes the connections of the library's clients."""
        await _closed(self._embedder)

    async def _one(self, text: str) -> list[float]:
        async def call() -> list[float]:
            await self._endpoint.admit(text)
            try:
                return await self._embedder.async_embed_query(text)
            except Exception as error:
                raise _adapted(error) from error

        async with self._endpoint.slot():
            return await self._endpoint.attempt(call)


def adapted_chat(connection: Connection, *, line: Line | None = None) -> AdaptedChat:
    """The chat model of a connection `graphrag:<class>`. Raises ConfigurationError."""
    if not connection.model:
        raise ConfigurationError(f"The provider {connection.provider} needs a model.", hint="Set NEOLIGHT_LLM_MODEL.")
    llm = _made(connection, "neo4j_graphrag.llm", "model_name")
    return AdaptedChat(llm, connection.model, _endpoint(connection, line))


async def adapted_embeddings(connection: Connection, *, line: Line | None = None) -> AdaptedEmbeddings:
    """The embedding model of a connection `graphrag:<class>`; it is asked for its dimensions.

    Raises ConfigurationError, ModelUnavailable, ModelError.
    """
    embedder = _made(connection, "neo4j_graphrag.embeddings", "model")
    name = connection.model or connection.provider
    model = AdaptedEmbeddings(embedder, name, 0, _endpoint(connection, line))
    model.dimensions = int((await model.embed(["dimensions"])).shape[1])
    return model


async def _closed(adapted: Any) -> None:
    """Closes the clients that an object of the library holds, however it calls them."""
    for client in (adapted, getattr(adapted, "client", None), getattr(adapted, "async_client", None)):
        close = getattr(client, "aclose", None) or getattr(client, "close", None)
        done = close() if close and not (client is adapted and not hasattr(client, "aclose")) else None
        if inspect.isawaitable(done):
            await done


def _made(connection: Connection, module: str, argument: str) -> Any:
    name = connection.provider.removeprefix(PREFIX)
    try:
        kind: Any = getattr(importlib.import_module(module), name)
        return kind(**({argument: connection.model} if connection.model else {}))
    except AttributeError as error:
        raise ConfigurationError(f"neo4j-graphrag has no {name}.", hint=f"Use a class of {module}.") from error
    except ImportError as error:
        raise ConfigurationError(
            f"The client that {name} needs is not installed: {error}", hint="Install the package that it names."
        ) from error


def _endpoint(connection: Connection, line: Line | None) -> Endpoint:
    return Endpoint(None, concurrency=connection.concurrency, patience=connection.patience, line=line)


def _parted(messages: Sequence[Message]) -> tuple[str, list[Message]]:
    """The system message, and the others."""
    system = "\n\n".join(one["content"] for one in messages if one["role"] == "system")
    return system, [one for one in messages if one["role"] != "system"]


def _adapted(error: Exception) -> Adapted:
    """A failure with the HTTP status that the client's own error names, in it or in what caused it."""
    chain: list[BaseException] = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    statuses = [getattr(one, "status_code", None) for one in chain]
    status = next((one for one in statuses if isinstance(one, int)), None)
    if status is None and any(type(one).__name__ == "RateLimitError" for one in chain):
        status = 429
    return Adapted(" ".join(str(error).split())[:300], status)
