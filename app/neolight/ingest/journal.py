"""What a worker tells of its work: gathered, and written to the workspaces' histories now and then."""

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
    _under_way: set[str] = field(default_factory=set[str])
    """Workspaces whose history knows that something is in work."""

    @property
    def has_news(self) -> bool:
        """Whether work has begun where the history says that there is none."""
        return not self._happened.keys() <= self._under_way

    def note(self, workspace: str, happened: Happened) -> None:
        """Notes something, to be written with what else happens."""
        self._happened[workspace] = self._happened.get(workspace, Happened()) + happened

    def begun(self, workspace: str, count: int) -> None:
        """Notes that documents have been claimed."""
        self.note(workspace, Happened(messages=(f"Began with {count} document{'s' if count > 1 else ''}.",)))

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
                ended = await jobs.record(self.graph, workspace, happened)
            except BaseException:
                self._happened[workspace] = happened + self._happened.get(workspace, Happened())
                raise
            (self._under_way.discard if ended else self._under_way.add)(workspace)
