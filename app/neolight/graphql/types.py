"""What extraction looks for in a workspace: types of entities and relations."""

from __future__ import annotations

from typing import Annotated

import strawberry

from neolight import guide as files
from neolight.graph import guides, workspaces
from neolight.graph.guides import Guide
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type, mutation
from neolight.propose import propose

MOST_TEXTS = 20


@graph_type
class TypeOfInterest:
    """A type of entities or relations."""

    label: str = strawberry.field(description="Its name.")
    description: str = strawberry.field(description="What counts as one, as the model is told.")


@graph_type
class Pattern:
    """Which types of entities a type of relations connects."""

    source: str = strawberry.field(description="The type of entity that it comes from.")
    relationship: str = strawberry.field(description="The type of relation.")
    target: str = strawberry.field(description="The type of entity that it leads to.")


@graph_type
class GraphSchema:
    """What extraction looks for, in the form of neo4j-graphrag's GraphSchema."""

    node_types: list[TypeOfInterest] = strawberry.field(description="Types of entities; none: whatever there is.")
    relationship_types: list[TypeOfInterest] = strawberry.field(description="Types of relations that matter most.")
    patterns: list[Pattern] = strawberry.field(description="What the types of relations connect.")
    additional_node_types: bool = strawberry.field(
        description="Whether entities may have other types; where not, those are `Other`."
    )
    yaml: str = strawberry.field(description="The same as a file, which `setGraphSchema` takes.")

    @classmethod
    def of(cls, guide: Guide) -> GraphSchema:
        """From a value."""
        schema = files.schema_of(guide)
        return cls(
            node_types=[TypeOfInterest(label=row.label, description=row.description) for row in schema.node_types],
            relationship_types=[
                TypeOfInterest(label=row.label, description=row.description) for row in schema.relationship_types
            ],
            patterns=[
                Pattern(source=row.source, relationship=row.relationship, target=row.target) for row in schema.patterns
            ],
            additional_node_types=guide.others or not guide.entity_types,
            yaml=files.written(guide),
        )


@graph_type
class TypesQuery:
    """What extraction looks for."""

    @field
    async def graph_schema(self, info: Info) -> GraphSchema:
        """What extraction looks for in the workspace; where nothing is set, the settings of the server say it."""
        return GraphSchema.of(await guides.get(info.context.deps.graph, info.context.workspace))


@graph_type
class TypesMutation:
    """Changes of what extraction looks for."""

    @mutation
    async def set_graph_schema(
        self,
        info: Info,
        schema: Annotated[
            str, about("JSON or YAML in the form of neo4j-graphrag's GraphSchema; an empty text takes it back.")
        ],
    ) -> GraphSchema:
        """Says what extraction looks for in the workspace from now on. What is indexed already stays as it is until it
        is replaced."""
        guide = files.read(schema)
        graph, workspace = info.context.deps.graph, info.context.workspace
        if await workspaces.get(graph, workspace) is None:
            await workspaces.create(graph, workspace)
        await guides.set_(graph, workspace, guide)
        return GraphSchema.of(guide)

    @mutation
    async def propose_graph_schema(
        self,
        info: Info,
        texts: Annotated[
            list[str] | None, about("What to read; without it the first documents of the workspace are read.")
        ] = None,
    ) -> GraphSchema:
        """Proposes what to look for, by the language model where there is one. Nothing is set by that."""
        found = await propose(info.context.deps, info.context.workspace, (texts or [])[:MOST_TEXTS])
        return GraphSchema.of(found)
