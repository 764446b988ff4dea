"""Documents and the queue that they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from neolight.errors import Conflict
from neolight.graph import document_lists, keys
from neolight.graph.document_lists import DocumentFilter
from neolight.graph.gateway import Graph, utc
from neolight.graph.query import query
from neolight.models import ChunkingChoice, Document

PART_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was given: where it came from, what it is, and its bytes."""

    source: str
    title: str
    media_type: str
    data: bytes
    chunking: ChunkingChoice = field(default_factory=ChunkingChoice)
    """How this one document is cut; what it does not say is as the workspace says."""
    expires_at: datetime | None = None
    """When it is to be deleted; None leaves what was said before."""


@dataclass(frozen=True, slots=True)
class Enqueued:
    """What became of an original: created, replaced or unchanged.

    `same` tells that its bytes were there before, `was` the status that the document had, `new` if there was none;
    `expires_at` when it will be deleted now, None if it stays.
    """

    id: str
    source: str
    outcome: Literal["created", "replaced", "unchanged"]
    same: bool
    was: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A document that one worker may work on until its lease runs out; `token` proves it."""

    id: str
    workspace: str
    title: str
    source: str
    media_type: str
    sha256: str
    revision: int
    attempts: int
    token: str
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """The original of a document, in parts."""

    id: str
    data: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DocumentId:
    """The id of a document that a statement has changed."""

    id: str


@dataclass(frozen=True, slots=True)
class DocumentText:
    """The extracted text of a document."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A worker that holds documents: host, process id and start time."""

    owner: str


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many documents are in a status."""

    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What there is still to do in a workspace; `stale` tells that vectors are out of date."""

    pending: int
    processing: int
    processed: int
    failed: int
    stale: bool
    latest: str | None

    @property
    def busy(self) -> bool:
        """Whether anything is still to be done."""
        return bool(self.pending or self.processing or self.stale)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a document is."""

    id: str
    track_id: str | None
    status: str
    step: str | None


ENQUEUE = query("documents/enqueue", Enqueued)
ADOPT = query("documents/adopt", Claim)
CLAIM = query("documents/claim", Claim)
PARTS = query("documents/parts", Parts)
HEARTBEAT = query("documents/heartbeat", DocumentId)
OWNERS = query("documents/owners", Owner)
RELEASE = query("documents/release", DocumentId)
FAIL = query("documents/fail", DocumentId)
GET_MANY = query("documents/get_many", Document)
COUNTS = query("documents/counts", StatusCount)
RETRY = query("documents/retry", DocumentId)
TEXT = query("documents/text", DocumentText)
PIPELINE = query("documents/pipeline", Pipeline)
PROGRESS = query("documents/progress", Progress)


async def enqueue(graph: Graph, workspace: str, originals: Sequence[Original], *, track_id: str) -> list[Enqueued]:
    """Stores originals and queues them, all or none; when this returns they are durable.

    A source that is there already with the same bytes is left alone; with other bytes it is replaced.
    Of several originals with one source the last one counts.

    Raises:
        Conflict: the workspace is being deleted.
        GraphUnavailable: Neo4j does not answer.
    """
    unique = {original.source: original for original in originals}
    rows = [_row(workspace, unique[source]) for source in sorted(unique)]
    tenant = {"workspace": workspace, "scope": keys.scope(workspace), "track_id": track_id}
    made = await graph.fetch(ENQUEUE, **tenant, rows=rows)
    there = {one.source for one in made}
    gone = [row for row in rows if row["source"] not in there]  # deleted by another call while this one waited
    if gone:
        again = await graph.fetch(ENQUEUE, **tenant, rows=gone)
        if not again:
            raise Conflict(f"The workspace {workspace} is being deleted.", hint="Try again when it is gone.")
        made += again
    return sorted(made, key=lambda one: one.source)


def _row(workspace: str, original: Original) -> dict[str, Any]:
    data = original.data
    return {
        "id": keys.document_id(workspace, original.source),
        "source": original.source,
        "title": original.title,
        "media_type": original.media_type,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "chunking": original.chunking.properties(),
        "expires_at": utc(original.expires_at),
        "parts": [data[at : at + PART_BYTES] for at in range(0, len(data), PART_BYTES)] or [b""],
    }


async def claim(
    graph: Graph, owner: str, *, limit: int, seconds: int, most_bytes: int = 1 << 62, alone: bool = True
) -> list[Claim]:
    """Claims up to `limit` waiting documents for `seconds`; no two workers are given the same one.

    Their originals have at most `most_bytes` together; one that has more by itself is claimed `alone`, if that is
    allowed, and otherwise waits, with all that came after it.
    """
    room = {"bytes": most_bytes, "alone": alone}
    return await graph.fetch(CLAIM, owner=owner, limit=limit, seconds=seconds, **room)


async def adopt(
    graph: Graph, workspace: str, originals: Sequence[Original], *, owner: str, track_id: str, seconds: int
) -> list[Claim]:
    """Stores originals as documents that the caller is writing already; those that are there are left alone."""
    unique = {original.source: original for original in originals}
    rows = [{**_row(workspace, unique[source]), "owner": owner} for source in sorted(unique)]
    tenant = {"workspace": workspace, "scope": keys.scope(workspace), "track_id": track_id}
    return await graph.fetch(ADOPT, **tenant, seconds=seconds, rows=rows)


async def originals(graph: Graph, ids: Sequence[str]) -> dict[str, bytes]:
    """The bytes of documents, by id."""
    return {row.id: b"".join(row.data) for row in await graph.fetch(PARTS, ids=list(ids))}


async def heartbeat(graph: Graph, steps: Sequence[tuple[Claim, str]], *, seconds: int) -> set[str]:
    """Extends leases and records steps; returns the ids whose lease is still held."""
    rows = sorted(({"id": c.id, "token": c.token, "step": step} for c, step in steps), key=lambda row: row["id"])
    return {row.id for row in await graph.fetch(HEARTBEAT, rows=rows, seconds=seconds)}


async def owners(graph: Graph) -> list[str]:
    """The workers that hold documents now."""
    return [row.owner for row in await graph.fetch(OWNERS)]


async def release(graph: Graph, gone: Sequence[str]) -> int:
    """Queues again what workers that are gone had claimed; returns how many documents that were."""
    return len(await graph.fetch(RELEASE, owners=list(gone)))


async def give_back(graph: Graph, claims: Sequence[Claim]) -> None:
    """Queues claimed documents again, because this worker stops."""
    await _end(graph, claims, "pending", None)


async def fail(graph: Graph, claims: Sequence[Claim], error: str) -> None:
    """Marks claimed documents as failed for this reason."""
    await _end(graph, claims, "failed", error)


async def postpone(graph: Graph, claims: Sequence[Claim], error: str) -> None:
    """Queues claimed documents again, with the reason why they could not be finished now."""
    await _end(graph, claims, "pending", error)


async def _end(graph: Graph, claims: Sequence[Claim], status: str, error: str | None) -> None:
    ordered = sorted(claims, key=lambda claim: claim.id)
    rows = [{"id": c.id, "token": c.token, "status": status, "error": error} for c in ordered]
    await graph.fetch(FAIL, rows=rows)


async def listed(
    graph: Graph,
    workspace: str,
    *,
    limit: int,
    statuses: Sequence[str] | None = None,
    search: str | None = None,
    after: tuple[datetime, str] | None = None,
) -> list[Document]:
    """Documents of a workspace, newest first, at most `limit`, after the (created_at, id) of the last one seen."""
    where = DocumentFilter(statuses=statuses, search=search)
    return await document_lists.newest(graph, workspace, where, limit=limit, after=after)


async def get_many(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, Document]:
    """Documents of a workspace by id; unknown ids are left out."""
    found = await graph.fetch(GET_MANY, workspace=workspace, ids=list(ids), track_id=None)
    return {document.id: document for document in found}


async def tracked(graph: Graph, workspace: str, track_id: str) -> list[Document]:
    """The documents that one call inserted."""
    return await graph.fetch(GET_MANY, workspace=workspace, ids=[], track_id=track_id)


async def counts(graph: Graph, workspace: str) -> dict[str, int]:
    """How many documents of a workspace are in each status."""
    return {row.status: row.count for row in await graph.fetch(COUNTS, workspace=workspace)}


async def retry(graph: Graph, workspace: str, ids: Sequence[str] | None = None) -> list[str]:
    """Queues failed documents again, all of the workspace if no ids are given; returns the ids."""
    rows = await graph.fetch(RETRY, workspace=workspace, ids=None if ids is None else list(ids))
    return [row.id for row in rows]


async def texts(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, str]:
    """The extracted texts of documents, by id."""
    return {row.id: row.text for row in await graph.fetch(TEXT, workspace=workspace, ids=list(ids))}


async def pipeline(graph: Graph, workspace: str) -> Pipeline:
    """What there is still to do in a workspace."""
    row = await graph.fetch_one(PIPELINE, workspace=workspace)
    return row or Pipeline(0, 0, 0, 0, stale=False, latest=None)


async def progress(graph: Graph, workspace: str, ids: Sequence[str], track_ids: Sequence[str]) -> list[Progress]:
    """How far documents are: those with these ids, and those that calls with these track ids inserted."""
    return await graph.fetch(PROGRESS, workspace=workspace, ids=list(ids), track_ids=list(track_ids))
