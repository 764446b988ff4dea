"""What there is still to do in a workspace, and what was done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from neolight.graph import documents as stored
from neolight.graph import jobs as stored_jobs
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type, subscription
from neolight.graphql.pagination import After, Connection, First, count, cursor, page, time_and_id
from neolight.graphql.poller import Watch

KIND = "jobs"


@strawberry.enum(description="Whether a run of the pipeline is over.")
class JobStatus(Enum):
    """Whether a run of the pipeline is over."""

    running = strawberry.enum_value("running", description="Something is still to be done.")
    finished = strawberry.enum_value("finished", description="Everything was done, or failed.")
    cancelled = strawberry.enum_value("cancelled", description="It is over, and some of it was cancelled.")


@graph_type
class Job:
    """A run of the pipeline: it begins when there is something to do and ends when nothing is left."""

    told: strawberry.Private[tuple[str, ...]]
    id: strawberry.ID = strawberry.field(description="Its id.")
    status: JobStatus = strawberry.field(description="Whether it is over.")
    started_at: datetime = strawberry.field(description="When it began.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    indexed: int = strawberry.field(description="Documents that were indexed.")
    failed: int = strawberry.field(description="Documents that failed.")
    cancelled: int = strawberry.field(description="Documents that were cancelled.")

    @classmethod
    def of(cls, row: stored_jobs.Job) -> Job:
        """From a row of the graph."""
        return cls(
            told=row.messages, id=strawberry.ID(row.id), status=JobStatus(row.status), started_at=row.started_at,
            finished_at=row.finished_at, indexed=row.indexed, failed=row.failed, cancelled=row.cancelled,
        )  # fmt: skip

    @field
    def messages(
        self, last: Annotated[int, about(f"How many, from 1 to {stored_jobs.MOST_MESSAGES}.")] = 20
    ) -> list[str]:
        """What happened, the latest last."""
        return list(self.told[-count(last, stored_jobs.MOST_MESSAGES, "last") :])


@graph_type
class Pipeline:
    """What there is still to do in a workspace."""

    busy: bool = strawberry.field(description="Whether anything is still to be done.")
    pending: int = strawberry.field(description="Documents that wait.")
    processing: int = strawberry.field(description="Documents that are being indexed.")
    processed: int = strawberry.field(description="Documents that are indexed.")
    failed: int = strawberry.field(description="Documents that could not be indexed.")
    latest: str | None = strawberry.field(description="A document that is being indexed, and the step it is at.")

    @classmethod
    def of(cls, state: stored.Pipeline) -> Pipeline:
        """From a row of the graph."""
        return cls(
            busy=state.busy, pending=state.pending, processing=state.processing, processed=state.processed,
            failed=state.failed, latest=state.latest,
        )  # fmt: skip

    @field
    async def jobs(self, info: Info, first: First = 10, after: After = None) -> Connection[Job]:
        """The runs that the workspace remembers, the newest first."""
        rows = await stored_jobs.listed(
            info.context.deps.graph, info.context.workspace, limit=count(first) + 1, after=time_and_id(after, KIND)
        )
        return page(rows, first, after, Job.of, lambda row: cursor(KIND, row.started_at.isoformat(), row.id))


@graph_type
class PipelineQuery:
    """The work on the workspace."""

    @field
    async def pipeline(self, info: Info) -> Pipeline:
        """What there is still to do in the workspace, and what was done."""
        return Pipeline.of(await stored.pipeline(info.context.deps.graph, info.context.workspace))


@graph_type
class PipelineSubscription:
    """The workspace as it changes."""

    @subscription
    async def pipeline(self, info: Info) -> AsyncIterator[Pipeline]:
        """What there is still to do in the workspace: now, and whenever that changes."""
        poller, workspace = info.context.shared.poller, info.context.workspace
        watch = Watch(workspace, pipeline=True)
        last: stored.Pipeline | None = None
        with poller.watching(watch):
            while True:
                state = (await poller.next(watch)).pipelines[workspace]
                if state != last:
                    last = state
                    yield Pipeline.of(state)
