"""A person's edits: what they change, what outlives documents, and what can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from graphwork import Part, counted, embed, entity, explored, one, relation, rows, says, snapshot, write

from neolight.errors import Conflict, InvalidInput, NotFound
from neolight.graph import edits, entities, keys, merges, relation_edits, writer
from neolight.graph.edits import Edited
from neolight.graph.gateway import Graph
from neolight.graph.merges import MergeStrategy
from neolight.graph.writer import Committed

IBM: list[Part] = [
    (
        "IBM makes the A-102 with Siemens.",
        says(
            ("IBM", "Company", "IBM makes it."),
            ("A-102", "Product", "It is made by IBM."),
            states=[("IBM", "A-102", "makes", "IBM makes the A-102.", 2.0), ("IBM", "Siemens", "with", "", 1.0)],
        ),
    )
]
LONG: list[Part] = [
    (
        "International Business Machines is IBM, and sells the A-102.",
        says(
            ("International Business Machines", "Organization", "It sells."),
            ("IBM", "Company", "A short name."),
            states=[
                ("A-102", "International Business Machines", "sells", "The A-102 is sold.", 1.0),
                ("IBM", "International Business Machines", "is", "One is the other.", 1.0),
            ],
        ),
    )
]


def ids(workspace: str, *names: str) -> list[str]:
    return [keys.entity_id(workspace, keys.entity_key(name)) for name in names]


def between(workspace: str, first: str, second: str) -> str:
    return keys.relation_id(workspace, keys.entity_key(first), keys.entity_key(second))


async def done(graph: Graph, edited: Edited) -> Edited:
    await embed(graph, Committed(entities=edited.entities, relations=edited.relations))
    return edited


async def remove(graph: Graph, workspace: str, *sources: str) -> None:
    await writer.delete(graph, workspace, [keys.document_id(workspace, source) for source in sources])


async def shown(graph: Graph, workspace: str, name: str, *fields: str) -> list[Any]:
    found = await entities.named(graph, workspace, name)
    assert found, name
    return [getattr(found, field) for field in fields]


async def sound(graph: Graph, workspace: str) -> None:
    assert await explored(graph, "unsupported", workspace=workspace) == []
    locks = await rows(graph, "MATCH (n {workspace: $w}) WHERE n.lock IS NOT NULL RETURN n.id", w=workspace)
    assert locks == []


async def test_what_a_person_says_of_an_entity_goes_first_and_can_be_taken_back(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": IBM})
    before = await snapshot(graph, workspace)
    (ibm,) = ids(workspace, "IBM")
    edited = await edits.update_entity(graph, workspace, ibm, {"type": "big company", "description": " Big Blue. "})
    assert [(row.name, row.description) for row in edited.entities] == [("IBM", "Big Blue.")]
    await done(graph, edited)
    await write(graph, workspace, {"b": LONG})
    assert await shown(graph, workspace, "ibm", "type", "description") == ["BigCompany", "Big Blue."]
    stored = await entity(graph, workspace, "IBM")
    assert stored
    assert stored["labels"] == ["Entity", "BigCompany"]
    await remove(graph, workspace, "b")
    assert await shown(graph, workspace, "ibm", "type", "description") == ["BigCompany", "Big Blue."]
    await done(graph, await edits.update_entity(graph, workspace, ibm, {"type": None, "description": None}))
    stale = [row for row in await entities.stale(graph, 1000) if row.id in {r["id"] for r in before["entities"]}]
    await embed(graph, Committed(entities=tuple(stale)))
    after = await snapshot(graph, workspace)
    assert after["entities"] == before["entities"]
    assert after["mentions"] == before["mentions"]
    await remove(graph, workspace, "a")
    assert await counted(graph, workspace) == {"Workspace": 1}


async def test_a_renamed_entity_keeps_what_was_said_and_takes_what_will_be(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": IBM})
    (ibm,) = ids(workspace, "IBM")
    await done(graph, await edits.update_entity(graph, workspace, ibm, {"name": "International  business machines"}))
    name = "International  business machines"
    assert await shown(graph, workspace, "IBM", "id", "name", "aliases") == [ibm, name, ("IBM",)]
    await write(graph, workspace, {"b": LONG})
    expected = ["Company", 2, ("IBM", "International Business Machines")]
    assert await shown(graph, workspace, "IBM", "type", "mention_count", "aliases") == expected
    assert await relation(graph, workspace, "IBM", "International Business Machines") is None
    made = await relation(graph, workspace, "IBM", "A-102")
    assert made
    assert (made["weight"], made["evidence_count"]) == (3.0, 2)
    await sound(graph, workspace)
    await done(graph, await edits.update_entity(graph, workspace, ibm, {"name": None}))
    await sound(graph, workspace)
    assert await shown(graph, workspace, "IBM", "id", "name", "mention_count") == [ibm, "IBM", 2]
    assert await shown(graph, workspace, name, "mention_count") == [1]
    part = await relation(graph, workspace, "IBM", "International Business Machines")
    assert part
    assert part["description"] == "One is the other."
    await remove(graph, workspace, "a", "b")
    assert await counted(graph, workspace) == {"Workspace": 1}


async def test_the_last_document_takes_names_along(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": IBM, "b": LONG})
    long, ibm = ids(workspace, "International Business Machines", "IBM")
    await merges.merge_entities(graph, workspace, [ibm], long)
    await remove(graph, workspace, "b")
    assert await shown(graph, workspace, "IBM", "id", "name") == [long, "International Business Machines"]
    await remove(graph, workspace, "a")
    assert await counted(graph, workspace) == {"Workspace": 1}
    await write(graph, workspace, {"a": IBM})
    assert await shown(graph, workspace, "IBM", "id", "name") == [ibm, "IBM"]


@pytest.mark.parametrize("order", ["merge first", "merge between", "merge last"])
async def test_a_merge_is_the_same_whenever_it_is_made(graph: Graph, workspace: str, order: str) -> None:
    steps = {"merge first": "cmab", "merge between": "amb", "merge last": "abm"}[order]
    anchor: list[Part] = [("Both.", says(("IBM", "X", ""), ("International Business Machines", "X", "")))]
    long, ibm = ids(workspace, "International Business Machines", "IBM")
    await write(graph, workspace, {"c": anchor})
    for step in steps:
        if step == "m":
            await done(graph, await merges.merge_entities(graph, workspace, [ibm], long))
        elif step != "c":
            await write(graph, workspace, {step: IBM if step == "a" else LONG})
    found = await entity(graph, workspace, "International Business Machines")
    assert found
    assert (found["mention_count"], found["aliases"], found["type"]) == (3, ["IBM"], "Company")
    assert found["description"] == "A short name.\nIBM makes it.\nIt sells."
    made = await relation(graph, workspace, "International Business Machines", "A-102")
    assert made
    assert (made["weight"], made["evidence_count"], made["keywords"]) == (3.0, 2, "makes, sells")
    assert await entity(graph, workspace, "IBM") is None
    await sound(graph, workspace)


async def test_what_was_merged_can_be_split_again(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": IBM, "b": LONG})
    before = await snapshot(graph, workspace)
    long, ibm, siemens = ids(workspace, "International Business Machines", "IBM", "Siemens")
    await merges.merge_entities(graph, workspace, [siemens], ibm)
    await merges.merge_entities(graph, workspace, [ibm], long, strategy=MergeStrategy.TARGET)
    expected = [long, "International Business Machines", "Organization", ("IBM", "Siemens")]
    assert await shown(graph, workspace, "siemens", "id", "name", "type", "aliases") == expected
    names = [
        row["name"] for row in await rows(graph, "MATCH (e:Entity {workspace: $w}) RETURN e.name AS name", w=workspace)
    ]
    assert sorted(names) == ["A-102", "International Business Machines"]
    await sound(graph, workspace)
    await merges.split_entity(graph, workspace, long, ["IBM"])
    assert await shown(graph, workspace, "Siemens", "id") == [ibm]
    await merges.split_entity(graph, workspace, ibm, ["Siemens"])
    for id_ in (long, ibm):
        await edits.update_entity(graph, workspace, id_, {"name": None, "type": None, "description": None})
    mine = {row["id"] for row in before["entities"]}
    await embed(graph, Committed(entities=tuple(row for row in await entities.stale(graph, 1000) if row.id in mine)))
    from neolight.graph import relations  # noqa: PLC0415

    lines = {row["id"] for row in before["relations"]}
    await embed(graph, Committed(relations=tuple(row for row in await relations.stale(graph, 1000) if row.id in lines)))
    assert await snapshot(graph, workspace) == before
    await sound(graph, workspace)


async def test_a_made_entity_needs_no_document(graph: Graph, workspace: str) -> None:
    edited = await edits.create_entity(graph, workspace, "Grace Hopper", type_="Person", description="An admiral.")
    assert [(row.name, row.description) for row in edited.entities] == [("Grace Hopper", "An admiral.")]
    await done(graph, edited)
    assert await shown(graph, workspace, "grace hopper", "id", "mention_count") == [edited.id, 0]
    other = await edits.create_entity(graph, workspace, "COBOL")
    made = await relation_edits.create_relation(graph, workspace, edited.id, other.id, {})
    await done(graph, made)
    said = says(("Grace Hopper", "Woman", "She wrote."), states=[("Grace Hopper", "COBOL", "wrote", "She did.", 2.0)])
    await write(graph, workspace, {"a": [("Grace Hopper wrote COBOL.", said)]})
    expected = ["Person", "An admiral.", 1]
    assert await shown(graph, workspace, "grace hopper", "type", "description", "mention_count") == expected
    wrote = await relation(graph, workspace, "Grace Hopper", "COBOL")
    assert wrote
    assert (wrote["weight"], wrote["description"], wrote["evidence_count"]) == (3.0, "She did.", 1)
    await remove(graph, workspace, "a")
    wrote = await relation(graph, workspace, "Grace Hopper", "COBOL")
    assert wrote
    assert (wrote["weight"], wrote["description"], wrote["keywords"]) == (1.0, "", "")
    await sound(graph, workspace)
    await edits.delete_entity(graph, workspace, edited.id)
    await edits.delete_entity(graph, workspace, other.id)
    assert await counted(graph, workspace) == {"Workspace": 1}


async def test_relations_are_edited_and_go_with_their_entities(graph: Graph, workspace: str) -> None:
    await write(graph, workspace, {"a": IBM})
    id_ = between(workspace, "IBM", "A-102")
    values = {"description": "A person's words.", "keywords": ["makes, sells", "makes"], "weight": 7}
    await done(graph, await relation_edits.update_relation(graph, workspace, id_, values))
    await write(graph, workspace, {"b": LONG, "c": [("Again.", IBM[0][1])]})
    found = await relation(graph, workspace, "IBM", "A-102")
    assert found
    assert (found["weight"], found["description"], found["keywords"]) == (7.0, "A person's words.", "makes, sells")
    assert found["evidence_count"] == 2
    ibm, long = ids(workspace, "IBM", "International Business Machines")
    await done(graph, await merges.merge_entities(graph, workspace, [ibm], long))
    found = await relation(graph, workspace, "International Business Machines", "A-102")
    assert found
    assert (found["weight"], found["description"], found["evidence_count"]) == (7.0, "A person's words.", 3)
    taken = dict.fromkeys(values)
    await done(graph, await relation_edits.update_relation(graph, workspace, found["id"], taken))
    found = await relation(graph, workspace, "International Business Machines", "A-102")
    assert found
    assert (found["weight"], found["keywords"]) == (5.0, "makes, sells")
    await relation_edits.delete_relation(graph, workspace, found["id"])
    assert await relation(graph, workspace, "International Business Machines", "A-102") is None
    await remove(graph, workspace, "c")
    assert await relation(graph, workspace, "International Business Machines", "A-102") is None
    await edits.delete_entity(graph, workspace, long)
    await sound(graph, workspace)
    assert await entities.named(graph, workspace, "IBM") is None
    assert (await shown(graph, workspace, "Siemens", "mention_count")) == [1]
    left = await one(graph, "MATCH ()-[s:STATES]->(:Entity {workspace: $w}) RETURN count(s) AS n", w=workspace)
    assert left["n"] == 0


async def test_what_cannot_be_edited(graph: Graph, workspace: str, other: str) -> None:
    await write(graph, workspace, {"a": IBM})
    await write(graph, other, {"a": IBM})
    ibm, product = ids(workspace, "IBM", "A-102")
    (theirs,) = ids(other, "IBM")
    relation_id = between(workspace, "IBM", "A-102")
    before, untouched = await snapshot(graph, workspace), await snapshot(graph, other)
    wrong: Sequence[tuple[type[Exception], Any]] = [
        (Conflict, edits.create_entity(graph, workspace, "ibm")),
        (Conflict, edits.update_entity(graph, workspace, ibm, {"name": "a-102", "type": "X"})),
        (InvalidInput, edits.create_entity(graph, workspace, " \n ")),
        (InvalidInput, edits.create_entity(graph, workspace, "a\x00b")),
        (InvalidInput, edits.update_entity(graph, workspace, ibm, {})),
        (InvalidInput, edits.update_entity(graph, workspace, ibm, {"embedding": "x"})),
        (InvalidInput, merges.merge_entities(graph, workspace, [ibm], ibm)),
        (NotFound, merges.merge_entities(graph, workspace, [ibm], theirs)),
        (NotFound, merges.merge_entities(graph, workspace, ["ent-nothing"], ibm)),
        (NotFound, edits.update_entity(graph, workspace, theirs, {"name": "Mine"})),
        (NotFound, edits.delete_entity(graph, workspace, theirs)),
        (NotFound, merges.split_entity(graph, workspace, ibm, ["Big Blue"])),
        (InvalidInput, merges.split_entity(graph, workspace, ibm, [])),
        (Conflict, relation_edits.create_relation(graph, workspace, product, ibm, {})),
        (InvalidInput, relation_edits.create_relation(graph, workspace, ibm, ibm, {})),
        (NotFound, relation_edits.create_relation(graph, workspace, ibm, theirs, {})),
        (NotFound, relation_edits.update_relation(graph, other, relation_id, {"weight": 1})),
        (NotFound, relation_edits.delete_relation(graph, other, relation_id)),
        (InvalidInput, relation_edits.update_relation(graph, workspace, relation_id, {"weight": -1})),
        (InvalidInput, relation_edits.update_relation(graph, workspace, relation_id, {"weight": float("nan")})),
        (
            InvalidInput,
            relation_edits.update_relation(graph, workspace, relation_id, {"keywords": ["x"] * 3 + ["y" * 600]}),
        ),
    ]
    for kind, attempt in wrong:
        with pytest.raises(kind):
            await attempt
    assert await snapshot(graph, workspace) == before
    assert await snapshot(graph, other) == untouched
