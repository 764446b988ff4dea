"""What the graph's tests work with: documents that are queued, claimed and written without reader or model."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neolight.graph import documents, entities, keys, relations, writer
from neolight.graph.documents import Claim, Enqueued, Original
from neolight.graph.gateway import Graph, Transaction
from neolight.graph.query import Query, read_file
from neolight.graph.rows import Prepared, PreparedChunk
from neolight.graph.writer import Committed
from neolight.models import Extraction, Mention, Statement, TextChunk, Vector

DIMENSIONS = 256
"""Those of the embedding model that comes with the program."""

LEASE = 3600

Part = tuple[str, Extraction | None]
"""A passage: its text and what it says; None where the graph is to have it already."""

# What CLAIM does, for the documents of one workspace: in the transaction that queues them, no worker can come between.
TAKE: Query[Claim] = replace(
    documents.CLAIM,
    name="tests/take",
    text="""CYPHER 25
    MATCH (document:Document {workspace: $workspace, status: 'pending'})
    WHERE document.track_id = $track_id
    SET document.status = 'processing', document.step = 'read', document.lease_owner = 'graph tests',
      document.lease_token = randomUUID(), document.attempts = document.attempts + 1,
      document.lease_until = datetime.realtime() + duration({seconds: $seconds})
    RETURN"""
    + documents.CLAIM.text.rpartition("RETURN")[2],
)


def vector(text: str) -> Vector:
    """A bag of words as a vector of unit length: texts that share words are near each other."""
    total = np.full(DIMENSIONS, 1e-6, np.float32)
    for word in re.findall(r"\w+", text.lower()):
        seed = int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "big")
        total += np.random.default_rng(seed).standard_normal(DIMENSIONS, np.float32)
    return total / np.linalg.norm(total)


def original(source: str, data: bytes | str = b"bytes", **more: str) -> Original:
    """A file as it was given."""
    content = data.encode() if isinstance(data, str) else data
    return Original(source, more.get("title", source), more.get("media_type", "text/plain"), content)


def says(*mentions: tuple[str, str, str], states: Sequence[tuple[str, str, str, str, float]] = ()) -> Extraction:
    """What a passage says: (name, type, description) and (source, target, keywords, description, weight)."""
    found = tuple(Statement(s, t, tuple(k.split(", ")) if k else (), d, w) for s, t, k, d, w in states)
    return Extraction(tuple(Mention(*mention) for mention in mentions), found)


async def take(
    graph: Graph, workspace: str, originals: Sequence[Original], *, seconds: int = LEASE
) -> dict[str, Claim]:
    """Queues originals and claims them; the claims by source."""
    track = f"track-{keys.digest(workspace, *(one.source for one in originals))}"
    unique = {one.source: one for one in originals}
    rows = [documents._row(workspace, unique[source]) for source in sorted(unique)]
    scope = keys.scope(workspace)

    async def work(tx: Transaction) -> list[Claim]:
        await tx.run(documents.ENQUEUE, workspace=workspace, scope=scope, track_id=track, rows=rows)
        return await tx.run(TAKE, workspace=workspace, track_id=track, seconds=seconds)

    return {claim.source: claim for claim in await graph.transaction(work)}


def prepared(claim: Claim, *parts: Part, **more: Any) -> Prepared:
    """A document that consists of these passages."""
    chunks: list[PreparedChunk] = []
    seen: dict[str, int] = {}
    at = 0
    for position, (text, extraction) in enumerate(parts):
        ordinal = seen[text] = seen.get(text, -1) + 1
        chunk = TextChunk(position, text, len(text.split()), at, at + len(text), page=1, section="Section")
        embedding = None if extraction is None else vector(text)
        chunks.append(PreparedChunk(keys.chunk_id(claim.id, text, ordinal), chunk, embedding, extraction))
        at += len(text) + 2
    whole = "\n\n".join(text for text, _ in parts)
    return Prepared(claim, more.get("title", claim.title), whole, tuple(chunks), more.get("metadata", {}))


async def embed(graph: Graph, committed: Committed) -> None:
    """Gives what has changed its vectors."""
    if committed.entities:
        await entities.embed(graph, committed.entities, np.stack([vector(row.text) for row in committed.entities]))
    if committed.relations:
        await relations.embed(graph, committed.relations, np.stack([vector(row.text) for row in committed.relations]))


async def write(graph: Graph, workspace: str, files: Mapping[str, Sequence[Part]]) -> Committed:
    """Queues, claims and writes documents in one transaction, and embeds what has changed."""
    given = [original(source, repr(parts)) for source, parts in files.items()]
    claims = await take(graph, workspace, given)
    committed = await writer.commit(graph, workspace, [prepared(claims[s], *parts) for s, parts in files.items()])
    await embed(graph, committed)
    return committed


async def enqueue(graph: Graph, workspace: str, *originals: Original, track_id: str = "track") -> list[Enqueued]:
    """Queues originals."""
    return await documents.enqueue(graph, workspace, originals, track_id=track_id)


async def rows(graph: Graph, statement: str, **params: Any) -> list[dict[str, Any]]:
    """What a statement of a test returns."""
    return await graph.execute("CYPHER 25 " + statement, **params)  # type: ignore[arg-type]


async def one(graph: Graph, statement: str, **params: Any) -> dict[str, Any]:
    """The only row of a statement."""
    (row,) = await rows(graph, statement, **params)
    return row


async def blocked(graph: Graph) -> None:
    """Waits until a transaction waits for a lock."""
    for _ in range(500):
        if await rows(graph, "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN status"):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing waits for a lock")


async def counted(graph: Graph, workspace: str) -> dict[str, int]:
    """How many nodes of each of the system's labels belong to a workspace, originals and texts among them."""
    found = await rows(
        graph,
        """CALL () {
          MATCH (node:Document|Chunk|Entity|Query|Job|Alias {workspace: $workspace}) RETURN node
          UNION MATCH (node:Workspace {name: $workspace}) RETURN node
          UNION MATCH (:Document {workspace: $workspace})-[:HAS_PART|HAS_TEXT]->(node) RETURN node
        }
        UNWIND [label IN labels(node) WHERE label IN $system] AS label
        RETURN label, count(*) AS count""",
        workspace=workspace,
        system=sorted(keys.SYSTEM_LABELS),
    )
    return {row["label"]: row["count"] for row in found}


