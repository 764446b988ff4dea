"""What model calls have taken: calls, tokens, and what they cost."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from neolight.graph import calls
from neolight.graphql.context import Info
from neolight.graphql.described import about, field, graph_type


@graph_type
class Usage:
    """What model calls have taken. A call that several documents share counts in parts."""

    calls: float = strawberry.field(description="How many calls.")
    tokens_in: float = strawberry.field(description="Tokens sent.")
    tokens_out: float = strawberry.field(description="Tokens received.")
    cost: float = strawberry.field(description="Dollars; 0 where the price of the model is not known.")

    @classmethod
    def of(cls, row: calls.DocumentUsage | calls.QueryUsage | None) -> Usage:
        """From a row of the graph; nothing where there is none."""
        if row is None:
            return cls(calls=0.0, tokens_in=0.0, tokens_out=0.0, cost=0.0)
        return cls(calls=row.calls, tokens_in=row.tokens_in, tokens_out=row.tokens_out, cost=row.cost)


@graph_type
class ModelUsage(Usage):
    """What calls of one model and kind have taken."""

    model: str = strawberry.field(description="The model.")
    kind: str = strawberry.field(description="What for: extract, glean, keywords, answer, embedding, rerank, ...")


@graph_type
class ChunkProblem:
    """A passage that the model gave no usable reply to; the rest of its document is in the graph."""

    chunk_id: strawberry.ID = strawberry.field(description="The id of the passage.")
    position: int = strawberry.field(description="Its place in the document, from 0.")
    problem: str = strawberry.field(description="What went wrong.")

    @classmethod
    def of(cls, row: calls.Problem) -> ChunkProblem:
        """From a row of the graph."""
        return cls(chunk_id=strawberry.ID(row.chunk_id), position=row.position, problem=row.problem)


@graph_type
class UsageQuery:
    """What model calls have taken."""

    @field
    async def usage(
        self,
        info: Info,
        since: Annotated[date | None, about("From this day on; from the beginning where none is given.")] = None,
    ) -> list[ModelUsage]:
        """What model calls have taken in the workspace, by model and kind, the dearest first."""
        context = info.context
        rows = await calls.usage(context.deps.graph, context.workspace, since=since or calls.BEGINNING)
        return [
            ModelUsage(
                model=row.model, kind=row.kind, calls=row.calls, tokens_in=row.tokens_in, tokens_out=row.tokens_out,
                cost=row.cost,
            )
            for row in rows
        ]  # fmt: skip
