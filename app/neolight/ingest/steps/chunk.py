"""Cuts the text into chunks, and finds out which of them the graph has already."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from neolight.deps import Deps
from neolight.graph import keys, writer
from neolight.ingest.chunking import Plan
from neolight.ingest.work import Work
from neolight.llm.tokens import count


async def chunk(deps: Deps, work: Work) -> Work:
    """Adds the chunks and their ids. Raises GraphUnavailable, ModelError, ModelUnavailable, InvalidInput."""
    plan = await asyncio.to_thread(Plan.of, work.parsed, work.chunking, count)
    vectors = await deps.embeddings.embed(plan.texts) if plan.texts else None
    chunks = await asyncio.to_thread(plan.chunks, vectors)
    seen: dict[str, int] = {}
    ids: list[str] = []
    for piece in chunks:
        ordinal = seen[piece.text] = seen.get(piece.text, -1) + 1
        ids.append(keys.chunk_id(work.claim.id, piece.text, ordinal))
    kept = (
        await writer.existing_chunks(deps.graph, work.claim.workspace, work.claim.id)
        if work.claim.revision
        else frozenset[str]()
    )
    return replace(work, chunks=tuple(chunks), ids=tuple(ids), kept=kept)