async def everything(graph: Graph) -> dict[str, int]:
    """How many nodes of each label the whole database holds: what an attack would have changed."""
    found = await rows(graph, "MATCH (node) UNWIND labels(node) AS label RETURN label, count(*) AS count")
    return {row["label"]: row["count"] for row in found}


async def entity(graph: Graph, workspace: str, name: str) -> dict[str, Any] | None:
    """An entity with all its properties and labels."""
    found = await rows(
        graph,
        "MATCH (e:Entity {workspace: $workspace, key: $key}) RETURN e {.*, labels: labels(e)} AS entity",
        workspace=workspace,
        key=keys.entity_key(name),
    )
    return found[0]["entity"] if found else None


async def relation(graph: Graph, workspace: str, one_end: str, other: str) -> dict[str, Any] | None:
    """A relation with all its properties."""
    found = await rows(
        graph,
        "MATCH (s)-[r:RELATES {id: $id}]->(t) RETURN r {.*, source: s.name, target: t.name} AS relation",
        id=keys.relation_id(workspace, keys.entity_key(one_end), keys.entity_key(other)),
    )
    return found[0]["relation"] if found else None


async def snapshot(graph: Graph, workspace: str) -> dict[str, list[Any]]:
    """All that a workspace's documents have become, without times and revisions; relations have no direction in it."""
    statements = {
        "chunks": """MATCH (d:Document {workspace: $w})-[:HAS_CHUNK]->(c:Chunk)
          RETURN c {.id, .document_id, .position, .text, .tokens, .page, .section, .start, .end, .scope, .embedding,
            after: [(p:Chunk)-[:NEXT]->(c) | p.id]} AS row ORDER BY c.id""",
        "entities": """MATCH (e:Entity {workspace: $w})
          RETURN e {.*, created_at: null, labels: COLLECT { UNWIND labels(e) AS l RETURN l ORDER BY l }} AS row
          ORDER BY e.key""",
        "mentions": """MATCH (c:Chunk {workspace: $w})-[m:MENTIONS]->(e:Entity)
          RETURN m {.*, chunk: c.id, entity: e.key} AS row ORDER BY c.id, e.key""",
        "statements": """MATCH (c:Chunk {workspace: $w})-[s:STATES]->(e:Entity)
          RETURN s {.*, chunk: c.id, entity: e.key} AS row ORDER BY c.id, s.relation_id, e.key""",
        "relations": """MATCH (a:Entity {workspace: $w})-[r:RELATES]-(b:Entity) WHERE a.key <= b.key
          RETURN r {.*, created_at: null, source_id: null, target_id: null, one: a.key, other: b.key} AS row
          ORDER BY r.id""",
        "texts": """MATCH (d:Document {workspace: $w})-[:HAS_TEXT]->(t:Text)
          RETURN d {.id, .source, .title, .status, .characters, .chunk_count, text: t.text} AS row ORDER BY d.id""",
    }
    found = {name: await rows(graph, statement, w=workspace) for name, statement in statements.items()}
    return {name: [row["row"] for row in items] for name, items in found.items()}


async def explored(graph: Graph, name: str, **params: Any) -> list[dict[str, Any]]:
    """What a query for people, of cypher/explore, returns."""
    return await graph.execute(read_file(f"explore/{name}"), **params)  # type: ignore[arg-type]


async def wiped(graph: Graph, workspace: str) -> None:
    """Deletes all that belongs to a workspace."""
    await rows(
        graph,
        """MATCH (document:Document {workspace: $workspace})
        OPTIONAL MATCH (document)-[:HAS_PART|HAS_TEXT]->(part) DETACH DELETE part, document""",
        workspace=workspace,
    )
    await rows(
        graph, "MATCH (n:Chunk|Entity|Query|Job|Alias {workspace: $workspace}) DETACH DELETE n", workspace=workspace
    )
    await rows(graph, "MATCH (n:Workspace {name: $workspace}) DETACH DELETE n", workspace=workspace)


async def chain(graph: Graph, document: str) -> list[str]:
    """The texts of a document's chunks in order, after making sure that NEXT is exactly that order."""
    found = await rows(
        graph,
        """MATCH (:Document {id: $id})-[:HAS_CHUNK]->(c:Chunk)
        RETURN c.id AS id, c.text AS text, [(c)-[:NEXT]->(n) | n.id] AS next ORDER BY c.position""",
        id=document,
    )
    assert [row["next"] for row in found] == [[row["id"]] for row in found[1:]] + [[]] * bool(found)
    return [row["text"] for row in found]


async def properties(graph: Graph, id_: str) -> dict[str, object]:
    return (await one(graph, "MATCH (d:Document {id: $id}) RETURN properties(d) AS found", id=id_))["found"]
