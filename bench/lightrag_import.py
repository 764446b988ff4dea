"""Takes over a working directory that LightRAG made, and holds what is here then against the directory itself.

Every entity, relation and chunk is compared, and some documents are asked for by their first lines: they must be cited.

    NEOLIGHT_DATA_DIR=/tmp/import .venv/bin/python bench/lightrag_import.py rag_storage
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import time
from collections import Counter
from pathlib import Path
from typing import Any, LiteralString

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]  (it has no stubs)

from neolight import api
from neolight.graph import keys, workspaces
from neolight.ingest.lightrag import take_over

SEPARATOR = "<SEP>"
XML = "{http://graphml.graphdrawing.org/xmlns}"

ENTITIES: LiteralString = """CYPHER 25
    MATCH (e:Entity {workspace: $workspace})
    RETURN e.key AS key, e.type AS type, e.description AS description,
      COLLECT { MATCH (c:Chunk)-[:MENTIONS]->(e) RETURN DISTINCT c.text } AS texts"""
RELATIONS: LiteralString = """CYPHER 25
    MATCH (a:Entity {workspace: $workspace})-[r:RELATES]->(b:Entity)
    RETURN a.key AS source, b.key AS target, r.weight AS weight, r.keywords AS keywords, r.description AS description"""
CHUNKS: LiteralString = """CYPHER 25
    MATCH (t:Text)<-[:HAS_TEXT]-(d:Document {workspace: $workspace})-[:HAS_CHUNK]->(c:Chunk)
    RETURN d.source AS source, t.text AS whole, c.text AS text, c.start AS start, c.end AS end"""


def store(folder: Path, name: str) -> dict[str, Any]:
    """One of LightRAG's stores."""
    return json.loads((folder / f"kv_store_{name}.json").read_bytes())


def parts(text: str) -> set[str]:
    """The lines of a field that holds several values."""
    return {line.strip() for line in text.replace(SEPARATOR, "\n").splitlines() if line.strip()}


def graph_of(folder: Path) -> tuple[dict[str, dict[str, str]], dict[tuple[str, ...], dict[str, str]]]:
    """Entities by key, and relations by the keys of their ends in order."""
    tree = etree.parse(str(folder / "graph_chunk_entity_relation.graphml"))
    names = {one.get("id"): one.get("attr.name") for one in tree.iter(f"{XML}key")}

    def fields(element: Any) -> dict[str, str]:
        return {names[one.get("key")]: one.text or "" for one in element.iter(f"{XML}data")}

    nodes: dict[str, dict[str, str]] = {}
    edges: dict[tuple[str, ...], dict[str, str]] = {}
    for one in tree.iter(f"{XML}node"):
        _joined(nodes.setdefault(keys.entity_key(one.get("id")), {}), fields(one))
    for one in tree.iter(f"{XML}edge"):
        ends = tuple(sorted(keys.entity_key(one.get(end)) for end in ("source", "target")))
        if ends[0] != ends[1]:
            _joined(edges.setdefault(ends, {}), fields(one))
    return nodes, edges


def _joined(row: dict[str, str], more: dict[str, str]) -> None:
    """Names that differ in capital letters only are one here: their texts are joined, their weights added."""
    for key, value in more.items():
        kept = row.get(key)
        if kept is None:
            row[key] = value
        elif key == "weight":
            row[key] = str(float(kept) + float(value))
        elif key != "entity_type":
            row[key] = f"{kept}{SEPARATOR}{value}"


async def differences(handle: api.Neolight, folder: Path) -> Counter[str]:
    """How many entities, relations and chunks differ, and in what."""
    nodes, edges = graph_of(folder)
    pieces = store(folder, "text_chunks")
    wrong: Counter[str] = Counter()

    async def rows(statement: LiteralString) -> list[dict[str, Any]]:
        return await handle.deps.graph.execute(statement, workspace=handle.workspace)

    entities = {row["key"]: row for row in await rows(ENTITIES)}
    relations = {tuple(sorted((row["source"], row["target"]))): row for row in await rows(RELATIONS)}
    chunks = await rows(CHUNKS)
    print(f"there: {len(nodes)} entities, {len(edges)} relations, {len(pieces)} chunks")
    print(f"here:  {len(entities)} entities, {len(relations)} relations, {len(chunks)} chunks")
    wrong["entities"] = len(nodes.keys() ^ entities.keys())
    wrong["relations"] = len(edges.keys() ^ relations.keys())
    for key in nodes.keys() & entities.keys():
        there, here = nodes[key], entities[key]
        wrong["types"] += there["entity_type"].lower() not in (here["type"].lower(), "unknown")
        wrong["descriptions of entities"] += parts(there["description"]) != parts(here["description"])
        said_by = {pieces[id_]["content"] for id_ in there["source_id"].split(SEPARATOR) if id_ in pieces}
        wrong["chunks of entities"] += not said_by <= set(here["texts"])
    for ends in edges.keys() & relations.keys():
        there, here = edges[ends], relations[ends]
        wrong["weights"] += abs(float(there["weight"]) - here["weight"]) > 0.01
        wrong["keywords"] += not {word.strip() for word in str(here["keywords"]).split(",")} <= {
            word.strip() for word in there["keywords"].replace(SEPARATOR, ",").split(",")
        }
        wrong["descriptions of relations"] += parts(there["description"]) != parts(here["description"])
    texts = Counter(row["text"] for row in chunks)
    wrong["texts of chunks"] = (Counter(row["content"] for row in pieces.values()) - texts).total()
    wrong["places of chunks"] = sum(row["whole"][row["start"] : row["end"]] != row["text"] for row in chunks)
    return wrong


async def main() -> int:
    """Prints how long it took and what differs; fails where anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=20)
    given = parser.parse_args()
    name = f"import-{secrets.token_hex(4)}"
    async with api.open(workspace=name, worker=False) as handle:
        began = time.perf_counter()
        taken = await take_over(handle.deps, name, given.folder)
        seconds = time.perf_counter() - began
        print(f"{seconds:.1f} s; vectors taken over: {taken.vectors}; resting on no chunk: {len(taken.unfounded)}")
        wrong = await differences(handle, given.folder)
        asked = list(store(given.folder, "full_docs").values())[: given.questions]
        for document in asked:
            answer = await handle.query(document["content"].partition("\n")[0])
            wrong["documents not cited"] += document["file_path"] not in {
                one.passage.source for one in answer.citations
            }
        print(f"of {len(asked)} questions; differences: {dict(wrong)}")
        await workspaces.delete(handle.deps.graph, name)
    return int(any(count for what, count in wrong.items() if what != "documents not cited"))


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
