"""Checks what Neolight needs, and says what to do about each problem."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

from neolight import embedded
from neolight.errors import NeolightError
from neolight.graph import setup
from neolight.graph.gateway import connect
from neolight.llm.connection import Connection
from neolight.llm.providers import chat_model, embedding_model
from neolight.llm.rerank import reranker
from neolight.roles import (
    answer_connection,
    embedding_connection,
    extraction_connection,
    keywords_connection,
    rerank_connection,
)
from neolight.settings import Settings
from neolight.start import Address, locate

SEARCH_INDEXES = frozenset({"chunk_embedding", "entity_embedding", "relation_embedding", "chunk_text", "entity_name"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, whether it is right, and what was found or is to be done."""

    name: str
    ok: bool
    said: str


class _Probe(BaseModel):
    """What the chat model is asked for, to see whether it gives structured output."""

    yes: bool = True


async def examine(settings: Settings, progress: embedded.Progress = embedded.silent) -> list[Check]:
    """Looks at Neo4j, its version, its schema and the model endpoints; never raises for what it finds."""
    checks: list[Check] = []
    addresses: list[Address] = []

    async def find() -> str:
        addresses.append(await locate(settings, progress))
        kind = "NEO4J_URI" if settings.neo4j_uri else "embedded"
        return f"{addresses[0].uri} ({kind})"

    checks.append(await _check("Neo4j address", find))
    if addresses:
        checks += await _graph_checks(addresses[0], settings)
    checks.append(await _check("Embeddings", lambda: _embeddings(settings)))
    answers = answer_connection(settings)
    checks.append(await _check("Chat model", lambda: _chat(answers)))
    for name, role in (
        ("Extraction model", extraction_connection(settings)),
        ("Keywords model", keywords_connection(settings)),
    ):
        if role != answers:
            checks.append(await _check(name, lambda role=role: _chat(role)))
    if settings.rerank_provider:
        checks.append(await _check("Reranker", lambda: _reranker(rerank_connection(settings))))
    return checks


async def _check(name: str, look: Callable[[], Awaitable[str]]) -> Check:
    try:
        return Check(name, ok=True, said=await look())
    except NeolightError as error:
        return Check(name, ok=False, said=str(error))


async def _graph_checks(address: Address, settings: Settings) -> list[Check]:
    async def version() -> str:
        async with connect(address.uri, address.username, address.password, database=settings.neo4j_database) as graph:
            server = await setup.check_server(graph)
            return f"Neo4j {server.version} {server.edition}"

    async def schema() -> str:
        async with connect(address.uri, address.username, address.password, database=settings.neo4j_database) as graph:
            space = await setup.recorded_space(graph)
            if space is None:
                return "not set up yet; it will be at the first start"
            indexes = await setup.check_indexes(graph, SEARCH_INDEXES)
            return f"{indexes} indexes online; vectors by {space.model} ({space.dimensions} dimensions)"

    found = await _check("Neo4j version", version)
    return [found, await _check("Schema", schema)] if found.ok else [found]


async def _embeddings(settings: Settings) -> str:
    wanted = embedding_connection(settings, settings.embedding_provider, settings.embedding_model)
    model = await embedding_model(wanted, dimensions=settings.embedding_dimensions)
    try:
        vectors = await model.embed(["Does this work?"])
    finally:
        await model.close()
    return f"{model.name}, {vectors.shape[1]} dimensions"


async def _chat(wanted: Connection) -> str:
    chat = chat_model(wanted)
    if chat is None:
        return "none: extraction and answers without a language model (set OPENAI_API_KEY to use one)"
    try:
        await chat.complete("Answer with one word.", "Say ok.", max_tokens=16)
        await chat.parse("Reply in JSON.", "Is water wet? Set `yes`.", _Probe)
    finally:
        await chat.close()
    return f"{chat.name} answers; structured output as {chat.dialect.form.name.lower()}"


async def _reranker(wanted: Connection) -> str:
    ranker = reranker(wanted)
    if ranker is None:
        return "none: passages stay in the order of the search"
    try:
        about_it, _ = await ranker.scores(
            "What is the capital of France?", ["Paris is the capital of France.", "Pumps need oil."]
        )
    finally:
        await ranker.close()
    return f"{ranker.name} answers (score {about_it:.2f})"
