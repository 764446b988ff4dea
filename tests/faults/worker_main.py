"""A worker that tells on its standard output what it is doing: when a transaction begins, runs a statement, ends.

One JSON object a line, written at once and whole, with the machine's monotonic clock: a process that is killed has told
everything up to its last moment. It works until SIGTERM. Two faults that cannot be brought about from outside are its
own: a commit whose acknowledgement is lost, and a document that no transaction can take.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from neolight.errors import GraphUnavailable
from neolight.graph import documents, entities, relations, writer
from neolight.graph.gateway import Graph, Transaction
from neolight.graph.writer import Prepared
from neolight.ingest.worker import Capacity, Worker
from neolight.settings import Settings
from neolight.start import opened

CURRENT: ContextVar[str | None] = ContextVar("CURRENT", default=None)
"""The transaction that this task is in."""

COMMIT = "COMMIT"
"""What a transaction sends when its statements are done."""


def say(what: str, **more: Any) -> None:
    """Writes one line."""
    line = json.dumps({"at": time.monotonic(), "what": what, **more})
    with contextlib.suppress(BrokenPipeError):
        os.write(1, line.encode() + b"\n")


Real: TypeAlias = Callable[..., Awaitable[Any]]


def transaction(kind: str, real: Real, ids: Callable[..., Iterable[str]]) -> Real:
    """A function that runs one transaction, and tells when it begins and how it ends."""
    numbers = itertools.count(1)

    async def told(*args: Any, **named: Any) -> Any:
        name = f"{kind} {next(numbers)}"
        token = CURRENT.set(name)
        say("begin", transaction=name, ids=list(ids(*args)))
        try:
            result = await real(*args, **named)
        except BaseException as error:
            say("error", transaction=name, error=type(error).__name__)
            raise
        finally:
            CURRENT.reset(token)
        say("end", transaction=name, ids=list(getattr(result, "ids", ())))
        return result

    return told


def losing(real: Real) -> Real:
    """A commit that is done, and seems not to be: the first time for each set of documents."""
    lost: set[tuple[str, ...]] = set()

    async def commit(graph: Graph, workspace: str, batch: Sequence[Prepared], *more: Any, **named: Any) -> Any:
        committed = await real(graph, workspace, batch, *more, **named)
        ids = tuple(sorted(one.claim.id for one in batch))
        if ids not in lost:
            lost.add(ids)
            say("lost", ids=committed.ids)
            raise GraphUnavailable("Neo4j does not answer (IncompleteCommit).")
        return committed

    return commit


def refusing(real: Real, source: str) -> Real:
    """A commit that fails, in a way that nobody has foreseen, if this document is in it."""

    async def commit(graph: Graph, workspace: str, batch: Sequence[Prepared], *more: Any, **named: Any) -> Any:
        if any(one.claim.source == source for one in batch):
            raise ValueError(source)
        return await real(graph, workspace, batch, *more, **named)

    return commit


def written(_: Graph, __: str, batch: Sequence[Prepared], *___: Any) -> list[str]:
    """The ids of what a commit writes."""
    return [one.claim.id for one in batch]


def tell(known: argparse.Namespace) -> None:
    """Wraps what claims and what writes, so that it tells."""
    real_transaction, real_run, real_claim = Graph.transaction, Transaction.run, documents.claim

    async def whole(self: Graph, work: Callable[[Transaction], Awaitable[Any]]) -> Any:
        name = CURRENT.get()
        if name is None:
            return await real_transaction(self, work)

        async def told(tx: Transaction) -> Any:
            say("attempt", transaction=name)
            result = await work(tx)
            say("run", transaction=name, statement=COMMIT)
            return result

        return await real_transaction(self, told)

    async def run(self: Transaction, query: Any, **params: Any) -> Any:
        name = CURRENT.get()
        if name is not None:
            say("run", transaction=name, statement=query.name)
        return await real_run(self, query, **params)

    async def claim(*args: Any, **named: Any) -> Any:
        claims = await real_claim(*args, **named)
        if claims:
            say("claimed", ids=[one.id for one in claims])
        return claims

    Graph.transaction = whole  # type: ignore[method-assign]
    Transaction.run = run  # type: ignore[method-assign]
    documents.claim = claim
    commit = losing(writer.commit) if known.lose else writer.commit
    commit = refusing(commit, known.refuse) if known.refuse else commit
    writer.commit = transaction("commit", commit, written)
    entities.embed = transaction("vectors of entities", entities.embed, lambda *_: ())
    relations.embed = transaction("vectors of relations", relations.embed, lambda *_: ())


async def main() -> None:
    """Works until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--chunks", type=int, required=True)
    parser.add_argument("--lose", action="store_true", help="lose the acknowledgement of each commit")
    parser.add_argument("--refuse", help="the source of a document that cannot be written")
    known = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with opened(Settings(_env_file=None)) as deps:
        tell(known)
        async with Worker(deps, Capacity(documents=known.documents, chunks=known.chunks)).running():
            say("working", pid=os.getpid())
            await stop.wait()
            say("stopping")
    say("stopped")


if __name__ == "__main__":
    asyncio.run(main())
