"""A workspace as canonical text: the same for two graphs if, and only if, they say the same."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neolight.graph import keys
from neolight.graph.gateway import Graph

OUTSIDE = frozenset({"created_at", "updated_at", "attempts", "revision", "track_id"})
"""Properties that tell when and in how many attempts the work was done, not what came out of it."""

RESIDUE = frozenset({"lock", "stale", "step", "error", "lease_owner", "lease_token", "lease_until"})
"""Properties that only unfinished work has."""

CLOSE = 1e-5
"""Vectors of one text differ by less, whatever other texts were in their batch."""

NODES = """
CYPHER 25
MATCH (node) WHERE node.workspace = $workspace AND NOT node:Job  // what a run did, not what came out of it
RETURN elementId(node) AS at, labels(node) AS labels, properties(node) AS properties
"""
PIECES = """
CYPHER 25
MATCH (document:Document {workspace: $workspace})-->(piece:Part|Text)
RETURN elementId(piece) AS at, labels(piece) AS labels, properties(piece) AS properties, document.source AS source
"""
EDGES = """
CYPHER 25
MATCH (start)-[edge]->(end) WHERE start.workspace = $workspace OR end.workspace = $workspace
RETURN elementId(start) AS start, type(edge) AS type, properties(edge) AS properties, elementId(end) AS end
"""
ORPHANS = """
CYPHER 25
MATCH (node)
WHERE (node:Part AND NOT EXISTS { (:Document)-[:HAS_PART]->(node) })
  OR (node:Text AND NOT EXISTS { (:Document)-[:HAS_TEXT]->(node) })
  OR (node:Chunk AND NOT EXISTS { (:Document)-[:HAS_CHUNK]->(node) })
  OR (node:Entity AND NOT EXISTS { (:Chunk)-[:MENTIONS]->(node) })
