"""Documents page by page, with the beginnings of their texts, as people look through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from neolight.graph.documents import DocumentId
from neolight.graph.gateway import Graph
from neolight.graph.query import query
from neolight.models import DocumentStatus

SortField: TypeAlias = Literal["created_at", "updated_at", "id", "file_path"]

MOST_TRACKED = 10_000
"""Documents of one insertion that are listed."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as it is listed: `summary` is the beginning of its text, `metadata` pairs of names and values."""

    id: str
    title: str
    source: str
    media_type: str
    status: DocumentStatus
    step: str | None
    error: str | None
    attempts: int
    revision: int
    characters: int
    chunk_count: int
    created_at: datetime
    updated_at: datetime
    track_id: str | None
    summary: str | None
    metadata: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A document that has a source already."""

    id: str
    source: str
    status: DocumentStatus
    sha256: str
    track_id: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Which documents are wanted, in which order."""

    statuses: Sequence[str] | None = None
    field: SortField = "updated_at"
    descending: bool = True
    skip: int = 0
    limit: int = 50


PAGE = query("documents/page", Listed)
TRACKED = query("documents/tracked", Listed)
BY_SOURCE = query("documents/by_source", Known)
SOME = query("documents/some", DocumentId)


async def page(graph: Graph, workspace: str, wanted: Page) -> list[Listed]:
    """One page of the documents of a workspace."""
    statuses = None if wanted.statuses is None else list(wanted.statuses)
    return await graph.fetch(
        PAGE,
        workspace=workspace,
        statuses=statuses,
        field=wanted.field,
        descending=wanted.descending,
        skip=wanted.skip,
        limit=wanted.limit,
    )


async def tracked(graph: Graph, workspace: str, track_id: str) -> list[Listed]:
    """The documents that one call inserted."""
    return await graph.fetch(TRACKED, workspace=workspace, track_id=track_id, limit=MOST_TRACKED)


async def by_source(graph: Graph, workspace: str, sources: Sequence[str]) -> dict[str, Known]:
    """The documents that there are under some sources, by source."""
    return {row.source: row for row in await graph.fetch(BY_SOURCE, workspace=workspace, sources=list(sources))}


async def some(graph: Graph, workspace: str, limit: int) -> list[str]:
    """The ids of some documents, the oldest first."""
    return [row.id for row in await graph.fetch(SOME, workspace=workspace, limit=limit)]
