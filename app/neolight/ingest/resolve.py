"""Gives entities and relations the vectors of what they have become, apart from the documents' transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from neolight.deps import Deps
from neolight.graph import entities, relations
from neolight.graph.entities import StaleEntity
from neolight.graph.relations import StaleRelation

BATCH = 1000
"""Rows a transaction: more does not make the vector index cheaper to update, measured."""


async def embed_entities(deps: Deps, rows: Sequence[StaleEntity]) -> None:
    """Embeds entities and stores the vectors. Raises ModelError, ModelUnavailable, GraphUnavailable."""
    for at in range(0, len(rows), BATCH):
        batch = rows[at : at + BATCH]
        vectors = await deps.embeddings.embed([row.text for row in batch])
        async with deps.writing:
            await entities.embed(deps.graph, batch, vectors)


async def embed_relations(deps: Deps, rows: Sequence[StaleRelation]) -> None:
    """Embeds relations and stores the vectors. Raises ModelError, ModelUnavailable, GraphUnavailable."""
    for at in range(0, len(rows), BATCH):
        batch = rows[at : at + BATCH]
        vectors = await deps.embeddings.embed([row.text for row in batch])
        async with deps.writing:
            await relations.embed(deps.graph, batch, vectors)


async def sweep(deps: Deps) -> None:
    """Embeds whatever is stale until nothing is: what a process left behind when it was killed.

    Raises ModelError, ModelUnavailable, GraphUnavailable.
    """

    async def all_entities() -> None:
        while rows := await entities.stale(deps.graph, BATCH):
            await embed_entities(deps, rows)

    async def all_relations() -> None:
        while rows := await relations.stale(deps.graph, BATCH):
            await embed_relations(deps, rows)

    await asyncio.gather(all_entities(), all_relations())
