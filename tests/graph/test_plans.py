"""How the server would run each bound query on a seeded graph: from indexes, without products, in its header's mode."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString, cast

import pytest
from graphwork import Part, original, prepared, says, take, vector, wiped, write
from neo4j import AsyncGraphDatabase, AsyncSession, NotificationMinimumSeverity, Query
from neo4j.exceptions import ClientError
from neo4j.vector import Vector as BoltVector
from test_graph_rows import RIM, WHEEL

from neolight import graph as graph_package
from neolight.graph import (
    calls,
    document_life,
    documents,
    edits,
    guides,
    jobs,
    keys,
    merges,
    queries,
    relation_edits,
    setup,
    similar,
    workspaces,
    writer,
)
from neolight.graph import (
    scans as file_scans,
)
from neolight.graph.gateway import Graph
from neolight.graph.guides import Guide
from neolight.graph.jobs import Happened
from neolight.graph.query import BOUND, CYPHER, parse_header
from neolight.graph.rows import Prepared
from neolight.models import Answer, ChunkingChoice, Citation, Keywords, ModelCall, Passage, Retrieval, Spent
from neolight.nlp.alike_rules import Judgement, Verdict
from neolight.retrieval.rank import RANKING
from neolight.settings import Settings
from neolight.start import locate

for found in pkgutil.iter_modules(graph_package.__path__, "neolight.graph."):
    importlib.import_module(found.name)

SAMPLES: dict[str, Any] = {
    "STRING": "text",
    "INTEGER": 5,
    "FLOAT": 0.5,
    "BOOLEAN": True,
    "DATETIME": datetime.now(UTC),
    "MAP": {**asdict(RANKING), "id": "text"},
    "BYTES": b"bytes",
    "VECTOR": BoltVector.from_numpy(vector("text")),
    "LIST<STRING>": ["one", "two"],
    "LIST<FLOAT>": [0.5],
    "LIST<INTEGER>": [1],
    "LIST<MAP>": [{"id": "text", "key": "text"}],
}
HANDFUL = "there are a handful in a database"
ALLOWED = {
    ("setup/settings", "NodeByLabelScan", "setting:Setting"): HANDFUL,
    ("setup/versions", "NodeByLabelScan", "schema:SchemaVersion"): HANDFUL,
    ("workspaces/list", "NodeIndexScan", "tenant:Workspace(name)"): "it lists them all, in this order",
    ("documents/pipeline", "DirectedRelationshipIndexScan", "RELATES(stale, workspace)"): "it holds only what is stale",
}
"""Scans that may be: the query, the operator, what its details begin or go on with, and why."""

TOTALS = "a row of totals meets what an index has given"
PRODUCTS = {
    "jobs/record": "the one run that is under way meets whether something waits",
    "retrieval/levels": TOTALS,
    "retrieval/mix": TOTALS,
    "retrieval/naive": TOTALS,
}
"""Queries with Cartesian products that may be, and why."""

UNARY = {
    "CacheProperties", "Eager", "Filter", "Limit", "Projection", "SetProperties", "SetProperty", "Sort", "Top",
}  # fmt: skip
BESIDE = {"RollUpApply", "SemiApply", "AntiSemiApply", "LetSemiApply", "LetSelectOrSemiApply", "SubqueryForeach"}
AGGREGATION = re.compile(r"(?:collect|collect_distinct|count|sum|max|min|avg)\(")
UNKNOWN = {"01N50": "label", "01N51": "relationship type", "01N52": "property key"}
STATEMENTS = {"read": {"r", "s"}, "write": {"rw", "w"}, "batched": {"rw", "w"}}


@dataclass(frozen=True)
class Step:
    """An operator of a plan."""

    operator: str
    details: str
    children: tuple[Step, ...]

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Step:
        operator = re.sub(r"@\w+$", "", raw["operatorType"])
        children = tuple(cls.of(child) for child in raw.get("children", ()))
        return cls(operator.split("(")[0], str(raw["args"].get("Details", "")), children)

    def all(self) -> Iterator[Step]:
        yield self
        for child in self.children:
            yield from child.all()

    @property
    def single(self) -> bool:
        """Whether it gives at most one row for each row that it is given from outside."""
        if self.operator in {"Argument", "NodeUniqueIndexSeek", "DirectedRelationshipUniqueIndexSeek"}:
            return True
        if self.operator == "EagerAggregation":
            return all(AGGREGATION.match(part) for part in re.split(r",\s(?![^(]*\))", _flat(self.details)))
        if self.operator in BESIDE:
            return self.children[0].single
        if self.operator in UNARY | {"Apply", "CartesianProduct"}:
            return all(child.single for child in self.children)
        return False


def _flat(details: str) -> str:
    """The details without what stands in braces and brackets."""
    while (shorter := re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", "", details)) != details:
        details = shorter
    return details


def scans(name: str, plan: Step) -> list[str]:
    """Operators that read more than what was asked for: a range of ids is of all workspaces."""
    found = [
        step
        for step in plan.all()
        if step.operator.endswith("Scan") or (step.operator.endswith("SeekByRange") and "(id)" in step.details)
    ]
    return [
        f"{step.operator} {step.details}"
        for step in found
        if not any((name, step.operator) == allowed[:2] and allowed[2] in step.details for allowed in ALLOWED)
    ]


def products(plan: Step) -> list[str]:
    """Cartesian products that may give more than one row for each row that they are given."""
    found = [step for step in plan.all() if step.operator == "CartesianProduct"]
    return [str([child.operator for child in step.children]) for step in found if not step.single]


SUMMARISED = """CYPHER 25
MATCH (:Chunk {workspace: $w})-[mention:MENTIONS]->(entity:Entity)-[relation:RELATES]-()
WITH * LIMIT 1
MATCH (:Chunk)-[statement:STATES {relation_id: relation.id}]->()
UNWIND [entity, relation] AS one
SET one.summary = 'All.', one.summary_id = 'id', one.summary_call = 'key', one.summary_covers = 1,
  mention.summary = 'id', statement.summary = 'id'
