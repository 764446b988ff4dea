"""The one way in for documents, whichever interface they come by: into the queue, and the worker is woken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from neolight.deps import Deps
from neolight.errors import InvalidInput
from neolight.graph import documents, workspaces
from neolight.graph.documents import Enqueued, Original
from neolight.models import ChunkingChoice


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said of all documents of a call: how they are cut, and when they are deleted.

    What it does not say is as the workspace says; a document that is there already keeps its time.
    """

    chunking: ChunkingChoice | None = None
    expires_at: datetime | None = None


USUAL = Terms()


async def take_in(
    deps: Deps, workspace: str, originals: Sequence[Original], *, track_id: str, terms: Terms = USUAL
) -> list[Enqueued]:
    """Queues originals, all or none, and tells what became of each, in the order of their sources.

    Raises:
        InvalidInput: documents cannot be cut so, or the time has passed.
        DiskFull: there is no room for them.
        Conflict, GraphUnavailable, GraphError: as they say.
    """
    deps.room()
    if terms.expires_at:
        due = to_come(terms.expires_at)
        originals = [replace(original, expires_at=due) for original in originals]
    if terms.chunking:
        await _check(deps, workspace, terms.chunking)
        originals = [replace(original, chunking=terms.chunking) for original in originals]
    rows = await documents.enqueue(deps.graph, workspace, originals, track_id=track_id)
    deps.waiting.set()
    return rows


def to_come(time: datetime) -> datetime:
    """A time at which something is to be deleted. Raises InvalidInput where it has passed, or is no time of UTC."""
    try:
        passed = time.astimezone(UTC) <= datetime.now(UTC)
    except (OverflowError, ValueError):  # the first and the last hours that can be written
        raise InvalidInput(f"{time.isoformat()} is no time of deletion.", hint="Give a time to come.") from None
    if passed:
        raise InvalidInput(f"The time of deletion, {time.isoformat()}, has passed.", hint="Give a time to come.")
    return time


async def _check(deps: Deps, workspace: str, chunking: ChunkingChoice) -> None:
    """Raises InvalidInput where documents cannot be cut so, together with what the workspace says."""
    tenant = await workspaces.get(deps.graph, workspace)
    chunking.applied((tenant.chunking if tenant else ChunkingChoice()).over(deps.limits.chunking))
