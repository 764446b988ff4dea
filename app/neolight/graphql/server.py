"""What the server is, and what a workspace holds."""

from __future__ import annotations

import strawberry

from neolight.graph import document_lists as lists
from neolight.graph import documents as stored
from neolight.graph import entities as stored_entities
from neolight.graph import setup, workspaces
from neolight.graphql.context import Info
from neolight.graphql.described import field, graph_type
from neolight.graphql.enums import DocumentStatus
from neolight.retrieval.modes import MODES
from neolight.version import __version__


@graph_type
class ModeInfo:
    """A way of searching."""

    name: str = strawberry.field(description="Its name, as `mode` takes it.")
    description: str = strawberry.field(description="What it searches.")


@graph_type
class Server:
    """This server."""

    version: str = strawberry.field(description="The version of Neolight.")
    neo4j_version: str | None = strawberry.field(description="The version of Neo4j.")
    embedding_model: str = strawberry.field(description="The model that makes vectors.")
    chat_model: str | None = strawberry.field(
        description="The language model; without one, answers quote the documents."
    )
    modes: list[ModeInfo] = strawberry.field(description="The ways of searching.")


@graph_type
class Label:
    """A type of entities."""

    name: str = strawberry.field(description="The type; a label in the graph.")
    count: int = strawberry.field(description="How many entities have it.")


@graph_type
class StatusCount:
    """How many documents are in a status."""

    status: DocumentStatus = strawberry.field(description="The status.")
    count: int = strawberry.field(description="How many documents are in it.")


@graph_type
class MediaType:
    """A media type of documents."""

    name: str = strawberry.field(description="The media type, such as application/pdf.")
    count: int = strawberry.field(description="How many documents have it.")


@graph_type
class Stats:
    """What a workspace holds."""

    documents: list[StatusCount] = strawberry.field(description="Documents by status.")
    chunks: int = strawberry.field(description="Passages.")
    entities: int = strawberry.field(description="Entities.")
    relations: int = strawberry.field(description="Relations.")
    questions: int = strawberry.field(description="Past questions.")
    bytes: float = strawberry.field(description="The size of the originals, in bytes.")
    characters: float = strawberry.field(description="The length of the texts, in characters.")

    @field
    async def media_types(self, info: Info) -> list[MediaType]:
        """The media types of the documents, the most frequent first."""
        rows = await lists.media_types(info.context.deps.graph, info.context.workspace)
        return [MediaType(name=row.name, count=row.count) for row in rows]


@graph_type
class ServerQuery:
    """The server and the workspace."""

    @field
    async def server(self, info: Info) -> Server:
        """What this server is."""
        deps = info.context.deps
        neo4j = await deps.graph.fetch_one(setup.SERVER)
        return Server(
            version=__version__,
            neo4j_version=neo4j.version if neo4j else None,
            embedding_model=deps.embeddings.name,
            chat_model=deps.chat.name if deps.chat else None,
            modes=[ModeInfo(name=mode.name, description=mode.description) for mode in MODES.values()],
        )

    @field
    async def labels(self, info: Info) -> list[Label]:
        """The types of the entities of the workspace, the largest first."""
        rows = await stored_entities.labels(info.context.deps.graph, info.context.workspace)
        return [Label(name=row.name, count=row.count) for row in rows]

    @field
    async def stats(self, info: Info) -> Stats:
        """What the workspace holds."""
        graph, workspace = info.context.deps.graph, info.context.workspace
        counts = await stored.counts(graph, workspace)
        totals = await stored_entities.totals(graph, workspace)
        stats = await workspaces.stats(graph, workspace)
        return Stats(
            documents=[StatusCount(status=DocumentStatus(status), count=count) for status, count in counts.items()],
            chunks=totals.chunks,
            entities=totals.entities,
            relations=totals.relations,
            questions=stats.questions,
            bytes=stats.bytes,
            characters=stats.characters,
        )
