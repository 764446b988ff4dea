"""Retrieval on the real indexes: what is found, why, and in whose workspace."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

import pytest
from graphwork import Part, original, prepared, rows, says, take, vector, wiped, write

from neolight.graph import keys, search, writer
from neolight.graph.gateway import Graph
from neolight.graph.search import Found, Probe
from neolight.models import Passage
from neolight.retrieval.rank import RANKING

RANK = asdict(RANKING)
BY_TEXT = (search.naive, search.mix)
EVERY = (*BY_TEXT, search.local, search.global_, search.hybrid)
TURBINES: list[Part] = [
    (
        "The A-102 turbine was designed by Ada Lovelace in Suzhou.",
        says(
            ("Ada Lovelace", "Person", "Ada designs turbines."),
            ("A-102", "Product", "A turbine."),
            states=[("Ada Lovelace", "A-102", "designed", "Ada Lovelace designed the A-102 turbine.", 2.0)],
        ),
    ),
    (
        "Maintenance of rotor blades happens every spring.",
        says(("A-102", "Product", "It has rotor blades."), ("Grace Hopper", "Person", "Grace repairs blades.")),
    ),
    ("The canteen serves noodles on Fridays.", says(("Canteen", "Place", "It serves noodles."))),
]
COMPANY: list[Part] = [
    (
        "Grace Hopper leads the plant since 2019.",
        says(
            ("Grace Hopper", "Person", "Grace leads a plant."),
            ("Plant", "Place", "A plant."),
            states=[("Grace Hopper", "Plant", "leads", "Grace Hopper leads the plant.", 1.0)],
        ),
    ),
    ("图数据库存储知识图谱。", says(("图数据库", "Concept", "存储知识图谱"))),
]
HOSTILE = [
    'turbine" OR scope:*',
    "turbine) OR (scope:*",
    "text:* OR *:*",
    "+turbine -blades && || ! ^ ~ * ? : / \\ [a TO z] {a TO z}",
    "\\",
    '"',
    "a\\",
    "/.*/",
    "_exists_:text",
    "turbine~0.1 blades^1000000",
    "NOT",
    "AND OR NOT",
    "'; MATCH (n) DETACH DELETE n; //",
    "`$x` {} }) RETURN 1 //",
    "turbine\0blades",
    "\u202eturbine\u202d",
    "😀" * 500,
]


@pytest.fixture(scope="module")
async def filled(graph: Graph) -> AsyncIterator[str]:
    """A workspace that these tests read, beside one that holds more of the same."""
    names = [f"test-{secrets.token_hex(6)}" for _ in range(2)]
    await write(graph, names[0], {"turbines.txt": TURBINES, "company.txt": COMPANY})
    theirs: Part = ("The secret turbine blades of another.", TURBINES[0][1])
    await write(graph, names[1], {"turbines.txt": TURBINES, "secret.txt": [theirs]})
    yield names[0]
    for name in names:
        await wiped(graph, name)


def probe(workspace: str, question: str, *, names: Sequence[str] = (), **more: Any) -> Probe:
    words = more.pop("words", question.split())
    return Probe(workspace, vector(question), words, names, **{"top_k": 10, "chunk_top_k": 10, **more})


def texts(found: Found) -> list[str]:
    return [passage.text for passage in found.passages]


async def test_passages_by_meaning_and_by_word(graph: Graph, filled: str) -> None:
    found = await search.naive(graph, probe(filled, "rotor blades maintenance"), RANK)
    assert (found.entities, found.relations) == ((), ())
    assert texts(found)[0] == TURBINES[1][0]
    assert sorted(texts(found)) == sorted(text for text, _ in [*TURBINES, *COMPANY])
    best = found.passages[0]
    document = keys.document_id(filled, "turbines.txt")
    start = len(TURBINES[0][0]) + 2
    assert best == Passage(
        keys.chunk_id(document, TURBINES[1][0], 0),
        document,
        "turbines.txt",
        "turbines.txt",
        TURBINES[1][0],
        1,
        "Section",
        start,
        start + len(TURBINES[1][0]),
        len(TURBINES[1][0].split()),
        best.score,
        ("chunk_embedding: rank 1", "chunk_text: rank 1"),
    )
    assert best.score == pytest.approx(2 / (RANK["fusion"] + 1))
    assert [passage.score for passage in found.passages] == sorted((p.score for p in found.passages), reverse=True)
    assert found.passages[-1].why == ("chunk_embedding: rank 5",)


async def test_words_are_stemmed(graph: Graph, filled: str) -> None:
    found = await search.naive(graph, probe(filled, "serving noodle", chunk_top_k=1), RANK)
    assert found.passages[0].text == TURBINES[2][0]
    assert "chunk_text: rank 1" in found.passages[0].why


@pytest.mark.parametrize("question", ["图数据库", "知识图谱", "数据库 noodles-of-nowhere"])
async def test_text_without_spaces_is_found_by_word(graph: Graph, filled: str, question: str) -> None:
    found = await search.naive(graph, probe(filled, question, chunk_top_k=10), RANK)
    lexical = [passage.text for passage in found.passages if any(why.startswith("chunk_text") for why in passage.why)]
    assert lexical == [COMPANY[1][0]]


async def test_no_more_passages_than_are_wanted(graph: Graph, filled: str) -> None:
    for mode in EVERY:
        assert len((await mode(graph, probe(filled, "rotor blades", chunk_top_k=2), RANK)).passages) == 2
    found = await search.mix(graph, probe(filled, "rotor blades", top_k=1), RANK)
    assert (len(found.entities), len(found.relations)) == (1, 1)


@pytest.mark.parametrize("words", [[], ["the"], ["the", "of", "and"], ["absent"], ["—", "..."]])
async def test_words_that_are_in_no_index(graph: Graph, filled: str, words: list[str]) -> None:
    found = await search.naive(graph, probe(filled, "rotor blades", words=words), RANK)
    assert texts(found)[0] == TURBINES[1][0]
    assert not [why for passage in found.passages for why in passage.why if why.startswith("chunk_text")]


async def test_everything_that_speaks_to_a_question(graph: Graph, filled: str) -> None:
    question = "Who designed the A-102 turbine?"
    found = await search.mix(graph, probe(filled, question, names=["A-102"]), RANK)
    assert texts(found)[0] == TURBINES[0][0]
    first = found.passages[0]
    assert first.why[:2] == ("chunk_embedding: rank 1", "chunk_text: rank 1")
    assert set(first.why[2:]) & {"graph: mentions A-102", "graph: mentions Ada Lovelace"}
    assert "graph: mentions A-102" in next(p for p in found.passages if p.text == TURBINES[1][0]).why
    assert [passage.score for passage in found.passages] == sorted((p.score for p in found.passages), reverse=True)
    relation = found.relations[0]
    document = keys.document_id(filled, "turbines.txt")
    chunk = keys.chunk_id(document, TURBINES[0][0], 0)
    assert (relation.source, relation.target, relation.keywords) == ("Ada Lovelace", "A-102", "designed")
    assert relation.id == keys.relation_id(filled, "ada lovelace", "a-102")
    assert (relation.description, relation.weight) == ("Ada Lovelace designed the A-102 turbine.", 2.0)
    assert (relation.sources, relation.chunk_ids, relation.why) == (
        ("turbines.txt",),
        (chunk,),
        ("relation_embedding: rank 1",),
    )
    cosine = float(vector(question) @ vector(relation.description))
    assert relation.score == pytest.approx(cosine, abs=0.01)  # the index holds bytes, not floats
    assert relation.created_at
    names = [entity.name for entity in found.entities]
    assert set(names) == {"Ada Lovelace", "A-102", "Grace Hopper", "Plant"}  # what nothing leads to is not there
    machine = found.entities[names.index("A-102")]
    assert (machine.type, machine.sources) == ("Product", ("turbines.txt",))
    end = "relation_embedding: an end of a relation that was found"
    assert machine.why == ("entity_name: the question names it", end)
    assert found.entities[names.index("Ada Lovelace")].why == (end,)
    assert set(machine.chunk_ids) == {chunk, keys.chunk_id(document, TURBINES[1][0], 0)}
    assert [entity.score for entity in found.entities] == sorted((e.score for e in found.entities), reverse=True)


async def test_the_graph_leads_to_a_passage_that_has_none_of_the_words(graph: Graph, filled: str) -> None:
    wanted = probe(filled, "Who leads the plant?", names=["Grace Hopper"])
    found = await search.mix(graph, wanted, {**RANK, "dense_weight": 0.0, "lexical_weight": 0.0})
    assert set(texts(found)[:2]) == {COMPANY[0][0], TURBINES[1][0]}
    assert "graph: mentions Grace Hopper" in found.passages[0].why


async def test_a_step_along_a_relation(graph: Graph, workspace: str) -> None:
    near: Part = ("Alpha knows Beta.", says(states=[("Alpha", "Beta", "knows", "Alpha knows Beta.", 1.0)]))
    far: Part = ("Nothing but numbers 1 2 3.", says(("Beta", "Person", "")))
    await write(graph, workspace, {"a": [near, far]})
    found = await search.mix(graph, probe(workspace, "Alpha", names=["Alpha"]), {**RANK, "seeds": 1, "facts": 0})
    step = next(passage for passage in found.passages if passage.text == far[0])
    assert step.why[-1] == "graph: mentions Beta"
    assert [(entity.name, entity.why[-1]) for entity in found.entities] == [
        ("Alpha", "entity_name: the question names it"),
        ("Beta", "graph: near what was found"),
    ]


async def test_documents_without_entities_are_found(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": [("Nothing has a name here, but blades turn.", says())]})
    for names in ([], ["Blades"]):
        found = await search.mix(graph, probe(workspace, "turning blades", names=names), RANK)
        assert texts(found) == ["Nothing has a name here, but blades turn."]
        assert found.passages[0].why == ("chunk_embedding: rank 1", "chunk_text: rank 1")
        assert (found.entities, found.relations) == ((), ())


async def test_entities_that_have_no_vector_yet_are_seeds_by_name(graph: Graph, workspace: str) -> None:
    claim = (await take(graph, workspace, [original("a")]))["a"]
    await writer.commit(graph, workspace, [prepared(claim, *TURBINES)])
    found = await search.mix(graph, probe(workspace, "noodles", names=["Ada Lovelace"]), RANK)
    assert found.relations == ()
    assert [(entity.name, entity.why) for entity in found.entities[:2]] == [
        ("Ada Lovelace", ("entity_name: the question names it",)),
        ("A-102", ("graph: near what was found",)),
    ]
    first = next(passage for passage in found.passages if passage.text == TURBINES[0][0])
    assert "graph: mentions Ada Lovelace" in first.why


async def test_an_empty_workspace(graph: Graph, workspace: str) -> None:
    for mode in EVERY:
        assert await mode(graph, probe(workspace, "rotor blades", names=["Ada"]), RANK) == Found()


async def test_workspaces_hold_the_same_and_do_not_meet(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, workspace, {"turbines.txt": TURBINES})
    secret: Part = ("The secret turbine blades.", TURBINES[0][1])
    await write(graph, other, {"turbines.txt": TURBINES, "secret.txt": [secret]})
    for mode in EVERY:
        for mine, foreign in ((workspace, other), (other, workspace)):
            question = f"secret turbine blades {keys.scope(foreign)}"
            found = await mode(graph, probe(mine, question, names=["Ada Lovelace", keys.scope(foreign)]), RANK)
            own = await rows(
                graph,
                """CALL () {
                  MATCH (n:Chunk|Entity {workspace: $w}) RETURN n.id AS id
                  UNION MATCH ()-[r:RELATES {workspace: $w}]->() RETURN r.id AS id
                } RETURN collect(id) AS ids""",
                w=mine,
            )
            hits = (*found.passages, *found.entities, *found.relations)
            evidence = {chunk for one in (*found.entities, *found.relations) for chunk in one.chunk_ids}
            assert {hit.id for hit in hits} | evidence <= set(own[0]["ids"])
            assert ("secret.txt" in {passage.source for passage in found.passages}) == (mine == other)


async def test_a_small_workspace_is_found_among_large_ones(graph: Graph, workspace: str, other: str) -> None:
    crowd: list[Part] = [
        (f"Rotor blades number {n}.", says((f"Rotor blade {n}", "Part", "A rotor blade."))) for n in range(120)
    ]
    await write(graph, other, {"crowd": crowd})
    await write(graph, workspace, {"mine": [("My rotor blades.", says(("Rotor blade", "Part", "A rotor blade.")))]})
    found = await search.mix(graph, probe(workspace, "rotor blades", names=["rotor blade"]), RANK)
    assert texts(found) == ["My rotor blades."]
    assert found.passages[0].why == (
        "chunk_embedding: rank 1", "chunk_text: rank 1", "graph: mentions Rotor blade",
    )  # fmt: skip
    assert [entity.name for entity in found.entities] == ["Rotor blade"]


@pytest.mark.parametrize("question", HOSTILE)
async def test_a_hostile_question_is_words(graph: Graph, filled: str, question: str) -> None:
    terms = [question, *question.split()]
    for mode in EVERY:
        found = await mode(graph, probe(filled, question, words=terms, names=terms), RANK)
        assert {passage.source for passage in found.passages} == {"turbines.txt", "company.txt"}
        assert len(found.passages) == 5 or (mode not in BY_TEXT and len(found.passages) >= 3)


async def test_a_question_of_ten_thousand_words(graph: Graph, filled: str) -> None:
    question = "rotor blades " + " ".join(f"word{number}" for number in range(10_000))
    for mode in BY_TEXT:
        found = await mode(graph, probe(filled, question, names=question.split()), RANK)
        assert "chunk_text: rank 1" in next(p for p in found.passages if p.text == TURBINES[1][0]).why


async def test_a_hub_is_not_expanded_without_end(graph: Graph, workspace: str) -> None:
    spokes: list[Part] = [
        (f"Hub and spoke {n}.", says(states=[("Hub", f"Spoke {n}", "has", f"The hub has spoke {n}.", 1.0)]))
        for n in range(40)
    ]
    await write(graph, workspace, {"wheel": spokes})
    found = await search.mix(
        graph, probe(workspace, "hub", names=["Hub"], chunk_top_k=100), {**RANK, "fan": 3, "depth": 5}
    )
    assert 3 <= len(found.passages) <= 40
    assert len({passage.id for passage in found.passages}) == len(found.passages)


async def test_a_changed_document_is_found_as_it_is_now(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"turbines.txt": TURBINES, "company.txt": COMPANY})
    await write(graph, workspace, {"turbines.txt": [("The canteen is closed.", says())]})
    for mode in EVERY:
        found = await mode(graph, probe(workspace, "canteen noodles rotor blades", names=["Canteen"]), RANK)
        now = {"The canteen is closed.", *(text for text, _ in COMPANY)}
        assert {passage.text for passage in found.passages} <= now
        assert set(texts(found)) == now or mode not in BY_TEXT  # only words and vectors lead to what has no entities
        assert not [entity for entity in found.entities if entity.name == "Canteen"]
