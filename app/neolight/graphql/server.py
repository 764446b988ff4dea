"""What the server is, what a workspace holds, and what there is still to do in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import strawberry

from neolight.graph import documents as stored
from neolight.graph import entities as stored_entities
from neolight.graph import setup
from neolight.graphql.context import Info
from neolight.graphql.described import field, graph_type, subscription
from neolight.graphql.enums import DocumentStatus
from neolight.graphql.poller import Watch
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
class Stats:
    """What a workspace holds."""

    documents: list[StatusCount] = strawberry.field(description="Documents by status.")
    chunks: int = strawberry.field(description="Passages.")
    entities: int = strawberry.field(description="Entities.")
    relations: int = strawberry.field(description="Relations.")


@graph_type
class Pipeline:
    """What there is still to do in a workspace."""

    busy: bool = strawberry.field(description="Whether anything is still to be done.")
    pending: int = strawberry.field(description="Documents that wait.")
    processing: int = strawberry.field(description="Documents that are being indexed.")
    processed: int = strawberry.field(description="Documents that are indexed.")
    failed: int = strawberry.field(description="Documents that could not be indexed.")
    latest: str | None = strawberry.field(description="A document that is being indexed, and the step it is at.")

    @classmethod
    def of(cls, state: stored.Pipeline) -> Pipeline:
        """From a row of the graph."""
        return cls(
            busy=state.busy, pending=state.pending, processing=state.processing, processed=state.processed,
            failed=state.failed, latest=state.latest,
        )  # fmt: skip


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
        return Stats(
            documents=[StatusCount(status=DocumentStatus(status), count=count) for status, count in counts.items()],
            chunks=totals.chunks,
            entities=totals.entities,
            relations=totals.relations,
        )

    @field
    async def pipeline(self, info: Info) -> Pipeline:
        """What there is still to do in the workspace."""
        return Pipeline.of(await stored.pipeline(info.context.deps.graph, info.context.workspace))


@graph_type
class ServerSubscription:
    """The workspace as it changes."""

    @subscription
    async def pipeline(self, info: Info) -> AsyncIterator[Pipeline]:
        """What there is still to do in the workspace: now, and whenever that changes."""
        poller, workspace = info.context.shared.poller, info.context.workspace
        watch = Watch(workspace, pipeline=True)
        last: stored.Pipeline | None = None
        with poller.watching(watch):
            while True:
                state = (await poller.next(watch)).pipelines[workspace]
                if state != last:
                    last = state
                    yield Pipeline.of(state)
