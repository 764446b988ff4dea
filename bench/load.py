"""Imports a synthetic graph into an embedded Neo4j of its own, and builds the program's indexes over it."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from neolight import embedded
from neolight.embedded.admin import run_admin
from neolight.embedded.config import conf_text
from neolight.embedded.layout import ServerOptions, silent
from neolight.embedded.ports import BOLT_PORT, HTTP_PORT
from neolight.embedded.server import class_path_of, make_home
from neolight.graph import setup
from neolight.graph.gateway import Graph, connect
from neolight.settings import Settings
from shape import DIMENSIONS, Shape
from synthetic import EDGES, NODES, Synthetic

HOURS = 6 * 3600.0
SPACE = setup.EmbeddingSpace("wordllama", "synthetic", DIMENSIONS)


@dataclass
class Loaded:
    """A graph in a running server: how many there are of each kind, and seconds and megabytes by name."""

    server: embedded.EmbeddedServer
    counts: dict[str, int]
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    megabytes: dict[str, float] = field(default_factory=dict[str, float])


async def load(graph: Synthetic, folder: Path) -> Loaded:
    """Writes, imports and indexes a graph; what was in the folder before is deleted. Raises EmbeddedServerError."""
    embedded.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)
    seconds: dict[str, float] = {}
    started = time.monotonic()
    files = folder / "csv"
    counts = graph.write(files)
    seconds["generate"] = time.monotonic() - started
    started = time.monotonic()
    await asyncio.to_thread(_import, folder, files)
    seconds["import"] = time.monotonic() - started
    for file in files.glob("*.csv"):
        file.unlink()
    options = ServerOptions(idle_minutes=600)
    server = await asyncio.to_thread(embedded.ensure, folder, Settings().cache_dir, options=options)
    loaded = Loaded(server, counts, folder, seconds)
    async with connect(server.uri, server.username, server.password) as opened:
        started = time.monotonic()
        await _index(opened)
        seconds["indexes"] = time.monotonic() - started
    loaded.megabytes = megabytes(folder)
    return loaded


def megabytes(folder: Path) -> dict[str, float]:
    """What the store takes on disk, and what of it the vector and full-text indexes take."""
    data = folder / "neo4j" / "data" / "databases" / "neo4j"
    return {"store": _size(data), "search indexes": _size(data / "schema" / "index")}


def _size(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)


def _import(folder: Path, files: Path) -> None:
    home = make_home(folder)
    class_path = class_path_of(None, Settings().cache_dir, silent)
    home.config.write_text(conf_text(home, class_path.version, (BOLT_PORT, HTTP_PORT), ServerOptions()))
    nodes = [
        f"--nodes={label}={files / name}.csv" if label else f"--nodes={files / name}.csv"
        for label, name in NODES.items()
    ]
    edges = [f"--relationships={kind}={files / name}.csv" for kind, name in EDGES.items()]
    options = ("--id-type=integer", "--array-delimiter=;", "--overwrite-destination=true")
    run_admin(home, class_path, "database", "import", "full", "neo4j", *options, *nodes, *edges, timeout=HOURS)
    home.loaded.touch()  # or the first start would take it for what a start that was cut off has left


async def _index(graph: Graph) -> None:
    """The program's schema; large indexes are waited for before the program looks for them."""
    vector = {"vector.dimensions": DIMENSIONS, "vector.similarity_function": "cosine"}
    options = {"indexConfig": {**vector, "vector.quantization.type": "SCALAR"}}
    for statements in setup.steps().values():
        for statement in statements:
            await graph.execute(statement, **({"vector_options": options} if "$vector_options" in statement else {}))
    while True:
        rows = await graph.execute("SHOW INDEXES YIELD name, state, populationPercent WHERE state <> 'ONLINE' RETURN *")
        if not rows:
            break
        await asyncio.sleep(2)
    await setup.prepare(graph, SPACE)


if __name__ == "__main__":
    made = asyncio.run(load(Synthetic(Shape(10_000)), Path("/tmp/neolight-scale")))
    print(made.counts, made.seconds, made.megabytes)
