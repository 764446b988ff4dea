"""Documents that are cancelled, renamed, replaced and due to go, and the workspaces and runs that they belong to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from engines import FIRST, TWO
from graphwork import counted, enqueue, original, prepared, properties, rows, snapshot, take, write

from neolight.errors import Conflict
from neolight.graph import document_life, document_lists, documents, jobs, keys, scans, workspaces, writer
from neolight.graph.document_lists import ORDERS, DocumentFilter, Order
from neolight.graph.gateway import Graph
from neolight.graph.jobs import Happened
from neolight.graph.writer import Committed
from neolight.models import ChunkingChoice

HOUR = timedelta(hours=1)


@pytest.fixture
async def made(graph: Graph) -> AsyncIterator[list[str]]:
    """Names of workspaces that the test makes, and that go with it."""
    names: list[str] = []
    yield names
    for name in names:
        await workspaces.delete(graph, name)


async def statuses(graph: Graph, workspace: str) -> dict[str, str]:
    return {row.source: row.status.value for row in await documents.listed(graph, workspace, limit=100)}


async def test_what_waits_and_what_is_in_work_is_cancelled(graph: Graph, claimable: str, other: str) -> None:
    await write(graph, claimable, {"done": FIRST})
    claim = (await take(graph, claimable, [original("in work")]))["in work"]
    await enqueue(graph, claimable, original("waits"), original("waits too"))
    await enqueue(graph, other, original("theirs"))
    assert await document_life.lost(graph, [claim]) == set()
    waits = keys.document_id(claimable, "waits")
    assert await document_life.cancel(graph, claimable, [waits, keys.document_id(other, "theirs")]) == [waits]
    assert await document_life.lost(graph, [claim]) == set()
    assert set(await document_life.cancel(graph, claimable)) == {claim.id, keys.document_id(claimable, "waits too")}
    assert await document_life.lost(graph, [claim]) == {claim.id}
    assert await statuses(graph, claimable) == {
        "done": "processed", "in work": "failed", "waits": "failed", "waits too": "failed"
    }  # fmt: skip
    assert await statuses(graph, other) == {"theirs": "pending"}
    cancelled = (await documents.get_many(graph, claimable, [claim.id]))[claim.id]
    assert (cancelled.error, cancelled.step) == (document_life.CANCELLED, None)
    assert not {"lease_owner", "lease_token", "lease_until", "lock"} & set(await properties(graph, claim.id))
    assert await writer.commit(graph, claimable, [prepared(claim, *FIRST)]) == Committed()
    assert await documents.heartbeat(graph, [(claim, "embed")], seconds=9) == set()
    assert await document_life.cancel(graph, claimable) == []
    assert set(await documents.retry(graph, claimable)) == {claim.id, waits, keys.document_id(claimable, "waits too")}


async def test_claims_that_are_lost(graph: Graph, claimable: str) -> None:
    claims = await take(graph, claimable, [original(name) for name in ("kept", "gone", "replaced")])
    await writer.delete(graph, claimable, [claims["gone"].id])
    await enqueue(graph, claimable, original("replaced", b"other"))
    assert await document_life.lost(graph, list(claims.values())) == {claims["gone"].id, claims["replaced"].id}


async def test_claims_are_bounded_by_bytes(graph: Graph, claimable: str) -> None:
    for number in range(6):
        await enqueue(graph, claimable, original(f"{number}", b"x" * 100))
    first = await documents.claim(graph, "w", limit=10, seconds=60, most_bytes=250, alone=False)
    assert sorted(one.source for one in first) == ["0", "1"]
    second = await documents.claim(graph, "w", limit=1, seconds=60, most_bytes=250, alone=False)
    assert [one.source for one in second] == ["2"]
    assert await documents.claim(graph, "w", limit=10, seconds=60, most_bytes=99, alone=False) == []
    alone = await documents.claim(graph, "w", limit=10, seconds=60, most_bytes=99, alone=True)
    assert [one.source for one in alone] == ["3"]
    rest = await documents.claim(graph, "w", limit=10, seconds=60, most_bytes=200, alone=True)
    assert sorted(one.source for one in rest) == ["4", "5"]


async def test_what_is_due_goes_and_nothing_else(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"stays": TWO["one"], "later": FIRST})
    before = await snapshot(graph, workspace)
    due = replace(original("due", "old"), expires_at=datetime.now(UTC) + HOUR)
    claim = (await take(graph, workspace, [due]))["due"]
    await writer.commit(graph, workspace, [prepared(claim, *TWO["two"])])
    later = keys.document_id(workspace, "later")
    assert await document_life.update(graph, workspace, later, {"expires_at": datetime.now(UTC) + HOUR})
    assert (await documents.get_many(graph, workspace, [claim.id]))[claim.id].expires_at == due.expires_at
    assert workspace not in await document_life.expired(graph, limit=100)
    assert await writer.expire(graph, workspace, [claim.id, later]) == []

    await document_life.update(graph, workspace, claim.id, {"expires_at": datetime.now(UTC) - HOUR})
    assert (await document_life.expired(graph, limit=100))[workspace] == [claim.id]
    assert await writer.expire(graph, workspace, [claim.id, later]) == [claim.id]
    assert await document_life.expired(graph, limit=100) == {}
    after = await snapshot(graph, workspace)
    for found in (before, after):  # vectors of what it had touched come later
        for row in [*found["entities"], *found["relations"]]:
            row.pop("embedding", None)
            row.pop("stale", None)
    assert after == before
    # kept: the date goes, and a replacement that says nothing leaves the date as it is
    assert await document_life.update(graph, workspace, later, {"expires_at": None})
    assert (await documents.get_many(graph, workspace, [later]))[later].expires_at is None


async def test_a_renamed_document_keeps_its_id_and_leaves_its_name(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": FIRST, "b": TWO["one"]})
    id_ = keys.document_id(workspace, "a")
    assert await document_life.update(graph, workspace, id_, {"source": "c"})
    with pytest.raises(Conflict, match="Another document has the source 'b'"):
        await document_life.update(graph, workspace, id_, {"source": "b"})
    assert not await document_life.update(graph, workspace, "doc-unknown", {"source": "d"})
    (again,) = await enqueue(graph, workspace, original("a", "new"))
    assert again.outcome == "created"
    assert again.id != id_
    assert again.id.startswith("doc-")
    (same,) = await enqueue(graph, workspace, original("c", repr(FIRST)))
    assert (same.id, same.outcome) == (id_, "unchanged")
    assert await statuses(graph, workspace) == {"a": "pending", "b": "processed", "c": "processed"}


async def test_a_given_title_wins_over_that_of_the_file(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": FIRST})
    id_ = keys.document_id(workspace, "a")
    for title, shown in (("Given", "Given"), (None, "From the file")):
        document = (await documents.get_many(graph, workspace, [id_]))[id_]
        await document_life.update(graph, workspace, id_, document_life.titled(title, document))
        claim = (await take(graph, workspace, [original("a", f"new {title}")]))["a"]
        await writer.commit(graph, workspace, [prepared(claim, *FIRST, title="From the file")])
        assert (await documents.get_many(graph, workspace, [id_]))[id_].title == shown


async def test_a_choice_of_chunking_is_of_a_document_or_of_its_workspace(
    graph: Graph, workspace: str, made: list[str]
) -> None:
    made.append(workspace)
    assert await workspaces.create(graph, workspace, ChunkingChoice("tokens", 100))
    own = ChunkingChoice("separator", separator="---")
    (first,) = await enqueue(graph, workspace, replace(original("a"), chunking=own))
    (second,) = await enqueue(graph, workspace, original("b"))
    found = await document_life.chunking(graph, [first.id, second.id, "doc-unknown"])
    assert (found[first.id].own, found[first.id].tenant) == (own, ChunkingChoice("tokens", 100))
    assert (found[second.id].own, found[second.id].tenant) == (ChunkingChoice(), ChunkingChoice("tokens", 100))
    assert len(found) == 2
    # the same bytes are cut anew where they are to be cut in another way
    (other,) = await enqueue(graph, workspace, replace(original("a"), chunking=ChunkingChoice("sentences")))
    assert (other.id, other.outcome) == (first.id, "replaced")
    (same,) = await enqueue(graph, workspace, replace(original("a"), chunking=ChunkingChoice("sentences")))
    assert same.outcome == "unchanged"


@pytest.mark.parametrize("field", ORDERS)
@pytest.mark.parametrize("descending", [True, False])
async def test_every_order_pages_without_gaps(graph: Graph, workspace: str, field: str, descending: bool) -> None:
    sizes = [3, 3, 1, 2, 2, 2]
    for number, size in enumerate(sizes):
        source = f"{'aBbAcA'[number]}/{number}.{'txt' if number % 2 else 'md'}"
        await enqueue(graph, workspace, original(source, b"x" * size, title="Tt"[number % 2] * size))
    await document_life.cancel(graph, workspace, [keys.document_id(workspace, "b/2.md")])
    where = DocumentFilter()
    whole = await document_lists.ordered(graph, workspace, where, by=Order(field, descending), limit=10)
    assert len(whole) == 6

    def key(row: document_lists.SortedDocument) -> object:
        value = getattr(row, field)
        if isinstance(value, datetime):  # equal within a millisecond
            return int(value.timestamp() * 1000)
        return value.lower() if field in ("title", "source") else value

    known = [row for row in whole if key(row) is not None]
    values = [key(row) for row in known]
    assert values == sorted(values, reverse=descending)  # type: ignore[type-var]
    for one, following in pairwise(known):
        assert key(one) != key(following) or one.id < following.id
    paged: list[str] = []
    start: document_lists.Place | int = 0
    while page := await document_lists.ordered(
        graph, workspace, where, by=Order(field, descending), limit=2, start=start
    ):
        paged += [row.id for row in page]
        start = page[-1].place
    assert paged == [row.id for row in whole]
    skipped = await document_lists.ordered(graph, workspace, where, by=Order(field, descending), limit=9, start=4)
    assert [row.id for row in skipped] == paged[4:]


async def test_filters_of_documents(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, other, {"theirs": FIRST})
    began = datetime.now(UTC)
    for source, metadata in (("one", {"author": "Ada", "year": "1843"}), ("two", {"author": "Ada"})):
        claim = (await take(graph, workspace, [original(source)]))[source]
        await writer.commit(graph, workspace, [prepared(claim, *FIRST, metadata=metadata)])
    await enqueue(graph, workspace, original("three", media_type="text/markdown", title="Third % thing"))
    middle = (await documents.listed(graph, workspace, limit=9, search="two"))[0].created_at
    cases = [
        ({}, {"one", "two", "three"}),
        ({"metadata": {"author": "Ada"}}, {"one", "two"}),
        ({"metadata": {"author": "Ada", "year": "1843"}}, {"one"}),
        ({"metadata": {"author": "ada"}}, set()),
        ({"metadata": {"x`] OR true //": "1"}}, set()),
        ({"types": ["text/markdown", "image/png"]}, {"three"}),
        ({"statuses": ["pending"]}, {"three"}),
        ({"search": "% TH"}, {"three"}),
        ({"created_after": middle}, {"three"}),
        ({"created_before": middle}, {"one"}),
        ({"created_before": began}, set()),
        ({"ids": [keys.document_id(workspace, "one"), keys.document_id(other, "theirs")]}, {"one"}),
        ({"ids": []}, set()),
    ]
    for given, expected in cases:
        where = DocumentFilter(**given)  # type: ignore[arg-type]
        newest = [row.source for row in await document_lists.newest(graph, workspace, where, limit=9)]
        by = Order("source", descending=False)
        found = [row.source for row in await document_lists.ordered(graph, workspace, where, by=by, limit=9)]
        assert set(newest) == set(found) == expected, given
        assert found == sorted(found)
        assert await document_lists.count(graph, workspace, where) == len(expected)
    types = [(row.name, row.count) for row in await document_lists.media_types(graph, workspace)]
    assert types == [("text/plain", 2), ("text/markdown", 1)]
    assert (await document_lists.newest(graph, workspace, DocumentFilter(search="one"), limit=1))[0].metadata in (
        (("author", "Ada"), ("year", "1843")), (("year", "1843"), ("author", "Ada"))
    )  # fmt: skip


async def test_workspaces_are_made_listed_and_changed(graph: Graph, workspace: str, made: list[str]) -> None:
    names = [f"{workspace}.{letter}" for letter in "cab"]
    made += names
    for name in names:
        assert await workspaces.create(graph, name, ChunkingChoice(tokens=200))
        assert not await workspaces.create(graph, name, ChunkingChoice(tokens=300))
    await enqueue(graph, names[1], original("x"), original("y"))
    listed = await workspaces.listed(graph, limit=2, search=workspace.upper())
    assert [(row.name, row.documents, row.chunk_tokens) for row in listed] == [
        (f"{workspace}.a", 2, 200), (f"{workspace}.b", 0, 200)
    ]  # fmt: skip
    rest = await workspaces.listed(graph, limit=2, search=workspace, after=listed[-1].name)
    assert [row.name for row in rest] == [f"{workspace}.c"]
    await workspaces.update(graph, names[0], ChunkingChoice("semantic"))
    changed = await workspaces.get(graph, names[0])
    assert changed
    assert changed.chunking == ChunkingChoice("semantic")
    assert await workspaces.get(graph, f"{workspace}.d") is None
    stats = await workspaces.stats(graph, names[1])
    assert (stats.documents, stats.bytes, stats.questions) == (2, len(b"bytes") * 2, 0)


async def test_a_deleted_workspace_leaves_nothing_behind(graph: Graph, claimable: str, other: str) -> None:
    await write(graph, claimable, {"one": TWO["one"], "two": TWO["two"]})
    await write(graph, other, {"one": TWO["one"]})
    theirs = await snapshot(graph, other)
    claim = (await take(graph, claimable, [original("in work")]))["in work"]
    await jobs.record(graph, claimable, Happened(indexed=2))
    assert await scans.start(graph, claimable, f"scan-{claimable}")
    await rows(graph, "CREATE (:Query {id: $id, workspace: $w, created_at: datetime()})", id=claimable, w=claimable)
    loose = "MATCH (n:Part|Text) WHERE NOT EXISTS { ()-->(n) } RETURN count(n) AS n"
    before = await rows(graph, loose)
    assert await workspaces.delete(graph, claimable)
    assert await rows(graph, "MATCH (n {workspace: $w}) RETURN n", w=claimable) == []
    assert await counted(graph, claimable) == {}
    assert await rows(graph, loose) == before
    assert not await rows(graph, "MATCH ()-[r {workspace: $w}]->() RETURN r.id", w=claimable)
    assert await writer.commit(graph, claimable, [prepared(claim, *FIRST)]) == Committed()
    assert await counted(graph, claimable) == {}
    assert await snapshot(graph, other) == theirs
    assert not await workspaces.delete(graph, claimable)


async def test_nothing_comes_into_a_workspace_that_is_being_deleted(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": FIRST})
    await graph.fetch(workspaces.CLOSE, workspace=workspace)
    for again in (enqueue(graph, workspace, original("b")), workspaces.create(graph, workspace)):
        with pytest.raises(Conflict, match=f"The workspace {workspace} is being deleted"):
            await again
    assert await workspaces.get(graph, workspace) is None
    assert await workspaces.delete(graph, workspace), "what was interrupted is finished"
    assert await counted(graph, workspace) == {}


async def test_a_run_of_the_pipeline(graph: Graph, claimable: str) -> None:
    await enqueue(graph, claimable, original("a"), original("b"))
    await asyncio.gather(*(jobs.record(graph, claimable, Happened(messages=(f"{n}",))) for n in range(8)))
    (job,) = await jobs.listed(graph, claimable, limit=9)
    assert (job.status, job.finished_at, sorted(job.messages)) == ("running", None, [f"{n}" for n in range(8)])
    await jobs.record(graph, claimable, Happened(indexed=1, failed=2, messages=("x" * 900,)))
    assert set(await jobs.cancel(graph, claimable)) == {keys.document_id(claimable, source) for source in "ab"}
    (job,) = await jobs.listed(graph, claimable, limit=9)
    assert (job.status, job.indexed, job.failed, job.cancelled) == ("cancelled", 1, 2, 2)
    assert job.finished_at
    assert job.finished_at >= job.started_at
    assert job.messages[-2:] == ("x" * jobs.LONGEST_MESSAGE, "Cancelled 2 documents.")


async def test_runs_are_bounded_and_paged(graph: Graph, claimable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_JOBS", 4)
    monkeypatch.setattr(jobs, "MOST_MESSAGES", 3)
    await enqueue(graph, claimable, original("a"))
    await document_life.cancel(graph, claimable)
    for number in range(7):
        await jobs.record(graph, claimable, Happened(messages=tuple(f"{number}.{n}" for n in range(5))))
    first = await jobs.listed(graph, claimable, limit=3)
    assert [job.messages for job in first] == [tuple(f"{n}.{m}" for m in (2, 3, 4)) for n in (6, 5, 4)]
    rest = await jobs.listed(graph, claimable, limit=3, after=(first[-1].started_at, first[-1].id))
    assert [job.messages[0] for job in rest] == ["3.2"]
    assert {job.status for job in [*first, *rest]} == {"finished"}


async def test_a_run_ends_when_what_waited_is_deleted_and_is_forgotten_with_the_last(
    graph: Graph, claimable: str
) -> None:
    waits, stays = await enqueue(graph, claimable, original("a waits"), original("b stays"))
    await jobs.record(graph, claimable, Happened())
    assert await jobs.end_idle(graph) == []
    await document_life.cancel(graph, claimable, [stays.id])
    await writer.delete(graph, claimable, [waits.id])
    (job,) = await jobs.listed(graph, claimable, limit=9)
    assert await jobs.end_idle(graph) == [job.id]
    assert [one.status for one in await jobs.listed(graph, claimable, limit=9)] == ["finished"]
    await writer.delete(graph, claimable, [stays.id])
    assert await jobs.listed(graph, claimable, limit=9) == []
    await jobs.record(graph, claimable, Happened(indexed=1))
    assert await jobs.listed(graph, claimable, limit=9) == []


async def test_a_scan_is_no_run_of_the_pipeline_and_goes_with_the_last_document(graph: Graph, claimable: str) -> None:
    scan = f"scan-{claimable}"
    assert await scans.start(graph, claimable, scan)
    assert await jobs.end_idle(graph) == []
    (waits,) = await enqueue(graph, claimable, original("a waits"))
    await jobs.record(graph, claimable, Happened(messages=("Began.",)))
    await document_life.cancel(graph, claimable, [waits.id])
    await jobs.record(graph, claimable, Happened(cancelled=1))
    running = await scans.get(graph, claimable, scan)
    assert running
    assert (running.status, running.version) == ("running", 1)
    (job,) = await jobs.listed(graph, claimable, limit=9)
    assert (job.status, job.messages) == ("cancelled", ("Began.",))
    await scans.update(graph, claimable, scan, {"status": "completed", "queued_files": ["a waits"]})
    assert await scans.get(graph, claimable, scan)
    await writer.delete(graph, claimable, [waits.id])
    assert await scans.get(graph, claimable, scan) is None, "it names a document that is gone"
