"""Gives entities and relations the vectors of what they have become, apart from the documents' transactions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from neolight.deps import Deps
from neolight.graph import entities, relations
from neolight.graph.entities import StaleEntity
from neolight.graph.relations import StaleRelation
from neolight.ingest.tasks import pause

BATCH = 1000
"""Rows a transaction: more does not make the vector index cheaper to update, measured."""

SWEEP_SECONDS = 15.0
"""After so long with nothing to embed, what others have left that were killed is looked for."""

SETTLE_SECONDS = 8.0
"""So long, at most, what has changed waits for more changes: what is mentioned again and again is embedded once."""

LOOK_SECONDS = 0.5
"""How often is looked whether there is more work to wait for."""


@dataclass(slots=True)
class Renewal:
    """What documents have changed and is not embedded anew yet; until then it is found by what it was."""

    deps: Deps
    missed: bool = True
    """Whether there may be something that has not been noted here."""
    _entities: dict[str, StaleEntity] = field(default_factory=dict[str, StaleEntity])
    _relations: dict[str, StaleRelation] = field(default_factory=dict[str, StaleRelation])
    _noted: asyncio.Event = field(default_factory=asyncio.Event)
    _embedding: asyncio.Lock = field(default_factory=asyncio.Lock)

    def note(self, entities: Sequence[StaleEntity], relations: Sequence[StaleRelation]) -> None:
        """Notes what a transaction has changed."""
        self._entities |= {row.id: row for row in entities}
        self._relations |= {row.id: row for row in relations}
        self._noted.set()

    async def due(self, busy: Callable[[], bool]) -> None:
        """Waits until something is noted and nothing more is to come for now, or until it is time to sweep."""
        if self.missed:
            return
        await pause(self._noted, SWEEP_SECONDS)
        self.missed = not self._noted.is_set()
        for _ in range(round(SETTLE_SECONDS / LOOK_SECONDS)):
            if not (self._noted.is_set() and busy()):
                break
            await asyncio.sleep(LOOK_SECONDS)

    async def embed(self) -> None:
        """Embeds what is noted, or, where something may have been missed, whatever is stale.

        Raises ModelError, ModelUnavailable, GraphUnavailable; then all of it is embedded the next time.
        """
        async with self._embedding:
            whole = self.missed
            found, stated = list(self._entities.values()), list(self._relations.values())
            self._entities.clear()
            self._relations.clear()
            self._noted.clear()
            self.missed = False
            try:
                if whole:
                    await sweep(self.deps)
                else:
                    await asyncio.gather(embed_entities(self.deps, found), embed_relations(self.deps, stated))
            except BaseException:
                self.missed = True
                raise

    async def finish(self) -> None:
        """Embeds what is noted, or was and could not be, after what is being embedded. Raises as `embed`."""
        if self._noted.is_set() or self.missed:
            await self.embed()
        async with self._embedding:
            pass


async def embed_entities(deps: Deps, rows: Sequence[StaleEntity]) -> None:
    """Embeds entities and stores the vectors. Raises ModelError, ModelUnavailable, GraphUnavailable."""
    for at in range(0, len(rows), BATCH):
        batch = rows[at : at + BATCH]
        vectors = await deps.embeddings.embed([row.text for row in batch])
        async with deps.writing:
            await entities.embed(deps.graph, batch, vectors)


async def embed_relations(deps: Deps, rows: Sequence[StaleRelation]) -> None:
    """Embeds relations and stores the vectors. Raises ModelError, ModelUnavailable, GraphUnavailable."""
    for at in range(0, len(rows), BATCH):
        batch = rows[at : at + BATCH]
        vectors = await deps.embeddings.embed([row.text for row in batch])
        async with deps.writing:
            await relations.embed(deps.graph, batch, vectors)


async def sweep(deps: Deps) -> None:
    """Embeds whatever is stale until nothing is: what a process left behind when it was killed.

    Raises ModelError, ModelUnavailable, GraphUnavailable.
    """

    async def all_entities() -> None:
        while rows := await entities.stale(deps.graph, BATCH):
            await embed_entities(deps, rows)

    async def all_relations() -> None:
        while rows := await relations.stale(deps.graph, BATCH):
            await embed_relations(deps, rows)

    await asyncio.gather(all_entities(), all_relations())
