"""A commit: in any order, once, only with a lease, all or nothing, in batches, with vectors where they are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engines import ADA, FIRST, TWO
from graphwork import (
    counted,
    embed,
    entity,
    original,
    prepared,
    rows,
    snapshot,
    take,
    vector,
    write,
)

from neolight.errors import GraphError
from neolight.graph import documents, entities, keys, relations, writer
from neolight.graph.gateway import Graph
from neolight.graph.writer import Committed
from neolight.models import DocumentStatus


async def test_the_order_of_documents_does_not_matter(graph: Graph, workspace: str) -> None:
    found: list[dict[str, list[Any]]] = []
    for batches in ([["one"], ["two"]], [["two"], ["one"]], [["one", "two"]], [["two", "one"]]):
        for batch in batches:
            await write(graph, workspace, {source: TWO[source] for source in batch})
        found.append(await snapshot(graph, workspace))
        ids = [keys.document_id(workspace, source) for source in TWO]
        assert sorted(await writer.delete(graph, workspace, ids)) == sorted(ids)
    assert found[0] == found[1] == found[2] == found[3]
    (ada,) = (row for row in found[0]["entities"] if row["key"] == "ada lovelace")
    assert (ada["name"], ada["aliases"], ada["mention_count"]) == (
        "Ada Lovelace",
        ["ada LOVELACE", "ada lovelace"][1:],
        3,
    )
    assert (ada["type"], ada["labels"]) == ("Person", ["Entity", "Person"])
    assert ada["description"] == "Daughter of Byron.\nShe was an author.\nA mathematician."


async def test_a_second_document_changes_what_the_first_has_made(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"one": TWO["one"]})
    before = await entity(graph, workspace, "Ada Lovelace")
    await write(graph, workspace, {"two": TWO["two"]})
    after = await entity(graph, workspace, "Ada Lovelace")
    assert before
    assert after
    assert (before["type"], after["type"]) == ("Author", "Person")
    assert (before["labels"], after["labels"]) == (["Entity", "Author"], ["Entity", "Person"])
    assert before["embedding"] != after["embedding"]
    assert before["created_at"] == after["created_at"]


async def test_a_commit_counts_once(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a")]))["a"]
    document = prepared(claim, *FIRST)
    await embed(graph, await writer.commit(graph, workspace, [document]))
    before = await snapshot(graph, workspace)
    assert await writer.commit(graph, workspace, [document]) == Committed()
    assert await snapshot(graph, workspace) == before


async def test_reindexing_changes_nothing(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": FIRST, "b": TWO["two"]})
    before = await snapshot(graph, workspace)
    claim = (await take(graph, workspace, [original("a", "changed, but not in what it says")]))["a"]
    assert claim.revision == 1
    kept = await writer.existing_chunks(graph, workspace, claim.id)
    document = prepared(claim, *[(text, None) for text, _ in FIRST])
    assert kept == {chunk.id for chunk in document.chunks}
    committed = await writer.commit(graph, workspace, [document])
    assert (committed.entities, committed.relations) == ((), ())
    assert await snapshot(graph, workspace) == before
    revisions = await rows(
        graph,
        """MATCH (d:Document {workspace: $w})-[:HAS_CHUNK]->(c:Chunk)
        RETURN d.source AS source, collect(DISTINCT d.revision) + collect(DISTINCT c.revision) AS revisions""",
        w=workspace,
    )
    assert {row["source"]: row["revisions"] for row in revisions} == {"a": [2, 2], "b": [1, 1]}


async def test_a_lost_lease_writes_nothing(graph: Graph, workspace: str) -> None:
    claims = await take(graph, workspace, [original("kept"), original("lost"), original("gone")])
    await writer.delete(graph, workspace, [claims["gone"].id])
    lost = replace(claims["lost"], token="somebody else's")
    batch = [prepared(claims["kept"], *TWO["one"]), prepared(lost, *TWO["two"]), prepared(claims["gone"], *TWO["two"])]
    committed = await writer.commit(graph, workspace, batch)
    assert committed.ids == (claims["kept"].id,)
    assert await entity(graph, workspace, "Charles Babbage") is None
    assert await counted(graph, workspace) == {
        "Workspace": 1,
        "Document": 2,
        "Part": 2,
        "Text": 1,
        "Chunk": 2,
        "Entity": 3,
    }
    found = await documents.get_many(graph, workspace, [claim.id for claim in claims.values()])
    assert {document.source: document.status for document in found.values()} == {
        "kept": DocumentStatus.PROCESSED,
        "lost": DocumentStatus.PROCESSING,
    }


async def test_nothing_is_committed(graph: Graph, workspace: str) -> None:
    assert await writer.commit(graph, workspace, []) == Committed()


async def test_a_document_without_passages(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": []})
    (document,) = await documents.listed(graph, workspace, limit=1)
    assert (document.status, document.chunk_count, document.characters) == (DocumentStatus.PROCESSED, 0, 0)
    assert await writer.delete(graph, workspace, [document.id]) == [document.id]


async def test_a_refused_statement_undoes_the_whole_transaction(graph: Graph, workspace: str) -> None:
    claims = await take(graph, workspace, [original("good"), original("bad")])
    good, bad = prepared(claims["good"], *FIRST), prepared(claims["bad"], ("text", ADA))
    unchanged = await snapshot(graph, workspace)
    wrong = replace(bad, chunks=(replace(bad.chunks[0], chunk=replace(bad.chunks[0].chunk, page={})),))  # type: ignore[arg-type]
    with pytest.raises(GraphError, match="Neo4j refused a transaction"):
        await writer.commit(graph, workspace, [good, wrong])
    assert await snapshot(graph, workspace) == unchanged
    assert await counted(graph, workspace) == {"Workspace": 1, "Document": 2, "Part": 2}
    assert (await writer.commit(graph, workspace, [good])).ids == (claims["good"].id,)


async def test_many_rows_go_in_batches(graph: Graph, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(graph, workspace, TWO)
    whole = await snapshot(graph, workspace)
    await writer.delete(graph, workspace, [keys.document_id(workspace, source) for source in TWO])
    monkeypatch.setattr(writer, "ROWS", 1)
    monkeypatch.setattr(entities, "REFRESHED", 1)
    monkeypatch.setattr(relations, "REFRESHED", 1)
    await write(graph, workspace, TWO)
    assert await snapshot(graph, workspace) == whole


async def test_what_is_new_gets_its_vector_at_once(graph: Graph, workspace: str) -> None:
    claims = await take(graph, workspace, [original("one"), original("two")])
    first = prepared(claims["one"], *TWO["one"])
    texts = writer.texts(workspace, [first])
    assert "Ada wrote programs for the engine." in texts
    vectors = {text: vector(text) for text in texts}
    committed = await writer.commit(graph, workspace, [first], vectors)
    assert committed == Committed((claims["one"].id,))
    ada = await entity(graph, workspace, "Ada Lovelace")
    assert ada
    assert "stale" not in ada
    assert np.allclose(ada["embedding"], vector(f"{ada['name']}\n{ada['description']}"), atol=1e-6)
    second = prepared(claims["two"], *TWO["two"])
    committed = await writer.commit(
        graph, workspace, [second], {text: vector(text) for text in writer.texts(workspace, [second])}
    )
    # What both documents speak of becomes something else than the second alone expects; what is new does not wait.
    assert {row.name for row in committed.entities} == {"Analytical Engine", "Ada Lovelace", "B"}
    assert len(committed.relations) == 1
    babbage = await entity(graph, workspace, "Charles Babbage")
    assert babbage
    assert babbage.get("stale") is None
    await embed(graph, committed)
    afterwards = await snapshot(graph, workspace)
    await writer.delete(graph, workspace, [claim.id for claim in claims.values()])
    await write(graph, workspace, TWO)
    again = await snapshot(graph, workspace)
    assert [row["embedding"] for row in again["entities"]] == [row["embedding"] for row in afterwards["entities"]]
