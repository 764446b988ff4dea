"""Brings a database to this program's schema, in numbered steps, and tells what is missing."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass
from typing import LiteralString, cast

from neolight.errors import GraphMismatch
from neolight.graph.gateway import Graph
from neolight.graph.query import CYPHER, query

MINIMUM_SERVER = (2026, 9)
"""Full-text SEARCH came with 2026.09."""

LOCK_POLLS = 120


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether the schema lock was taken."""

    taken: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A schema version that has been applied."""

    version: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that the database has recorded."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index and its state; progress in percent."""

    name: str
    type: str
    state: str
    progress: float


@dataclass(frozen=True, slots=True)
class Server:
    """The server's version and edition."""

    version: str
    edition: str


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """The one embedding model of a database: provider, model name, dimensions."""

    provider: str
    model: str
    dimensions: int


CLAIM = query("setup/claim", Taken)
RELEASE = query("setup/release")
VERSIONS = query("setup/versions", Version)
RECORD_VERSION = query("setup/record_version")
SETTINGS = query("setup/settings", Setting)
RECORD_SETTING = query("setup/record_setting", Setting)
INDEXES = query("setup/indexes", Index)
SERVER = query("setup/server", Server)


def steps() -> dict[int, tuple[LiteralString, ...]]:
    """The numbered schema files, each as its statements, in order."""
    files = sorted((CYPHER / "setup").glob("[0-9][0-9][0-9]_*.cypher"))
    return {int(path.name[:3]): _statements(path.read_text("utf-8")) for path in files}


def _statements(text: str) -> tuple[LiteralString, ...]:
    bare = re.sub(r"^//[^\n]*\n", "", text, flags=re.MULTILINE)
    return tuple(cast("LiteralString", f"CYPHER 25 {part.strip()}") for part in bare.split(";") if part.strip())


async def check_server(graph: Graph) -> Server:
    """The server's version.

    Raises:
        GraphMismatch: the server is older than this program needs.
    """
    server = await graph.fetch_one(SERVER)
    if server is None or tuple(int(part) for part in re.findall(r"\d+", server.version)[:2]) < MINIMUM_SERVER:
        found = server.version if server else "unknown"
        wanted = ".".join(f"{part:02}" for part in MINIMUM_SERVER)
        raise GraphMismatch(
            f"Neo4j {found} is too old: Neolight needs {wanted} or newer.",
            hint="Upgrade the server, or unset NEO4J_URI.",
        )
    return server


async def recorded_space(graph: Graph) -> EmbeddingSpace | None:
    """The embedding model that the database has recorded, or None on a new one."""
    found = {setting.key: setting.value for setting in await graph.fetch(SETTINGS)}
    if "embedding_dimensions" not in found:
        return None
    return EmbeddingSpace(found["embedding_provider"], found["embedding_model"], int(found["embedding_dimensions"]))


async def check_indexes(graph: Graph, wanted: frozenset[str]) -> int:
    """How many indexes are online.

    Raises:
        GraphMismatch: one of those wanted is missing or failed.
    """
    found = {index.name: index for index in await graph.fetch(INDEXES)}
    bad = sorted(name for name in wanted if name not in found or found[name].state == "FAILED")
    if bad:
        raise GraphMismatch(
            f"These indexes are missing or failed: {', '.join(bad)}.",
            hint="Drop what is left of them and delete the SchemaVersion nodes; the next start makes them anew.",
        )
    return sum(index.state == "ONLINE" for index in found.values())


async def prepare(graph: Graph, space: EmbeddingSpace) -> EmbeddingSpace:
    """Applies the schema files that the graph lacks, one process at a time, and records the embedding model.

    Returns the space in force: what an earlier process recorded wins.

    Raises:
        GraphMismatch: the server is too old, or the graph is newer than this program.
    """
    await check_server(graph)
    wanted = steps()
    owner = secrets.token_hex(8)
    if await _missing(graph, wanted):
        await _lock(graph, owner)
        try:
            await _apply(graph, wanted, space)
        finally:
            await graph.fetch(RELEASE, owner=owner)
    recorded = await recorded_space(graph)
    if recorded is None:
        raise GraphMismatch("The graph has a schema but no embedding model.", hint="Delete the database's indexes.")
    return recorded


async def _missing(graph: Graph, wanted: dict[int, tuple[LiteralString, ...]]) -> list[int]:
    applied = {row.version for row in await graph.fetch(VERSIONS)}
    newer = sorted(applied - wanted.keys())
    if newer:
        raise GraphMismatch(
            f"This graph has schema version {newer[-1]}, which is newer than this program's {max(wanted)}.",
            hint="Upgrade Neolight.",
        )
    return sorted(wanted.keys() - applied)


async def _lock(graph: Graph, owner: str) -> None:
    for _ in range(LOCK_POLLS):
        row = await graph.fetch_one(CLAIM, owner=owner)
        if row is not None and row.taken:
            return
        await asyncio.sleep(0.5)
    raise GraphMismatch("Another process holds the schema lock.", hint="Wait a minute and start again.")


async def _apply(graph: Graph, wanted: dict[int, tuple[LiteralString, ...]], space: EmbeddingSpace) -> None:
    missing = await _missing(graph, wanted)
    for key in ("provider", "model", "dimensions"):
        await graph.fetch(RECORD_SETTING, key=f"embedding_{key}", value=str(getattr(space, key)))
    recorded = await recorded_space(graph) or space
    vector = {"vector.dimensions": recorded.dimensions, "vector.similarity_function": "cosine"}
    options = {"indexConfig": {**vector, "vector.quantization.type": "SCALAR"}}
    for version in missing:
        for statement in wanted[version]:
            params = {"vector_options": options} if "$vector_options" in statement else {}
            await graph.execute(statement, **params)
        await graph.fetch(RECORD_VERSION, version=version)
    await graph.execute("CALL db.awaitIndexes(300)")
