"""What may become of a document besides being indexed: cancelled, renamed, due to go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neolight.errors import Conflict, GraphError
from neolight.graph.documents import Claim, DocumentId
from neolight.graph.gateway import Graph, utc
from neolight.graph.query import query
from neolight.models import ChunkingChoice, Document

TAKEN = "Neo.ClientError.Schema.ConstraintValidationFailed"
"""What Neo4j says of a value that must be unique and that another node has."""

CANCELLED = "It was cancelled. Retry it to index it."
"""The reason that a cancelled document gives."""


@dataclass(frozen=True, slots=True)
class DocumentAt:
    """A document and its workspace."""

    id: str
    workspace: str


@dataclass(frozen=True, slots=True)
class Cut:
    """What a document, and what its workspace, say about how it is cut."""

    id: str
    own: ChunkingChoice
    tenant: ChunkingChoice


CANCEL = query("documents/cancel", DocumentId)
LOST = query("documents/lost", DocumentId)
EXPIRED = query("documents/expired", DocumentAt)
UPDATE = query("documents/update", DocumentId)
CHUNKING = query("documents/chunking", Cut)


async def cancel(
    graph: Graph, workspace: str, ids: Sequence[str] | None = None, *, reason: str = CANCELLED
) -> list[str]:
    """Ends the indexing of documents that wait or are in work, all of the workspace if no ids are given.

    They are `failed` then, for this reason; what was indexed of an older version stays. Their workers let go of them
    within seconds. Returns the ids.
    """
    rows = await graph.fetch(CANCEL, workspace=workspace, ids=None if ids is None else list(ids), reason=reason)
    return [row.id for row in rows]


async def lost(graph: Graph, claims: Sequence[Claim]) -> set[str]:
    """The ids of documents that were claimed and are no longer: cancelled, deleted, replaced or claimed by another."""
    rows = [{"id": claim.id, "token": claim.token} for claim in claims]
    return {row.id for row in await graph.fetch(LOST, rows=rows)}


async def expired(graph: Graph, *, limit: int) -> dict[str, list[str]]:
    """The ids of documents whose retention date has passed, at most `limit`, by workspace."""
    found: dict[str, list[str]] = {}
    for row in await graph.fetch(EXPIRED, limit=limit):
        found.setdefault(row.workspace, []).append(row.id)
    return found


def titled(title: str | None, document: Document) -> dict[str, str | None]:
    """The changes that give a document a title, or with None let it have that of its file when it is next indexed."""
    return {"given_title": title, "title": title or document.title}


async def update(graph: Graph, workspace: str, id_: str, changes: Mapping[str, Any]) -> bool:
    """Changes the `source`, `expires_at` or what `titled` gives of a document; False if there is none of this id.

    Raises:
        Conflict: another document has this source.
    """
    wanted = dict(changes)
    if "expires_at" in wanted:
        wanted["expires_at"] = utc(wanted["expires_at"])
    try:
        return bool(await graph.fetch(UPDATE, workspace=workspace, id=id_, changes=wanted))
    except GraphError as error:
        if getattr(error.__cause__, "code", None) != TAKEN:
            raise
        raise Conflict(
            f"Another document has the source {wanted.get('source')!r}.",
            hint="Choose another, or delete that document.",
        ) from error


async def chunking(graph: Graph, ids: Sequence[str]) -> dict[str, Cut]:
    """What documents and their workspaces say about how they are cut, by id."""
    return {row.id: row for row in await graph.fetch(CHUNKING, ids=list(ids))}
