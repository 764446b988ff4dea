"""Reading by id: in the order that was asked for, no more than was asked for, and never from another workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from graphwork import Part, explored, rows, says, vector, write
from test_graph_search import RANK, probe

from neolight.graph import calls, chunks, document_lists, documents, entities, keys, lookup, paths, relations, search
from neolight.graph.document_lists import DocumentFilter, Order
from neolight.graph.gateway import Graph
from neolight.graph.query import CYPHER, parse_header

WHEEL: list[Part] = [
    (
        f"Hub and spoke {number}.",
        says(
            ("Hub", "Thing", f"The hub has spoke {number}."),
            (f"Spoke {number}", "Thing", "x" * number),
            states=[("Hub", f"Spoke {number}", "has", f"The hub has spoke {number}.", float(number))],
        ),
    )
    for number in range(1, 6)
]
RIM: list[Part] = [
    (
        "A rim holds spoke 1.",
        says(("Rim", "Circle", "A rim."), states=[("Rim", "Spoke 1", "holds, keeps", "The rim holds spoke 1.", 9.0)]),
    )
]


@pytest.fixture
async def wheel(graph: Graph, workspace: str) -> str:
    await write(graph, workspace, {"wheel": WHEEL, "rim": RIM})
    return workspace


def ent(workspace: str, name: str) -> str:
    return keys.entity_id(workspace, keys.entity_key(name))


def rel(workspace: str, one: str, other: str) -> str:
    return keys.relation_id(workspace, keys.entity_key(one), keys.entity_key(other))


def chunk(workspace: str, source: str, text: str) -> str:
    return keys.chunk_id(keys.document_id(workspace, source), text, 0)


async def test_chunks(graph: Graph, wheel: str) -> None:
    first, rim = chunk(wheel, "wheel", WHEEL[0][0]), chunk(wheel, "rim", RIM[0][0])
    found = await chunks.get_many(graph, wheel, [rim, first, "chunk-unknown", rim])
    assert {id_: row.text for id_, row in found.items()} == {rim: RIM[0][0], first: WHEEL[0][0]}
    assert (found[first].page, found[first].section, found[first].start, found[first].tokens) == (1, "Section", 0, 4)
    id_ = keys.document_id(wheel, "wheel")
    page = await chunks.of_documents(graph, wheel, [id_, keys.document_id(wheel, "rim")], limit=2, after=1)
    assert {owner: [row.position for row in part] for owner, part in page.items()} == {id_: [2, 3]}


async def test_entities(graph: Graph, wheel: str) -> None:
    hub = await entities.named(graph, wheel, " HUB ")
    assert hub
    assert (hub.id, hub.name, hub.type, hub.aliases, hub.mention_count) == (ent(wheel, "hub"), "Hub", "Thing", (), 5)
    assert hub.description.splitlines() == [f"The hub has spoke {number}." for number in range(1, 6)]
    both = await entities.get_many(graph, wheel, [hub.id, ent(wheel, "rim"), "ent-unknown", hub.id])
    assert {row.name for row in both.values()} == {"Hub", "Rim"}
    listed = await entities.listed(graph, wheel, limit=2)
    assert [row.name for row in listed] == ["Hub", "Spoke 1"]
    rest = await entities.listed(graph, wheel, limit=10, after=(listed[-1].mention_count, listed[-1].id))
    once = ("Rim", "Spoke 2", "Spoke 3", "Spoke 4", "Spoke 5")
    assert [row.id for row in rest] == sorted(ent(wheel, name) for name in once)
    assert [row.name for row in await entities.listed(graph, wheel, limit=9, type_="Circle")] == ["Rim"]
    hits = await entities.search(graph, wheel, "spokes 3", limit=9)
    assert hits[0].entity.name == "Spoke 3"
    assert len(hits) == 5
    assert await entities.search(graph, wheel, "the", limit=9) == []
    assert await entities.search(graph, wheel, "", limit=9) == []


async def test_evidence_of_entities(graph: Graph, wheel: str) -> None:
    hub, spoke = ent(wheel, "hub"), ent(wheel, "spoke 1")
    first = chunk(wheel, "wheel", WHEEL[0][0])
    of_chunks = await entities.of_chunks(graph, wheel, [first], limit=9)
    assert [row.name for row in of_chunks[first]] == ["Hub", "Spoke 1"]
    id_ = keys.document_id(wheel, "wheel")
    of_documents = await entities.of_documents(graph, wheel, [id_, keys.document_id(wheel, "rim")], limit=2)
    assert [row.name for row in of_documents[id_]] == ["Hub", "Spoke 1"]
    mentions = await entities.mentions(graph, wheel, [hub, spoke], limit=2)
    assert len(mentions[hub]) == 2
    assert [(row.name, row.type, row.description, row.chunk.text) for row in mentions[spoke]] == [
        ("Spoke 1", "Other", "The rim holds spoke 1.", RIM[0][0]),
        ("Spoke 1", "Thing", "x", WHEEL[0][0]),
    ]
    found = await entities.documents(graph, wheel, [hub, spoke], limit=5)
    assert [row.source for row in found[hub]] == ["wheel"]
    assert sorted(row.source for row in found[spoke]) == ["rim", "wheel"]
    assert await entities.totals(graph, wheel) == entities.Totals(chunks=6, entities=7, relations=6)
    labels = {row.name: row.count for row in await entities.labels(graph, wheel)}
    assert labels in ({"Thing": 6, "Circle": 1}, {"Thing": 5, "Other": 1, "Circle": 1})


async def test_relations(graph: Graph, wheel: str) -> None:
    hub, rim = ent(wheel, "hub"), ent(wheel, "rim")
    holds = rel(wheel, "rim", "spoke 1")
    found = (await relations.get_many(graph, wheel, [holds, "rel-unknown"]))[holds]
    assert (found.source_id, found.target_id) == (rim, ent(wheel, "spoke 1"))
    assert (found.keywords, found.description, found.weight, found.evidence_count) == (
        "holds, keeps",
        "The rim holds spoke 1.",
        9.0,
        1,
    )
    heaviest = await relations.of_entities(graph, wheel, [hub, rim], limit=2)
    assert [row.weight for row in heaviest[hub]] == [5.0, 4.0]
    assert [row.id for row in heaviest[rim]] == [holds]
    near = await relations.of_entities(graph, wheel, [hub, rim], limit=1, vector=vector("The hub has spoke 2."))
    assert [row.description for row in near[hub]] == ["The hub has spoke 2."]
    assert [row.id for row in near[rim]] == [holds]
    stated = await relations.statements(graph, wheel, [holds], limit=5)
    (said,) = stated[holds]
    assert (said.keywords, said.weight, said.chunk.text) == (("holds", "keeps"), 9.0, RIM[0][0])


async def test_a_subgraph(graph: Graph, wheel: str) -> None:
    start = await entities.named(graph, wheel, "Rim")
    assert start
    one = await relations.around(graph, wheel, start, depth=1, most=10)
    assert ([node.name for node in one.nodes], len(one.edges), one.truncated) == (["Rim", "Spoke 1"], 1, False)
    whole = await relations.around(graph, wheel, start, depth=5, most=10)
    assert [node.name for node in whole.nodes[:3]] == ["Rim", "Spoke 1", "Hub"]
    assert [node.name for node in whole.nodes[3:]] == ["Spoke 5", "Spoke 4", "Spoke 3", "Spoke 2"]
    assert ([edge.weight for edge in whole.edges], whole.truncated) == ([9.0, 5.0, 4.0, 3.0, 2.0, 1.0], False)
    part = await relations.around(graph, wheel, start, depth=5, most=4)
    assert ([node.name for node in part.nodes][3:], part.truncated) == (["Spoke 5"], True)


Read = Callable[[Graph, str, dict[str, str]], Awaitable[Any]]

READS: dict[str, Read] = {
    "calls/of_documents": lambda g, w, of: calls.of_documents(g, w, [of["document"]]),
    "chunks/get_many": lambda g, w, of: chunks.get_many(g, w, [of["chunk"]]),
    "chunks/of_documents": lambda g, w, of: chunks.of_documents(g, w, [of["document"]], limit=5),
    "documents/get_many": lambda g, w, of: documents.get_many(g, w, [of["document"]]),
    "documents/get_many, tracked": lambda g, w, of: documents.tracked(g, w, of["track"]),
    "documents/progress": lambda g, w, of: documents.progress(g, w, [of["document"]], [of["track"]]),
    "documents/text": lambda g, w, of: documents.texts(g, w, [of["document"]]),
    "documents/list": lambda g, w, of: documents.listed(g, w, limit=5),
    "entities/get_many": lambda g, w, of: entities.get_many(g, w, [of["entity"]]),
    "entities/get_many, named": lambda g, w, of: entities.named(g, w, "Rim"),
    "entities/list": lambda g, w, of: entities.listed(g, w, limit=5),
    "entities/search": lambda g, w, of: entities.search(g, w, "Rim", limit=5),
    "entities/of_chunks": lambda g, w, of: entities.of_chunks(g, w, [of["chunk"]], limit=5),
    "entities/of_documents": lambda g, w, of: entities.of_documents(g, w, [of["document"]], limit=5),
    "entities/mentions": lambda g, w, of: entities.mentions(g, w, [of["entity"]], limit=5),
    "entities/documents": lambda g, w, of: entities.documents(g, w, [of["entity"]], limit=5),
    "entities/labels": lambda g, w, of: entities.labels(g, w),
    "relations/get_many": lambda g, w, of: relations.get_many(g, w, [of["relation"]]),
    "relations/of_entities": lambda g, w, of: relations.of_entities(g, w, [of["entity"]], limit=5),
    "relations/nearest": lambda g, w, of: relations.of_entities(g, w, [of["entity"]], limit=5, vector=vector("rim")),
    "relations/statements": lambda g, w, of: relations.statements(g, w, [of["relation"]], limit=5),
    "relations/neighbours": lambda g, w, of: g.fetch(
        relations.NEIGHBOURS, workspace=w, ids=[of["entity"]], seen=[], types=None, limit=5
    ),
    "relations/among": lambda g, w, of: g.fetch(relations.AMONG, workspace=w, ids=[of["entity"], of["end"]], limit=5),
    "relations/provenance": lambda g, w, of: g.fetch(lookup.OF_RELATIONS, workspace=w, ids=[of["relation"]], limit=5),
    "relations/ring": lambda g, w, of: g.fetch(paths.RING, workspace=w, ids=[of["entity"]], limit=5),
    "entities/provenance": lambda g, w, of: g.fetch(lookup.OF_ENTITIES, workspace=w, ids=[of["entity"]], limit=5),
    "entities/similar": lambda g, w, of: entities.similar(g, w, [of["entity"]], limit=5),
    "documents/count": lambda g, w, of: document_lists.count(g, w, DocumentFilter(ids=(of["document"],))),
    "documents/sorted": lambda g, w, of: document_lists.ordered(
        g, w, DocumentFilter(ids=(of["document"],)), by=Order("title"), limit=5
    ),
    "retrieval/naive": lambda g, w, of: passages(search.naive(g, probe(w, "rim"), RANK)),
    "retrieval/levels": lambda g, w, of: passages(search.hybrid(g, probe(w, "rim", names=["Rim"]), RANK)),
    "retrieval/mix": lambda g, w, of: passages(search.mix(g, probe(w, "rim", names=["Rim"]), RANK)),
}


async def passages(found: Awaitable[search.Found]) -> object:
    return (await found).passages


async def test_nothing_is_read_from_another_workspace(graph: Graph, wheel: str, other: str) -> None:
    ids = {
        "chunk": chunk(wheel, "rim", RIM[0][0]),
        "document": keys.document_id(wheel, "rim"),
        "entity": ent(wheel, "rim"),
        "end": ent(wheel, "spoke 1"),
        "relation": rel(wheel, "rim", "spoke 1"),
    }
    track = await rows(graph, "MATCH (d:Document {id: $id}) RETURN d.track_id AS track", id=ids["document"])
    ids["track"] = track[0]["track"]
    for name, read in READS.items():
        assert await read(graph, wheel, ids), name
        assert not await read(graph, other, ids), name


async def test_every_read_that_takes_ids_is_held_to_its_workspace() -> None:
    tested = {name.split(",")[0] for name in READS}
    # of the writer and the worker, by ids that they hold
    theirs = {
        "calls/of_queries", "chunks/existing", "documents/parts", "chunks/evidence", "documents/chunking",
        "names/of_entities", "relations/said", "relations/edges",
    }  # fmt: skip
    for path in CYPHER.rglob("*.cypher"):
        name = path.relative_to(CYPHER).with_suffix("").as_posix()
        if name.startswith(("setup/", "explore/", "queries/")):
            continue
        header = parse_header(name, path.read_text("utf-8"))
        if header.mode == "read" and {"ids", "words", "vector"} & header.params.keys():
            assert name in tested | theirs, f"{name} needs a row in READS"
            assert "workspace" in header.params or name in theirs, name


async def test_queries_for_people(graph: Graph, wheel: str) -> None:
    files = sorted((CYPHER / "explore").glob("*.cypher"))
    found = {path.stem: parse_header(path.stem, path.read_text("utf-8")) for path in files}
    assert set(found) >= {"bridges", "neighbourhood", "overview", "unsupported"}
    for name, header in found.items():
        assert header.mode == "read", name
        values: dict[str, Any] = {"workspace": wheel, "key": "hub", "limit": 3, "name": "Hub", "id": ent(wheel, "hub")}
        result = await explored(graph, name, **{param: values[param] for param in header.params})
        for row in result:
            assert tuple(row) == header.returns, name
        assert bool(result) == (name != "unsupported"), name
    bridges = await explored(graph, "bridges", workspace=wheel, limit=9)
    assert [(row["name"], row["documents"]) for row in bridges] == [("Spoke 1", 2)]
    assert sorted(bridges[0]["sources"]) == ["rim", "wheel"]
    around = await explored(graph, "neighbourhood", workspace=wheel, key="hub", limit=2)
    assert [row["evidence"] for row in around] == [["The hub has spoke 5."], ["The hub has spoke 4."]]
    await rows(graph, "CREATE (:Entity {id: $id, workspace: $w, key: $id})", id=f"ent-loose-{wheel}", w=wheel)
    assert await explored(graph, "unsupported", workspace=wheel) == [
        {"problem": "entity without a mention", "id": f"ent-loose-{wheel}"}
    ]
