"""Runs of the pipeline: one begins when a workspace has something to do and ends when nothing is left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from neolight.graph import document_life
from neolight.graph.gateway import Graph
from neolight.graph.query import query

MOST_MESSAGES = 200
"""Messages that a run keeps: the latest."""

MOST_JOBS = 50
"""Runs that a workspace remembers."""

LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Job:
    """A run of the pipeline, what came of its documents, and its latest messages; it has ended if `finished_at` is set.

    `status` is running, finished or cancelled.
    """

    id: str
    status: str
    started_at: datetime
    finished_at: datetime | None
    indexed: int
    failed: int
    cancelled: int
    messages: tuple[str, ...]


@dataclass(slots=True)
class Happened:
    """What is to be noted of a workspace: how many documents were indexed, failed or cancelled; and messages."""

    indexed: int = 0
    failed: int = 0
    cancelled: int = 0
    messages: tuple[str, ...] = ()
    since: float = field(default_factory=time.monotonic)
    """The time of the first of it, by the clock of this process."""

    def __add__(self, other: Happened) -> Happened:
        """Both, one after the other."""
        return Happened(
            self.indexed + other.indexed,
            self.failed + other.failed,
            self.cancelled + other.cancelled,
            (self.messages + other.messages)[-MOST_MESSAGES:],
            min(self.since, other.since),
        )


@dataclass(frozen=True, slots=True)
class JobId:
    """The id of a run that has ended."""

    id: str


RECORD = query("jobs/record", JobId)
END_IDLE = query("jobs/end_idle", JobId)
LIST = query("jobs/list", Job)


async def record(graph: Graph, workspace: str, happened: Happened) -> bool:
    """Notes what has happened, in the run that is under way or in a new one; ends it when nothing is left to do.

    Returns whether it has ended.
    """
    messages = [message[:LONGEST_MESSAGE] for message in happened.messages]
    counts = {"indexed": happened.indexed, "failed": happened.failed, "cancelled": happened.cancelled}
    since = int(1000 * (time.monotonic() - happened.since))
    keep = {"most": MOST_MESSAGES, "keep": MOST_JOBS}
    return bool(await graph.fetch(RECORD, workspace=workspace, since=since, messages=messages, **counts, **keep))


async def cancel(
    graph: Graph, workspace: str, ids: Sequence[str] | None = None, *, reason: str = document_life.CANCELLED
) -> list[str]:
    """Cancels documents that wait or are in work, all of the workspace if no ids are given, and notes that.

    Returns the ids of those that were cancelled.
    """
    cancelled = await document_life.cancel(graph, workspace, ids, reason=reason)
    if cancelled:
        message = f"Cancelled {len(cancelled)} documents."
        await record(graph, workspace, Happened(cancelled=len(cancelled), messages=(message,)))
    return cancelled


async def end_idle(graph: Graph) -> list[str]:
    """Ends runs of which nothing is left to do, of all workspaces; returns their ids."""
    return [row.id for row in await graph.fetch(END_IDLE)]


async def listed(graph: Graph, workspace: str, *, limit: int, after: tuple[datetime, str] | None = None) -> list[Job]:
    """Runs of the pipeline, newest first, at most `limit`, after the (started_at, id) of the last one seen."""
    time, id_ = (after[0].astimezone(UTC), after[1]) if after else (None, None)
    rows: Sequence[Job] = await graph.fetch(LIST, workspace=workspace, after_time=time, after_id=id_, limit=limit)
    return list(rows)
