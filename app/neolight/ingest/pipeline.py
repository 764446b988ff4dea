"""The steps of indexing, in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from neolight.deps import Deps
from neolight.graph.rows import Prepared
from neolight.ingest.steps.chunk import chunk
from neolight.ingest.steps.embed import embed
from neolight.ingest.steps.extract import extract
from neolight.ingest.steps.read import read
from neolight.ingest.work import Work

Step: TypeAlias = Callable[[Deps, Work], Awaitable[Work]]

STEPS: tuple[Step, ...] = (read, chunk, embed, extract)


async def prepare(deps: Deps, work: Work, *, on_step: Callable[[str], None]) -> Prepared:
    """Takes a claimed document through the steps; `on_step` is told each step's name as it begins.

    Raises:
        UnreadableDocument: the original cannot be read.
        ModelError, ModelUnavailable: the model gave no usable reply.
        GraphUnavailable: Neo4j does not answer.
    """
    for step in STEPS:
        on_step(step.__name__)
        work = await step(deps, work)
    return work.prepared()
