"""Edits over GraphQL: what a person changes is there at once, with its vector, and can be taken back."""

from __future__ import annotations

from typing import Any

from graphql_caller import Caller
from neolight.deps import Deps
from small_graph import Small

ENTITY = "id name type description aliases mentionCount"
RELATION = "id sourceId targetId keywords description weight evidenceCount"


async def code(call: Caller, query: str, **variables: Any) -> str:
    (error,) = await call.errors(query, **variables)
    assert error["extensions"]["hint"]
    return error["extensions"]["code"]


async def stale(deps: Deps, workspace: str) -> int:
    counted = await deps.graph.execute(
        """CYPHER 25 MATCH (e:Entity {workspace: $w}) WHERE e.stale OR e.embedding IS NULL
        OR EXISTS { (e)-[r:RELATES]-() WHERE r.stale OR r.embedding IS NULL } RETURN count(e) AS n""",
        w=workspace,
    )
    return counted[0]["n"]


async def test_an_entity_from_creation_to_deletion(call: Caller, small: Small, deps: Deps) -> None:
    created = await call(
        f"""mutation {{ createEntity(name: "Charles Babbage", type: "person", description: "A mathematician.")
        {{ {ENTITY} mentions {{ name }} }} }}"""
    )
    made = created["createEntity"]
    assert made == {
        "id": small.entity("Charles Babbage"), "name": "Charles Babbage", "type": "Person", "aliases": [],
        "description": "A mathematician.", "mentionCount": 0, "mentions": [],
    }  # fmt: skip
    assert await stale(deps, small.workspace) == 0
    again = """mutation { createEntity(name: "CHARLES  babbage") { id } }"""
    assert await code(call, again) == "CONFLICT"
    update = f"mutation ($id: ID!, $input: EntityInput!) {{ updateEntity(id: $id, input: $input) {{ {ENTITY} }} }}"
    changed = await call(update, id=small.entity("A-102"), input={"name": "Turbine A-102", "type": "Machine"})
    assert changed["updateEntity"] == {
        "id": small.entity("A-102"), "name": "Turbine A-102", "type": "Machine", "aliases": ["A-102"],
        "description": "The A-102 runs in Suzhou.\nThe A-102 is a turbine.", "mentionCount": 2,
    }  # fmt: skip
    assert await stale(deps, small.workspace) == 0
    for name in ("a-102", "turbine a-102"):
        assert (await call("query ($name: String) { entity(name: $name) { id } }", name=name))["entity"] == {
            "id": small.entity("A-102")
        }
    taken = await call(update, id=small.entity("A-102"), input={"reset": ["name", "type"]})
    assert (taken["updateEntity"]["name"], taken["updateEntity"]["type"]) == ("A-102", "Product")
    assert (await call('{ entity(name: "turbine a-102") { id } }'))["entity"] is None
    both = {"name": "x", "reset": ["name"]}
    assert (await call.errors(update, id=small.entity("A-102"), input=both))[0]["extensions"]["code"] == "INVALID_INPUT"
    delete = "mutation ($id: ID!) { deleteEntity(id: $id) }"
    assert (await call(delete, id=made["id"]))["deleteEntity"] == made["id"]
    assert await code(call, delete, id=made["id"]) == "NOT_FOUND"


