"""Writes a graph to Neo4j as LightRAG does: by its own storage class, out of its wheel, which must be on the path.

Run as a process of its own with LightRAG's variables (NEO4J_URI, NEO4J_WORKSPACE, ...); stdin holds {"nodes": [[name,
fields], ...], "edges": [[source, target, fields], ...]}.
"""

from __future__ import annotations

import asyncio
import json
import sys
from types import SimpleNamespace
from typing import Any


async def write(nodes: list[Any], edges: list[Any]) -> None:
    """Writes one by one, as LightRAG does."""
    # All that LightRAG wants of this package is to know that the driver is installed.
    sys.modules["pipmaster"] = SimpleNamespace(is_installed=lambda _name: True)  # type: ignore[assignment]
    from lightrag.kg.neo4j_impl import Neo4JStorage  # noqa: PLC0415
    from lightrag.kg.shared_storage import initialize_share_data  # noqa: PLC0415

    initialize_share_data(1)
    storage = Neo4JStorage("chunk_entity_relation", {}, None)
    await storage.initialize()
    for name, fields in nodes:
        await storage.upsert_node(name, {"entity_id": name, **fields})
    for source, target, fields in edges:
        await storage.upsert_edge(source, target, fields)
    await storage.finalize()


if __name__ == "__main__":
    asyncio.run(write(**json.load(sys.stdin)))
