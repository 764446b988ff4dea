"""What the Cypher files for browsing the graph return, row by row, on a small graph."""

from __future__ import annotations

import pytest

from neolight.deps import Deps
from neolight.graph import chunks, documents, entities, relations
from neolight.graph.entities import Entity, Label, Totals
from small_graph import PLANT, TURBINES, Small, write


@pytest.fixture
async def small(deps: Deps, workspace: str) -> Small:
    return await write(deps, workspace)


def names(found: list[Entity]) -> list[str]:
    return [entity.name for entity in found]


async def test_chunks_of_documents_in_order_after_a_position(deps: Deps, small: Small) -> None:
    both = await chunks.of_documents(deps.graph, small.workspace, [small.turbines, small.plant], limit=10)
    assert {id_: [row.text for row in rows] for id_, rows in both.items()} == {
        small.turbines: list(TURBINES),
        small.plant: list(PLANT),
    }
    first = both[small.turbines][0]
    assert (first.position, first.page, first.section, first.start, first.end) == (0, 1, "Turbines", 0, 40)
    later = await chunks.of_documents(deps.graph, small.workspace, [small.turbines, small.plant], limit=10, after=0)
    assert {id_: [row.position for row in rows] for id_, rows in later.items()} == {small.turbines: [1]}
    least = await chunks.of_documents(deps.graph, small.workspace, [small.turbines], limit=1)
    assert [row.position for row in least[small.turbines]] == [0]


async def test_chunks_by_id(deps: Deps, small: Small) -> None:
    id_ = small.chunk(PLANT[0])
    found = await chunks.get_many(deps.graph, small.workspace, [id_, "chunk-unknown"])
    assert {key: (row.text, row.document_id) for key, row in found.items()} == {id_: (PLANT[0], small.plant)}


async def test_entities_by_id_and_by_name(deps: Deps, small: Small) -> None:
    ada = small.entity("Ada Lovelace")
    found = await entities.get_many(deps.graph, small.workspace, [ada, "ent-unknown"])
    assert found == {ada: Entity(ada, "Ada Lovelace", "Person", "Ada Lovelace designed the A-102.", (), 1)}
    assert await entities.named(deps.graph, small.workspace, " ada  LOVELACE ") == found[ada]
    assert await entities.named(deps.graph, small.workspace, "Ada") is None


async def test_entities_are_listed_by_mentions_page_by_page(deps: Deps, small: Small) -> None:
    everything = await entities.listed(deps.graph, small.workspace, limit=10)
    assert [row.mention_count for row in everything] == [2, 2, 1, 1]
    assert set(names(everything[:2])) == {"A-102", "Suzhou"} or set(names(everything[:2])) == {"A-102", "SUZHOU"}
    seen: list[Entity] = []
    while page := await entities.listed(
        deps.graph, small.workspace, limit=1, after=(seen[-1].mention_count, seen[-1].id) if seen else None
    ):
        seen += page
    assert seen == everything
    people = await entities.listed(deps.graph, small.workspace, limit=10, type_="Person")
    assert sorted(names(people)) == ["Ada Lovelace", "Grace Hopper"]


async def test_entities_are_found_by_their_names_page_by_page(deps: Deps, small: Small) -> None:
    hits = await entities.search(deps.graph, small.workspace, "grace lovelace", limit=10)
    assert sorted(names([hit.entity for hit in hits])) == ["Ada Lovelace", "Grace Hopper"]
    first = hits[0]
    rest = await entities.search(
        deps.graph, small.workspace, "grace lovelace", limit=10, after=(first.score, first.entity.id)
    )
    assert rest == hits[1:]
    places = await entities.search(deps.graph, small.workspace, "suzhou grace", limit=10, type_="Place")
    assert [hit.entity.id for hit in places] == [small.entity("Suzhou")]


async def test_entities_of_chunks_and_of_documents(deps: Deps, small: Small) -> None:
    first, third = small.chunk(TURBINES[0]), small.chunk(PLANT[0])
    of_chunks = await entities.of_chunks(deps.graph, small.workspace, [first, third], limit=10)
    assert names(of_chunks[first]) == ["A-102", "Ada Lovelace"]
    assert [entity.id for entity in of_chunks[third]] == [small.entity("Suzhou"), small.entity("Grace Hopper")]
    least = await entities.of_chunks(deps.graph, small.workspace, [first, third], limit=1)
    assert [len(rows) for rows in least.values()] == [1, 1]
    of_documents = await entities.of_documents(deps.graph, small.workspace, [small.turbines, small.plant], limit=10)
    assert names(of_documents[small.turbines])[0] == "A-102"
    assert len(of_documents[small.turbines]) == 3
    assert len(of_documents[small.plant]) == 2


async def test_mentions_and_documents_of_entities(deps: Deps, small: Small) -> None:
    suzhou = small.entity("Suzhou")
    mentions = await entities.mentions(deps.graph, small.workspace, [suzhou], limit=10)
    rows = [(row.name, row.type, row.description, row.chunk.text) for row in mentions[suzhou]]
    assert rows == [
        ("Suzhou", "Place", "Suzhou has an A-102.", TURBINES[1]),
        ("SUZHOU", "Place", "Suzhou has a plant.", PLANT[0]),
    ]
    found = await entities.documents(deps.graph, small.workspace, [suzhou, small.entity("A-102")], limit=10)
    assert {row.id for row in found[suzhou]} == {small.turbines, small.plant}
    assert [row.title for row in found[small.entity("A-102")]] == ["Turbines"]


