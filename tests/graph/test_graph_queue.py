"""The queue that documents are: claimed by one, kept, given back, ended."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from graphwork import blocked, enqueue, original, prepared, properties, rows, says, take

from neolight.graph import documents, keys, writer
from neolight.graph.documents import Claim
from neolight.graph.gateway import Graph, Transaction
from neolight.models import DocumentStatus

OWNER = "host:1:2.00"


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
        await tx.run(documents.CLAIM, owner=OWNER, limit=1, seconds=60, bytes=1 << 30, alone=True)
        locked.set()
        await go.wait()

    first = asyncio.create_task(graph.transaction(queue_and_claim))
    await locked.wait()
    second = asyncio.create_task(documents.retry(graph, claimable))
    try:
        await blocked(graph)
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
        await tx.run(documents.CLAIM, owner=OWNER, limit=1, seconds=60, bytes=1 << 30, alone=True)
        locked.set()
        await go.wait()

    first = asyncio.create_task(graph.transaction(claim_again))
    await locked.wait()
    second = asyncio.create_task(documents.release(graph, ["graph tests", claimable]))
    try:
        await blocked(graph)
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
        got = await tx.run(documents.CLAIM, owner=OWNER, limit=5, seconds=60, bytes=1 << 30, alone=True)
        locked.set()
        await go.wait()
        return got

    first = asyncio.create_task(graph.transaction(claims))
    await locked.wait()
    second = asyncio.create_task(documents.claim(graph, claimable, limit=5, seconds=60))
    try:
        await blocked(graph)
    finally:
        go.set()
    assert sorted(claim.source for claim in await first) == ["a", "b"]
    assert await second == []
