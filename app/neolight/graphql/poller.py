"""The poller that feeds subscriptions: one a process, at most one look a second, and only while somebody watches."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from neolight.graph import documents
from neolight.graph.documents import Pipeline, Progress
from neolight.graph.gateway import Graph

SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Watch:
    """What a subscriber wants to know of a workspace: documents by id or by track id, or how much is to be done."""

    workspace: str
    ids: frozenset[str] = frozenset()
    track_id: str | None = None
    pipeline: bool = False

    def covers(self, progress: Progress) -> bool:
        """Whether a document is among those watched."""
        return progress.id in self.ids or (self.track_id is not None and progress.track_id == self.track_id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one look has found, by workspace, for the watches that it was for."""

    watches: frozenset[Watch] = frozenset()
    progress: Mapping[str, list[Progress]] = field(default_factory=dict[str, list[Progress]])
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict[str, Pipeline])


class Poller:
    """Looks at Neo4j for all subscribers of this process together."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._watches: Counter[Watch] = Counter()
        self._look: asyncio.Task[Snapshot] | None = None
        self._looked = -SECONDS

    @contextmanager
    def watching(self, watch: Watch) -> Generator[None]:
        """Includes a watch in every look that is taken during the block."""
        self._watches[watch] += 1
        try:
            yield
        finally:
            self._watches[watch] -= 1
            self._watches = +self._watches
            if not self._watches and self._look is not None:
                self._look.cancel()
                self._look = None

    async def next(self, watch: Watch) -> Snapshot:
        """The next look that a watch is part of. Raises GraphUnavailable."""
        while True:
            if self._look is None or self._look.done():
                self._look = asyncio.create_task(self._take(), name="poller")
            snapshot = await asyncio.shield(self._look)
            if watch in snapshot.watches:
                return snapshot

    async def _take(self) -> Snapshot:
        await asyncio.sleep(self._looked + SECONDS - time.monotonic())
        self._looked = time.monotonic()
        watches = frozenset(self._watches)
        progress: dict[str, list[Progress]] = {}
        pipelines: dict[str, Pipeline] = {}
        for workspace in {watch.workspace for watch in watches}:
            here = [watch for watch in watches if watch.workspace == workspace]
            ids = sorted({id_ for watch in here for id_ in watch.ids})
            track_ids = sorted({watch.track_id for watch in here if watch.track_id})
            if ids or track_ids:
                progress[workspace] = await documents.progress(self._graph, workspace, ids, track_ids)
            if any(watch.pipeline for watch in here):
                pipelines[workspace] = await documents.pipeline(self._graph, workspace)
        return Snapshot(watches, progress, pipelines)