async def test_entities_are_merged_and_split(call: Caller, small: Small, deps: Deps) -> None:
    merge = f"""mutation ($sources: [ID!]!, $target: ID!, $strategy: MergeStrategy! = join) {{
      mergeEntities(sources: $sources, target: $target, strategy: $strategy) {{
        {ENTITY} relations {{ {RELATION} }} }} }}"""
    ada, grace, place = small.entity("Ada Lovelace"), small.entity("Grace Hopper"), small.entity("Suzhou")
    merged = (await call(merge, sources=[ada], target=grace))["mergeEntities"]
    assert (merged["id"], merged["name"], merged["aliases"]) == (grace, "Grace Hopper", ["Ada Lovelace"])
    assert merged["mentionCount"] == 2
    assert {relation["description"] for relation in merged["relations"]} == {
        "Ada Lovelace designed the A-102.", "Grace Hopper leads the plant in Suzhou.",
    }  # fmt: skip
    assert await stale(deps, small.workspace) == 0
    assert (await call("query ($id: ID) { entity(id: $id) { id } }", id=ada))["entity"] is None
    assert (await call('{ entity(name: "ada lovelace") { id } }'))["entity"] == {"id": grace}
    split = f"mutation ($id: ID!, $aliases: [String!]!) {{ splitEntity(id: $id, aliases: $aliases) {{ {ENTITY} }} }}"
    left = (await call(split, id=grace, aliases=["ada lovelace"]))["splitEntity"]
    assert (left["mentionCount"], left["aliases"]) == (1, [])
    found = (await call(f"query ($id: ID) {{ entity(id: $id) {{ {ENTITY} }} }}", id=ada))["entity"]
    assert (found["name"], found["description"]) == ("Ada Lovelace", "Ada Lovelace designed the A-102.")
    relation = small.relation("Ada Lovelace", "A-102")
    assert (await call("query ($id: ID!) { relation(id: $id) { weight } }", id=relation))["relation"] == {"weight": 2.0}
    assert await stale(deps, small.workspace) == 0
    assert await code(call, merge, sources=["ent-x"], target=place) == "NOT_FOUND"
    assert await code(call, split, id=grace, aliases=["nobody"]) == "NOT_FOUND"
    kept = (await call(merge, sources=[ada], target=place, strategy="target"))["mergeEntities"]
    assert (kept["type"], kept["mentionCount"]) == ("Place", 3)


async def test_relations_are_edited(call: Caller, small: Small, deps: Deps) -> None:
    create = f"""mutation ($source: ID!, $target: ID!, $input: RelationInput) {{
      createRelation(source: $source, target: $target, input: $input) {{ {RELATION} }} }}"""
    ends = {"source": small.entity("Ada Lovelace"), "target": small.entity("Suzhou")}
    made = (await call(create, **ends, input={"keywords": ["visited", "saw"], "weight": 2.5}))["createRelation"]
    assert made == {
        "id": small.relation("Ada Lovelace", "Suzhou"), "sourceId": ends["source"], "targetId": ends["target"],
        "keywords": ["visited", "saw"], "description": "", "weight": 2.5, "evidenceCount": 0,
    }  # fmt: skip
    assert await stale(deps, small.workspace) == 0
    assert await code(call, create, source=ends["target"], target=ends["source"]) == "CONFLICT"
    update = (
        f"mutation ($id: ID!, $input: RelationInput!) {{ updateRelation(id: $id, input: $input) {{ {RELATION} }} }}"
    )
    id_ = small.relation("Ada Lovelace", "A-102")
    changed = (await call(update, id=id_, input={"description": "She drew it.", "weight": 0}))["updateRelation"]
    assert (changed["description"], changed["weight"], changed["evidenceCount"]) == ("She drew it.", 0.0, 1)
    assert await stale(deps, small.workspace) == 0
    back = (await call(update, id=id_, input={"reset": ["description", "weight"]}))["updateRelation"]
    assert (back["description"], back["weight"]) == ("Ada Lovelace designed the A-102.", 2.0)
    delete = "mutation ($id: ID!) { deleteRelation(id: $id) }"
    assert (await call(delete, id=id_))["deleteRelation"] == id_
    assert await code(call, delete, id=id_) == "NOT_FOUND"
    assert (await call("query ($id: ID!) { relation(id: $id) { id } }", id=id_))["relation"] is None


