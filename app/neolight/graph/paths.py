"""Paths between entities: searched from both ends, ring by ring, with a bound on every ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from neolight.graph import entities, relations
from neolight.graph.entities import Entity
from neolight.graph.gateway import Graph
from neolight.graph.query import query
from neolight.graph.relations import Relation

MOST_OF_HUB = 200
"""Relations of one entity that a search follows: its weightiest."""

MOST_OF_RING = 2000
"""Entities of a ring that a search follows."""


@dataclass(frozen=True, slots=True)
class RingStep:
    """A relation that leads from an entity to another."""

    from_id: str
    to_id: str
    relation_id: str


@dataclass(frozen=True, slots=True)
class Path:
    """Entities, each related to the next by the relation at the same place."""

    nodes: tuple[Entity, ...]
    edges: tuple[Relation, ...]


RING = query("relations/ring", RingStep)

Came = dict[str, tuple[str, str] | None]
"""How each entity was reached: from which, by which relation; None at the start."""


async def path(graph: Graph, workspace: str, start: str, end: str, *, most: int) -> Path | None:
    """A shortest path of at most `most` relations between two entities, by their ids; None where none is found.

    Breadth first from both ends, the smaller ring first, in turn where they are equal. Of a hub only its MOST_OF_HUB
    weightiest relations are followed, so that a search costs at most `most` small queries; a path through its other
    ones is found where it can be walked from their far end.
    """
    came: tuple[Came, Came] = {start: None}, {end: None}
    rings = [[start], [end]]
    meeting = start if start == end else None
    last = 1
    for _ in range(most):
        if meeting is not None or not all(rings):
            break
        side = 0 if (len(rings[0]), last == 0) <= (len(rings[1]), last == 1) else 1
        last = side
        steps = await graph.fetch(RING, workspace=workspace, ids=rings[side], limit=MOST_OF_HUB)
        ring: list[str] = []
        for step in steps:
            if step.to_id not in came[side]:
                came[side][step.to_id] = (step.from_id, step.relation_id)
                ring.append(step.to_id)
        rings[side] = ring[:MOST_OF_RING]
        meeting = next((id_ for id_ in ring if id_ in came[1 - side]), None)
    return await _walked(graph, workspace, came, meeting) if meeting is not None else None


async def _walked(graph: Graph, workspace: str, came: tuple[Came, Came], meeting: str) -> Path | None:
    there, lines = _back(came[0], meeting)
    on, more = _back(came[1], meeting)
    ids, edges = [*reversed(there), *on[1:]], [*reversed(lines), *more]
    nodes = await entities.get_many(graph, workspace, ids)
    found = await relations.get_many(graph, workspace, edges)
    if len(nodes) < len(set(ids)) or len(found) < len(set(edges)):
        return None  # something of it has just been deleted
    return Path(tuple(nodes[id_] for id_ in ids), tuple(found[id_] for id_ in edges))


def _back(came: Mapping[str, tuple[str, str] | None], id_: str) -> tuple[list[str], list[str]]:
    """The entities and relations from one back to where the search started."""
    ids, edges = [id_], list[str]()
    while (step := came[ids[-1]]) is not None:
        ids.append(step[0])
        edges.append(step[1])
    return ids, edges