RETURN labels(node) AS labels, properties(node) AS properties
UNION
MATCH (start)-[edge:RELATES]->(end)
WHERE NOT EXISTS { (:Chunk)-[:STATES {relation_id: edge.id}]->() }
RETURN [type(edge)] AS labels, properties(edge) AS properties
"""
FOUND = """
CYPHER 25
CALL db.index.fulltext.queryNodes('chunk_text', 'scope:' + $scope) YIELD node
WITH count(node) AS chunks
CALL db.index.fulltext.queryNodes('entity_name', 'scope:' + $scope) YIELD node
RETURN chunks, count(node) AS entities
"""


@dataclass(slots=True)
class Dump:
    """What a workspace says, line by line, and its vectors by the name of what they belong to."""

    lines: Counter[str] = field(default_factory=Counter[str])
    vectors: dict[str, Any] = field(default_factory=dict[str, Any])
    residue: list[str] = field(default_factory=list[str])
    """What unfinished work has left, and ids that are not the hashes they have to be."""

    def count(self, kind: str) -> int:
        """How many lines there are of a label or a relationship type."""
        return sum(times for line, times in self.lines.items() if line.startswith(f"{kind} "))

    def differences(self, other: Dump) -> list[str]:
        """What is only here (-) or only there (+), and vectors that are not the same."""
        gone = [f"- {line}" for line in (self.lines - other.lines).elements()]
        new = [f"+ {line}" for line in (other.lines - self.lines).elements()]
        named = [f"vector of {name} on one side only" for name in self.vectors.keys() ^ other.vectors.keys()]
        shared = self.vectors.keys() & other.vectors.keys()
        moved = [f"vector of {name} differs" for name in shared if not _close(self.vectors[name], other.vectors[name])]
        return sorted(gone) + sorted(new) + sorted(named) + sorted(moved)


def _close(one: Any, two: Any) -> bool:
    return len(one) == len(two) and bool(np.abs(np.asarray(one) - np.asarray(two)).max() < CLOSE)


async def dump(graph: Graph, workspace: str) -> Dump:
    """Everything in a workspace but ids, which contain its name and are compared with what they have to be."""
    return await _Dumper(graph, workspace).whole()


async def orphans(graph: Graph) -> list[dict[str, Any]]:
    """Whatever belongs to nothing, in any workspace."""
    return await graph.execute(ORPHANS)


class _Dumper:
    def __init__(self, graph: Graph, workspace: str) -> None:
        self.graph = graph
        self.workspace = workspace
        self.dump = Dump()
        self.names: dict[str, str] = {}
        """Canonical names by element id."""
        self.nodes: dict[str, dict[str, Any]] = {}
        """Properties by element id."""
        self.pairs: dict[str, str] = {}
        """The ends of relations, by relation id."""
        self.sources: dict[str, str] = {}
        """Sources of documents, by document id."""

    async def whole(self) -> Dump:
        nodes = await self.graph.execute(NODES, workspace=self.workspace)
        nodes += await self.graph.execute(PIECES, workspace=self.workspace)
        edges = await self.graph.execute(EDGES, workspace=self.workspace)
        self.sources = {
            row["properties"]["id"]: row["properties"]["source"] for row in nodes if "Document" in row["labels"]
        }
        for row in nodes:
            self.node(row)
        for row in sorted(edges, key=lambda row: row["type"] != "RELATES"):  # STATES are named by the ends of these
            self.edge(row)
        self.chunk_ids([row["properties"] for row in nodes if "Chunk" in row["labels"]])
        found = (await self.graph.execute(FOUND, scope=keys.scope(self.workspace)))[0]
        self.add("Found", "by full text", dict(found))
        return self.dump

    def node(self, row: dict[str, Any]) -> None:
        labels, own = sorted(row["labels"]), dict(row["properties"])
        self.nodes[row["at"]] = row["properties"]
        kind = next((kind for kind in ("Document", "Chunk", "Entity", "Part", "Text") if kind in labels), "Other")
        name = self.names[row["at"]] = f"{kind} {self.named(kind, row)}"
        if kind in ("Chunk", "Entity"):
            self.expect(name, "scope", own.pop("scope", None), keys.scope(self.workspace))
        if kind in ("Document", "Chunk", "Entity"):
            self.expect(name, "workspace", own.pop("workspace"), self.workspace)
            id_ = own.pop("id")
        if kind == "Document":
            self.expect(name, "id", id_, keys.document_id(self.workspace, own["source"]))
        if kind == "Chunk":
            own["document_id"] = self.sources.get(own["document_id"], "no such document")
        if kind == "Entity":
            self.expect(name, "id", id_, keys.entity_id(self.workspace, own["key"]))
        if kind == "Part":
            own["data"] = hashlib.sha256(own["data"]).hexdigest()
        self.add(name, ":".join(labels), own)

    def named(self, kind: str, row: dict[str, Any]) -> str:
        own = row["properties"]
        if kind == "Chunk":
            return f"{self.sources.get(own['document_id'])} {own['position']}"
        if kind == "Part":
            return f"{row['source']} {own['position']}"
        return str(own.get({"Document": "source", "Entity": "key"}.get(kind, ""), row.get("source")))

    def edge(self, row: dict[str, Any]) -> None:
        start, end, own = self.names.get(row["start"]), self.names.get(row["end"]), dict(row["properties"])
        arrow = f"{start} -> {end}"
        if row["type"] == "RELATES":
            ends = [self.nodes[row["start"]], self.nodes[row["end"]]]
            low, high = sorted(node["key"] for node in ends)
            arrow = f"{low} -- {high}"  # the direction is that of the first statement, whichever that was
            id_ = own.pop("id")
            self.pairs[id_] = arrow
            self.expect(arrow, "id", id_, keys.relation_id(self.workspace, low, high))
            self.expect(arrow, "workspace", own.pop("workspace"), self.workspace)
            for name, node in zip(("source_id", "target_id"), ends, strict=True):
                self.expect(arrow, name, own.pop(name), node["id"])
        if row["type"] == "STATES":
            own["relation_id"] = self.pairs.get(own["relation_id"], "no such relation")
        self.add(f"{row['type']} {arrow}", row["type"], own)

    def chunk_ids(self, chunks: list[dict[str, Any]]) -> None:
        """A chunk's id is the hash of its document, its text, and which of the equal texts it is."""
        seen: Counter[tuple[str, str]] = Counter()
        for own in sorted(chunks, key=lambda own: (own["document_id"], own["position"])):
            place = own["document_id"], own["text"]
            expected = keys.chunk_id(*place, seen[place])
            self.expect(f"Chunk {place[0]} {own['position']}", "id", own["id"], expected)
            seen[place] += 1

    def add(self, name: str, labels: str, own: dict[str, Any]) -> None:
        self.dump.residue += [f"{name}: {key} = {own[key]!r}" for key in sorted(own.keys() & RESIDUE)]
        vector = own.pop("embedding", None)
        if vector is not None:
            self.dump.vectors[name] = vector
        kept = {key: _rounded(own[key]) for key in sorted(own.keys() - OUTSIDE - RESIDUE)}
        self.dump.lines[f"{name} {labels} {kept} {len(vector or ())}"] += 1

    def expect(self, name: str, what: str, found: Any, expected: Any) -> None:
        if found != expected:
            self.dump.residue.append(f"{name}: {what} is {found!r} instead of {expected!r}")


def _rounded(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value
