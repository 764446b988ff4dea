"""A thousand edits, one after the other, of documents, entities and relations: after each, the graph is the model's."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from graphwork import Part, counted, explored, original, prepared, rows, says, take, wiped
from plain_graph import Plain

from neolight.errors import Conflict
from neolight.graph import edits, keys, merges, relation_edits, writer
from neolight.graph.gateway import Graph
from neolight.graph.merges import MergeStrategy

EDITS = 250
SEEDS = range(20261121, 20261125)

NAMES = [
    "IBM", "Ibm", "International Business Machines", "I.B.M.", "A-102", "A-120", "Suzhou", "苏州", "SUZHOU", "Ada",
    "Ada Lovelace", "Countess", "Turbine", "Turbines", "C++", "C#",
]  # fmt: skip
MADE = [f"Made {number}" for number in range(16)]
TYPES = ["Person", "company", "Place", "Thing"]
WORDS = ["makes", "leads", "knows", "near", "of"]
SOURCES = [f"document {number}" for number in range(7)]

VIEW = """
RETURN
  COLLECT { MATCH (e:Entity {workspace: $w})
    RETURN e {.id, .key, .name, .type, .description, .aliases, .mention_count, labels: labels(e)} ORDER BY e.key
  } AS entities,
  COLLECT { MATCH (a:Entity {workspace: $w})-[r:RELATES]->(b:Entity)
    RETURN r {.id, .keywords, .description, .weight, .evidence_count, ends: [a.key, b.key],
      at: [r.source_id, r.target_id], of: [a.id, b.id]} ORDER BY r.id } AS relations,
  COLLECT { MATCH (c:Chunk {workspace: $w})-[m:MENTIONS]->(e:Entity)
    RETURN [c.id, e.key, coalesce(m.key, e.key), m.name, m.type, m.description] } AS mentions,
  COLLECT { MATCH (c:Chunk {workspace: $w})-[s:STATES]->(e:Entity)
    OPTIONAL MATCH (a)-[r:RELATES {id: s.relation_id}]->(b)
    RETURN [c.id, e.key, coalesce(s.source_key, e.key),
      coalesce(s.target_key, CASE e WHEN a THEN b.key WHEN b THEN a.key ELSE e.key END), s.description, s.weight]
  } AS statements,
  COLLECT { MATCH (a:Alias {workspace: $w})-[:ALIAS_OF]->+(e:Entity) RETURN [a.key, e.key, a.name] } AS aliases
