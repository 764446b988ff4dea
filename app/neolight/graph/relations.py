"""Relations: computed from what chunks state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neolight.graph.chunks import Chunk
from neolight.graph.descriptions import LIMITS
from neolight.graph.entities import MOST_SHOWN, Entity, Known, listed
from neolight.graph.gateway import Graph, Transaction, bolt_vector
from neolight.graph.query import query
from neolight.models import Vector, Vectors

MOST_EDGES = 10
"""Relations of a subgraph, per entity in it."""

REFRESHED = 1000
"""Rows a statement."""

STATE = query("relations/state")


@dataclass(frozen=True, slots=True)
class StaleRelation:
    """A relation that needs a new vector."""

    id: str
    source: str
    target: str
    keywords: str
    description: str

    @property
    def text(self) -> str:
        """What its vector is made of."""
        return self.description or f"{self.source} {self.keywords} {self.target}"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation as the graph holds it, between the entities source and target; keywords are joined by a comma."""

    id: str
    source_id: str
    target_id: str
    keywords: str
    description: str
    weight: float
    evidence_count: int


@dataclass(frozen=True, slots=True)
class RelationOf:
    """A relation, and the id of one of its entities."""

    owner: str
    relation: Relation


@dataclass(frozen=True, slots=True)
class StatementOf:
    """What a chunk states of a relation; `owner` is the relation's id."""

    owner: str
    keywords: tuple[str, ...]
    description: str
    weight: float
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Entities around a start, nearest and best first, and the relations between them; truncated: there is more."""

    nodes: tuple[Entity, ...]
    edges: tuple[Relation, ...]
    truncated: bool


WRITE = query("relations/write", Known)
STALE = query("relations/stale", StaleRelation)
REFRESH = query("relations/refresh", StaleRelation)
EMBED = query("relations/embed")
GET_MANY = query("relations/get_many", Relation)
OF_ENTITIES = query("relations/of_entities", RelationOf)
NEAREST = query("relations/nearest", RelationOf)
STATEMENTS = query("relations/statements", StatementOf)
NEIGHBOURS = query("relations/neighbours", Entity)
AMONG = query("relations/among", Relation)
LIST = query("relations/list", Relation)
LIST_OF = query("relations/list_of", Relation)
BETWEEN = query("relations/between", Relation)


async def refresh(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[StaleRelation]:
    """Computes relations anew from what is stated of them; those without any go. Returns those that need a vector.

    A row is an id, in order, and what is expected to come out (words, description) with the vector of that.
    """
    found: list[StaleRelation] = []
    for at in range(0, len(rows), REFRESHED):
        found += await tx.run(REFRESH, rows=list(rows[at : at + REFRESHED]), most=MOST_SHOWN, **LIMITS)
    return found


async def stale(graph: Graph, limit: int) -> list[StaleRelation]:
    """Relations that need a new vector, at most `limit`."""
    return await graph.fetch(STALE, limit=limit)


async def embed(graph: Graph, rows: Sequence[StaleRelation], vectors: Vectors) -> None:
    """Stores vectors, shape (len(rows), dimensions), of relations that have not changed since they were read."""
    pairs = sorted(zip(rows, vectors, strict=True), key=lambda pair: pair[0].id)
    params = [
        {"id": r.id, "keywords": r.keywords, "description": r.description, "embedding": bolt_vector(v)}
        for r, v in pairs
    ]
    await graph.fetch(EMBED, rows=params)


async def get_many(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, Relation]:
    """Relations by id; unknown ids are left out."""
    return {row.id: row for row in await graph.fetch(GET_MANY, workspace=workspace, ids=list(ids))}


async def between(graph: Graph, workspace: str, source: str, target: str) -> Relation | None:
    """The relation between two entities, by their ids, whichever way it points."""
    return await graph.fetch_one(BETWEEN, workspace=workspace, source=source, target=target)


async def of_entities(
    graph: Graph, workspace: str, ids: Sequence[str], *, limit: int, vector: Vector | None = None
) -> dict[str, list[Relation]]:
    """The relations of each entity, at most `limit` of one: the weightiest, or those nearest to a vector."""
    if vector is None:
        rows = await graph.fetch(OF_ENTITIES, workspace=workspace, ids=list(ids), limit=limit)
    else:
        near = bolt_vector(vector)
        rows = await graph.fetch(NEAREST, workspace=workspace, ids=list(ids), vector=near, limit=limit)
    found: dict[str, list[Relation]] = {}
    for row in rows:
        found.setdefault(row.owner, []).append(row.relation)
    return found


async def ranked(
    graph: Graph,
    workspace: str,
    *,
    limit: int,
    entity: str | None = None,
    least: float = 0.0,
    after: tuple[float, str] | None = None,
) -> list[Relation]:
    """Relations of at least a weight, of one entity or all, the weightiest first, after a (weight, id)."""
    weight, id_ = after or (math.inf, "")
    place = {"workspace": workspace, "least": least, "after_weight": weight, "after_id": id_, "limit": limit}
    if entity is not None:
        return await graph.fetch(LIST_OF, entity=entity, **place)
    return await graph.fetch(LIST, **place)


async def statements(graph: Graph, workspace: str, ids: Sequence[str], *, limit: int) -> dict[str, list[StatementOf]]:
    """What chunks state of each relation, at most `limit` of one."""
    found: dict[str, list[StatementOf]] = {}
    for row in await graph.fetch(STATEMENTS, workspace=workspace, ids=list(ids), limit=limit):
        found.setdefault(row.owner, []).append(row)
    return found


async def around(
    graph: Graph, workspace: str, start: Entity, *, depth: int, most: int, types: Sequence[str] | None = None
) -> Subgraph:
    """The entities within `depth` relations of a start, at most `most`, and the relations between them.

    Ring by ring, and within a ring by weight, then by mentions: what is left out is always what matters least. At most
    MOST_EDGES relations a node are given, the weightiest. With `types`, only entities of these besides the start.
    """
    nodes, ring, truncated = [start], [start], False
    for _ in range(depth):
        seen = [node.id for node in nodes]
        ids = [node.id for node in ring]
        limit = most - len(nodes) + 1
        kinds = list(types) if types is not None else None
        found = await graph.fetch(NEIGHBOURS, workspace=workspace, ids=ids, seen=seen, types=kinds, limit=limit)
        ring = found[: limit - 1]
        nodes += ring
        truncated = len(found) == limit
        if truncated or not ring:
            break
    return await _among(graph, workspace, nodes, truncated=truncated)


async def overview(graph: Graph, workspace: str, *, most: int) -> Subgraph:
    """The entities that are mentioned most, at most `most`, and the relations between them."""
    nodes = await listed(graph, workspace, limit=most + 1)
    return await _among(graph, workspace, nodes[:most], truncated=len(nodes) > most)


async def _among(graph: Graph, workspace: str, nodes: Sequence[Entity], *, truncated: bool) -> Subgraph:
    limit = MOST_EDGES * len(nodes) + 1
    edges = await graph.fetch(AMONG, workspace=workspace, ids=[node.id for node in nodes], limit=limit)
    return Subgraph(tuple(nodes), tuple(edges[: limit - 1]), truncated or len(edges) == limit)
