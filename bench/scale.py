"""How loading and retrieval grow with the graph: `python bench/scale.py --chunks 10000 100000 1000000`.

For each size a synthetic graph is imported into a Neo4j of its own; then every mode is asked the same questions by 1, 8
and 32 clients at once, through the program's own retrieval, and the vector index is compared with exact search.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import limits
from load import SPACE, Loaded, load
from machine import cpu_seconds, facts, resident_mb
from neolight import embedded
from neolight.deps import Deps
from neolight.embedded import EmbeddedServer
from neolight.graph.gateway import Graph, bolt_vector, connect
from neolight.ingest.extractor import PlainExtractor
from neolight.models import Filter, Keywords, Retrieval, Vectors
from neolight.retrieval.retrieve import Wanted, retrieve
from shape import Asked, Shape
from synthetic import Synthetic

RESULTS = Path(__file__).parent / "results"
CLIENTS = (1, 8, 32)
WARM_UP = 30
NEAREST = """
CYPHER 25
MATCH (chunk:Chunk)
  SEARCH chunk IN (VECTOR INDEX chunk_embedding FOR $vector WHERE chunk.workspace = $workspace LIMIT $k) SCORE AS score
RETURN chunk.id AS id ORDER BY score DESC
"""


class Given:
    """An embedding model that knows the vectors of its texts beforehand, so that only retrieval is measured."""

    name, dimensions, resting, down = SPACE.model, SPACE.dimensions, 0.0, False

    def __init__(self, questions: Sequence[Asked]) -> None:
        self._vectors = {text(question): question.vector for question in questions}

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """The vectors of texts: shape (n, dimensions)."""
        return np.stack([self._vectors[one] for one in texts])

    async def close(self) -> None:
        """Nothing is open."""


def text(question: Asked) -> str:
    """A question as it is typed."""
    return ", ".join((" ".join(question.words), *question.names))


@dataclass(frozen=True)
class Answered:
    """A question, what it found, and the milliseconds that it took."""

    question: Asked
    found: Retrieval
    milliseconds: float


def nearest(vectors: NDArray[np.int8], rows: NDArray[np.int64], question: NDArray[np.float32], count: int) -> list[int]:
    """Of these rows of vectors of any length, those nearest to a question by cosine, by comparing all of them."""
    some = np.asarray(vectors[rows], np.float32)
    scores = some @ question / np.linalg.norm(some, axis=1)
    return [int(row) for row in rows[np.argsort(-scores)[:count]]]


async def measure(graph: Synthetic, loaded: Loaded, modes: Sequence[str], requests: int) -> dict[str, Any]:
    """Latency in milliseconds by mode and number of clients, and recall of the vector index against exact search."""
    questions = list(graph.questions(requests))
    server = loaded.server
    async with connect(server.uri, server.username, server.password) as opened:
        deps = Deps(opened, Given(questions), PlainExtractor(), None)
        pid = server.pid
        latency = []
        for mode in modes:
            await run(deps, mode, questions[:WARM_UP])
            for clients in CLIENTS:
                before, own = cpu_seconds(pid), time.process_time()
                started = time.monotonic()
                answered = await run(deps, mode, questions, clients)
                assert all(one.found.passages for one in answered), "a question found nothing"
                times = [one.milliseconds for one in answered]
                wall = time.monotonic() - started
                latency.append(
                    {
                        "mode": mode,
                        "clients": clients,
                        "p50": round(float(np.percentile(times, 50)), 1),
                        "p95": round(float(np.percentile(times, 95)), 1),
                        "questions/s": round(len(times) / wall, 1),
                        "neo4j cpu ms": round(1000 * (cpu_seconds(pid) - before) / len(times), 1),
                        "own cpu ms": round(1000 * (time.process_time() - own) / len(times), 1),
                    }
                )
                print(latency[-1], flush=True)
        recall = await _recall(opened, questions[:50], loaded.folder)
        floor = await _floor(opened, questions[:50])
        bolt = await limits.round_trip(opened)
    return {
        "latency": latency,
        "recall@10": recall,
        "one index search ms": floor,
        "one round trip ms": bolt,
        "bytes": await _bytes(server, questions[:50], modes),
        "neo4j mb": resident_mb(pid),
    }


async def run(
    deps: Deps,
    mode: str,
    questions: Sequence[Asked],
    clients: int = 1,
    only: Callable[[Asked], Filter | None] = lambda _: None,
) -> list[Answered]:
    """Asks questions, each client one at a time; the answers are in the order in which they came."""
    waiting = iter(questions)
    answered: list[Answered] = []

    async def client() -> None:
        for question in waiting:
            started = time.perf_counter()
            wanted = Wanted(text(question), mode, keywords=Keywords(low=question.names), filter=only(question))
            found = await retrieve(deps, question.workspace, wanted)
            answered.append(Answered(question, found, 1000 * (time.perf_counter() - started)))

    await asyncio.gather(*(client() for _ in range(clients)))
    return answered


async def _bytes(server: EmbeddedServer, questions: Sequence[Asked], modes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By mode: what a question sends to Neo4j and gets from it in bytes, and the milliseconds of moving the latter."""
    moved: dict[str, dict[str, Any]] = {}
    async with limits.counted(server.uri) as (uri, counter), connect(uri, server.username, server.password) as opened:
        deps = Deps(opened, Given(questions), PlainExtractor(), None)
        for mode in modes:
            await run(deps, mode, questions[:1])
            sent, received = counter.sent, counter.received
            await run(deps, mode, questions)
            mean = [
                round((now - was) / len(questions)) for now, was in ((counter.sent, sent), (counter.received, received))
            ]
            moved[mode] = {"sent": mean[0], "received": mean[1]}
    async with connect(server.uri, server.username, server.password) as opened:
        for one in moved.values():
            one["ms"] = await limits.transfer(opened, one["received"])
    return moved


