"""Inserting documents and watching them being indexed."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import Any

from fastapi import APIRouter, UploadFile
from pydantic import BaseModel, Field

from neolight.deps import Deps
from neolight.errors import InvalidInput, NotFound
from neolight.graph import documents
from neolight.graph.documents import Original
from neolight.models import Document
from neolight.rest.workspace import Dependencies, Workspace
from neolight.sources import original_of, text_original


class InsertText(BaseModel):
    """One text, and what to call it."""

    text: str = Field(min_length=1)
    file_source: str | None = None


class InsertTexts(BaseModel):
    """Several texts, and what to call them, in the same order."""

    texts: list[str] = Field(min_length=1)
    file_sources: list[str] | None = None


class Inserted(BaseModel):
    """What became of an insertion; the track id tells how far it is."""

    status: str
    message: str
    track_id: str


router = APIRouter(prefix="/documents", tags=["documents"])


@router.post("/text")
async def insert_text(body: InsertText, workspace: Workspace, deps: Dependencies) -> Inserted:
    """Queues one text."""
    return await _insert(
        deps, workspace, [text_original(body.text, body.file_source, max_mb=deps.limits.max_upload_mb)]
    )


@router.post("/texts")
async def insert_texts(body: InsertTexts, workspace: Workspace, deps: Dependencies) -> Inserted:
    """Queues several texts."""
    sources = body.file_sources or []
    if len(sources) > len(body.texts):
        raise InvalidInput(f"There are {len(sources)} file_sources for {len(body.texts)} texts.")
    padded: list[str | None] = [*sources, *[None] * (len(body.texts) - len(sources))]
    most = deps.limits.max_upload_mb
    originals = [text_original(text, source, max_mb=most) for text, source in zip(body.texts, padded, strict=True)]
    return await _insert(deps, workspace, originals)


@router.post("/upload")
async def upload(file: UploadFile, workspace: Workspace, deps: Dependencies) -> Inserted:
    """Queues a file."""
    original = original_of(file.filename or "", await file.read(), max_mb=deps.limits.max_upload_mb)
    return await _insert(deps, workspace, [original])


@router.get("/status_counts")
async def status_counts(workspace: Workspace, deps: Dependencies) -> dict[str, dict[str, int]]:
    """How many documents are in each status."""
    counts = await documents.counts(deps.graph, workspace)
    return {"status_counts": {**counts, "all": sum(counts.values())}}


@router.get("/track_status/{track_id}")
async def track_status(track_id: str, workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """The documents of one insertion."""
    found = await documents.tracked(deps.graph, workspace, track_id)
    if not found:
        raise NotFound(f"No document was inserted with the track id {track_id[:80]}.")
    return {
        "track_id": track_id,
        "documents": [status_row(document) for document in found],
        "total_count": len(found),
        "status_summary": dict(Counter(document.status.value for document in found)),
    }


@router.get("/pipeline_status")
async def pipeline_status(workspace: Workspace, deps: Dependencies) -> dict[str, Any]:
    """Whether anything is being indexed, and what."""
    state = await documents.pipeline(deps.graph, workspace)
    return {
        "busy": state.busy,
        "job_name": "Indexing" if state.busy else "Idle",
        "job_start": None,
        "docs": state.pending + state.processing,
        "batchs": 0,
        "cur_batch": 0,
        "latest_message": state.latest or "",
        "history_messages": [],
    }


def status_row(document: Document) -> dict[str, Any]:
    """A document as LightRAG's clients expect it."""
    return {
        "id": document.id,
        "content_summary": document.title,
        "content_length": document.characters,
        "status": document.status.value,
        "created_at": document.created_at.isoformat(),
        "updated_at": document.updated_at.isoformat(),
        "track_id": document.track_id,
        "chunks_count": document.chunk_count,
        "error_msg": document.error,
        "metadata": {},
        "file_path": document.source,
    }


async def _insert(deps: Deps, workspace: str, originals: list[Original]) -> Inserted:
    track_id = f"insert-{secrets.token_hex(8)}"
    rows = await documents.enqueue(deps.graph, workspace, originals, track_id=track_id)
    deps.waiting.set()
    queued = [row for row in rows if row.outcome != "unchanged"]
    same = len(rows) - len(queued)
    message = f"{len(queued)} documents queued" + (f"; {same} are here already, unchanged." if same else ".")
    return Inserted(status="success", message=message, track_id=track_id)
