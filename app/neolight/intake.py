"""The one way in for documents, whichever interface they come by: into the queue, and the worker is woken."""

from __future__ import annotations

from collections.abc import Sequence

from neolight.deps import Deps
from neolight.graph import documents
from neolight.graph.documents import Enqueued, Original


async def take_in(deps: Deps, workspace: str, originals: Sequence[Original], *, track_id: str) -> list[Enqueued]:
    """Queues originals, all or none, and tells what became of each, in the order of their sources.

    Raises:
        DiskFull: there is no room for them.
        GraphUnavailable, GraphError: as they say.
    """
    deps.room()
    rows = await documents.enqueue(deps.graph, workspace, originals, track_id=track_id)
    deps.waiting.set()
    return rows
