"""Embeds each new chunk."""

from __future__ import annotations

from dataclasses import replace

from neolight.deps import Deps
from neolight.ingest.work import Work


async def embed(deps: Deps, work: Work) -> Work:
    """Adds a vector for each new chunk. Raises ModelError, ModelUnavailable."""
    texts = [work.chunks[at].text for at in work.new()]
    return replace(work, vectors=await deps.embeddings.embed(texts)) if texts else work
