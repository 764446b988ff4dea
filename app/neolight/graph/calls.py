"""Replies of models that are kept, and what model calls have taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from neolight.graph.gateway import Graph, Transaction
from neolight.graph.query import query
from neolight.models import ModelCall, Spent


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls of one model and kind have taken; the cost in dollars."""

    model: str
    kind: str
    calls: float
    tokens_in: float
    tokens_out: float
    cost: float


@dataclass(frozen=True, slots=True)
class Problem:
    """A chunk that no model could extract, and why."""

    chunk_id: str
    position: int
    problem: str


@dataclass(frozen=True, slots=True)
class DocumentUsage:
    """What model calls have taken for a document, and its chunks that could not be extracted."""

    owner: str
    calls: float
    tokens_in: float
    tokens_out: float
    cost: float
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class QueryUsage:
    """What model calls took for a question."""

    owner: str
    calls: float
    tokens_in: float
    tokens_out: float
    cost: float


LOOKUP = query("calls/lookup", ModelCall)
KEEP = query("calls/keep")
LINK = query("calls/link")
CLEAR = query("calls/clear")
SPEND = query("calls/spend")
USAGE = query("calls/usage", Usage)
OF_DOCUMENTS = query("calls/of_documents", DocumentUsage)
OF_QUERIES = query("calls/of_queries", QueryUsage)
OF_QUERY = query("calls/of_query")

BEGINNING = date(2000, 1, 1)


async def lookup(graph: Graph, workspace: str, keys: Sequence[str]) -> dict[str, ModelCall]:
    """Kept replies by key; unknown keys are left out."""
    return {row.key: row for row in await graph.fetch(LOOKUP, workspace=workspace, keys=list(keys))}


async def keep(graph: Graph, workspace: str, calls: Iterable[ModelCall]) -> None:
    """Keeps replies that no chunk rests on yet, so that what they took is not lost with an interrupted document."""
    rows = [asdict(call) for call in sorted(calls, key=lambda call: call.key)]
    if rows:
        await graph.fetch(KEEP, workspace=workspace, rows=rows)


async def clear(graph: Graph, workspace: str) -> None:
    """Forgets the kept replies of a workspace."""
    await graph.fetch(CLEAR, workspace=workspace)


async def spend(graph: Graph, workspace: str, spent: Sequence[Spent], *, document: str | None = None) -> None:
    """Notes what calls took, for a document or for the workspace only."""
    by_document = {document: spent} if document else {}
    if spent:
        await graph.transaction(lambda tx: spend_in(tx, workspace, spent, by_document))


async def spend_in(
    tx: Transaction, workspace: str, spent: Iterable[Spent], documents: Mapping[str, Sequence[Spent]]
) -> None:
    """Notes what calls took, in a transaction; `spent` is everything, `documents` whose share of it is known."""
    total: dict[tuple[str, str], Spent] = {}
    for one in spent:
        key = one.model, one.kind
        total[key] = total[key] + one if key in total else one
    if total:
        rows = [asdict(total[key]) for key in sorted(total)]
        owners = [{"id": id_, **sums(documents[id_])} for id_ in sorted(documents) if documents[id_]]
        await tx.run(SPEND, workspace=workspace, rows=rows, documents=owners)


def sums(spent: Iterable[Spent]) -> dict[str, Any]:
    """Calls, tokens and dollars of all together."""
    whole = sum(spent, Spent("", ""))
    return {name: getattr(whole, name) for name in ("calls", "tokens_in", "tokens_out", "cost")}


async def usage(graph: Graph, workspace: str, *, since: date = BEGINNING) -> list[Usage]:
    """What model calls have taken since a day, by model and kind."""
    return await graph.fetch(USAGE, workspace=workspace, since=since.isoformat())


async def of_documents(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, DocumentUsage]:
    """What model calls have taken for documents, by id."""
    return {row.owner: row for row in await graph.fetch(OF_DOCUMENTS, workspace=workspace, ids=list(ids))}


async def of_queries(graph: Graph, workspace: str, ids: Sequence[str]) -> dict[str, QueryUsage]:
    """What model calls took for past questions, by id."""
    return {row.owner: row for row in await graph.fetch(OF_QUERIES, workspace=workspace, ids=list(ids))}


async def asked(graph: Graph, workspace: str, id_: str, spent: Sequence[Spent]) -> None:
    """Notes what calls took for a question, at the question and in the usage of the workspace."""
    if spent:
        await graph.fetch(OF_QUERY, workspace=workspace, id=id_, **sums(spent))
        await spend(graph, workspace, spent)
