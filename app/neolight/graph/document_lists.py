"""Lists of documents: filtered, and sorted by any field, with places to go on from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from neolight.graph.gateway import Graph, utc
from neolight.graph.query import query
from neolight.models import Document, DocumentStatus


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are wanted: those that meet all that is set.

    `types` are media types; `search` stands in the title or the source; `metadata` are names and values as
    `Document.metadata` has them; the times are bounds of `created_at`, excluded.
    """

    statuses: Sequence[str] | None = None
    types: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    search: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    metadata: Mapping[str, str] | None = None

    def params(self) -> dict[str, Any]:
        """The parameters of the queries that filter."""
        pairs = [{"key": f"metadata_{name}", "value": value} for name, value in (self.metadata or {}).items()]
        return {
            "statuses": list(self.statuses) if self.statuses else None,
            "types": list(self.types) if self.types else None,
            "ids": None if self.ids is None else list(self.ids),
            "search": self.search or None,
            "created_after": utc(self.created_after),
            "created_before": utc(self.created_before),
            "metadata": pairs or None,
        }


EVERY = DocumentFilter()

ORDERS = (
    "created_at", "updated_at", "expires_at", "title", "source", "media_type", "status", "characters", "chunk_count",
    "bytes", "attempts", "id",
)  # fmt: skip
"""The fields that documents can be sorted by."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of documents: a field of ORDERS, and whether it descends."""

    field: str = "created_at"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands in a sorted list: the word or the number that it is sorted by, then its id."""

    word: str = ""
    number: int = 0
    id: str | None = None


@dataclass(frozen=True, slots=True)
class SortedDocument(Document):
    """A document with its place in the list that it comes from."""

    word: str = ""
    number: int = 0

    @property
    def place(self) -> Place:
        """After which the list goes on."""
        return Place(self.word, self.number, self.id)


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are."""

    count: int


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type, and how many documents have it."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Known:
    """A document that has a source already."""

    id: str
    source: str
    status: DocumentStatus
    sha256: str
    track_id: str | None


@dataclass(frozen=True, slots=True)
class Id:
    """The id of a document."""

    id: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document's id and source."""

    id: str
    source: str


LIST = query("documents/list", Document)
SORTED = query("documents/sorted", SortedDocument)
COUNT = query("documents/count", Count)
MEDIA_TYPES = query("documents/media_types", MediaType)
BY_SOURCE = query("documents/by_source", Known)
SOME = query("documents/some", Id)
UNDER = query("documents/under", Source)


async def newest(
    graph: Graph,
    workspace: str,
    where: DocumentFilter = EVERY,
    *,
    limit: int,
    after: tuple[datetime, str] | None = None,
) -> list[Document]:
    """Documents that a filter lets through, newest first, after the (created_at, id) of the last one seen."""
    time, id_ = (utc(after[0]), after[1]) if after else (None, None)
    return await graph.fetch(LIST, workspace=workspace, **where.params(), limit=limit, after_time=time, after_id=id_)


async def ordered(
    graph: Graph, workspace: str, where: DocumentFilter, *, by: Order, limit: int, start: Place | int = 0
) -> list[SortedDocument]:
    """Documents that a filter lets through, in an order; equal ones in the order of their ids.

    `start` is the place after which to go on, or how many to leave out.
    """
    after = start if isinstance(start, Place) else Place()
    place = {"after_word": after.word, "after_number": after.number, "after_id": after.id}
    skip = 0 if isinstance(start, Place) else start
    order = {"field": by.field, "descending": by.descending, "skip": skip, "limit": limit}
    return await graph.fetch(SORTED, workspace=workspace, **where.params(), **order, **place)


async def count(graph: Graph, workspace: str, where: DocumentFilter = EVERY) -> int:
    """How many documents a filter lets through."""
    row = await graph.fetch_one(COUNT, workspace=workspace, **where.params())
    return row.count if row else 0


async def media_types(graph: Graph, workspace: str, *, limit: int = 50) -> list[MediaType]:
    """The media types of a workspace's documents, the most frequent first."""
    return await graph.fetch(MEDIA_TYPES, workspace=workspace, limit=limit)


async def by_source(graph: Graph, workspace: str, sources: Sequence[str]) -> dict[str, Known]:
    """The documents that there are under some sources, by source."""
    return {row.source: row for row in await graph.fetch(BY_SOURCE, workspace=workspace, sources=list(sources))}


async def some(graph: Graph, workspace: str, limit: int) -> list[str]:
    """The ids of some documents, the oldest first."""
    return [row.id for row in await graph.fetch(SOME, workspace=workspace, limit=limit)]


async def under(graph: Graph, workspace: str, prefix: str) -> list[Source]:
    """The documents whose source begins with a prefix, in order of their sources."""
    return await graph.fetch(UNDER, workspace=workspace, prefix=prefix)
