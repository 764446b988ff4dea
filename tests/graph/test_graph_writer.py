"""What a document becomes in the graph."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from engines import FIRST, PLAIN
from graphwork import (
    Part,
    chain,
    counted,
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

from neolight.graph import chunks, descriptions, documents, entities, keys, relations, writer
from neolight.graph.gateway import Graph, Transaction


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
    most = entities.MOST_SHOWN
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
    assert thing["description"].splitlines() == [f"About {'x' * n}." for n in range(len(parts) - 1, -1, -1)], "all"
    assert (thing["type"], thing["labels"]) == ("Other", ["Entity", "Other"])
    towards = await relation(graph, workspace, "Thing", "Goal")
    assert towards
    assert (towards["weight"], towards["evidence_count"]) == (float(len(parts)), len(parts))
    assert len(towards["description"].splitlines()) == len(parts), "descriptions are short enough for all of them"
    shown = towards["keywords"].split(", ")
    assert shown[0] == "same"
    assert len(shown) == most


async def test_descriptions_are_shown_as_many_as_there_is_room_for(graph: Graph, workspace: str) -> None:
    def part(number: int, size: int) -> Part:
        said = f"{number:03} ".ljust(size, "x")
        return f"Passage {number}.", says(("Hub", "Thing", said), states=[("Hub", "Rim", "holds", said, 1.0)])

    async def shown() -> list[str]:
        hub, holds = await entity(graph, workspace, "Hub"), await relation(graph, workspace, "Hub", "Rim")
        assert hub
        assert holds
        assert hub["description"] == holds["description"]
        return hub["description"].splitlines()

    short = [part(number, 60) for number in range(16)]
    for at in range(0, 16, 4):  # some are written whole, others computed anew
        await write(graph, workspace, {f"{at}.txt": short[at : at + 4]})
    assert len(await shown()) == 16, "all that is said, though it is much more often than eight times"
    await write(graph, workspace, {"more.txt": [part(number, 100) for number in range(100, 130)]})
    now = await shown()
    assert now[:23] == [f"{number:03} ".ljust(100, "x") for number in range(100, 123)], "the longest first"
    assert len("\n".join(now)) <= descriptions.ROOM
    assert len(now) == 24, "and what fits beside them"
    await write(graph, workspace, {"long.txt": [part(200, 5000)]})
    assert await shown() == ["200 ".ljust(5000, "x")], "never nothing"
    mentioned = await rows(graph, "MATCH (:Chunk {workspace: $w})-[m:MENTIONS]->({key: 'hub'}) RETURN m", w=workspace)
    assert len(mentioned) == 47, "every one is kept where it was said"


async def test_what_is_expected_to_be_shown_is_what_comes_out(graph: Graph, workspace: str) -> None:
    """Vectors are made before a commit, of what is expected: where that is wrong they would have to be made twice."""
    told = [f"{'é𝒳漢'[at % 3] * (at + 1)} {at}." for at in range(90)]
    assert not descriptions.fit(told)
    await write(graph, workspace, {"a": [(f"P {at}.", says(("Hub", "Thing", one))) for at, one in enumerate(told)]})
    hub = await entity(graph, workspace, "Hub")
    assert hub
    assert hub["description"] == descriptions.shown(told)
    await write(graph, workspace, {"b": [("Late.", says(("Hub", "Thing", "Late.")))]})
    hub = await entity(graph, workspace, "Hub")
    assert hub
    assert hub["description"] == descriptions.shown([*told, "Late."])


async def test_empty_descriptions(graph: Graph, workspace: str) -> None:
    said = says(("A", "", ""), ("B", "", ""), states=[("A", "B", "", "", 1.0)])
    await write(graph, workspace, {"a": [("one", said)], "b": [("two", said)]})
    a, between = await entity(graph, workspace, "A"), await relation(graph, workspace, "A", "B")
    assert a
    assert between
    assert (a["description"], a["type"], a["mention_count"]) == ("", "Other", 2)
    assert (between["description"], between["keywords"], between["weight"]) == ("", "", 2.0)
    assert not (await documents.pipeline(graph, workspace)).stale


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


async def test_what_is_new_is_at_once_what_it_would_be_computed_to(graph: Graph, workspace: str) -> None:
    pick = random.Random(7)
    names = [
        "A-102",
        "a-102",
        "Ada",
        "ADA",
        "Ａda",
        "Zoë",
        "阿达",
        "🚀 Ltd",
        "🚀 ltd",
        "Bob",
        *(f"N{n}" for n in range(12)),
    ]
    words = ["", "It is.", "是的。", "🚀🚀 flies.", "\uffee half.", "Long. " * 90, *(f"Said {n}." for n in range(12))]

    def part(number: int) -> Part:
        mentions = [(pick.choice(names), pick.choice(["Person", "code", ""]), pick.choice(words)) for _ in range(4)]
        states = [
            (*pick.sample(names, 2), pick.choice(["", "to", "to, of", "of, in, to"]), pick.choice(words), pick.random())
            for _ in range(3)
        ]
        return f"Passage {number}.", says(*mentions, states=states)

    files = {f"{n}.txt": [part(10 * n + at) for at in range(10)] for n in range(12)}
    claims = await take(graph, workspace, [original(source, source) for source in files])
    documents_ = [prepared(claims[source], *parts) for source, parts in files.items()]
    texts = writer.texts(workspace, documents_)
    known = {text: vector(text) for text in texts[::2]}
    committed = await writer.commit(graph, workspace, documents_, known)
    assert {one.text for one in (*committed.entities, *committed.relations)} == set(texts[1::2])
    there = await snapshot(graph, workspace)
    assert any(row.get("wordy") for row in there["entities"])
    assert any(row.get("wordy") for row in there["relations"])
    assert any(len(row["aliases"]) > 1 for row in there["entities"])
    assert any(row["evidence_count"] > 2 for row in there["relations"])

    async def again(tx: Transaction) -> None:
        await relations.refresh(tx, [{"id": row["id"]} for row in there["relations"]])
        await entities.refresh(tx, [{"id": row["id"]} for row in sorted(there["entities"], key=lambda row: row["id"])])

    await graph.transaction(again)
    computed = await snapshot(graph, workspace)
    for row, other in zip(there["relations"], computed["relations"], strict=True):
        assert row.pop("weight") == pytest.approx(other.pop("weight"), rel=1e-12)
    assert computed == there
