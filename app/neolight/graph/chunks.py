"""Chunks: the passages that documents are cut into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neolight.graph.gateway import Graph
from neolight.graph.query import query


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as the graph holds it: characters start to end of its document's extracted text."""

    id: str
    document_id: str
    position: int
    text: str
    tokens: int
    page: int | None
    page_starts: tuple[int, ...]
    section: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first passage of a document."""

    text: str


GET_MANY = query("chunks/get_many", Chunk)
BEGINNINGS = query("chunks/beginnings", Beginning)
OF_DOCUMENTS = query("chunks/of_documents", Chunk)


async def get_many(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, Chunk]:
    """Chunks by id; unknown ids are left out."""
    return {row.id: row for row in await graph.fetch(GET_MANY, workspace=workspace, ids=list(ids))}


async def beginnings(graph: Graph, workspace: str, limit: int) -> list[str]:
    """The first passages of the oldest documents."""
    return [row.text for row in await graph.fetch(BEGINNINGS, workspace=workspace, limit=limit)]


async def of_documents(
    graph: Graph, workspace: str, ids: Sequence[str], *, limit: int, after: int = -1
) -> dict[str, list[Chunk]]:
    """The chunks of each document in the order of the text, at most `limit`, after the position `after`."""
    rows = await graph.fetch(OF_DOCUMENTS, workspace=workspace, ids=list(ids), after=after, limit=limit)
    found: dict[str, list[Chunk]] = {}
    for row in rows:
        found.setdefault(row.document_id, []).append(row)
    return found
