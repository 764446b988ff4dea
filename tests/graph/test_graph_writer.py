"""What a document becomes in the graph, and what becomes of it when the document changes or goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from graphwork import (
    Part,
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

from neolight.errors import GraphError
from neolight.graph import chunks, documents, entities, keys, relations, writer
from neolight.graph.gateway import Graph
from neolight.graph.writer import Committed
from neolight.models import DocumentStatus, Extraction

ADA = says(
    ("Ada Lovelace", "person", "A mathematician."),
    ("Analytical Engine", "machine", "A machine by Babbage."),
    states=[("Ada Lovelace", "Analytical Engine", "wrote for, programs", "Ada wrote programs for the engine.", 2.0)],
)
BABBAGE = says(
    ("Charles Babbage", "person", "An inventor."),
    ("ANALYTICAL ENGINE", "machine", "It was never finished."),
    states=[("Charles Babbage", "Analytical Engine", "designed", "Babbage designed the engine.", 1.0)],
)
PLAIN = says()
FIRST: list[Part] = [
    ("Ada wrote programs.", ADA),
    ("Nothing is said here.", PLAIN),
    ("Babbage built engines.", BABBAGE),
]


async def chain(graph: Graph, document: str) -> list[str]:
    """The texts of a document's chunks in order, after making sure that NEXT is exactly that order."""
    found = await rows(
        graph,
        """MATCH (:Document {id: $id})-[:HAS_CHUNK]->(c:Chunk)
        RETURN c.id AS id, c.text AS text, [(c)-[:NEXT]->(n) | n.id] AS next ORDER BY c.position""",
        id=document,
    )
    assert [row["next"] for row in found] == [[row["id"]] for row in found[1:]] + [[]] * bool(found)
    return [row["text"] for row in found]


