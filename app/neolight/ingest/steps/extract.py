"""Extracts entities and relations from each new chunk."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from neolight.deps import Deps, Place
from neolight.errors import GraphError, first_of
from neolight.ingest.work import Work
from neolight.models import Extracted, ModelCall

KEPT_TOGETHER = 128
"""Replies for one document that are kept as soon as there are so many: a long document is not paid for twice."""

log = logging.getLogger(__name__)


async def extract(deps: Deps, work: Work) -> Work:
    """Adds an extraction for each new chunk; one that the model gives no usable reply to is marked, and no more.

    Where the model does not answer, what it has replied so far is kept for the next try.
    Raises ModelError, ModelUnavailable, GraphUnavailable.
    """
    found: dict[int, Extracted] = {}
    paid: list[ModelCall] = []
    workspace = work.claim.workspace

    async def one(at: int) -> None:
        chunk = work.chunks[at]
        place = Place(workspace, work.parsed.title, chunk.section, work.claim.title)
        found[at] = await deps.extract(chunk.text, place)
        if call := found[at].call:
            paid.append(call)
        if len(paid) >= KEPT_TOGETHER:
            batch = paid[:]
            paid.clear()
            await deps.extract.keep(workspace, batch)

    try:
        async with asyncio.TaskGroup() as group:
            for at in work.new():
                group.create_task(one(at))
    except BaseExceptionGroup as errors:
        await _keep(deps, workspace, paid)
        raise first_of(errors) from None
    except asyncio.CancelledError:
        await _keep(deps, workspace, paid)
        raise
    extracted = [found.get(index) for index in range(len(work.chunks))]
    return replace(
        work,
        extractions=tuple(one.extraction if one else None for one in extracted),
        calls=tuple(one.call if one else None for one in extracted),
        problems=tuple(one.problem if one else None for one in extracted),
    )


async def _keep(deps: Deps, workspace: str, paid: list[ModelCall]) -> None:
    """Keeps replies, if that can be done: what went wrong before is what matters."""
    try:
        await deps.extract.keep(workspace, paid)
    except GraphError as error:
        log.warning("%d replies of the model are lost: %s", len(paid), error)