async def test_what_may_be_the_same_is_decided_by_a_person(call: Caller, small: Small) -> None:
    for name in ("Ada Lovelacee", "Grace Hoper"):
        await call("mutation ($n: String!) { createEntity(name: $n) { id } }", n=name)
    found = (await call("mutation { findSimilar(most: 100) { compared merged suggested } }"))["findSimilar"]
    assert found == {"compared": 6, "merged": 0, "suggested": 2}
    query = """query ($after: String) { suggestions(first: 1, after: $after) {
      edges { node { id score reason first { name } second { name } } } pageInfo { hasNextPage endCursor } } }"""
    first = (await call(query))["suggestions"]
    second = (await call(query, after=first["pageInfo"]["endCursor"]))["suggestions"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    nodes = [page["edges"][0]["node"] for page in (first, second)]
    assert nodes[0]["score"] >= nodes[1]["score"]
    assert {node["reason"] for node in nodes} == {"spelling"}
    by_name = {"Ada" if "Ada" in node["first"]["name"] else "Grace": node["id"] for node in nodes}
    accept = "mutation ($id: ID!, $keep: ID) { acceptSuggestion(id: $id, keep: $keep) { id name aliases } }"
    kept = (await call(accept, id=by_name["Ada"], keep=small.entity("Ada Lovelacee")))["acceptSuggestion"]
    assert kept == {"id": small.entity("Ada Lovelacee"), "name": "Ada Lovelacee", "aliases": ["Ada Lovelace"]}
    reject = "mutation ($id: ID!) { rejectSuggestion(id: $id) }"
    assert (await call(reject, id=by_name["Grace"]))["rejectSuggestion"] == by_name["Grace"]
    assert (await call(query))["suggestions"]["edges"] == []
    assert await code(call, reject, id=by_name["Grace"]) == "NOT_FOUND"


async def test_lists_of_entities_and_relations_in_their_orders(call: Caller, small: Small) -> None:
    entities = """query ($by: EntityOrder!, $f: EntityFilter, $type: String, $after: String) {
      entities(orderBy: $by, filter: $f, type: $type, first: 2, after: $after) {
        edges { node { name } } pageInfo { hasNextPage endCursor } } }"""

    async def names(**variables: Any) -> list[str]:
        seen, after = list[str](), None
        while True:
            page = (await call(entities, after=after, **variables))["entities"]
            seen += [edge["node"]["name"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return seen

    assert await names(by="alphabetical") == ["A-102", "Ada Lovelace", "Grace Hopper", "SUZHOU"]
    assert await names(by="alphabetical", f={"types": ["Person", "Place"]}) == [
        "Ada Lovelace",
        "Grace Hopper",
        "SUZHOU",
    ]
    assert await names(by="alphabetical", f={"types": ["Person", "Place"]}, type="Place") == ["SUZHOU"]
    assert set(await names(by="mentions", f={"minMentions": 2})) == {"A-102", "SUZHOU"}
    relations = """query ($e: ID, $after: String) { relations(entity: $e, first: 2, after: $after) {
      edges { node { id weight } } pageInfo { hasNextPage endCursor } } }"""
    page = (await call(relations))["relations"]
    rest = (await call(relations, after=page["pageInfo"]["endCursor"]))["relations"]
    weights = [edge["node"]["weight"] for edge in (*page["edges"], *rest["edges"])]
    assert weights == [2.0, 1.0, 1.0]
    mine = (await call(relations, e=small.entity("Grace Hopper")))["relations"]
    assert [edge["node"]["id"] for edge in mine["edges"]] == [small.relation("Grace Hopper", "Suzhou")]
    path = """query ($to: String!, $most: Int!) {
      path(from: "Ada Lovelace", to: $to, maxHops: $most) { nodes { name } edges { id } } }"""
    walked = (await call(path, to="grace hopper", most=3))["path"]
    assert [node["name"] for node in walked["nodes"]] == ["Ada Lovelace", "A-102", "SUZHOU", "Grace Hopper"]
    assert len(walked["edges"]) == 3
    assert (await call(path, to="grace hopper", most=2))["path"] is None
    assert await code(call, path, to="nobody", most=2) == "NOT_FOUND"
    similar = (await call('{ entity(name: "Suzhou") { similar(first: 2) { name } } }'))["entity"]["similar"]
    assert len(similar) == 2
