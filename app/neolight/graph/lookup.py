"""Names of entities for people who look for one, and where entities and relations come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neolight.graph.gateway import Graph
from neolight.graph.keys import entity_key
from neolight.graph.query import query

MOST_NAMES = 100_000
MOST_EVIDENCE = 10
"""Chunks that are named as the provenance of one entity or relation."""


@dataclass(frozen=True, slots=True)
class Name:
    """The name of an entity."""

    name: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """When something was created (seconds since 1970), and some of the chunks and sources that it rests on."""

    id: str
    created_at: int
    chunk_ids: tuple[str, ...]
    sources: tuple[str, ...]


NAMES = query("entities/names", Name)
SUGGEST = query("entities/suggest", Name)
OF_ENTITIES = query("entities/provenance", Provenance)
OF_RELATIONS = query("relations/provenance", Provenance)


async def names(graph: Graph, workspace: str, limit: int = MOST_NAMES) -> list[str]:
    """The names of all entities, in alphabetical order."""
    return [row.name for row in await graph.fetch(NAMES, workspace=workspace, limit=limit)]


async def suggest(graph: Graph, workspace: str, part: str, limit: int) -> list[str]:
    """Names with a text in them, however it is capitalized: the same first, then those that begin with it."""
    return [row.name for row in await graph.fetch(SUGGEST, workspace=workspace, part=entity_key(part), limit=limit)]


async def of_entities(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, Provenance]:
    """Where entities come from, by id."""
    rows = await graph.fetch(OF_ENTITIES, workspace=workspace, ids=list(ids), limit=MOST_EVIDENCE)
    return {row.id: row for row in rows}


async def of_relations(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, Provenance]:
    """Where relations come from, by id."""
    rows = await graph.fetch(OF_RELATIONS, workspace=workspace, ids=list(ids), limit=MOST_EVIDENCE)
    return {row.id: row for row in rows}
