"""The levels of the graph, filters, and the relations of hubs, on the real indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from graphwork import Part, rows, says, vector, write
from test_graph_search import COMPANY, RANK, TURBINES, probe, texts

from neolight.graph import keys, search, similar
from neolight.graph.gateway import Graph
from neolight.graph.search import Found
from neolight.models import Filter
from neolight.nlp.alike import Judgement, Verdict
from neolight.retrieval.modes import Search

ALL = (search.naive, search.local, search.global_, search.hybrid, search.mix)


@pytest.fixture
async def filled(graph: Graph, workspace: str) -> AsyncIterator[str]:
    """Two documents: `turbines.txt` and `company.txt`."""
    await write(graph, workspace, {"turbines.txt": TURBINES, "company.txt": COMPANY})
    yield workspace


async def test_entities_first_brings_their_relations(graph: Graph, filled: str) -> None:
    found = await search.local(graph, probe(filled, "Who designed it?", names=["A-102"], top_k=2), RANK)
    machine = next(entity for entity in found.entities if entity.name == "A-102")
    assert machine.why[0] == "entity_name: the question names it"
    assert found.relations[0].keywords == "designed"
    assert set(texts(found)) >= {TURBINES[0][0], TURBINES[1][0]}
    assert "graph: mentions A-102" in next(one for one in found.passages if one.text == TURBINES[1][0]).why


async def test_relations_first_brings_their_ends(graph: Graph, filled: str) -> None:
    found = await search.global_(graph, probe(filled, "Grace Hopper leads the plant", top_k=2, names=["Canteen"]), RANK)
    assert (found.relations[0].keywords, found.relations[0].why) == ("leads", ("relation_embedding: rank 1",))
    assert {entity.name for entity in found.entities[:2]} <= {"Grace Hopper", "Plant", "Ada Lovelace", "A-102"}
    assert texts(found)[0] == COMPANY[0][0]
    assert not [entity for entity in found.entities if entity.name == "Canteen"]  # names are for entities


async def test_both_levels_in_one_search(graph: Graph, filled: str) -> None:
    found = await search.hybrid(graph, probe(filled, "Grace Hopper leads the plant", names=["Canteen"]), RANK)
    assert "Canteen" in {entity.name for entity in found.entities}
    assert found.relations[0].keywords == "leads"
    assert {COMPANY[0][0], TURBINES[2][0]} <= set(texts(found))


async def test_of_a_hub_the_relations_nearest_to_the_question_come(graph: Graph, workspace: str) -> None:
    spokes: list[Part] = [
        (
            f"Spoke {number}.",
            says(states=[("Hub", f"Spoke {number}", "has", f"The hub has part number {number} of steel.", 1.0)]),
        )
        for number in range(30)
    ]
    odd: Part = ("An odd one.", says(states=[("Hub", "Canteen", "feeds", "The canteen serves noodles.", 1.0)]))
    await write(graph, workspace, {"wheel": [odd, *spokes]})
    rank = {**RANK, "fan": 5, "hub": 3}
    found = await search.local(graph, probe(workspace, "The canteen serves noodles", names=["Hub"], top_k=4), rank)
    assert found.relations[0].keywords == "feeds"
    assert len(found.relations) <= 4
    assert [relation.score for relation in found.relations] == sorted(
        (relation.score for relation in found.relations), reverse=True
    )


@pytest.mark.parametrize("mode", [search.local, search.hybrid, search.mix])
async def test_who_names_an_entity_is_shown_it_however_often_it_is_mentioned(
    graph: Graph, workspace: str, mode: Search
) -> None:
    names = [f"Valve {number}" for number in range(6)]
    common = [(f"Shift {number} saw all.", says(*((name, "Thing", "") for name in names))) for number in range(9)]
    rare = [(f"Pump {number} hums.", says((f"Pump {number}", "Thing", "It hums."))) for number in range(9)]
    await write(graph, workspace, {"log": [*common, *rare]})
    found = await mode(graph, probe(workspace, "Pump hums", names=names, top_k=8), {**RANK, "seeds": 2})
    assert {entity.name for entity in found.entities[: len(names)]} == set(names)
    assert all(entity.why[0] == "entity_name: the question names it" for entity in found.entities[: len(names)])


@pytest.mark.parametrize("mode", ALL)
async def test_a_filter_by_document(graph: Graph, filled: str, mode: Search) -> None:
    company = keys.document_id(filled, "company.txt")
    confined = probe(filled, "Who designed the A-102 turbine?", names=["A-102"], filter=Filter(document_ids=(company,)))
    _only(await mode(graph, confined, RANK), "company.txt")
    nothing = probe(filled, "turbine", names=["A-102"], filter=Filter(document_ids=()))
    assert await mode(graph, nothing, RANK) == Found()


@pytest.mark.parametrize("mode", ALL)
async def test_a_filter_by_time_and_metadata(graph: Graph, filled: str, mode: Search) -> None:
    await rows(
        graph,
        """MATCH (d:Document {workspace: $w, source: 'company.txt'}) SET d.author = 'Grace', d.year = 2026,
          d.created_at = datetime('2031-05-01T00:00:00Z') RETURN count(*) AS n""",
        w=filled,
    )
    question = "Who designed the A-102 turbine?"
    for only in (
        Filter(created_after=datetime(2031, 4, 1, tzinfo=UTC)),
        Filter(metadata={"author": "Grace"}),
        Filter(metadata={"author": "Grace", "year": "2026"}, created_after=datetime.now(UTC) - timedelta(days=1)),
    ):
        _only(await mode(graph, probe(filled, question, names=["A-102"], filter=only), RANK), "company.txt")
    for nobody in (Filter(metadata={"author": "Ada"}), Filter(created_after=datetime(2032, 1, 1, tzinfo=UTC))):
        assert await mode(graph, probe(filled, question, names=["A-102"], filter=nobody), RANK) == Found()


@pytest.mark.parametrize("mode", ALL)
async def test_a_filter_by_type(graph: Graph, filled: str, mode: Search) -> None:
    wanted = probe(filled, "noodles and turbines", names=["Canteen", "A-102"], filter=Filter(types=("Place",)))
    found = await mode(graph, wanted, RANK)
    assert set(texts(found)) <= {TURBINES[2][0], COMPANY[0][0]}
    assert texts(found)
    assert {entity.type for entity in found.entities} <= {"Place"}
    assert {relation.keywords for relation in found.relations} <= {"leads"}
    for nothing in (("",), ("a\0b",), ()):  # no label is written like this, and Neo4j refuses to look for one
        assert await mode(graph, replace(wanted, filter=Filter(types=nothing)), RANK) == Found()


async def test_a_filter_of_another_workspace_finds_nothing(graph: Graph, filled: str, other: str) -> None:
    await write(graph, other, {"turbines.txt": TURBINES})
    theirs = Filter(document_ids=(keys.document_id(other, "turbines.txt"),))
    for mode in ALL:
        assert await mode(graph, probe(filled, "turbine", names=["A-102"], filter=theirs), RANK) == Found()


async def test_a_filter_that_leaves_one_document_of_many_still_finds_it(graph: Graph, workspace: str) -> None:
    crowd: dict[str, list[Part]] = {
        f"crowd-{number}": [(f"Rotor blades number {number}.", says((f"Blade {number}", "Part", "A rotor blade.")))]
        for number in range(60)
    }
    await write(graph, workspace, {**crowd, "mine": [("Noodles.", says(("Canteen", "Place", "Noodles.")))]})
    only = Filter(document_ids=(keys.document_id(workspace, "mine"),))
    for mode in (search.naive, search.mix):
        found = await mode(graph, probe(workspace, "rotor blades", filter=only), {**RANK, "depth": 5})
        assert texts(found) == ["Noodles."]


@pytest.mark.parametrize("few", [0, 1000])
async def test_what_a_filter_lets_through_is_ranked_exactly(graph: Graph, workspace: str, few: int) -> None:
    """A crowd is nearer to the question than all that passes the filter."""
    question = "rotor blades"
    crowd: dict[str, list[Part]] = {
        f"crowd-{number}": [
            (
                f"Rotor blades number {number}.",
                says(states=[(f"Rotor {number}", f"Blade {number}", "rotor blades", f"Rotor blades {number}.", 1.0)]),
            )
        ]
        for number in range(60)
    }
    facts = [f"Noodle {number} is {'rotor ' * number}soup." for number in range(6)]
    stated = [(f"Noodle {number}", f"Soup {number}", "is", fact, 1.0) for number, fact in enumerate(facts)]
    places = [(f"Noodle {number}", "Place", fact) for number, fact in enumerate(facts)]
    mine: list[Part] = [
        (fact, says(place, states=[state])) for fact, place, state in zip(facts, places, stated, strict=True)
    ]
    await write(graph, workspace, {**crowd, "mine": mine})
    rank = {**RANK, "widening": 1, "few": few, "depth": 10, "facts": 5}
    want = vector(question)
    nearest = sorted(range(6), key=lambda n: -float(vector(facts[n]) @ want))[:5]
    for only in (Filter(document_ids=(keys.document_id(workspace, "mine"),)), Filter(types=("Place",))):
        found = await search.mix(graph, probe(workspace, question, top_k=5, filter=only), rank)
        assert len(found.relations) == 5
        assert {relation.source for relation in found.relations} == {f"Noodle {number}" for number in nearest}
        assert set(texts(found)) == set(facts)
        found = await search.hybrid(graph, probe(workspace, question, top_k=5, filter=only), rank)
        assert {relation.source for relation in found.relations} <= {f"Noodle {number}" for number in range(6)}
        assert [one for one in found.entities if one.name.startswith("Noodle")]


async def test_an_open_suggestion_leads_to_the_other_name(graph: Graph, workspace: str) -> None:
    await write(
        graph,
        workspace,
        {
            "a": [("Bolt Works was founded in 1900.", says(("Bolt Works", "Organization", "A factory.")))],
            "b": [("It makes gears.", says(("Bolt Manufacturing", "Organization", "A plant.")))],
            "c": [(f"Nothing {number}.", says((f"Nothing {number}", "Other", "Nothing."))) for number in range(9)],
        },
    )
    ids = [keys.entity_id(workspace, keys.entity_key(name)) for name in ("Bolt Works", "Bolt Manufacturing")]
    await similar.suggest(graph, workspace, [(ids[0], ids[1], Judgement(Verdict.LIKELY, 0.9, "Both are Bolt."))])
    about = probe(workspace, "Bolt Works", names=["Bolt Works"])
    rank = {**RANK, "seeds": 1}
    assert set(texts(await search.local(graph, about, rank))) == {"Bolt Works was founded in 1900.", "It makes gears."}
    assert "graph: mentions Bolt Manufacturing" in _why(await search.mix(graph, about, rank), "It makes gears.")
    reject = "MATCH ()-[s:SIMILAR {workspace: $w}]->() SET s.status = 'rejected' RETURN count(*) AS n"
    assert (await rows(graph, reject, w=workspace))[0]["n"] == 1
    assert texts(await search.local(graph, about, rank)) == ["Bolt Works was founded in 1900."]
    assert "graph: mentions Bolt Manufacturing" not in _why(await search.mix(graph, about, rank), "It makes gears.")


async def test_a_search_tells_how_long_its_parts_took(graph: Graph, filled: str) -> None:
    for mode in ALL:
        found = await mode(graph, probe(filled, "turbine", names=["A-102"]), RANK)
        assert len(found.timings) >= 2
        assert all(milliseconds >= 0 for milliseconds in found.timings.values())
        assert sum(found.timings.values()) > 0


def _only(found: Found, source: str) -> None:
    assert {passage.source for passage in found.passages} <= {source}
    for item in (*found.entities, *found.relations):
        assert set(item.sources) == {source}
    assert found.passages


def _why(found: Found, text: str) -> tuple[str, ...]:
    return next(passage.why for passage in found.passages if passage.text == text)
