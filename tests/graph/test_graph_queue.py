"""The queue that documents are: stored, claimed, kept, given back."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from graphwork import blocked, enqueue, one, original, prepared, rows, says, take, write

from neolight.graph import documents, keys, writer
from neolight.graph.documents import PART_BYTES, Claim, Original
from neolight.graph.gateway import Graph, Transaction, connect
from neolight.models import DocumentStatus
from neolight.settings import Settings
from neolight.start import locate

OWNER = "host:1:2.00"


async def properties(graph: Graph, id_: str) -> dict[str, object]:
    return (await one(graph, "MATCH (d:Document {id: $id}) RETURN properties(d) AS found", id=id_))["found"]


@pytest.fixture
async def graphs(settings: Settings) -> AsyncIterator[list[Graph]]:
    """Eight drivers, each with connections of its own."""
    at = await locate(settings)
    async with AsyncExitStack() as stack:
        opened = [stack.enter_async_context(connect(at.uri, at.username, at.password)) for _ in range(8)]
        yield list(await asyncio.gather(*opened))


@pytest.fixture
async def claimable(graph: Graph, workspace: str) -> AsyncIterator[str]:
    """A workspace whose documents are the only ones that wait: what other tests have left waits no longer."""
    await rows(
        graph,
        """MATCH (d:Document) WHERE d.status IN ['pending', 'processing'] AND d.workspace IS NOT NULL
        SET d.status = 'failed' REMOVE d.lease_owner, d.lease_token, d.lease_until""",
    )
    yield workspace


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
    assert {row.id for row in again[:2]} == {row.id for row in first[:2]}
    assert [document.source for document in await documents.tracked(graph, workspace, "one")] == ["a", "c"]
    assert [document.source for document in await documents.tracked(graph, workspace, "two")] == ["b", "d"]
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
    assert made.outcome == "replaced"
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


async def test_a_claim(graph: Graph, claimable: str) -> None:
    (made,) = await enqueue(graph, claimable, original("a.txt", "text", title="A"))
    (claim,) = await documents.claim(graph, OWNER, limit=10, seconds=60)
    assert (claim.id, claim.workspace, claim.title, claim.source) == (made.id, claimable, "A", "a.txt")
    assert (claim.media_type, claim.sha256) == ("text/plain", hashlib.sha256(b"text").hexdigest())
    assert (claim.bytes, claim.revision, claim.attempts) == (4, 0, 1)
    assert len(claim.token) == 36
    stored = await properties(graph, made.id)
    assert (stored["status"], stored["step"], stored["lease_owner"]) == ("processing", "read", OWNER)
    lease = stored["lease_until"]
    assert isinstance(lease, datetime)
    assert timedelta(seconds=50) < lease - datetime.now(UTC) < timedelta(seconds=61)
    assert "lock" not in stored
    assert await documents.claim(graph, "another", limit=10, seconds=60) == []


async def test_claims_come_in_order(graph: Graph, claimable: str) -> None:
    for number in range(3):
        await enqueue(graph, claimable, *[original(f"{number}-{letter}") for letter in "cab"])
        await asyncio.sleep(0.002)
    claims = await documents.claim(graph, OWNER, limit=4, seconds=60)
    assert sorted(claim.source for claim in claims) == ["0-a", "0-b", "0-c", "1-a"]
    assert sorted(claim.source for claim in await documents.claim(graph, OWNER, limit=2, seconds=60)) == ["1-b", "1-c"]


async def test_the_oldest_come_first_whether_they_wait_or_ran_out(graph: Graph, claimable: str) -> None:
    await enqueue(graph, claimable, *[original(f"old-{number}") for number in range(5)])
    await documents.claim(graph, "gone", limit=5, seconds=0)
    await asyncio.sleep(0.002)
    await enqueue(graph, claimable, *[original(f"new-{number}") for number in range(5)])
    claims = await documents.claim(graph, OWNER, limit=6, seconds=60)
    assert sorted(claim.source for claim in claims) == ["new-0", *(f"old-{number}" for number in range(5))]


async def test_a_lease_runs_out(graph: Graph, claimable: str) -> None:
    await enqueue(graph, claimable, original("a"))
    (lost,) = await documents.claim(graph, OWNER, limit=1, seconds=0)
    await asyncio.sleep(0.002)
    (claim,) = await documents.claim(graph, "another", limit=1, seconds=60)
    assert (claim.id, claim.attempts) == (lost.id, 2)
    assert claim.token != lost.token
    assert await documents.heartbeat(graph, [(lost, "read"), (claim, "embed")], seconds=60) == {claim.id}
    assert await writer.commit(graph, claimable, [prepared(lost, ("text", says()))]) == writer.Committed()
    await documents.fail(graph, [lost], "Not mine any more.")
    document = (await documents.get_many(graph, claimable, [claim.id]))[claim.id]
    assert (document.status, document.step, document.error) == (DocumentStatus.PROCESSING, "embed", None)


async def test_a_lease_is_kept(graph: Graph, claimable: str) -> None:
    await enqueue(graph, claimable, original("a"), original("b"))
    claims = await documents.claim(graph, OWNER, limit=2, seconds=1)
    kept = next(claim for claim in claims if claim.source == "a")
    assert await documents.heartbeat(graph, [(kept, "extract")], seconds=60) == {kept.id}
    await asyncio.sleep(1.05)
    (again,) = await documents.claim(graph, "another", limit=2, seconds=60)
    assert again.source == "b"
    stored = await properties(graph, kept.id)
    assert (stored["step"], stored["lease_owner"], stored.get("lock")) == ("extract", OWNER, None)


async def test_claimers_share_the_queue(graph: Graph, graphs: list[Graph], claimable: str) -> None:
    await enqueue(graph, claimable, *[original(f"{number:03}") for number in range(200)])

    async def claimer(own: Graph, number: int) -> list[Claim]:
        mine: list[Claim] = []
        misses = 0
        while misses < 3:
            got = await documents.claim(own, f"claimer {number}", limit=10, seconds=60)
            mine += got
            misses = 0 if got else misses + 1
        return mine

    found = await asyncio.gather(*(claimer(own, number) for number, own in enumerate(graphs)))
    claims = [claim for mine in found for claim in mine]
    assert len(claims) == 200
    assert len({claim.id for claim in claims}) == 200
    assert len({claim.token for claim in claims}) == 200
    assert {claim.attempts for claim in claims} == {1}
    owned = await rows(
        graph, "MATCH (d:Document {workspace: $w}) RETURN d.id AS id, d.lease_owner AS owner", w=claimable
    )
    expected = {claim.id: f"claimer {number}" for number, mine in enumerate(found) for claim in mine}
    assert {row["id"]: row["owner"] for row in owned} == expected


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


async def test_workers_that_are_gone(graph: Graph, claimable: str) -> None:
    await enqueue(graph, claimable, *[original(name) for name in "abc"])
    for owner in ("gone", "gone too", "alive"):
        await documents.claim(graph, owner, limit=1, seconds=60)
    assert sorted(await documents.owners(graph)) == ["alive", "gone", "gone too"]
    assert await documents.release(graph, ["gone", "gone too", "unheard of"]) == 2
    assert await documents.owners(graph) == ["alive"]
    assert await documents.release(graph, []) == 0
    again = await documents.claim(graph, "new", limit=5, seconds=60)
    assert [claim.attempts for claim in again] == [2, 2]  # a document that kills its worker is found out


async def test_a_claim_is_given_back(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a")]))["a"]
    await documents.give_back(graph, [claim])
    stored = await properties(graph, claim.id)
    assert (stored["status"], stored["attempts"]) == ("pending", 0)
    assert not {"error", "lock", "lease_owner", "lease_token", "lease_until"} & stored.keys()
    await documents.give_back(graph, [])


async def test_a_document_is_postponed_without_an_attempt(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a")]))["a"]
    await documents.postpone(graph, [claim], "The model does not answer.")
    document = (await documents.get_many(graph, workspace, [claim.id]))[claim.id]
    assert (document.status, document.attempts) == (DocumentStatus.PENDING, 0)
    assert document.error == "The model does not answer."


async def test_a_document_fails(graph: Graph, workspace: str) -> None:
    claims = await take(graph, workspace, [original("a"), original("b")])
    foreign = replace(claims["b"], token="foreign")
    await documents.fail(graph, [claims["a"], foreign], "It is not a PDF.")
    found = {
        d.source: d for d in (await documents.get_many(graph, workspace, [c.id for c in claims.values()])).values()
    }
    assert (found["a"].status, found["a"].error, found["a"].attempts) == ("failed", "It is not a PDF.", 1)
    assert (found["b"].status, found["b"].error) == ("processing", None)
    stored = await properties(graph, claims["a"].id)
    assert not {"lock", "lease_owner", "lease_token", "lease_until"} & stored.keys()


async def test_failed_documents_are_retried(graph: Graph, workspace: str, other: str) -> None:
    claims = await take(graph, workspace, [original(name) for name in "abc"])
    theirs = await take(graph, other, [original("a")])
    await documents.fail(graph, [claims["a"], claims["b"], theirs["a"]], "No.")
    assert await documents.retry(graph, workspace, [claims["b"].id, claims["c"].id, theirs["a"].id]) == [claims["b"].id]
    assert await documents.retry(graph, workspace, []) == []
    assert await documents.retry(graph, workspace) == [claims["a"].id]
    assert await documents.counts(graph, workspace) == {"pending": 2, "processing": 1, "processed": 0, "failed": 0}
    assert await documents.counts(graph, other) == {"pending": 0, "processing": 0, "processed": 0, "failed": 1}
    stored = await properties(graph, claims["a"].id)
    assert stored["attempts"] == 0
    assert "error" not in stored


async def test_a_retry_that_comes_late_leaves_a_claim_alone(graph: Graph, claimable: str) -> None:
    claim = (await take(graph, claimable, [original("a")]))["a"]
    await documents.fail(graph, [claim], "No.")
    locked = asyncio.Event()
    go = asyncio.Event()

    async def queue_and_claim(tx: Transaction) -> None:
        row = documents._row(claimable, original("a", "new"))
        scope = keys.scope(claimable)
        await tx.run(documents.ENQUEUE, workspace=claimable, scope=scope, track_id="t", rows=[row])
        await tx.run(documents.CLAIM, owner=OWNER, limit=1, seconds=60)
        locked.set()
        await go.wait()

    first = asyncio.create_task(graph.transaction(queue_and_claim))
    await locked.wait()
    second = asyncio.create_task(documents.retry(graph, claimable))
    try:
        await blocked(graph, claimable)
    finally:
        go.set()
    await first
    assert await second == []
    assert (await properties(graph, claim.id))["status"] == "processing"


async def test_a_release_that_comes_late_leaves_a_new_claim_alone(graph: Graph, claimable: str) -> None:
    claim = (await take(graph, claimable, [original("a")]))["a"]
    locked = asyncio.Event()
    go = asyncio.Event()

    async def claim_again(tx: Transaction) -> None:
        await tx.run(
            documents.FAIL, rows=[{"id": claim.id, "token": claim.token, "status": "pending", "error": claimable}]
        )
        await tx.run(documents.CLAIM, owner=OWNER, limit=1, seconds=60)
        locked.set()
        await go.wait()

    first = asyncio.create_task(graph.transaction(claim_again))
    await locked.wait()
    second = asyncio.create_task(documents.release(graph, ["graph tests", claimable]))
    try:
        await blocked(graph, claimable)
    finally:
        go.set()
    await first
    assert await second == 0
    stored = await properties(graph, claim.id)
    assert (stored["status"], stored["lease_owner"]) == ("processing", OWNER)


async def test_a_claim_that_comes_late_takes_nothing_twice(graph: Graph, claimable: str) -> None:
    await enqueue(graph, claimable, original("a"), original("b"))
    locked = asyncio.Event()
    go = asyncio.Event()

    async def claims(tx: Transaction) -> list[Claim]:
        got = await tx.run(documents.CLAIM, owner=OWNER, limit=5, seconds=60)
        locked.set()
        await go.wait()
        return got

    first = asyncio.create_task(graph.transaction(claims))
    await locked.wait()
    second = asyncio.create_task(documents.claim(graph, claimable, limit=5, seconds=60))
    try:
        await blocked(graph, claimable)
    finally:
        go.set()
    assert sorted(claim.source for claim in await first) == ["a", "b"]
    assert await second == []


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