async def test_labels_and_totals(deps: Deps, small: Small) -> None:
    assert await entities.labels(deps.graph, small.workspace) == [
        Label("Person", 2), Label("Place", 1), Label("Product", 1),
    ]  # fmt: skip
    assert await entities.totals(deps.graph, small.workspace) == Totals(chunks=3, entities=4, relations=3)
    assert await entities.totals(deps.graph, "nobody") == Totals(0, 0, 0)


async def test_relations_by_id_and_by_entity(deps: Deps, small: Small) -> None:
    designed = small.relation("Ada Lovelace", "A-102")
    found = (await relations.get_many(deps.graph, small.workspace, [designed, "rel-unknown"]))[designed]
    assert (found.source_id, found.target_id) == (small.entity("Ada Lovelace"), small.entity("A-102"))
    assert (found.keywords, found.weight, found.evidence_count) == ("designed, turbine", 2.0, 1)
    by_weight = await relations.of_entities(deps.graph, small.workspace, [small.entity("A-102")], limit=10)
    assert [row.id for row in by_weight[small.entity("A-102")]] == [designed, small.relation("A-102", "Suzhou")]


async def test_relations_nearest_to_a_text(deps: Deps, small: Small) -> None:
    machine, grace = small.entity("A-102"), small.entity("Grace Hopper")
    vector = (await deps.embeddings.embed(["The A-102 has run in Suzhou since 2019."]))[0]
    found = await relations.of_entities(deps.graph, small.workspace, [machine, grace], limit=10, vector=vector)
    assert [row.id for row in found[machine]] == [
        small.relation("A-102", "Suzhou"),
        small.relation("Ada Lovelace", "A-102"),
    ]
    assert [row.id for row in found[grace]] == [small.relation("Grace Hopper", "Suzhou")]
    best = await relations.of_entities(deps.graph, small.workspace, [machine], limit=1, vector=vector)
    assert len(best[machine]) == 1


async def test_statements_of_relations(deps: Deps, small: Small) -> None:
    id_ = small.relation("Ada Lovelace", "A-102")
    found = await relations.statements(deps.graph, small.workspace, [id_], limit=10)
    assert [(row.keywords, row.description, row.weight, row.chunk.text) for row in found[id_]] == [
        (("designed", "turbine"), "Ada Lovelace designed the A-102.", 2.0, TURBINES[0])
    ]


@pytest.mark.parametrize(
    ("depth", "most", "expected", "edges"),
    [
        (1, 100, ["Suzhou", "A-102", "Grace Hopper"], 2),
        (2, 100, ["Suzhou", "A-102", "Grace Hopper", "Ada Lovelace"], 3),
        (3, 4, ["Suzhou", "A-102", "Grace Hopper", "Ada Lovelace"], 3),
        (3, 3, ["Suzhou", "A-102", "Grace Hopper"], 2),
        (3, 2, ["Suzhou", "A-102"], 1),
        (1, 1, ["Suzhou"], 0),
    ],
)
async def test_a_subgraph_keeps_the_nearest_and_best(
    deps: Deps, small: Small, depth: int, most: int, expected: list[str], edges: int
) -> None:
    start = await entities.named(deps.graph, small.workspace, "suzhou")
    assert start
    found = await relations.around(deps.graph, small.workspace, start, depth=depth, most=most)
    assert [row.id for row in found.nodes] == [small.entity(name) for name in expected]
    assert (len(found.edges), found.truncated) == (edges, most < 4)
    assert {end for edge in found.edges for end in (edge.source_id, edge.target_id)} <= {row.id for row in found.nodes}


async def test_progress_by_id_and_by_track_id(deps: Deps, small: Small) -> None:
    by_id = await documents.progress(deps.graph, small.workspace, [small.plant], [])
    assert [(row.id, row.status, row.step) for row in by_id] == [(small.plant, "processed", None)]
    tracked = await documents.progress(deps.graph, small.workspace, [small.plant], ["small"])
    assert sorted(row.id for row in tracked) == sorted([small.plant, small.turbines])


async def test_nothing_of_another_workspace_is_seen(deps: Deps, small: Small) -> None:
    graph, other = deps.graph, f"{small.workspace}-other"
    ids = [small.entity("Suzhou"), small.chunk(PLANT[0]), small.plant, small.relation("Grace Hopper", "Suzhou")]
    vector = (await deps.embeddings.embed(["plant"]))[0]
    assert await chunks.get_many(graph, other, ids) == {}
    assert await chunks.of_documents(graph, other, ids, limit=10) == {}
    assert await entities.get_many(graph, other, ids) == {}
    assert await entities.named(graph, other, "Suzhou") is None
    assert await entities.listed(graph, other, limit=10) == []
    assert await entities.search(graph, other, "Suzhou", limit=10) == []
    assert await entities.of_chunks(graph, other, ids, limit=10) == {}
    assert await entities.of_documents(graph, other, ids, limit=10) == {}
    assert await entities.mentions(graph, other, ids, limit=10) == {}
    assert await entities.documents(graph, other, ids, limit=10) == {}
    assert await entities.labels(graph, other) == []
    assert await relations.get_many(graph, other, ids) == {}
    assert await relations.of_entities(graph, other, ids, limit=10) == {}
    assert await relations.of_entities(graph, other, ids, limit=10, vector=vector) == {}
    assert await relations.statements(graph, other, ids, limit=10) == {}
    assert await documents.progress(graph, other, ids, ["small"]) == []
