"""Documents: what has been taken in, and how far its indexing is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from neolight import models
from neolight.graph import document_lists as lists
from neolight.graphql import chunks, entities
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type
from neolight.graphql.document_lists import DocumentFilter, DocumentOrder, merged, ordered_cursor, ordered_place
from neolight.graphql.enums import DocumentStatus
from neolight.graphql.interfaces import Node
from neolight.graphql.lazy import LazyChunk, LazyEntity
from neolight.graphql.pagination import After, Connection, First, count, cursor, page, time_and_id, values_of
from neolight.graphql.usage import ChunkProblem, Usage

KIND, CHUNK_KIND = "documents", "chunks"
NEWEST = lists.Order()


@graph_type
class Property:
    """Something that a file says of itself."""

    name: str = strawberry.field(description="Its name, in lower case.")
    value: str = strawberry.field(description="What it says.")


@graph_type
class Document(Node):
    """A document that has been taken in."""

    title: str = strawberry.field(description="Its title; before it is read, the name of the file.")
    source: str = strawberry.field(description="Where it came from: a relative path, unique in the workspace.")
    media_type: str = strawberry.field(description="Its media type, such as text/plain.")
    status: DocumentStatus = strawberry.field(description="Where it is in its life.")
    step: str | None = strawberry.field(description="The step of indexing that it is at, while it is processing.")
    error: str | None = strawberry.field(description="Why it failed or waits, and what to do about it.")
    attempts: int = strawberry.field(description="How often indexing it was begun.")
    characters: int = strawberry.field(description="The length of its text.")
    chunk_count: int = strawberry.field(description="How many passages it was cut into.")
    created_at: datetime = strawberry.field(description="When it first came in.")
    updated_at: datetime = strawberry.field(description="When its status last changed.")
    track_id: str | None = strawberry.field(description="Names the call that last changed its content.")
    bytes: float = strawberry.field(description="The size of its original, in bytes.")
    expires_at: datetime | None = strawberry.field(description="When it will be deleted; none keeps it.")
    metadata: list[Property] = strawberry.field(description="What its file says of itself: author, dates and such.")

    @classmethod
    def of(cls, row: models.Document) -> Document:
        """From a row of the graph."""
        return cls(
            id=strawberry.ID(row.id), title=row.title, source=row.source, media_type=row.media_type,
            status=DocumentStatus(row.status.value), step=row.step, error=row.error, attempts=row.attempts,
            characters=row.characters, chunk_count=row.chunk_count, created_at=row.created_at,
            updated_at=row.updated_at, track_id=row.track_id, bytes=row.bytes, expires_at=row.expires_at,
            metadata=[Property(name=name, value=value) for name, value in sorted(row.metadata)],
        )  # fmt: skip

    @classmethod
    async def find(cls, info: Info, id_: str) -> Document | None:
        """The document of this id."""
        row = await info.context.loaders.document(id_)
        return cls.of(row) if row else None

    @field
    async def chunks(self, info: Info, first: First = 20, after: After = None) -> Connection[LazyChunk]:
        """The passages of the document, in the order of its text."""
        position = values_of(after, CHUNK_KIND, int)[0] if after is not None else -1
        rows = await info.context.loaders.chunks_of_document(self.id, count(first) + 1, position)
        return page(rows, first, after, chunks.Chunk.of, lambda row: cursor(CHUNK_KIND, row.position))

    @field
    async def entities(self, info: Info, first: First = 20) -> list[LazyEntity]:
        """The entities that the document mentions, most often mentioned first."""
        rows = await info.context.loaders.entities_of_document(self.id, count(first))
        return [entities.Entity.of(row) for row in rows]

    @field
    async def usage(self, info: Info) -> Usage:
        """What model calls have taken for the document so far."""
        return Usage.of(await info.context.loaders.usage_of_document(self.id))

    @field
    async def problems(self, info: Info) -> list[ChunkProblem]:
        """The passages that could not be extracted, at most 100; retrying the document tries these again."""
        row = await info.context.loaders.usage_of_document(self.id)
        return [ChunkProblem.of(one) for one in row.problems] if row else []


@graph_type
class DocumentQuery:
    """Documents."""

    @field
    async def document(
        self,
        info: Info,
        id: Annotated[strawberry.ID, about("The id of the document.")],  # noqa: A002
    ) -> Document | None:
        """The document of an id."""
        return await Document.find(info, id)

    @field
    async def documents(  # noqa: PLR0913, PLR0917  (each is an argument of the field)
        self,
        info: Info,
        status: Annotated[list[DocumentStatus] | None, about("Only documents in one of these statuses.")] = None,
        search: Annotated[str | None, about("Only documents with this in the title or the source.")] = None,
        filter: Annotated[DocumentFilter | None, about("Which documents; all without it.")] = None,  # noqa: A002
        order_by: Annotated[DocumentOrder | None, about("In which order; without it the newest first.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[Document]:
        """The documents of the workspace."""
        scope = (info.context.deps.graph, info.context.workspace)
        where, limit = merged(filter, status, search), count(first) + 1
        order = order_by.value() if order_by else NEWEST
        if order == NEWEST:
            rows = await lists.newest(*scope, where, limit=limit, after=time_and_id(after, KIND))
            return page(rows, first, after, Document.of, lambda row: cursor(KIND, row.created_at.isoformat(), row.id))
        sorted_rows = await lists.ordered(*scope, where, by=order, limit=limit, start=ordered_place(order, after))
        return page(sorted_rows, first, after, Document.of, lambda row: ordered_cursor(order, row.place))
