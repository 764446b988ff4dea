"""What a worker tells of its work: gathered, and written to the workspaces' histories about once a second."""

from __future__ import annotations

from dataclasses import dataclass, field

from neolight.graph import jobs
from neolight.graph.gateway import Graph
from neolight.graph.jobs import Happened
from neolight.graph.rows import Prepared


@dataclass(slots=True)
class Journal:
    """What has happened in each workspace and is not written yet."""

    graph: Graph
    _happened: dict[str, Happened] = field(default_factory=dict[str, Happened])

    def note(self, workspace: str, happened: Happened) -> None:
        """Notes something, to be written with what else happens."""
        self._happened[workspace] = self._happened.get(workspace, Happened()) + happened

    def begun(self, workspace: str, count: int) -> None:
        """Notes that documents have been claimed."""
        self.note(workspace, Happened(messages=(f"Began with {count} documents.",)))

    def indexed(self, workspace: str, documents: list[Prepared]) -> None:
        """Notes that documents have been committed."""
        messages = [f"Indexed {one.claim.source}: {len(one.chunks)} passages." for one in documents]
        self.note(workspace, Happened(indexed=len(documents), messages=tuple(messages)))

    def failed(self, workspace: str, source: str, reason: str) -> None:
        """Notes that a document failed."""
        self.note(workspace, Happened(failed=1, messages=(f"{source} failed: {reason}",)))

    async def write(self) -> None:
        """Writes what was noted; what Neo4j does not take stays noted. Raises GraphUnavailable, GraphError."""
        for workspace in sorted(self._happened):
            happened = self._happened.pop(workspace)
            try:
                await jobs.record(self.graph, workspace, happened)
            except BaseException:
                self._happened[workspace] = happened + self._happened.get(workspace, Happened())
                raise
