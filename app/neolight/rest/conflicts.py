"""Conflicts of sources: there are none, because a source is unique in a workspace."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query

from neolight.errors import Conflict, InvalidInput
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
    """The sources that more than one document claims: none. 400 for a cursor: no list was so long that it gave one."""
    if cursor:
        raise InvalidInput(f"{cursor[:80]!r} is no cursor of this list.", hint="Leave `cursor` away.")
    return Conflicts(conflicts=[])


@router.post("/repair")
async def repair(body: RepairWanted, workspace: Workspace, deps: Dependencies) -> Repaired:
    """Confirms that a document is the only one with its source.

    409 where the document has not this source, or what is expected is not as it is.
    """
    known = (await document_lists.by_source(deps.graph, workspace, [body.canonical_source_key])).get(
        body.canonical_source_key
    )
    if known is None or known.id != body.primary_doc_id:
        raise Conflict("No document of this id has this source.", hint="`POST /documents/paginated` shows both.")
    fingerprint = hashlib.sha256(known.id.encode()).hexdigest()
    expected = body.expected_candidate_count, body.expected_candidate_fingerprint
    if not body.dry_run and expected != (1, fingerprint):
        raise Conflict("The candidates are not those that are expected.", hint="Call it with `dry_run` first.")
    return Repaired(
        canonical_source_key=known.source,
        primary_doc_id=known.id,
        candidate_count=1,
        fingerprint=fingerprint,
        demoted_sample_doc_ids=[],
        committed=not body.dry_run,
    )
