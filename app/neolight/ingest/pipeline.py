"""The steps of indexing, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from neolight.deps import Deps
from neolight.graph.rows import Prepared
from neolight.ingest.steps.chunk import chunk
from neolight.ingest.steps.embed import embed
from neolight.ingest.steps.extract import extract
from neolight.ingest.steps.read import read
from neolight.ingest.tasks import stop
from neolight.ingest.work import Work


async def prepare(deps: Deps, work: Work, *, on_step: Callable[[str], None]) -> Prepared:
    """Takes a claimed document through the steps; `on_step` is told each step's name as it begins.

    Raises:
        UnreadableDocument: the original cannot be read.
        ModelError, ModelUnavailable: the model gave no usable reply.
        GraphUnavailable: Neo4j does not answer.
    """
    for step in (read, chunk):
        on_step(step.__name__)
        work = await step(deps, work)
    on_step(extract.__name__)
    return (await _understood(deps, work)).prepared()


async def _understood(deps: Deps, work: Work) -> Work:
    """Extracts and embeds at once: passages that wait for company to be embedded do not keep a language model waiting.

    Where they cannot be embedded, extraction ends, and keeps what it has been told; where they cannot be extracted,
    their vectors are remembered for the next try.
    """
    extracting = asyncio.create_task(extract(deps, work))
    try:
        vectors = (await embed(deps, work)).vectors
    except BaseException:
        await stop([extracting])
        raise
    return replace(await extracting, vectors=vectors)
