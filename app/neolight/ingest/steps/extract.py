"""Extracts entities and relations from each new chunk."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from neolight.deps import Deps
from neolight.ingest.work import Work
from neolight.models import Extraction


async def extract(deps: Deps, work: Work) -> Work:
    """Adds an extraction for each new chunk. Raises ModelError, ModelUnavailable."""
    title = work.parsed.title or work.claim.title
    new = work.new()
    calls = [deps.extract(work.chunks[at].text, title=title, section=work.chunks[at].section) for at in new]
    found: dict[int, Extraction] = dict(zip(new, await asyncio.gather(*calls), strict=True))
    return replace(work, extractions=tuple(found.get(index) for index in range(len(work.chunks))))
