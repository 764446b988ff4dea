"""What Neo4j alone needs for a finished graph: read out of one workspace, and written anew by a plain script.

One writer, 1,000 rows a transaction, vectors at hand, nothing looked up, merged or accounted for: what any indexing is
to be compared with, on the machine and on the day that it is measured.
"""

from __future__ import annotations

import time
from typing import Any, LiteralString

from neo4j import AsyncDriver, AsyncGraphDatabase

from neolight.embedded import EmbeddedServer

ROWS = 1000
READ: dict[str, LiteralString] = {
    "chunks": "MATCH (n:Chunk {workspace: $workspace}) RETURN n.id AS id, n.text AS text, n.embedding AS vector",
    "entities": """
        MATCH (n:Entity {workspace: $workspace})
        RETURN n.id AS id, n.name AS name, n.description AS description, n.embedding AS vector""",
    "mentions": "MATCH (a:Chunk {workspace: $workspace})-[:MENTIONS]->(b:Entity) RETURN a.id AS source, b.id AS target",
    "relations": """
        MATCH (a:Entity {workspace: $workspace})-[r:RELATES]->(b:Entity)
        RETURN a.id AS source, b.id AS target, r.description AS description, r.embedding AS vector""",
}
WRITE: dict[str, LiteralString] = {
    "chunks": "UNWIND $rows AS row CREATE (n:FloorChunk {id: row.id, text: row.text, vector: toFloatList(row.vector)})",
    "entities": """
        UNWIND $rows AS row
        CREATE (n:FloorEntity {id: row.id, name: row.name, description: row.description,
          vector: toFloatList(row.vector)})""",
    "mentions": """
        UNWIND $rows AS row MATCH (a:FloorChunk {id: row.source}), (b:FloorEntity {id: row.target})
        CREATE (a)-[:FLOOR_MENTIONS]->(b)""",
    "relations": """
        UNWIND $rows AS row MATCH (a:FloorEntity {id: row.source}), (b:FloorEntity {id: row.target})
        CREATE (a)-[:FLOOR_RELATES {description: row.description, vector: toFloatList(row.vector)}]->(b)""",
}
INDEXES: tuple[LiteralString, ...] = (
    "CREATE CONSTRAINT floor_chunk FOR (n:FloorChunk) REQUIRE n.id IS UNIQUE",
    "CREATE CONSTRAINT floor_entity FOR (n:FloorEntity) REQUIRE n.id IS UNIQUE",
    "CREATE FULLTEXT INDEX floor_chunk_text FOR (n:FloorChunk) ON EACH [n.text]",
    "CREATE FULLTEXT INDEX floor_entity_text FOR (n:FloorEntity) ON EACH [n.name, n.description]",
    "CREATE VECTOR INDEX floor_chunk_vector FOR (n:FloorChunk) ON n.vector OPTIONS $options",
    "CREATE VECTOR INDEX floor_entity_vector FOR (n:FloorEntity) ON n.vector OPTIONS $options",
    "CREATE VECTOR INDEX floor_relation_vector FOR ()-[r:FLOOR_RELATES]-() ON r.vector OPTIONS $options",
)


async def write_anew(server: EmbeddedServer, workspace: str = "default") -> dict[str, float]:
    """Seconds by kind of thing, and in all; what is written stays in the database."""
    auth = (server.username, server.password)
    async with AsyncGraphDatabase.driver(server.uri, auth=auth, warn_notification_severity="OFF") as driver:
        read = {kind: await _rows(driver, query, workspace=workspace) for kind, query in READ.items()}
        options = {
            "indexConfig": {
                "vector.dimensions": len(read["chunks"][0]["vector"]),
                "vector.similarity_function": "cosine",
            }
        }
        for index in INDEXES:
            await driver.execute_query(index, options=options)
        await driver.execute_query("CALL db.awaitIndexes()")
        seconds: dict[str, float] = {}
        for kind, rows in read.items():
            started = time.monotonic()
            for first in range(0, len(rows), ROWS):
                await driver.execute_query(WRITE[kind], rows=rows[first : first + ROWS])
            seconds[kind] = round(time.monotonic() - started, 1)
    return seconds | {"all": round(sum(seconds.values()), 1)}


async def _rows(driver: AsyncDriver, query: LiteralString, **parameters: str) -> list[dict[str, Any]]:
    records, _, _ = await driver.execute_query(query, parameters)
    return [record.data() for record in records]