async def _recall(opened: Graph, questions: Sequence[Asked], folder: Path) -> float:
    """The share of the ten exactly nearest chunks that the index finds."""
    vectors = np.load(folder / "csv" / "chunks.npy")
    rows = np.arange(len(vectors))
    shares = []
    for question in questions:
        exact = {f"chunk-{number}" for number in nearest(vectors, rows, question.vector, 10)}
        found = await _nearest(opened, question)
        shares.append(len(exact & found) / 10)
    return round(float(np.mean(shares)), 4)


async def _floor(opened: Graph, questions: Sequence[Asked]) -> float:
    """The median of one search of one vector index, the least that any mode needs."""
    times = []
    for question in questions:
        started = time.perf_counter()
        await _nearest(opened, question)
        times.append(1000 * (time.perf_counter() - started))
    return round(float(np.median(times)), 2)


async def _nearest(opened: Graph, question: Asked) -> set[str]:
    rows = await opened.execute(NEAREST, vector=bolt_vector(question.vector), workspace=question.workspace, k=10)
    return {row["id"] for row in rows}


async def main() -> None:
    """Measures each size and writes results/scale.json after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--modes", nargs="+", default=["naive", "mix"])
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/neolight-scale"))
    parser.add_argument("--out", type=Path, default=RESULTS / "scale.json")
    known = parser.parse_args()
    sizes: list[dict[str, Any]] = []
    for chunks in known.chunks:
        graph = Synthetic(Shape(chunks))
        loaded = await load(graph, known.folder)
        rows = {name: value for name, value in asdict(loaded).items() if name in {"counts", "seconds", "megabytes"}}
        sizes.append({"chunks": chunks, **rows, **await measure(graph, loaded, known.modes, known.requests)})
        known.out.parent.mkdir(exist_ok=True)
        known.out.write_text(json.dumps({"machine": facts(), "sizes": sizes}, indent=2) + "\n")
        embedded.stop(known.folder)


if __name__ == "__main__":
    asyncio.run(main())
