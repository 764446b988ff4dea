"""What extraction looks for in a workspace: types of entities and relations."""

from __future__ import annotations

from dataclasses import dataclass

from neolight.graph import keys
from neolight.graph.gateway import Graph
from neolight.graph.query import query


@dataclass(frozen=True, slots=True)
class Guide:
    """Types of entities and of relations, each a name, or a name and its meaning after a colon; none: any.

    `patterns` say which types a relation connects, as `(Person)-[WORKS_AT]->(Company)`. Unless `others` is true, what
    is of no type that is listed is `Other`.
    """

    entity_types: tuple[str, ...] = ()
    relation_types: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    others: bool = False


GET = query("guides/get", Guide)
SET = query("guides/set")


async def get(graph: Graph, workspace: str) -> Guide:
    """The guide of a workspace; an empty one where none was set."""
    return await graph.fetch_one(GET, workspace=workspace) or Guide()


async def set_(graph: Graph, workspace: str, guide: Guide) -> None:
    """Sets the guide of a workspace: what is extracted from now on follows it."""
    properties = {
        "entity_types": list(guide.entity_types),
        "relation_types": list(guide.relation_types),
        "relation_patterns": list(guide.patterns),
        "other_types": guide.others,
    }
    await graph.fetch(SET, workspace=workspace, scope=keys.scope(workspace), guide=properties)
