"""What becomes of the graph when a document changes or goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from engines import FIRST, PLAIN, TWO
from graphwork import (
    Part,
    chain,
    counted,
    embed,
    enqueue,
    entity,
    explored,
    one,
    original,
    prepared,
    relation,
    rows,
    says,
    snapshot,
    take,
    vector,
    write,
)

from neolight.graph import documents, entities, keys, relations, writer
from neolight.graph.gateway import Graph
from neolight.graph.writer import Committed
from neolight.models import Extraction


async def change(graph: Graph, workspace: str, source: str, parts: Sequence[Part]) -> Committed:
    """Replaces a document as a worker does: what the graph has already is not extracted or embedded again."""
    claim = (await take(graph, workspace, [original(source, f"changed: {parts}")]))[source]
    kept = await writer.existing_chunks(graph, workspace, claim.id)
    whole = prepared(claim, *parts)
    passages = [(chunk.chunk.text, None if chunk.id in kept else chunk.extraction) for chunk in whole.chunks]
    committed = await writer.commit(graph, workspace, [prepared(claim, *passages)])
    await embed(graph, committed)
    return committed


async def test_a_changed_document_keeps_what_did_not_change(graph: Graph, workspace: str) -> None:
    await write(
        graph, workspace, {"a": FIRST, "b": [("Engines are machines.", says(("Analytical Engine", "machine", "Old.")))]}
    )
    kept_id = keys.chunk_id(keys.document_id(workspace, "a"), FIRST[0][0], 0)
    await rows(graph, "MATCH (c:Chunk {id: $id}) SET c.mark = 'kept'", id=kept_id)
    new: Part = ("Hopper wrote compilers.", says(("Grace Hopper", "person", "An admiral.")))
    committed = await change(graph, workspace, "a", [new, FIRST[0]])
    assert {row.name for row in committed.entities} == {"Grace Hopper", "Analytical Engine"}
    assert await chain(graph, keys.document_id(workspace, "a")) == [new[0], FIRST[0][0]]
    kept = (await one(graph, "MATCH (c:Chunk {id: $id}) RETURN c {.*} AS c", id=kept_id))["c"]
    assert (kept["mark"], kept["position"], kept["revision"], kept["start"]) == ("kept", 1, 2, len(new[0]) + 2)
    assert np.allclose(kept["embedding"], vector(FIRST[0][0]), atol=1e-6)
    engine = await entity(graph, workspace, "Analytical Engine")
    assert engine
    assert (engine["name"], engine["aliases"], engine["mention_count"]) == ("Analytical Engine", [], 2)
    assert engine["description"] == "A machine by Babbage.\nOld."
    assert await entity(graph, workspace, "Charles Babbage") is None
    assert await relation(graph, workspace, "Charles Babbage", "Analytical Engine") is None
    assert await relation(graph, workspace, "Ada Lovelace", "Analytical Engine")
    (document,) = (await documents.get_many(graph, workspace, [keys.document_id(workspace, "a")])).values()
    assert (document.revision, document.chunk_count) == (2, 2)
    assert (await documents.texts(graph, workspace, [document.id]))[document.id] == f"{new[0]}\n\n{FIRST[0][0]}"
    texts = await one(graph, "MATCH (:Document {id: $id})-[:HAS_TEXT]->(t) RETURN count(t) AS n", id=document.id)
    assert texts["n"] == 1
    assert await explored(graph, "unsupported", workspace=workspace) == []


@pytest.mark.parametrize("order", ["abxc", "bac", "cba", "bc", "ab", "ac", "xabc", "aabbcc", "x", "", "abc"])
async def test_the_chain_follows_every_change(graph: Graph, workspace: str, order: str) -> None:
    id_ = keys.document_id(workspace, "a")
    await write(graph, workspace, {"a": [(letter, says((letter, "Letter", ""))) for letter in "abc"]})
    await change(graph, workspace, "a", [(letter, says((letter, "Letter", ""))) for letter in order])
    assert await chain(graph, id_) == list(order)
    names = [row.name for row in await entities.listed(graph, workspace, limit=10)]
    assert sorted(names) == sorted(set(order))
    counts = await rows(
        graph, "MATCH (e:Entity {workspace: $w}) RETURN e.key AS key, e.mention_count AS n", w=workspace
    )
    assert {row["key"]: row["n"] for row in counts} == {letter: order.count(letter) for letter in order}


async def test_a_replaced_document_is_what_it_would_be_if_it_were_new(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": FIRST, "b": TWO["one"]})
    await change(graph, workspace, "a", TWO["two"])
    changed = await snapshot(graph, workspace)
    await writer.delete(graph, workspace, [keys.document_id(workspace, source) for source in "ab"])
    await write(graph, workspace, {"b": TWO["one"]})
    await write(graph, workspace, {"a": TWO["two"]})
    assert await snapshot(graph, workspace) == changed


async def test_metadata_of_an_older_version_goes(graph: Graph, workspace: str) -> None:
    for text, metadata in (("old", {"author": "Ada", "pages": "3"}), ("new", {"author": "Grace"})):
        claim = (await take(graph, workspace, [original("a", text)]))["a"]
        await writer.commit(graph, workspace, [prepared(claim, (text, PLAIN), metadata=metadata)])
    stored = (await one(graph, "MATCH (d:Document {workspace: $w}) RETURN d {.*} AS d", w=workspace))["d"]
    assert {key: value for key, value in stored.items() if key.startswith("metadata")} == {"metadata_author": "Grace"}


async def test_deletion_is_exact(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"one": TWO["one"]})
    before = await snapshot(graph, workspace)
    await write(graph, workspace, {"two": TWO["two"]})
    id_ = keys.document_id(workspace, "two")
    assert await writer.delete(graph, workspace, [id_]) == [id_]
    stale = await entities.stale(graph, 1000)
    mine = {row["id"] for row in (await snapshot(graph, workspace))["entities"]}
    touched = tuple(row for row in stale if row.id in mine)
    assert {row.name for row in touched} == {"Ada Lovelace", "Analytical Engine", "B"}
    stated = tuple(row for row in await relations.stale(graph, 1000) if row.source in {"Ada Lovelace"})
    await embed(graph, Committed(entities=touched, relations=stated))
    assert await snapshot(graph, workspace) == before
    version = await one(graph, "MATCH (w:Workspace {name: $w}) RETURN w.content_version AS v", w=workspace)
    assert version["v"] == 3


async def test_after_the_last_document_only_the_workspace_is_left(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"one": TWO["one"], "two": TWO["two"], "three": FIRST})
    await enqueue(graph, workspace, original("waiting", b"x" * (3 << 20)))
    loose = "MATCH (n:Part|Text) RETURN count(n) AS all, sum(CASE WHEN EXISTS { ()-->(n) } THEN 0 ELSE 1 END) AS loose"
    before = await one(graph, loose)
    ids = [document.id for document in await documents.listed(graph, workspace, limit=10)]
    assert sorted(await writer.delete(graph, workspace, [*ids, "doc-unknown"])) == sorted(ids)
    assert await counted(graph, workspace) == {"Workspace": 1}
    assert await one(graph, loose) == {"all": before["all"] - 9, "loose": before["loose"]}
    assert not await rows(graph, "MATCH ()-[r:RELATES {workspace: $w}]->() RETURN r.id", w=workspace)
    assert await writer.delete(graph, workspace, ids) == []


async def test_only_documents_of_the_workspace_are_deleted(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, workspace, {"a": FIRST})
    await write(graph, other, {"a": FIRST})
    before, theirs = await snapshot(graph, workspace), await snapshot(graph, other)
    assert await writer.delete(graph, workspace, [keys.document_id(other, "a")]) == []
    assert await writer.existing_chunks(graph, workspace, keys.document_id(other, "a")) == frozenset()
    assert await snapshot(graph, workspace) == before
    assert await snapshot(graph, other) == theirs


async def test_a_document_in_work_is_deleted(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a")]))["a"]
    assert await writer.delete(graph, workspace, [claim.id]) == [claim.id]
    assert await documents.heartbeat(graph, [(claim, "read")], seconds=60) == set()
    assert await writer.commit(graph, workspace, [prepared(claim, *FIRST)]) == Committed()
    await documents.fail(graph, [claim], "No.")
    assert await counted(graph, workspace) == {"Workspace": 1}


async def test_a_type_that_goes_takes_its_label_along(graph: Graph, workspace: str) -> None:
    thing: dict[str, Extraction] = {kind: says(("Thing", kind, f"A {kind}.")) for kind in ("Apple", "Zebra")}
    await write(graph, workspace, {"a": [("1", thing["Zebra"]), ("2", thing["Zebra"])], "b": [("3", thing["Apple"])]})
    for gone, labels in (("a", ["Entity", "Apple"]), ("b", None)):
        await writer.delete(graph, workspace, [keys.document_id(workspace, gone)])
        found = await entity(graph, workspace, "Thing")
        assert (found["labels"] if found else None) == labels
