"""Conflicts of sources: there are none, because a source is unique in a workspace."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query

from neolight.errors import NotFound
from neolight.graph import document_lists
from neolight.rest.schemas import Conflicts, Repaired, RepairWanted
from neolight.rest.workspace import Dependencies, Workspace

router = APIRouter(prefix="/documents/source_conflicts", tags=["documents"])


@router.get("")
async def source_conflicts(
    workspace: Workspace,
    deps: Dependencies,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Conflicts:
    """The sources that more than one document claims: none."""
    return Conflicts(conflicts=[])


@router.post("/repair")
async def repair(body: RepairWanted, workspace: Workspace, deps: Dependencies) -> Repaired:
    """Confirms that a document is the only one with its source. 404 where it has not this source."""
    known = (await document_lists.by_source(deps.graph, workspace, [body.canonical_source_key])).get(
        body.canonical_source_key
    )
    if known is None or known.id != body.primary_doc_id:
        raise NotFound("No document of this id has this source.", hint="`POST /documents/paginated` shows both.")
    return Repaired(
        canonical_source_key=known.source,
        primary_doc_id=known.id,
        candidate_count=1,
        fingerprint=hashlib.sha256(known.id.encode()).hexdigest(),
        demoted_sample_doc_ids=[],
        committed=not body.dry_run,
    )
