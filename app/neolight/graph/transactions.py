"""Write transactions that begin anew where another one was quicker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from neolight.errors import Conflict, GraphError
from neolight.graph.gateway import Graph, Transaction

Result = TypeVar("Result")

DELETED = "Neo.ClientError.Statement.EntityNotFound"
"""What Neo4j says of a node or an edge that a transaction has found, and that is gone when it gets the lock."""

TRIES = 8


class Overtaken(Conflict):
    """Somebody else has changed the same names at the same time."""


async def transaction(graph: Graph, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
    """One transaction, again from its start where another one has deleted or renamed what it had found.

    Raises GraphUnavailable, GraphError, and what `work` raises.
    """
    for _ in range(TRIES - 1):
        try:
            return await graph.transaction(work)
        except Overtaken:
            continue
        except GraphError as error:
            if getattr(error.__cause__, "code", None) != DELETED:
                raise
    return await graph.transaction(work)