"""


async def view(graph: Graph, workspace: str) -> dict[str, list[Any]]:
    """The graph as the model tells it."""
    (found,) = await rows(graph, VIEW, w=workspace)
    for row in found["entities"]:
        assert sorted(row.pop("labels")) == sorted({"Entity", row["type"]})
    for row in found["relations"]:
        assert row.pop("at") == row.pop("of")
        row["ends"].sort()
    return {
        name: sorted(value) if name in {"mentions", "statements", "aliases"} else value for name, value in found.items()
    }


class Chance:
    """Makes the same random edits of the model and of the graph."""

    def __init__(self, graph: Graph, workspace: str, seed: int) -> None:
        self.graph, self.workspace = graph, workspace
        self.plain = Plain(workspace)
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.kept: dict[str, list[Part]] = {}

    def parts(self) -> list[Part]:
        pick = self.random
        found: list[Part] = []
        for _ in range(pick.randint(1, 3)):
            names = pick.sample(NAMES, pick.randint(1, 3))
            mentions = [(name, pick.choice(TYPES), pick.choice(["", f"{name} is.", "It is there."])) for name in names]
            states = [
                (
                    *pick.sample(NAMES, 2),
                    ", ".join(pick.sample(WORDS, pick.randint(0, 2))),
                    pick.choice(["", "So."]),
                    1.0,
                )
                for _ in range(pick.randint(0, 2))
            ]
            said = says(*mentions, states=states)
            # equal chunks say the same, as one extraction of one text does
            found.append((f"{said}", said))
        return found

    def entity(self) -> str | None:
        there = self.plain.keys()
        return self.random.choice(there) if there else None

    def id(self, key: str) -> str:
        return keys.entity_id(self.workspace, key)

    async def step(self) -> None:
        kinds: list[tuple[int, Callable[[], Awaitable[str | None]]]] = [
            (14, self.put), (4, self.drop), (3, self.create), (5, self.rename), (5, self.set), (6, self.merge),
            (4, self.split), (2, self.delete), (4, self.relate), (4, self.change), (2, self.part),
        ]  # fmt: skip
        (one,) = self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        outcome = await one()
        self.done[outcome or f"{one.__name__}: nothing to do"] += 1

    async def put(self) -> str:
        source = self.random.choice(SOURCES)
        document, parts = keys.document_id(self.workspace, source), self.parts()
        old = self.plain.chunks.get(document)
        if old and self.random.random() < 0.5:  # some of it stays
            parts = [*self.kept[document][:1], *parts]
        self.kept[document] = parts
        claim = (await take(self.graph, self.workspace, [original(source, f"{sum(self.done.values())} {parts}")]))[
            source
        ]
        there = set(old or [])
        whole = prepared(claim, *parts)
        given = [(one.chunk.text, None if one.id in there else one.extraction) for one in whole.chunks]
        await writer.commit(self.graph, self.workspace, [prepared(claim, *given)])
        self.plain.put(document, parts)
        return "replace document" if old is not None else "insert document"

    async def drop(self) -> str | None:
        if not self.plain.chunks:
            return None
        document = self.random.choice(sorted(self.plain.chunks))
        assert await writer.delete(self.graph, self.workspace, [document]) == [document]
        self.plain.drop(document)
        return "delete document"

    async def agreed(self, kind: str, possible: bool, edit: Awaitable[object]) -> str:
        """The graph refuses what the model refuses."""
        try:
            await edit
        except Conflict:
            assert not possible
            return f"{kind}, refused"
        assert possible
        return kind

    async def create(self) -> str:
        name, type_ = self.random.choice([*NAMES, *MADE]), self.random.choice(TYPES)
        possible = self.plain.create(name, keys.type_label(type_), "Made.")
        edit = edits.create_entity(self.graph, self.workspace, name, type_=type_, description="Made.")
        return await self.agreed("create entity", possible, edit)

    async def rename(self) -> str | None:
        key, name = self.entity(), self.random.choice(NAMES)
        return key and await self.updated("rename entity", key, {"name": name})

    async def set(self) -> str | None:
        key, what = self.entity(), self.random.choice(["name", "type", "description"])
        value = {"type": "Thing", "description": f"Set {self.random.randint(0, 9)}.\nSo."}.get(what)
        values = {what: value if self.random.random() < 0.6 else None}
        return key and await self.updated("take back" if values[what] is None else "set", key, values)

    async def updated(self, kind: str, key: str, values: dict[str, str | None]) -> str:
        possible = self.plain.update(key, values)
        return await self.agreed(kind, possible, edits.update_entity(self.graph, self.workspace, self.id(key), values))

    async def merge(self) -> str | None:
        there, keep = self.plain.keys(), self.random.random() < 0.3
        if len(there) < 4:
            return None
        target, *sources = self.random.sample(there, self.random.choice([2, 2, 3]))
        sources.sort(key=self.id)
        self.plain.merge(sources, target, keep=keep)
        strategy = MergeStrategy.TARGET if keep else MergeStrategy.JOIN
        ids = [self.id(key) for key in sources]
        await merges.merge_entities(self.graph, self.workspace, ids, self.id(target), strategy=strategy)
        return "merge entities"

    async def split(self) -> str | None:
        if not self.plain.others:
            return None
        key = self.random.choice(sorted(self.plain.others))
        root = self.plain.root(key)
        self.plain.split(key)
        await merges.split_entity(self.graph, self.workspace, self.id(root), [key])
        return "split entity"

    async def delete(self) -> str | None:
        key = self.entity()
        if key is None:
            return None
        self.plain.delete(key)
        await edits.delete_entity(self.graph, self.workspace, self.id(key))
        return "delete entity"

    def line(self) -> dict[str, Any]:
        pick = self.random
        values = {"description": "Said so.", "keywords": pick.sample(WORDS, 2), "weight": float(pick.randint(0, 5))}
        return {name: values[name] if pick.random() < 0.7 else None for name in pick.sample(sorted(values), 2)}

    async def relate(self) -> str | None:
        there = self.plain.keys()
        if len(there) < 2:
            return None
        first, second = self.random.sample(there, 2)
        values = self.line()
        possible = self.plain.relate(frozenset({first, second}), values)
        edit = relation_edits.create_relation(self.graph, self.workspace, self.id(first), self.id(second), values)
        return await self.agreed("create relation", possible, edit)

    async def change(self) -> str | None:
        if not (pairs := self.plain.pairs()):
            return None
        pair, values = self.random.choice(pairs), self.line()
        self.plain.change(pair, values)
        await relation_edits.update_relation(self.graph, self.workspace, self.plain.relation_id(pair), values)
        return "update relation"

    async def part(self) -> str | None:
        if not (pairs := self.plain.pairs()):
            return None
        pair = self.random.choice(pairs)
        self.plain.part(pair)
        await relation_edits.delete_relation(self.graph, self.workspace, self.plain.relation_id(pair))
        return "delete relation"


async def edited(graph: Graph, workspace: str, seed: int) -> Counter[str]:
    """Random edits of a workspace; what was done."""
    chance = Chance(graph, workspace, seed)
    for number in range(EDITS):
        await chance.step()
        expected = chance.plain.view()
        found = await view(graph, workspace)
        for name in expected:
            assert found[name] == expected[name], (seed, number, name)
    assert await explored(graph, "unsupported", workspace=workspace) == []
    for document in list(chance.plain.chunks):
        await writer.delete(graph, workspace, [document])
        chance.plain.drop(document)
    assert await view(graph, workspace) == chance.plain.view()
    for key in list(chance.plain.keys()):
        await edits.delete_entity(graph, workspace, chance.id(key))
    assert await counted(graph, workspace) == {"Workspace": 1}
    return chance.done


async def test_a_thousand_edits_are_those_of_the_model(graph: Graph, workspace: str) -> None:
    """Of four workspaces at once, a quarter of them each."""
    names = {f"{workspace}-{seed}": seed for seed in SEEDS}
    try:
        async with asyncio.TaskGroup() as group:  # none goes on where one has failed
            tasks = [group.create_task(edited(graph, name, seed)) for name, seed in names.items()]
    finally:
        for name in names:
            await wiped(graph, name)
    done = sum((task.result() for task in tasks), Counter[str]())
    assert sum(done.values()) == EDITS * len(names) == 1000
    kinds = {
        "insert document", "replace document", "delete document", "create entity", "rename entity", "set", "take back",
        "merge entities", "split entity", "delete entity", "create relation", "update relation", "delete relation",
    }  # fmt: skip
    assert {kind for kind in kinds if done[kind] < 10} == set(), done
