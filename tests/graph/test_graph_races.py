"""Several writers and deleters at once: sums stay right, nothing is there twice, nothing is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any, TypeVar, cast

import pytest
from graphwork import (
    Part,
    blocked,
    counted,
    embed,
    entity,
    explored,
    original,
    prepared,
    relation,
    rows,
    says,
    snapshot,
    take,
    write,
)

from neolight.graph import documents, keys, writer
from neolight.graph.gateway import Graph, Transaction
from neolight.models import DocumentStatus

Result = TypeVar("Result")
WRITERS = 6
ROUNDS = 2


class Slow:
    """A graph whose transactions have done everything, and wait before they commit."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.done = asyncio.Event()
        self.go = asyncio.Event()

    async def fetch(self, *query: Any, **params: Any) -> list[Any]:
        return await self.graph.fetch(*query, **params)

    async def transaction(self, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        async def slow(tx: Transaction) -> Result:
            result = await work(tx)
            self.done.set()
            await self.go.wait()
            return result

        return await self.graph.transaction(slow)


async def overlapped(
    first: Callable[[Graph], Awaitable[Any]], graphs: list[Graph], second: Awaitable[Any]
) -> list[Any]:
    """Starts the second while the transaction of the first is open, lets it wait for a lock, and ends both."""
    slow = Slow(graphs[0])
    one = asyncio.ensure_future(first(cast("Graph", slow)))
    await asyncio.wait_for(slow.done.wait(), 20)
    two = asyncio.ensure_future(second)
    waits = await asyncio.gather(blocked(graphs[2]), return_exceptions=True)
    slow.go.set()
    ends: list[Any] = [*await asyncio.wait_for(asyncio.gather(one, two, return_exceptions=True), 30)]
    for outcome in (*waits, *ends):
        if isinstance(outcome, BaseException):
            raise outcome
    return ends


def about(*names: str) -> Part:
    """A passage that mentions these, each related to the next."""
    states = [(one, other, "with", f"{one} with {other}.", 1.0) for one, other in pairwise(names)]
    return f"About {' '.join(names)}.", says(*[(name, "Thing", f"{name} is.") for name in names], states=states)


async def test_writers_of_the_same_entities(graphs: list[Graph], workspace: str) -> None:
    shared = ["Hub", "Spoke", "Rim"]

    async def writes(number: int) -> None:
        graph = graphs[number]
        for turn in range(ROUNDS):
            names = shared if number % 2 else shared[::-1]
            mine = f"Only {number}"
            files = {f"{number}-{turn}-{part}": [about(*names, mine), about(mine, *names)] for part in "ab"}
            await write(graph, workspace, files)

    await asyncio.gather(*(writes(number) for number in range(WRITERS)))
    passages = WRITERS * ROUNDS * 4
    found = await rows(
        graphs[0],
        """MATCH (e:Entity {workspace: $w}) RETURN e.name AS name, e.mention_count AS mentions,
        COUNT { (e)<-[:MENTIONS]-() } AS edges, COUNT { (e)-[:RELATES]-() } AS relations, e.lock AS lock""",
        w=workspace,
    )
    assert len(found) == len(shared) + WRITERS
    for row in found:
        assert row["mentions"] == row["edges"] == (passages if row["name"] in shared else ROUNDS * 4), row
        assert row["lock"] is None
    for one, other in (("Hub", "Spoke"), ("Spoke", "Rim")):
        between = await relation(graphs[0], workspace, one, other)
        assert between
        assert (between["weight"], between["evidence_count"]) == (float(passages), passages)
        assert sorted(between["description"].splitlines()) == sorted([f"{one} with {other}.", f"{other} with {one}."])
    edges = await rows(graphs[0], "MATCH ()-[r:RELATES {workspace: $w}]->() RETURN r.id AS id", w=workspace)
    assert len(edges) == len({row["id"] for row in edges}) == 2 + 2 * WRITERS
    assert await explored(graphs[0], "unsupported", workspace=workspace) == []
    stale = await rows(graphs[0], "MATCH (e:Entity {workspace: $w}) WHERE e.stale RETURN e.name", w=workspace)
    assert not stale


async def test_writers_and_deleters(graphs: list[Graph], workspace: str) -> None:
    """Half write, half delete what was there; what is left is what was written last."""
    old = {f"old {number}": [about("Hub", "Spoke", f"Old {number}")] for number in range(6)}
    await write(graphs[0], workspace, old)
    ids = [keys.document_id(workspace, source) for source in old]

    async def writes(number: int) -> None:
        for turn in range(2):
            await write(graphs[number], workspace, {f"new {number} {turn}": [about("Spoke", "Hub", f"New {number}")]})

    async def deletes(number: int) -> None:
        for id_ in ids[number - 3 :: 3]:
            assert await writer.delete(graphs[number], workspace, [id_]) == [id_]

    await asyncio.gather(*(writes(number) for number in range(3)), *(deletes(number) for number in range(3, 6)))
    hub, between = await entity(graphs[0], workspace, "Hub"), await relation(graphs[0], workspace, "Hub", "Spoke")
    assert hub
    assert between
    assert (hub["mention_count"], between["weight"]) == (6, 6.0)
    assert between["description"] == "Spoke with Hub."
    names = await rows(graphs[0], "MATCH (e:Entity {workspace: $w}) RETURN e.name AS n ORDER BY n", w=workspace)
    assert [row["n"] for row in names] == ["Hub", "New 0", "New 1", "New 2", "Spoke"]
    assert await explored(graphs[0], "unsupported", workspace=workspace) == []


async def claimed(graph: Graph, workspace: str, source: str, *parts: Part) -> writer.Prepared:
    claim = (await take(graph, workspace, [original(source, repr(parts))]))[source]
    return prepared(claim, *parts)


@pytest.mark.parametrize("delete_first", [True, False])
async def test_the_last_mention_goes_while_a_new_one_comes(
    graphs: list[Graph], workspace: str, delete_first: bool
) -> None:
    await write(graphs[1], workspace, {"old": [about("Hub", "Spoke")]})
    new = await claimed(graphs[1], workspace, "new", about("Spoke", "Hub"))

    async def commits(graph: Graph) -> None:
        await embed(graphs[1], await writer.commit(graph, workspace, [new]))

    async def deletes(graph: Graph) -> None:
        await writer.delete(graph, workspace, [keys.document_id(workspace, "old")])

    first, second = (deletes, commits) if delete_first else (commits, deletes)
    await overlapped(first, graphs, second(graphs[1]))
    hub, between = await entity(graphs[0], workspace, "Hub"), await relation(graphs[0], workspace, "Hub", "Spoke")
    assert hub
    assert between
    assert (hub["mention_count"], hub["labels"]) == (1, ["Entity", "Thing"])
    assert (between["weight"], between["description"]) == (1.0, "Spoke with Hub.")
    assert await counted(graphs[0], workspace) == {
        "Workspace": 1,
        "Document": 1,
        "Part": 1,
        "Text": 1,
        "Chunk": 1,
        "Entity": 2,
    }
    assert await explored(graphs[0], "unsupported", workspace=workspace) == []


@pytest.mark.parametrize("delete_first", [True, False])
async def test_a_document_goes_while_it_is_written(graphs: list[Graph], workspace: str, delete_first: bool) -> None:
    await write(graphs[1], workspace, {"other": [about("Hub", "Rim")]})
    before = await snapshot(graphs[1], workspace)
    document = await claimed(graphs[1], workspace, "a", about("Hub", "Spoke"))

    async def commits(graph: Graph) -> None:
        await writer.commit(graph, workspace, [document])

    async def deletes(graph: Graph) -> None:
        assert await writer.delete(graph, workspace, [document.claim.id]) == [document.claim.id]

    first, second = (deletes, commits) if delete_first else (commits, deletes)
    await overlapped(first, graphs, second(graphs[1]))
    after = await snapshot(graphs[1], workspace)
    for one, other in zip(before.pop("entities"), after.pop("entities"), strict=True):
        assert {**one, "stale": None, "embedding": None} == {**other, "stale": None, "embedding": None}
    assert before == after
    assert await counted(graphs[0], workspace) == {
        "Workspace": 1,
        "Document": 1,
        "Part": 1,
        "Text": 1,
        "Chunk": 1,
        "Entity": 2,
    }


@pytest.mark.parametrize("delete_first", [True, False])
async def test_a_batch_survives_that_one_of_its_documents_goes(
    graphs: list[Graph], workspace: str, delete_first: bool
) -> None:
    documents_ = [await claimed(graphs[1], workspace, name, about("Hub", name)) for name in ("a", "b", "c")]

    async def commits(graph: Graph) -> None:
        await writer.commit(graph, workspace, documents_)

    async def deletes(graph: Graph) -> None:
        await writer.delete(graph, workspace, [documents_[1].claim.id])

    first, second = (deletes, commits) if delete_first else (commits, deletes)
    await overlapped(first, graphs, second(graphs[1]))
    hub = await entity(graphs[0], workspace, "Hub")
    assert hub
    assert hub["mention_count"] == 2
    found = await documents.listed(graphs[0], workspace, limit=9)
    assert {row.source: row.status for row in found} == {"a": DocumentStatus.PROCESSED, "c": DocumentStatus.PROCESSED}
    assert await explored(graphs[0], "unsupported", workspace=workspace) == []


async def test_two_documents_go_at_once(graphs: list[Graph], workspace: str) -> None:
    await write(graphs[1], workspace, {name: [about("Hub", "Spoke", name)] for name in ("a", "b", "c")})
    a, b, c = (keys.document_id(workspace, name) for name in ("a", "b", "c"))

    async def deletes(graph: Graph) -> list[str]:
        return await writer.delete(graph, workspace, [a])

    assert await overlapped(deletes, graphs, writer.delete(graphs[1], workspace, [b, a])) == [[a], [b]]
    hub = await entity(graphs[0], workspace, "Hub")
    assert hub
    assert hub["mention_count"] == 1
    await asyncio.gather(*(writer.delete(graph, workspace, [c]) for graph in graphs))
    assert await counted(graphs[0], workspace) == {"Workspace": 1}


async def test_a_document_is_replaced_while_it_is_written(graphs: list[Graph], workspace: str) -> None:
    document = await claimed(graphs[1], workspace, "a", about("Old", "Hub"))

    async def commits(graph: Graph) -> writer.Committed:
        return await writer.commit(graph, workspace, [document])

    again = documents.enqueue(graphs[1], workspace, [original("a", "new")], track_id="t")
    committed, enqueued = await overlapped(commits, graphs, again)
    assert committed.ids == (document.claim.id,)
    assert [row.outcome for row in enqueued] == ["replaced"]
    (found,) = await documents.listed(graphs[0], workspace, limit=9)
    assert (found.status, found.revision) == (DocumentStatus.PENDING, 1)
    assert await documents.originals(graphs[0], [found.id]) == {found.id: b"new"}


async def test_a_document_is_queued_again_while_it_goes(graphs: list[Graph], workspace: str) -> None:
    await write(graphs[1], workspace, {"a": [about("Hub", "Spoke")], "b": [about("Hub")]})
    id_ = keys.document_id(workspace, "a")

    async def deletes(graph: Graph) -> list[str]:
        return await writer.delete(graph, workspace, [id_])

    again = documents.enqueue(graphs[1], workspace, [original("a", "new"), original("c")], track_id="t")
    gone, enqueued = await overlapped(deletes, graphs, again)
    assert gone == [id_]
    assert [(row.source, row.outcome) for row in enqueued] == [("a", "created"), ("c", "created")]
    found = {row.source: row.status for row in await documents.listed(graphs[0], workspace, limit=9)}
    assert found == {"a": DocumentStatus.PENDING, "b": DocumentStatus.PROCESSED, "c": DocumentStatus.PENDING}
    assert await documents.originals(graphs[0], [id_]) == {id_: b"new"}


async def test_an_embedding_comes_for_what_goes(graphs: list[Graph], workspace: str) -> None:
    document = await claimed(graphs[1], workspace, "a", about("Hub", "Spoke"))
    committed = await writer.commit(graphs[1], workspace, [document])

    async def deletes(graph: Graph) -> list[str]:
        return await writer.delete(graph, workspace, [document.claim.id])

    await overlapped(deletes, graphs, embed(graphs[1], committed))
    assert await counted(graphs[0], workspace) == {"Workspace": 1}
