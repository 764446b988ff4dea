"""Relations between entities, and the neighbourhoods that they make."""

from __future__ import annotations

from typing import Annotated

import strawberry

from neolight.errors import NotFound
from neolight.graph import entities as stored_entities
from neolight.graph import paths
from neolight.graph import relations as stored
from neolight.graphql import chunks, entities
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type
from neolight.graphql.interfaces import Node
from neolight.graphql.lazy import LazyChunk, LazyEntity
from neolight.graphql.pagination import After, Connection, First, count, cursor, page, values_of

MOST_DEPTH = 3
MOST_NODES = 1000
MOST_HOPS = 6

KIND = "relations"


@graph_type
class Statement:
    """What one passage states of a relation."""

    keywords: list[str] = strawberry.field(description="What the relation is about, in the passage's words.")
    description: str = strawberry.field(description="What the passage states.")
    weight: float = strawberry.field(description="How strongly it states it.")
    row: strawberry.Private[stored.StatementOf]

    @field
    def chunk(self) -> LazyChunk:
        """The passage."""
        return chunks.Chunk.of(self.row.chunk)


@graph_type
class Relation(Node):
    """A relation between two entities; computed from the statements of passages, and good in both directions."""

    source_id: strawberry.ID = strawberry.field(description="The id of the entity it was first stated from.")
    target_id: strawberry.ID = strawberry.field(description="The id of the entity at its other end.")
    keywords: list[str] = strawberry.field(description="What it is about, most frequent first.")
    description: str = strawberry.field(description="What passages state, one statement a line.")
    weight: float = strawberry.field(description="The sum of the weights of its statements.")
    evidence_count: int = strawberry.field(description="How many statements it rests on.")

    @classmethod
    def of(cls, row: stored.Relation) -> Relation:
        """From a row of the graph."""
        return cls(
            id=strawberry.ID(row.id), source_id=strawberry.ID(row.source_id),
            target_id=strawberry.ID(row.target_id),
            keywords=[word for word in row.keywords.split(", ") if word], description=row.description,
            weight=row.weight, evidence_count=row.evidence_count,
        )  # fmt: skip

    @classmethod
    async def find(cls, info: Info, id_: str) -> Relation | None:
        """The relation of this id."""
        row = await info.context.loaders.relation(id_)
        return cls.of(row) if row else None

    @field
    async def source(self, info: Info) -> LazyEntity | None:
        """The entity it was first stated from; none where that has just been deleted."""
        return await entities.Entity.find(info, self.source_id)

    @field
    async def target(self, info: Info) -> LazyEntity | None:
        """The entity at its other end; none where that has just been deleted."""
        return await entities.Entity.find(info, self.target_id)

    @field
    async def statements(self, info: Info, first: First = 20) -> list[Statement]:
        """What passages state of it, the weightiest first."""
        rows = await info.context.loaders.statements_of_relation(self.id, count(first))
        return [
            Statement(keywords=list(row.keywords), description=row.description, weight=row.weight, row=row)
            for row in rows
        ]


@graph_type
class Subgraph:
    """The neighbourhood of an entity."""

    nodes: list[LazyEntity] = strawberry.field(description="The entities: nearest first, then by weight and mentions.")
    edges: list[Relation] = strawberry.field(
        description="The relations between them, those with the most weight first."
    )
    truncated: bool = strawberry.field(description="Whether there is more than was asked for.")


@graph_type
class Path:
    """A way from one entity to another."""

    nodes: list[LazyEntity] = strawberry.field(description="The entities, from the first to the last.")
    edges: list[Relation] = strawberry.field(description="The relations between each of them and the next.")


async def _known(info: Info, name: str) -> stored_entities.Entity:
    """The entity of an id or a name. Raises NotFound."""
    graph, workspace = info.context.deps.graph, info.context.workspace
    row = (await stored_entities.get_many(graph, workspace, [name])).get(name)
    row = row or await stored_entities.named(graph, workspace, name)
    if row is None:
        raise NotFound(f"There is no entity {name[:80]!r}.", hint="Look for it by `entities(search:)`.")
    return row


@graph_type
class RelationQuery:
    """Relations."""

    @field
    async def relation(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of the relation.")],  # noqa: A002
    ) -> Relation | None:
        """The relation of an id."""
        return await Relation.find(info, id)

    @field
    async def relations(
        self,
        info: Info,
        entity: Annotated[strawberry.ID | None, about("Only relations of the entity of this id.")] = None,
        min_weight: Annotated[float, about("Only relations of at least this weight.")] = 0.0,
        first: First = 20,
        after: After = None,
    ) -> Connection[Relation]:
        """The relations of the workspace, those with the most weight first."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        place = values_of(after, KIND, float, str) if after is not None else None
        last = (float(place[0]), str(place[1])) if place else None
        limit = count(first) + 1
        rows = await stored.ranked(graph, workspace, limit=limit, entity=entity, least=min_weight, after=last)
        return page(rows, first, after, Relation.of, lambda row: cursor(KIND, row.weight, row.id))

    @field
    async def path(
        self,
        info: Info,
        start: Annotated[str, strawberry.argument(name="from", description="The name or the id of an entity.")],
        end: Annotated[str, strawberry.argument(name="to", description="The name or the id of another entity.")],
        max_hops: Annotated[int, about(f"How many relations at most, from 1 to {MOST_HOPS}.")] = 4,
    ) -> Path | None:
        """A shortest path between two entities, of a hub along its weightiest relations; none where none is found."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        hops = count(max_hops, MOST_HOPS, "maxHops")
        one, other = await _known(info, start), await _known(info, end)
        walked = await paths.path(graph, workspace, one.id, other.id, most=hops)
        if walked is None:
            return None
        return Path(
            nodes=[entities.Entity.of(row) for row in walked.nodes], edges=[Relation.of(row) for row in walked.edges]
        )

    @field
    async def subgraph(
        self,
        info: Info,
        start: Annotated[str, about("The name or the id of the entity to start from.")],
        depth: Annotated[int, about(f"How many relations away at most, from 1 to {MOST_DEPTH}.")] = 1,
        max_nodes: Annotated[
            int, about(f"How many entities at most, from 1 to {MOST_NODES}; the best are kept.")
        ] = 100,
        types: Annotated[list[str] | None, about("Only entities of these types, besides the start.")] = None,
    ) -> Subgraph:
        """The entities around one, ring by ring and best first, and the relations between them."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        depth, most = count(depth, MOST_DEPTH, "depth"), count(max_nodes, MOST_NODES, "maxNodes")
        center = await _known(info, start)
        around = await stored.around(graph, workspace, center, depth=depth, most=most, types=types)
        return Subgraph(
            nodes=[entities.Entity.of(row) for row in around.nodes],
            edges=[Relation.of(row) for row in around.edges],
            truncated=around.truncated,
        )
