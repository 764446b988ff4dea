"""Documents: stored whole, replaced or left alone, listed page by page."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime

from graphwork import enqueue, one, original, prepared, properties, rows, says, take, write

from neolight.graph import documents, keys, writer
from neolight.graph.documents import PART_BYTES, Original
from neolight.graph.gateway import Graph
from neolight.models import DocumentStatus


async def test_a_document_is_stored_whole(graph: Graph, workspace: str) -> None:
    data = bytes(range(256)) * 8 * 1024 + b"the end"
    assert len(data) > 2 * PART_BYTES
    given = Original("folder/big.bin", "Big", "application/octet-stream", data)
    (made,) = await enqueue(graph, workspace, given, track_id="t1")
    assert (made.id, made.source, made.outcome) == (
        keys.document_id(workspace, given.source),
        "folder/big.bin",
        "created",
    )
    assert await documents.originals(graph, [made.id]) == {made.id: data}
    found = await rows(
        graph,
        "MATCH (:Document {id: $id})-[:HAS_PART]->(p) RETURN p.position AS at, size(p.data) AS size ORDER BY at",
        id=made.id,
    )
    assert found == [{"at": 0, "size": PART_BYTES}, {"at": 1, "size": PART_BYTES}, {"at": 2, "size": 7}]
    stored = await properties(graph, made.id)
    created, updated = stored.pop("created_at"), stored.pop("updated_at")
    assert created == updated
    assert stored == {
        "id": made.id,
        "workspace": workspace,
        "source": "folder/big.bin",
        "title": "Big",
        "media_type": "application/octet-stream",
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "track_id": "t1",
        "status": "pending",
        "attempts": 0,
        "revision": 0,
        "chunk_count": 0,
        "characters": 0,
    }
    tenant = await one(
        graph, "MATCH (w:Workspace {name: $w}) RETURN w.scope AS scope, w.content_version AS v", w=workspace
    )
    assert tenant == {"scope": keys.scope(workspace), "v": 0}


async def test_an_empty_document_is_stored(graph: Graph, workspace: str) -> None:
    (made,) = await enqueue(graph, workspace, original("empty", b""))
    assert await documents.originals(graph, [made.id, "doc-unknown"]) == {made.id: b""}


async def test_what_becomes_of_an_original(graph: Graph, workspace: str) -> None:
    loose = "MATCH (p:Part) WHERE NOT EXISTS { ()-[:HAS_PART]->(p) } RETURN count(p) AS parts"
    before = await one(graph, loose)
    first = await enqueue(graph, workspace, original("b"), original("a"), original("c"), track_id="one")
    assert [(row.source, row.outcome) for row in first] == [("a", "created"), ("b", "created"), ("c", "created")]
    again = await enqueue(graph, workspace, original("a"), original("b", "new"), original("d"), track_id="two")
    assert [(row.source, row.outcome) for row in again] == [("a", "unchanged"), ("b", "replaced"), ("d", "created")]
    assert [(row.same, row.was) for row in again] == [(True, "pending"), (False, "pending"), (False, "new")]
    assert {row.id for row in again[:2]} == {row.id for row in first[:2]}
    assert {document.source for document in await documents.tracked(graph, workspace, "one")} == {"a", "c"}
    assert {document.source for document in await documents.tracked(graph, workspace, "two")} == {"b", "d"}
    assert await documents.originals(graph, [first[1].id]) == {first[1].id: b"new"}
    parts = await one(graph, "MATCH (:Document {workspace: $w})-[:HAS_PART]->(p) RETURN count(p) AS n", w=workspace)
    assert parts["n"] == 4
    assert await one(graph, loose) == before


async def test_of_two_originals_with_one_source_the_last_counts(graph: Graph, workspace: str) -> None:
    made = await enqueue(graph, workspace, original("a", "1"), original("b", "2"), original("a", "3"))
    assert [(row.source, row.outcome) for row in made] == [("a", "created"), ("b", "created")]
    assert await documents.originals(graph, [made[0].id]) == {made[0].id: b"3"}
    assert await documents.counts(graph, workspace) == {"pending": 2, "processing": 0, "processed": 0, "failed": 0}


async def test_nothing_is_queued(graph: Graph, workspace: str) -> None:
    assert await enqueue(graph, workspace) == []


async def test_one_source_in_two_workspaces(graph: Graph, workspace: str, other: str) -> None:
    (mine,) = await enqueue(graph, workspace, original("a"))
    (theirs,) = await enqueue(graph, other, original("a"))
    assert theirs.outcome == "created"
    assert mine.id != theirs.id
    assert set(await documents.get_many(graph, workspace, [mine.id, theirs.id])) == {mine.id}


async def test_a_failed_document_is_queued_again_by_the_same_bytes(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a")]))["a"]
    await documents.fail(graph, [claim], "Broken.")
    (made,) = await enqueue(graph, workspace, original("a"))
    assert (made.outcome, made.same, made.was) == ("replaced", True, "failed")
    document = (await documents.get_many(graph, workspace, [made.id]))[made.id]
    assert (document.status, document.error, document.attempts) == (DocumentStatus.PENDING, None, 0)


async def test_a_replaced_document_is_taken_from_its_worker(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a", "old")]))["a"]
    assert [row.outcome for row in await enqueue(graph, workspace, original("a", "old"))] == ["unchanged"]
    assert await documents.heartbeat(graph, [(claim, "extract")], seconds=60) == {claim.id}
    assert [row.outcome for row in await enqueue(graph, workspace, original("a", "new"))] == ["replaced"]
    assert await documents.heartbeat(graph, [(claim, "extract")], seconds=60) == set()
    committed = await writer.commit(graph, workspace, [prepared(claim, ("old", says(("Old", "Thing", ""))))])
    assert committed.ids == ()
    assert (await documents.get_many(graph, workspace, [claim.id]))[claim.id].status == DocumentStatus.PENDING


async def test_two_calls_queue_the_same_documents_at_once(graphs: list[Graph], workspace: str) -> None:
    given = [original(f"{number:02}", f"text {number}") for number in range(20)]
    orders = [given, given[::-1]] * 4
    made = await asyncio.gather(*(enqueue(own, workspace, *order) for own, order in zip(graphs, orders, strict=True)))
    outcomes = sorted(row.outcome for rows_ in made for row in rows_)
    assert outcomes == ["created"] * 20 + ["unchanged"] * 140
    found = await one(
        graphs[0],
        "MATCH (d:Document {workspace: $w})-[:HAS_PART]->(p) RETURN count(p) AS parts, count(DISTINCT d) AS documents",
        w=workspace,
    )
    assert found == {"parts": 20, "documents": 20}
    assert (await one(graphs[0], "MATCH (w:Workspace {name: $w}) RETURN count(*) AS n", w=workspace))["n"] == 1


async def test_pages_of_documents(graph: Graph, workspace: str, other: str) -> None:
    await enqueue(graph, workspace, *[original(f"old {number}", title=f"Old {number}") for number in range(5)])
    await asyncio.sleep(0.002)
    await enqueue(graph, workspace, *[original(f"new {number}", title=f"New {number}") for number in range(4)])
    await enqueue(graph, other, original("theirs"))
    seen: list[str] = []
    after: tuple[datetime, str] | None = None
    while page := await documents.listed(graph, workspace, limit=2, after=after):
        assert len(page) <= 2
        seen += [document.source for document in page]
        after = page[-1].created_at, page[-1].id
    assert len(seen) == 9
    assert sorted(seen[:4]) == [f"new {number}" for number in range(4)]
    assert sorted(seen[4:]) == [f"old {number}" for number in range(5)]


async def test_documents_are_filtered(graph: Graph, workspace: str) -> None:
    claims = await take(
        graph, workspace, [original(f"Folder/{name}.txt", title=name.upper()) for name in ("one", "two")]
    )
    await enqueue(graph, workspace, original("three"))
    await documents.fail(graph, [claims["Folder/one.txt"]], "No.")

    async def found(**filters: object) -> list[str]:
        listed = await documents.listed(graph, workspace, limit=10, **filters)  # type: ignore[arg-type]
        return sorted(document.source for document in listed)

    assert await found(statuses=["failed"]) == ["Folder/one.txt"]
    assert await found(statuses=["failed", "pending"]) == ["Folder/one.txt", "three"]
    assert await found(statuses=[]) == await found() == ["Folder/one.txt", "Folder/two.txt", "three"]
    assert await found(search="folder/T") == ["Folder/two.txt"]
    assert await found(search="ONE") == ["Folder/one.txt"]
    assert await found(search="three", statuses=["failed"]) == []
    assert await found(search=".*") == []
    assert await documents.listed(graph, workspace, limit=0) == []


async def test_what_there_is_still_to_do(graph: Graph, workspace: str) -> None:
    idle = await documents.pipeline(graph, workspace)
    assert (idle.pending, idle.processing, idle.processed, idle.failed, idle.stale, idle.latest) == (
        0,
        0,
        0,
        0,
        False,
        None,
    )
    assert not idle.busy
    claims = await take(graph, workspace, [original(name) for name in "abc"])
    await documents.fail(graph, [claims["a"]], "No.")
    await documents.heartbeat(graph, [(claims["b"], "extract")], seconds=60)
    await documents.give_back(graph, [claims["c"]])
    busy = await documents.pipeline(graph, workspace)
    assert (busy.pending, busy.processing, busy.processed, busy.failed) == (1, 1, 0, 1)
    assert busy.latest == "extract: b"
    assert busy.busy
    await writer.commit(graph, workspace, [prepared(claims["b"], ("text", says(("Thing", "Thing", "It is."))))])
    assert (await documents.pipeline(graph, workspace)).stale
    assert await documents.counts(graph, workspace) == {"pending": 1, "processing": 0, "processed": 1, "failed": 1}


async def test_relations_alone_can_be_stale(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": [("text", says(states=[("A", "B", "k", "A with B.", 1.0)]))]})
    assert not (await documents.pipeline(graph, workspace)).busy
    await rows(graph, "MATCH ()-[r:RELATES {workspace: $w}]->() SET r.stale = true", w=workspace)
    assert (await documents.pipeline(graph, workspace)).stale


async def test_progress(graph: Graph, workspace: str, other: str) -> None:
    a, b = await enqueue(graph, workspace, original("a"), original("b"), track_id="one")
    (c,) = await enqueue(graph, workspace, original("c"), track_id="two")
    (theirs,) = await enqueue(graph, other, original("a"), track_id="one")
    by_id = await documents.progress(graph, workspace, [c.id, theirs.id, "doc-unknown"], [])
    assert [(row.id, row.track_id, row.status, row.step) for row in by_id] == [(c.id, "two", "pending", None)]
    both = await documents.progress(graph, workspace, [a.id], ["one", "unknown"])
    assert [row.id for row in both] == sorted([a.id, b.id])
    assert await documents.progress(graph, workspace, [], []) == []


async def test_texts(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, workspace, {"a": [("One.", says()), ("Two.", says())]})
    (waiting,) = await enqueue(graph, workspace, original("b"))
    id_ = keys.document_id(workspace, "a")
    assert await documents.texts(graph, workspace, [id_, waiting.id, "doc-unknown"]) == {id_: "One.\n\nTwo."}
    assert await documents.texts(graph, other, [id_]) == {}