"""


def marked(document: Prepared) -> Prepared:
    """The document with a passage that no model could extract, and that goes on over a page."""
    first, *rest = document.chunks
    over = replace(first.chunk, page=1, page_starts=(2,))
    return replace(document, chunks=(replace(first, chunk=over, extraction=None, problem="No."), *rest))


@pytest.fixture(scope="module")
async def seeded(graph: Graph) -> AsyncIterator[str]:
    """A workspace in which every label, type and property of the graph model is there."""
    workspace = f"test-plans-{keys.digest('plans')[:8]}"
    crowd: list[Part] = [
        (
            f"{name} is in the crowd.",
            says((name, "Person", f"{name} is."), states=[(name, "Crowd", "in", f"{name} in.", 1.0)]),
        )
        for name in (f"Person {number}" for number in range(60))
    ]
    await write(graph, workspace, {"wheel": WHEEL, "rim": RIM, **{f"crowd {n}": crowd[n::6] for n in range(6)}})
    claims = await take(graph, workspace, [original(name) for name in ("stale", "failed", "working")])
    await writer.commit(graph, workspace, [marked(prepared(claims["stale"], *crowd[:2], metadata={"author": "Ada"}))])
    await documents.fail(graph, [claims["failed"]], "No.")
    cut = ChunkingChoice("separator", 100, 10, "---")
    due = replace(original("waiting"), chunking=cut, expires_at=datetime.now(UTC) + timedelta(days=1))
    await documents.enqueue(graph, workspace, [due], track_id="track")
    await document_life.update(graph, workspace, claims["failed"].id, {"given_title": "Given", "title": "Given"})
    await workspaces.update(graph, workspace, cut)
    await jobs.record(graph, workspace, Happened())
    await file_scans.start(graph, workspace, "scan")
    told = {"status": "completed", "message": "Done.", "found": 1, "queued": 1, "unchanged": 0, "refused": 1}
    await file_scans.update(graph, workspace, "scan", {**told, "queued_files": ["a"], "refused_files": ["b"]})
    await documents.enqueue(graph, f"{workspace}-gone", [original("cancelled")], track_id="track")
    await jobs.cancel(graph, f"{workspace}-gone")
    await graph.fetch(workspaces.CLOSE, workspace=f"{workspace}-gone")
    text = WHEEL[0][0]
    document = keys.document_id(workspace, "wheel")
    passage = Passage(keys.chunk_id(document, text, 0), document, "", "", text, 1, None, 0, 1, 1, 1.0)
    retrieval = Retrieval("mix", Keywords())
    answer = Answer(f"query-{workspace}", "?", "!", "mix", True, (Citation(1, passage, "q", 0, 1),), retrieval, 1.0)
    await queries.record(graph, workspace, answer)
    await queries.rate(graph, workspace, answer.id, 1)
    await edited(graph, workspace)
    await calls.keep(graph, workspace, [ModelCall("key", "model", "extract", "{}", 1, 1)])
    await calls.spend(graph, workspace, [Spent("model", "extract", 1.0, 1.0, 1.0)], document=document)
    await calls.asked(graph, workspace, answer.id, [Spent("model", "answer", 1.0, 1.0, 1.0)])
    await guides.set_(graph, workspace, Guide(("Person",), ("knows",)))
    await graph.execute(SUMMARISED, w=workspace)
    await graph.fetch(setup.CLAIM, owner="plans")
    await graph.execute("CALL db.resampleOutdatedIndexes()")
    yield workspace
    await graph.fetch(setup.RELEASE, owner="plans")
    await wiped(graph, workspace)
    await workspaces.delete(graph, f"{workspace}-gone")


async def edited(graph: Graph, workspace: str) -> None:
    """Sets all that a person can set."""
    first, second, third = (keys.entity_id(workspace, f"person {number}") for number in (1, 2, 3))
    await edits.update_entity(graph, workspace, first, {"name": "First", "type": "Human", "description": "One."})
    await merges.merge_entities(graph, workspace, [second], third)
    gathering = await edits.create_entity(graph, workspace, "Gathering")
    await merges.merge_entities(graph, workspace, [keys.entity_id(workspace, "crowd")], gathering.id)
    made = await edits.create_entity(graph, workspace, "Made")
    await graph.fetch(similar.SPELL, rows=[{"id": first, "form": "first", "initials": "f"}])
    await similar.matched(graph, [first])
    row = similar.link(workspace, first, third, "open", Judgement(Verdict.LIKELY, 0.5, "plans"))
    await graph.fetch(similar.SUGGEST, workspace=workspace, rows=[row])
    values = {"keywords": ["to"], "description": "It is so.", "weight": 2}
    await relation_edits.create_relation(graph, workspace, made.id, first, values)


@pytest.fixture(scope="module")
async def session(settings: Settings, seeded: str) -> AsyncIterator[AsyncSession]:
    """A session that is told everything that the server has to say of a query."""
    at = await locate(settings)
    login = (at.username, at.password)
    told = NotificationMinimumSeverity.INFORMATION
    connected = AsyncGraphDatabase.driver(at.uri, auth=login, notifications_min_severity=told)
    async with connected as driver, driver.session() as opened:
        yield opened


async def explained(session: AsyncSession, text: str, params: dict[str, str]) -> tuple[Step, str, list[str]]:
    """The plan of a query, the kind of its statement, and what the server complains of."""
    values = {name: SAMPLES[type_.removesuffix("?")] for name, type_ in params.items()}
    asked = Query(cast("LiteralString", text.replace("CYPHER 25", "CYPHER 25 EXPLAIN", 1)))
    result = await session.run(asked, values)
    summary = await result.consume()
    assert summary.plan is not None
    complaints = [
        f"{UNKNOWN[status.gql_status]}: {status.status_description}"
        for status in summary.gql_status_objects
        if status.gql_status in UNKNOWN
    ]
    return Step.of(summary.plan), str(summary.query_type), complaints


@pytest.mark.parametrize("name", sorted(BOUND))
async def test_plan(session: AsyncSession, name: str) -> None:
    bound = BOUND[name]
    plan, statement, complaints = await explained(session, bound.text, bound.header.params)
    assert scans(name, plan) == []
    assert name in PRODUCTS or products(plan) == []
    assert complaints == []
    assert statement in STATEMENTS[bound.header.mode], f"mode {bound.header.mode}, but the statement is {statement}"


@pytest.mark.parametrize("name", [name for name in sorted(BOUND) if BOUND[name].header.mode == "read"])
async def test_null_is_a_value_of_what_is_optional(session: AsyncSession, name: str) -> None:
    header = BOUND[name].header
    values = {name: None if type_.endswith("?") else SAMPLES[type_] for name, type_ in header.params.items()}
    if None in values.values():
        result = await session.run(BOUND[name].text, values)
        assert [record async for record in result] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("MATCH (n) RETURN n.id AS id", "AllNodesScan"),
        ("MATCH (d:Document) RETURN d.id AS id", "NodeByLabelScan"),
        ("MATCH (d:Document) WHERE d.title = $text RETURN d.id AS id", "NodeByLabelScan"),
        ("MATCH (d:Chunk|Entity) RETURN d.id AS id", "UnionNodeByLabelsScan"),
        ("MATCH ()-[r:RELATES]->() RETURN r.id AS id", "RelationshipTypeScan"),
        ("MATCH ()-[r:RELATES|NEXT]->() RETURN r.id AS id", "Scan"),
        ("MATCH ()-[r]->() RETURN r.id AS id", "Scan"),
        ("MATCH (e:Entity) WHERE e.id > $text RETURN e.id AS id", "SeekByRange"),
        ("MATCH (q:Query) WHERE q.workspace IS NOT NULL RETURN q.id AS id", "Scan"),
    ],
)
async def test_a_scan_is_seen(session: AsyncSession, text: str, wrong: str) -> None:
    plan, statement, _ = await explained(session, f"CYPHER 25 {text}", {"text": "STRING"})
    (found,) = scans("any", plan)
    assert wrong in found
    assert statement == "r"


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a:Document {workspace: $text}), (b:Document {status: $text}) RETURN a.id, b.id",
        "MATCH (a:Entity {id: $text}), (b:Document {workspace: $text}) RETURN a.id, b.id",
        "MATCH (a:Entity {workspace: $text}) WITH a.type AS type, count(*) AS n "
        "MATCH (b:Entity {id: $text}), (c:Entity {workspace: $text}) RETURN type, b.id, c.id",
    ],
)
async def test_a_product_is_seen(session: AsyncSession, text: str) -> None:
    plan, _, _ = await explained(session, f"CYPHER 25 {text}", {"text": "STRING"})
    assert products(plan)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("MATCH (d:Documnet {id: $text}) RETURN d.id", "label"),
        ("MATCH (:Document {id: $text})-[:HAS_CHNUK]->(c) RETURN c.id", "relationship type"),
        ("MATCH (d:Document {id: $text}) RETURN d.titel", "property key"),
    ],
)
async def test_a_misspelling_is_seen(session: AsyncSession, text: str, wrong: str) -> None:
    _, _, complaints = await explained(session, f"CYPHER 25 {text}", {"text": "STRING"})
    assert [complaint.split(":")[0] for complaint in complaints] == [wrong]


async def test_a_write_is_seen(session: AsyncSession) -> None:
    for text, statement in (
        ("MATCH (d:Document {id: $text}) SET d.lock = true RETURN d.id", "rw"),
        ("MATCH (d:Document {id: $text}) DELETE d", "w"),
    ):
        assert (await explained(session, f"CYPHER 25 {text}", {"text": "STRING"}))[1] == statement


async def test_the_server_refuses_a_write_where_a_read_is_meant(settings: Settings) -> None:
    at = await locate(settings)
    async with (
        AsyncGraphDatabase.driver(at.uri, auth=(at.username, at.password)) as driver,
        driver.session(default_access_mode="READ") as reading,
    ):
        with pytest.raises(ClientError, match="access mode"):
            await reading.run("CREATE (:Pwned)")


@pytest.mark.parametrize("path", sorted((CYPHER / "explore").glob("*.cypher")), ids=lambda path: path.stem)
async def test_queries_for_people_only_read(session: AsyncSession, path: Path) -> None:
    text = path.read_text("utf-8")
    _, statement, complaints = await explained(session, text, parse_header(path.stem, text).params)
    assert (statement, complaints) == ("r", [])


def test_every_exception_is_one_of_a_bound_query() -> None:
    assert {name for name, _, _ in ALLOWED} <= BOUND.keys()
    assert all(ALLOWED.values())
