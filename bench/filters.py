"""What filters cost and lose: `python bench/filters.py --chunks 100000`.

A synthetic graph of one workspace is asked in the modes `naive` and `mix`, confined to one document in 10, in 100, in
1,000 and in 10,000: by their ids, by metadata, and by a type that as few entities have. What the search found is
compared with exact search.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from load import Loaded, load
from machine import facts
from neolight import embedded
from neolight.deps import Deps
from neolight.graph.gateway import Graph, connect
from neolight.ingest.extractor import PlainExtractor
from neolight.models import Filter, Keywords
from neolight.retrieval.retrieve import Wanted, retrieve
from scale import RESULTS, Given, nearest, text
from shape import Asked, Shape
from synthetic import Synthetic

SHARES = (10, 100, 1000, 10_000)
TOP = 10
MARK = """
CYPHER 25
UNWIND $documents AS id
MATCH (document:Document {id: id})
SET document[$name] = 'yes'
"""
TYPE = """
CYPHER 25
UNWIND $entities AS id
MATCH (entity:Entity {id: id})
SET entity.type = $name, entity:$($name)
"""


class Chosen:
    """One document in so many, with the chunks and relations that a filter for them lets through, and for a type that
    as large a part of the entities has."""

    def __init__(self, graph: Synthetic, folder: Path, share: int) -> None:
        random = np.random.default_rng(share)
        chunks = graph.shape.chunks
        documents = chunks // graph.shape.chunks_a_document
        self.name = f"Part{share}"
        self.documents = np.sort(random.choice(documents, max(1, documents // share), replace=False))
        self.entities = np.sort(random.choice(chunks, max(1, chunks // share), replace=False))
        stated = np.load(folder / "csv" / "stated.npy")
        mine = np.isin(np.arange(chunks) // graph.shape.chunks_a_document, self.documents)
        self.chunks = np.flatnonzero(mine)
        self.relations = np.unique(stated[mine[stated[:, 0]], 1])
        self.of_type = np.flatnonzero(np.isin(graph.mentions, self.entities).any(axis=1))

    def filters(self) -> dict[str, tuple[Filter, NDArray[np.int64], NDArray[np.int64] | None]]:
        """The filters by kind, each with the chunks and relations that it lets through (None: not compared)."""
        ids = tuple(f"doc-{number}" for number in self.documents)
        return {
            "documents": (Filter(document_ids=ids), self.chunks, self.relations),
            "metadata": (Filter(metadata={self.name.lower(): "yes"}), self.chunks, self.relations),
            "type": (Filter(types=(self.name,)), self.of_type, None),
        }


async def measure(graph: Synthetic, loaded: Loaded, requests: int) -> list[dict[str, Any]]:
    """A row for each kind of filter and share: recall@10 of passages and relations, and milliseconds by mode."""
    questions = list(graph.questions(requests))
    folder, server = loaded.folder, loaded.server
    rows: list[dict[str, Any]] = []
    async with connect(server.uri, server.username, server.password) as opened:
        deps = Deps(opened, Given(questions), PlainExtractor(), None)
        for share in SHARES:
            chosen = Chosen(graph, folder, share)
            await _mark(opened, chosen)
            for kind, (only, chunks, relations) in chosen.filters().items():
                passages, times = await _asked(deps, questions, "naive", only)
                found, mixed = await _asked(deps, questions, "mix", only)
                row: dict[str, Any] = {"filter": kind, "one in": share, "passages": len(chunks)}
                row["recall@10 of passages"] = _recall(
                    folder / "csv" / "chunks.npy", "chunk", chunks, questions, passages
                )
                if relations is not None:
                    stored = folder / "csv" / "relations.npy"
                    row["recall@10 of relations"] = _recall(stored, "rel", relations, questions, found)
                row |= {
                    "naive p50 ms": round(float(np.median(times)), 1),
                    "mix p50 ms": round(float(np.median(mixed)), 1),
                }
                rows.append(row)
                print(row, flush=True)
    return rows


async def _mark(opened: Graph, chosen: Chosen) -> None:
    documents = [f"doc-{number}" for number in chosen.documents]
    await opened.execute(MARK, documents=documents, name=chosen.name.lower())
    await opened.execute(TYPE, entities=[f"ent-{number}" for number in chosen.entities], name=chosen.name)


async def _asked(
    deps: Deps, questions: Sequence[Asked], mode: str, only: Filter
) -> tuple[list[list[str]], list[float]]:
    """Ids of the passages that each question found by vector (`naive`) or of its relations (`mix`); milliseconds."""
    found: list[list[str]] = []
    times: list[float] = []
    for question in questions:
        started = time.perf_counter()
        wanted = Wanted(text(question), mode, keywords=Keywords(low=question.names), chunk_top_k=8 * TOP, filter=only)
        answer = await retrieve(deps, question.workspace, wanted)
        times.append(1000 * (time.perf_counter() - started))
        assert answer.passages, "a question found nothing"
        if mode == "mix":
            found.append([relation.id for relation in answer.relations[:TOP]])
        else:
            ranks = {f"chunk_embedding: rank {place}" for place in range(1, TOP + 1)}
            found.append([passage.id for passage in answer.passages if ranks & set(passage.why)])
    return found, times


def _recall(
    stored: Path, prefix: str, rows: NDArray[np.int64], questions: Sequence[Asked], found: Sequence[Sequence[str]]
) -> float:
    """The share of the ten (or of all, if they are fewer) exactly nearest that were found."""
    vectors = np.load(stored, mmap_mode="r")
    shares = []
    for question, ids in zip(questions, found, strict=True):
        exact = {f"{prefix}-{row}" for row in nearest(vectors, rows, question.vector, TOP)}
        shares.append(len(exact & set(ids)) / max(1, len(exact)))
    return round(float(np.mean(shares)), 3)


async def main() -> None:
    """Measures and writes results/filters.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/neolight-filters"))
    parser.add_argument("--out", type=Path, default=RESULTS / "filters.json")
    known = parser.parse_args()
    graph = Synthetic(Shape(known.chunks))
    loaded = await load(graph, known.folder)
    rows = await measure(graph, loaded, known.requests)
    known.out.parent.mkdir(exist_ok=True)
    known.out.write_text(json.dumps({"machine": facts(), "chunks": known.chunks, "rows": rows}, indent=2) + "\n")
    embedded.stop(known.folder)


if __name__ == "__main__":
    asyncio.run(main())
