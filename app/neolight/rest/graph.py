"""Looking at the graph: names of entities, and what lies around one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from neolight.deps import Deps
from neolight.graph import entities, lookup, relations
from neolight.graph.entities import Entity
from neolight.graph.lookup import Provenance
from neolight.graph.relations import Relation, Subgraph
from neolight.rest.workspace import Dependencies, Workspace

SEPARATOR = "<SEP>"
"""What joins several values in one field in LightRAG's API."""

MOST_NODES = 1000
MOST_DEPTH = 20
EVERYTHING = "*"
NOWHERE = Provenance("", 0, (), ())

Name = Annotated[str, Query(max_length=1024)]


class Node(BaseModel):
    """An entity of a subgraph."""

    id: str
    labels: list[str]
    properties: dict[str, Any]


class Edge(BaseModel):
    """A relation of a subgraph, between the ids of two nodes."""

    id: str
    type: str
    source: str
    target: str
    properties: dict[str, Any]


class KnowledgeGraph(BaseModel):
    """A subgraph; truncated: there is more than was asked for."""

    nodes: list[Node]
    edges: list[Edge]
    is_truncated: bool


router = APIRouter(tags=["graph"])


@router.get("/graph/label/list")
async def label_list(workspace: Workspace, deps: Dependencies) -> list[str]:
    """The names of all entities."""
    return await lookup.names(deps.graph, workspace)


@router.get("/graph/label/popular")
async def label_popular(
    workspace: Workspace, deps: Dependencies, limit: Annotated[int, Query(ge=1, le=1000)] = 300
) -> list[str]:
    """The names of the entities that are mentioned most."""
    return [entity.name for entity in await entities.listed(deps.graph, workspace, limit=limit)]


@router.get("/graph/label/search")
async def label_search(
    workspace: Workspace, deps: Dependencies, q: Name, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> list[str]:
    """Names of entities with a text in them, the best match first."""
    return await lookup.suggest(deps.graph, workspace, q, limit) if q.strip() else []


@router.get("/graph/entity/exists")
async def entity_exists(workspace: Workspace, deps: Dependencies, name: Name) -> dict[str, bool]:
    """Whether there is an entity of this name, however it is capitalized and spaced."""
    return {"exists": await entities.named(deps.graph, workspace, name) is not None}


@router.get("/graphs")
async def graphs(
    workspace: Workspace,
    deps: Dependencies,
    label: Name,
    max_depth: Annotated[int, Query(ge=1)] = 3,
    max_nodes: Annotated[int, Query(ge=1)] = MOST_NODES,
) -> KnowledgeGraph:
    """The entities around one, nearest and best first, with the relations between them; `*` is the whole graph."""
    most = min(max_nodes, MOST_NODES)
    if label.strip() == EVERYTHING:
        return await _shown(deps, workspace, await relations.overview(deps.graph, workspace, most=most))
    start = await entities.named(deps.graph, workspace, label)
    if start is None:
        return KnowledgeGraph(nodes=[], edges=[], is_truncated=False)
    depth = min(max_depth, MOST_DEPTH)
    return await _shown(deps, workspace, await relations.around(deps.graph, workspace, start, depth=depth, most=most))


async def _shown(deps: Deps, workspace: str, found: Subgraph) -> KnowledgeGraph:
    """A subgraph in LightRAG's terms: a node's id is its name, every edge is of one type."""
    whence = await asyncio.gather(
        lookup.of_entities(deps.graph, workspace, [node.id for node in found.nodes]),
        lookup.of_relations(deps.graph, workspace, [edge.id for edge in found.edges]),
    )
    called = {node.id: node.name for node in found.nodes}
    return KnowledgeGraph(
        nodes=[
            Node(id=node.name, labels=[node.name], properties=entity_properties(node, whence[0].get(node.id, NOWHERE)))
            for node in found.nodes
        ],
        edges=[
            Edge(
                id=edge.id,
                type="DIRECTED",
                source=called[edge.source_id],
                target=called[edge.target_id],
                properties=relation_properties(edge, whence[1].get(edge.id, NOWHERE)),
            )
            for edge in found.edges
        ],
        is_truncated=found.truncated,
    )


def joined(values: Sequence[str]) -> str:
    """Several values in one field."""
    return SEPARATOR.join(values)


def entity_properties(entity: Entity, whence: Provenance) -> dict[str, Any]:
    """An entity's fields by LightRAG's names."""
    return {
        "entity_id": entity.name,
        "entity_type": entity.type,
        "description": entity.description,
        "source_id": joined(whence.chunk_ids),
        "file_path": joined(whence.sources),
        "created_at": whence.created_at,
    }


def relation_properties(relation: Relation, whence: Provenance) -> dict[str, Any]:
    """A relation's fields by LightRAG's names."""
    return {
        "weight": relation.weight,
        "description": relation.description,
        "keywords": relation.keywords,
        "source_id": joined(whence.chunk_ids),
        "file_path": joined(whence.sources),
        "created_at": whence.created_at,
    }
