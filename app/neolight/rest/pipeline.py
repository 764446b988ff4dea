"""Watching documents being indexed, and what is done with all of them: retry, cancel, delete, clear."""

from __future__ import annotations

import asyncio
from collections import Counter

from fastapi import APIRouter

from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.graph import calls, document_lists, documents, jobs, writer
from neolight.graph.document_lists import DocumentFilter, Order
from neolight.rest.folder import forget_files
from neolight.rest.schemas import (
    CacheCleared,
    Cancelled,
    Cleared,
    Deleted,
    DeleteWanted,
    DocumentPage,
    DocumentRow,
    DocumentsWanted,
    Pagination,
    PipelineStatus,
    Reprocessing,
    Reset,
    ResetWanted,
    StatusCounts,
    TrackStatus,
)
from neolight.rest.workspace import Dependencies, Workspace

CANCELLED = "User cancelled"
SHOWN_RUNS = 20
MOST_MESSAGES = 1000
"""How far back the history of the pipeline is told."""

TOGETHER = 100
"""Documents that one transaction deletes."""

ORDERS = {"file_path": "source"}
"""Fields that are called something else here."""

router = APIRouter(prefix="/documents", tags=["documents"])


@router.get("/status_counts")
async def status_counts(workspace: Workspace, deps: Dependencies) -> StatusCounts:
    """How many documents are in each status."""
    return StatusCounts(status_counts=await _counts(deps, workspace))


@router.post("/paginated")
async def paginated(body: DocumentsWanted, workspace: Workspace, deps: Dependencies) -> DocumentPage:
    """One page of documents."""
    statuses = body.statuses()
    listing = document_lists.ordered(
        deps.graph,
        workspace,
        DocumentFilter(statuses),
        by=Order(ORDERS.get(body.sort_field, body.sort_field), body.sort_direction == "desc"),
        limit=body.page_size,
        start=(body.page - 1) * body.page_size,
    )
    rows, counts = await asyncio.gather(listing, _counts(deps, workspace))
    total = counts["all"] if statuses is None else sum(counts.get(status, 0) for status in set(statuses))
    last = -(-total // body.page_size)
    return DocumentPage(
        documents=[DocumentRow.of(row) for row in rows],
        pagination=Pagination(
            page=body.page, page_size=body.page_size, total_count=total, total_pages=last,
            has_next=body.page < last, has_prev=body.page > 1,
        ),
        status_counts=counts,
    )  # fmt: skip


@router.get("/track_status/{track_id}")
async def track_status(track_id: str, workspace: Workspace, deps: Dependencies) -> TrackStatus:
    """The documents of one insertion: none where it is not known, or its documents were inserted anew since."""
    if not track_id.strip():
        raise InvalidInput("The track id is empty.")
    found = await documents.tracked(deps.graph, workspace, track_id)
    return TrackStatus(
        track_id=track_id,
        documents=[DocumentRow.of(row) for row in found],
        total_count=len(found),
        status_summary=dict(Counter(row.status.value for row in found)),
    )


@router.get("/pipeline_status")
async def pipeline_status(workspace: Workspace, deps: Dependencies) -> PipelineStatus:
    """Whether anything is being indexed, how far it is, and what happened in the latest runs."""
    state, runs = await asyncio.gather(
        documents.pipeline(deps.graph, workspace), jobs.listed(deps.graph, workspace, limit=SHOWN_RUNS)
    )
    latest = runs[0] if runs else None
    waiting = state.pending + state.processing
    current = None if latest is None or (state.busy and latest.finished_at) else latest
    done = current.indexed + current.failed + current.cancelled if current else 0
    history = [message for run in reversed(runs) for message in run.messages][-MOST_MESSAGES:]
    return PipelineStatus(
        busy=state.busy,
        job_name=f"Indexing {done + waiting} documents" if state.busy else "Idle",
        job_start=latest.started_at.isoformat() if latest else None,
        docs=done + waiting,
        batchs=done + waiting,
        cur_batch=done,
        latest_message=(state.latest if state.busy else None) or (history[-1] if history else ""),
        history_messages=history,
        request_pending=state.pending > 0,
        cancellation_requested=False,
    )


@router.post("/reprocess_failed")
async def reprocess_failed(workspace: Workspace, deps: Dependencies) -> Reprocessing:
    """Queues all failed documents again."""
    queued = await documents.retry(deps.graph, workspace)
    deps.waiting.set()
    return Reprocessing(message=f"{len(queued)} failed documents are queued again.")


@router.post("/cancel_pipeline")
async def cancel_pipeline(workspace: Workspace, deps: Dependencies) -> Cancelled:
    """Ends the indexing of all documents that wait or are in work; they are failed, and can be tried again."""
    stopped = await jobs.cancel(deps.graph, workspace, reason=CANCELLED)
    if not stopped:
        return Cancelled(status="not_busy", message="Nothing is being indexed.")
    return Cancelled(status="cancellation_requested", message=f"{len(stopped)} documents are no longer indexed.")


@router.delete("/delete_document")
async def delete_document(body: DeleteWanted, workspace: Workspace, deps: Dependencies) -> Deleted:
    """Deletes documents, and exactly what rests on nothing else; when this returns, they are gone."""
    known = await documents.get_many(deps.graph, workspace, body.doc_ids)
    ids, gone = list(known), 0
    for at in range(0, len(ids), TOGETHER):
        gone += len(await _delete(deps, workspace, ids[at : at + TOGETHER]))
    if body.delete_file:
        await asyncio.to_thread(forget_files, deps.files, workspace, [row.source for row in known.values()])
    unknown = len(set(body.doc_ids)) - gone
    message = f"{gone} documents deleted" + (f"; {unknown} were not found." if unknown else ".")
    return Deleted(status="deletion_started", message=message, doc_id=", ".join(body.doc_ids))


@router.delete("")
async def clear_documents(workspace: Workspace, deps: Dependencies) -> Cleared:
    """Deletes all documents of the workspace, with all that rests on them."""
    total = 0
    while ids := await document_lists.some(deps.graph, workspace, TOGETHER):
        total += len(await _delete(deps, workspace, ids))
    return Cleared(status="success", message=f"{total} documents deleted.")


@router.post("/clear_cache")
async def clear_cache(workspace: Workspace, deps: Dependencies) -> CacheCleared:
    """Forgets the replies of models that are kept: what is indexed again is asked for again."""
    deps.keywords.clear()
    deps.vectors.clear()
    await calls.clear(deps.graph, workspace)
    return CacheCleared(status="success", message="Replies of models are forgotten.")


@router.post("/recovery/force_reset")
async def force_reset(body: ResetWanted, workspace: Workspace, deps: Dependencies) -> Reset:
    """Nothing to do, ever: what is interrupted here is tried again from its last transaction."""
    return Reset(status="no_recovery_required", message="Writes are transactions; there is nothing to recover.")


async def _delete(deps: Deps, workspace: str, ids: list[str]) -> list[str]:
    async with deps.writing:
        return await writer.delete(deps.graph, workspace, ids)


async def _counts(deps: Deps, workspace: str) -> dict[str, int]:
    counts = await documents.counts(deps.graph, workspace)
    return {**counts, "all": sum(counts.values())}