async def test_what_a_document_becomes(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a.txt", title="Old title")]))["a.txt"]
    document = prepared(claim, *FIRST, title="Engines", metadata={"Author": "Me", "status": "hacked", "__": "x"})
    committed = await writer.commit(graph, workspace, [document])
    assert committed.ids == (claim.id,)
    assert sorted(row.name for row in committed.entities) == ["ANALYTICAL ENGINE", "Ada Lovelace", "Charles Babbage"]
    assert len(committed.relations) == 2
    stored = (await one(graph, "MATCH (d:Document {id: $id}) RETURN d {.*} AS d", id=claim.id))["d"]
    assert (stored["status"], stored["title"], stored["revision"], stored["chunk_count"]) == (
        "processed",
        "Engines",
        1,
        3,
    )
    assert (stored["characters"], stored["attempts"]) == (len(document.text), 1)
    assert (stored["metadata_author"], stored["metadata_status"]) == ("Me", "hacked")
    assert not {"step", "error", "lock", "lease_owner", "lease_token", "lease_until", "metadata_"} & stored.keys()
    assert await documents.texts(graph, workspace, [claim.id]) == {claim.id: document.text}
    assert await chain(graph, claim.id) == [text for text, _ in FIRST]
    found = await chunks.of_documents(graph, workspace, [claim.id], limit=10)
    for chunk, made in zip(found[claim.id], document.chunks, strict=True):
        assert (chunk.id, chunk.text, chunk.position) == (made.id, made.chunk.text, made.chunk.position)
        assert (chunk.start, chunk.end, chunk.tokens) == (made.chunk.start, made.chunk.end, made.chunk.tokens)
        assert (chunk.page, chunk.section, chunk.document_id) == (1, "Section", claim.id)
        assert document.text[chunk.start : chunk.end] == chunk.text
    stored_chunks = await rows(graph, "MATCH (c:Chunk {document_id: $id}) RETURN c {.*} AS c", id=claim.id)
    for row in stored_chunks:
        assert (row["c"]["workspace"], row["c"]["scope"], row["c"]["revision"]) == (workspace, keys.scope(workspace), 1)
        assert np.allclose(row["c"]["embedding"], vector(row["c"]["text"]), atol=1e-6)
    tenant = await one(graph, "MATCH (w:Workspace {name: $w}) RETURN w.content_version AS version", w=workspace)
    assert tenant["version"] == 1
    assert await explored(graph, "unsupported", workspace=workspace) == []


async def test_what_is_said_becomes_entities_and_relations(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": FIRST})
    engine = await entity(graph, workspace, "Analytical Engine")
    assert engine
    created, embedding = engine.pop("created_at"), engine.pop("embedding")
    assert created is not None
    assert engine == {
        "id": keys.entity_id(workspace, "analytical engine"),
        "workspace": workspace,
        "scope": keys.scope(workspace),
        "key": "analytical engine",
        "name": "ANALYTICAL ENGINE",  # one vote each: the first in order
        "aliases": ["Analytical Engine"],
        "type": "Machine",
        "labels": ["Entity", "Machine"],
        "description": "It was never finished.\nA machine by Babbage.",
        "mention_count": 2,
    }
    assert np.allclose(embedding, vector(f"{engine['name']}\n{engine['description']}"), atol=1e-6)
    wrote = await relation(graph, workspace, "Ada Lovelace", "Analytical Engine")
    assert wrote
    wrote_vector = wrote.pop("embedding")
    wrote.pop("created_at")
    assert wrote == {
        "id": keys.relation_id(workspace, "ada lovelace", "analytical engine"),
        "workspace": workspace,
        "source": "Ada Lovelace",
        "target": "ANALYTICAL ENGINE",
        "source_id": keys.entity_id(workspace, "ada lovelace"),
        "target_id": keys.entity_id(workspace, "analytical engine"),
        "keywords": "wrote for, programs",
        "description": "Ada wrote programs for the engine.",
        "weight": 2.0,
        "evidence_count": 1,
    }
    assert np.allclose(wrote_vector, vector("Ada wrote programs for the engine."), atol=1e-6)
    edges = await rows(
        graph,
        """MATCH (c:Chunk {workspace: $w})-[m:MENTIONS]->(e) RETURN c.position AS at, e.key AS key, m.name AS name,
        m.type AS type, m.description AS description ORDER BY at, key""",
        w=workspace,
    )
    assert [tuple(row.values()) for row in edges] == [
        (0, "ada lovelace", "Ada Lovelace", "Person", "A mathematician."),
        (0, "analytical engine", "Analytical Engine", "Machine", "A machine by Babbage."),
        (2, "analytical engine", "ANALYTICAL ENGINE", "Machine", "It was never finished."),
        (2, "charles babbage", "Charles Babbage", "Person", "An inventor."),
    ]
    stated = await rows(
        graph,
        """MATCH (c:Chunk {workspace: $w})-[s:STATES]->(e)
        RETURN c.position AS at, e.key AS source, s.relation_id AS id,
        s.keywords AS keywords, s.description AS description, s.weight AS weight ORDER BY at""",
        w=workspace,
    )
    assert [(row["at"], row["source"], row["keywords"], row["weight"]) for row in stated] == [
        (0, "ada lovelace", ["wrote for", "programs"], 2.0),
        (2, "charles babbage", ["designed"], 1.0),
    ]
    assert stated[0]["id"] == wrote["id"]
    assert await entities.totals(graph, workspace) == entities.Totals(chunks=3, entities=3, relations=2)


async def test_a_statement_mentions_its_ends(graph: Graph, workspace: str) -> None:
    said = says(("A", "Thing", "A is."), states=[("A", "B", "k", "A with B.", 1.0), ("C", " c ", "k", "Itself.", 1.0)])
    await write(graph, workspace, {"a": [("text", said)]})
    b = await entity(graph, workspace, "B")
    assert b
    assert (b["type"], b["description"], b["mention_count"]) == ("Other", "A with B.", 1)
    assert await entity(graph, workspace, "C") is None
    assert await counted(graph, workspace) == {
        "Workspace": 1,
        "Document": 1,
        "Part": 1,
        "Text": 1,
        "Chunk": 1,
        "Entity": 2,
    }


async def test_one_passage_states_a_relation_both_ways(graph: Graph, workspace: str) -> None:
    said = says(
        states=[
            ("A", "B", "x, y", "A leads B.", 1.0),
            ("B", "A", "z", "B follows A.", 2.0),
            ("a", "b", "y, w", "A leads B.", 0.5),
            ("A", "B", "", "A pays B.", 1.0),
        ]
    )
    await write(graph, workspace, {"a": [("text", said)]})
    found = await relation(graph, workspace, "A", "B")
    assert found
    assert (found["weight"], found["evidence_count"]) == (4.5, 2)
    assert found["description"] == "A leads B.\nA pays B.\nB follows A."
    assert sorted(found["keywords"].split(", ")) == ["w", "x", "y", "z"]
    both = await relations.statements(graph, workspace, [found["id"]], limit=10)
    assert [(row.keywords, row.weight) for row in both[found["id"]]] == [(("x", "y", "w"), 2.5), (("z",), 2.0)]


async def test_aggregates_show_only_the_best(graph: Graph, workspace: str) -> None:
    most = entities.MOST_DESCRIPTIONS
    names = ["Thing", "Thing", "THING", "thing", *[f"{' ' * n}tHing{' ' * n}" for n in range(1, most + 4)]]
    kinds = ["Tool", "Tool", "Concept", "Concept", "Concept", *["Other"] * (most + 2)]
    parts: list[Part] = [
        (
            f"Passage {number}.",
            says(
                (name, kind, f"About {'x' * number}."),
                states=[("Thing", "Goal", f"k{number}, same", f"Towards {'x' * number}.", 1.0)],
            ),
        )
        for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
    ]
    await write(graph, workspace, {"a": parts})
    thing = await entity(graph, workspace, "thing")
    assert thing
    assert (thing["name"], thing["mention_count"]) == ("Thing", len(parts))
    assert len(thing["aliases"]) == most - 1
    assert thing["aliases"] == sorted(thing["aliases"])
    assert thing["description"].splitlines() == [
        f"About {'x' * n}." for n in range(len(parts) - 1, len(parts) - 1 - most, -1)
    ]
    assert (thing["type"], thing["labels"]) == ("Other", ["Entity", "Other"])
    towards = await relation(graph, workspace, "Thing", "Goal")
    assert towards
    assert (towards["weight"], towards["evidence_count"]) == (float(len(parts)), len(parts))
    assert len(towards["description"].splitlines()) == most
    shown = towards["keywords"].split(", ")
    assert shown[0] == "same"
    assert len(shown) == most


async def test_empty_descriptions(graph: Graph, workspace: str) -> None:
    said = says(("A", "", ""), ("B", "", ""), states=[("A", "B", "", "", 1.0)])
    await write(graph, workspace, {"a": [("one", said)], "b": [("two", said)]})
    a, between = await entity(graph, workspace, "A"), await relation(graph, workspace, "A", "B")
    assert a
    assert between
    assert (a["description"], a["type"], a["mention_count"]) == ("", "Other", 2)
    assert (between["description"], between["keywords"], between["weight"]) == ("", "", 2.0)
    assert not (await documents.pipeline(graph, workspace)).stale


TWO: dict[str, list[Part]] = {
    "one": [
        ("A text of the first.", ADA),
        (
            "Another of the first.",
            says(("Ada Lovelace", "Author", "She was an author."), ("B", "Letter", "Same length 1.")),
        ),
    ],
    "two": [
        ("A text of the second.", BABBAGE),
        (
            "Another of the second.",
            says(
                ("ada lovelace", "Person", "Daughter of Byron."),
                ("b", "Letter", "Same length 2."),
                states=[("Analytical Engine", "ada LOVELACE", "inspired, programs", "The engine inspired Ada.", 0.5)],
            ),
        ),
    ],
}


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


async def test_positions_are_those_of_the_document(graph: Graph, workspace: str) -> None:
    await write(
        graph, workspace, {"a": [("same", says(("A", "X", "d"))), ("same", says(("A", "X", "d"))), ("end", PLAIN)]}
    )
    found = (await chunks.of_documents(graph, workspace, [keys.document_id(workspace, "a")], limit=9)).popitem()[1]
    assert [chunk.position for chunk in found] == [0, 1, 2]
    assert all(one_.end < next_.start for one_, next_ in pairwise(found))
    a = await entity(graph, workspace, "A")
    assert a
    assert (a["mention_count"], a["description"]) == (2, "d")
