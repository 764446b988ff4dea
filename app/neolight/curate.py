"""Edits of the graph with their vectors: what a person or a program changes is found by its new meaning at once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable

from neolight.deps import Deps
from neolight.errors import ModelError
from neolight.graph import entities, relations
from neolight.graph.edits import Edited

log = logging.getLogger(__name__)


async def curated(deps: Deps, edit: Awaitable[Edited]) -> Edited:
    """Makes an edit, which is one of the functions of `graph.edits` and `graph.relation_edits`, and embeds its outcome.

    Where the embedding model does not answer, the edit stands, and a worker embeds it later.

    Raises what the edit raises.
    """
    async with deps.writing:
        edited = await edit
    try:
        await _embedded(deps, edited)
    except ModelError as error:
        log.warning("What was edited is without its new vector for now: %s", error)
    return edited


async def _embedded(deps: Deps, edited: Edited) -> None:
    texts = [row.text for row in (*edited.entities, *edited.relations)]
    if not texts:
        return
    vectors = await deps.embeddings.embed(texts)
    count = len(edited.entities)
    async with deps.writing:
        if count:
            await entities.embed(deps.graph, edited.entities, vectors[:count])
        if edited.relations:
            await relations.embed(deps.graph, edited.relations, vectors[count:])
