"""Chunks: the passages that documents are cut into."""

from __future__ import annotations

import strawberry

from neolight.graph import chunks as stored
from neolight.graphql import documents, entities
from neolight.graphql.context import Info
from neolight.graphql.described import field, graph_type
from neolight.graphql.interfaces import Node
from neolight.graphql.lazy import LazyDocument, LazyEntity
from neolight.graphql.pagination import First, count


@graph_type
class Chunk(Node):
    """A passage of a document: what is searched, and what answers cite."""

    document_id: strawberry.Private[str]
    text: str = strawberry.field(description="What the passage says.")
    position: int = strawberry.field(description="Its place among the passages of the document, from 0.")
    tokens: int = strawberry.field(description="Its length in tokens of a language model.")
    page: int | None = strawberry.field(description="The page it begins on, from 1, where the format has pages.")
    section: str | None = strawberry.field(description="The headings above it, from the outermost.")
    start: int = strawberry.field(description="Where it begins in the document's text, in characters.")
    end: int = strawberry.field(description="Where it ends in the document's text, in characters, excluded.")

    @classmethod
    def of(cls, row: stored.Chunk) -> Chunk:
        """From a row of the graph."""
        return cls(
            id=strawberry.ID(row.id), document_id=row.document_id, text=row.text, position=row.position,
            tokens=row.tokens, page=row.page, section=row.section, start=row.start, end=row.end,
        )  # fmt: skip

    @classmethod
    async def find(cls, info: Info, id_: str) -> Chunk | None:
        """The chunk of this id."""
        row = await info.context.loaders.chunk(id_)
        return cls.of(row) if row else None

    @field
    async def document(self, info: Info) -> LazyDocument | None:
        """The document it is part of; none where that has just been deleted."""
        return await documents.Document.find(info, self.document_id)

    @field
    async def entities(self, info: Info, first: First = 20) -> list[LazyEntity]:
        """The entities that it mentions, those that are mentioned most everywhere first."""
        rows = await info.context.loaders.entities_of_chunk(self.id, count(first))
        return [entities.Entity.of(row) for row in rows]
