"""Neolight beside LightRAG and neo4j-graphrag: the same documents, questions, models and version of Neo4j.

    python bench/side_by_side.py CORPUS.jsonl QUESTIONS.jsonl --model-url http://127.0.0.1:18080/v1 \\
        --embedding-model NAME

The files are those of `neolight eval`; the model is any server of the OpenAI protocol. LightRAG comes from its package,
into an environment of its own, with its graph in Neo4j; neo4j-graphrag's HybridCypherRetriever asks Neolight's graph,
because its own writer needs a plugin. Each question is asked once before anything is timed, so that keywords and
vectors are known. At the end a plain script writes Neolight's finished graph once more: how fast the
machine is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import neo4j
import numpy as np
from neo4j_graphrag.retrievers import HybridCypherRetriever
from neo4j_graphrag.types import RetrieverResultItem

import floor
from machine import cpu_seconds, facts
from neolight import embedded
from neolight.evaluate import Question, read_corpus, read_questions
from neolight.evaluate.metrics import DEPTHS, interval, retrieval_scores
from neolight.graph.documents import Original
from neolight.settings import Settings
from scale import RESULTS

LIGHTRAG = "lightrag-hku[api]==1.5.7"
VOCABULARY = Path(__file__).parent.parent / "app" / "neolight" / "llm" / "vocabulary"
PORTS = {"neolight": 19631, "lightrag": 19632}
CLIENTS = (1, 8)
DEPTH = {"top_k": 40, "chunk_top_k": 10}
HOURS = 3 * 3600.0
AROUND = """
MATCH (document:Document)-[:HAS_CHUNK]->(node)
OPTIONAL MATCH (node)-[:MENTIONS]->(entity:Entity)-[relation:RELATES]-(:Entity)
WITH document, node, score, collect(DISTINCT entity.name)[..40] AS entities,
  collect(DISTINCT relation.description)[..40] AS facts
RETURN document.source AS source, node.text AS text, entities, facts, score
"""

Ask = Callable[[Question], Awaitable[list[str]]]
"""Gives the sources of the passages that a system finds, best first."""


class Model:
    """The models' address and names, and the variables by which each system is told."""

    def __init__(self, url: str, chat: str, embedding: str, dimensions: int) -> None:
        self.url, self.chat, self.embedding, self.dimensions = url, chat, embedding, dimensions

    def neolight(self) -> dict[str, str]:
        """For Neolight."""
        return {
            "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": self.url, "NEOLIGHT_LLM_MODEL": self.chat,
            "NEOLIGHT_EMBEDDING_PROVIDER": "openai", "NEOLIGHT_EMBEDDING_MODEL": self.embedding,
        }  # fmt: skip

    def lightrag(self) -> dict[str, str]:
        """For LightRAG: its defaults, but for gleaning, which asks for every passage twice."""
        shared = {"BINDING": "openai", "BINDING_HOST": self.url, "BINDING_API_KEY": "none"}
        both = {f"{role}_{name}": value for role in ("LLM", "EMBEDDING") for name, value in shared.items()}
        return both | {
            "LLM_MODEL": self.chat, "EMBEDDING_MODEL": self.embedding, "EMBEDDING_DIM": str(self.dimensions),
            "OPENAI_API_KEY": "none", "OPENAI_API_BASE": self.url, "LIGHTRAG_GRAPH_STORAGE": "Neo4JStorage",
            "MAX_ASYNC": "16", "MAX_PARALLEL_INSERT": "8", "EMBEDDING_FUNC_MAX_ASYNC": "16", "MAX_GLEANING": "0",
            "RERANK_BINDING": "null", "TIKTOKEN_CACHE_DIR": str(VOCABULARY),
        }  # fmt: skip


class Rest:
    """A server that speaks LightRAG's REST."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def index(self, corpus: Sequence[Original]) -> dict[str, Any]:
        """Sends all documents and waits until none is left to do; seconds, and how many failed."""
        started = time.monotonic()
        for first in range(0, len(corpus), 100):
            some = corpus[first : first + 100]
            texts = {"texts": [one.data.decode() for one in some], "file_sources": [one.source for one in some]}
            (await self._client.post("/documents/texts", json=texts)).raise_for_status()
        while True:
            await asyncio.sleep(1)
            counts = (await self._client.get("/documents/status_counts")).json()["status_counts"]
            done = {name.lower(): count for name, count in counts.items()}
            if done.get("processed", 0) + done.get("failed", 0) >= len(corpus):
                return {"seconds": round(time.monotonic() - started, 1), "failed": done.get("failed", 0)}

    async def ask(self, question: Question) -> list[str]:
        """As `Ask`."""
        body: dict[str, Any] = {"query": question.question, "mode": "mix", **DEPTH}
        if question.keywords:
            body |= {"hl_keywords": question.keywords.high, "ll_keywords": question.keywords.low}
        reply = (await self._client.post("/query/data", json=body)).raise_for_status().json()["data"]
        return [chunk["file_path"] for chunk in reply["chunks"]]


@asynccontextmanager
async def served(
    name: str, command: Sequence[str], env: Mapping[str, str], folder: Path
) -> AsyncGenerator[tuple[Rest, int]]:
    """A server, as its REST and its process id, until the end of the block; its log is in the folder."""
    url = f"http://127.0.0.1:{PORTS[name]}"
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **env}, stdout=log, stderr=subprocess.STDOUT)  # noqa: ASYNC220
        try:
            async with httpx.AsyncClient(base_url=url, timeout=300) as client:
                await _up(client, process)
                yield Rest(client), process.pid
        finally:
            process.terminate()
            process.wait(60)


async def _up(client: httpx.AsyncClient, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError("The server ended; its log tells why.")
        try:
            if (await client.get("/health")).is_success:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.5)
    raise RuntimeError("The server did not come up.")


async def measured(ask: Ask, questions: Sequence[Question], requests: int, pids: Sequence[int]) -> dict[str, Any]:
    """Recall with 95% intervals, and latency in milliseconds by number of clients."""
    scores = [
        retrieval_scores(one.gold, [frozenset({Path(name).stem}) for name in dict.fromkeys(await ask(one))])
        for one in questions
    ]
    result: dict[str, Any] = {}
    for depth in DEPTHS:
        found = interval([score[f"recall@{depth}"] for score in scores])
        result[f"recall@{depth}"] = [round(value, 3) for value in (found.mean, found.low, found.high)]
    for clients in CLIENTS:
        waiting = iter([questions[number % len(questions)] for number in range(requests)])
        before, started = sum(map(cpu_seconds, pids)) + time.process_time(), time.monotonic()
        groups = await asyncio.gather(*(_client(ask, waiting) for _ in range(clients)))
        wall, times = time.monotonic() - started, [one for group in groups for one in group]
        p50, p95 = (round(float(value), 1) for value in np.percentile(times, (50, 95)))
        cpu = sum(map(cpu_seconds, pids)) + time.process_time() - before
        result[f"{clients} clients"] = {
            "p50 ms": p50,
            "p95 ms": p95,
            "questions/s": round(len(times) / wall, 1),
            "cpu ms": round(1000 * cpu / len(times), 1),
        }
    return result


async def _client(ask: Ask, waiting: Any) -> list[float]:
    times = []
    for question in waiting:
        started = time.perf_counter()
        await ask(question)
        times.append(1000 * (time.perf_counter() - started))
    return times


async def neolight_and_retriever(
    folder: Path, model: Model, corpus: Sequence[Original], questions: Sequence[Question], requests: int
) -> dict[str, Any]:
    """Neolight's figures, and those of neo4j-graphrag's retriever on the same graph."""
    server = await asyncio.to_thread(embedded.ensure, folder, Settings().cache_dir)
    database = {"NEO4J_URI": server.uri, "NEO4J_USERNAME": server.username, "NEO4J_PASSWORD": server.password}
    env = database | model.neolight() | {"NEOLIGHT_DATA_DIR": str(folder / "data")}
    command = [sys.executable, "-m", "neolight", "serve", "--port", str(PORTS["neolight"])]
    async with served("neolight", command, env, folder) as (rest, pid):
        indexed = await rest.index(corpus)
        mine = {"indexing": indexed, **await measured(rest.ask, questions, requests, [pid, server.pid])}
    vectors = await _vectors(model, questions)
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.username, server.password)) as driver:
        retriever = HybridCypherRetriever(driver, "chunk_embedding", "chunk_text", AROUND, result_formatter=_item)

        async def ask(question: Question) -> list[str]:
            found = await asyncio.to_thread(
                retriever.search, question.question, vectors[question.id], top_k=DEPTH["chunk_top_k"]
            )
            return [str(item.content) for item in found.items]

        theirs = await measured(ask, questions, requests, [server.pid])
    indexed["plain script"] = await floor.write_anew(server)
    embedded.stop(folder)
    return {"neolight": mine, "neo4j-graphrag": theirs}


def _item(record: neo4j.Record) -> RetrieverResultItem:
    return RetrieverResultItem(content=record["source"])


async def _vectors(model: Model, questions: Sequence[Question]) -> dict[str, list[float]]:
    body = {"model": model.embedding, "input": [one.question for one in questions], "encoding_format": "float"}
    async with httpx.AsyncClient(timeout=300) as client:
        reply = (
            await client.post(f"{model.url}/embeddings", json=body, headers={"Authorization": "Bearer none"})
        ).json()
    return {one.id: row["embedding"] for one, row in zip(questions, reply["data"], strict=True)}


async def lightrag(
    folder: Path, model: Model, corpus: Sequence[Original], questions: Sequence[Question], requests: int
) -> dict[str, Any]:
    """LightRAG's figures."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", LIGHTRAG, "neo4j"], check=True)  # noqa: ASYNC221
    server = await asyncio.to_thread(embedded.ensure, folder, Settings().cache_dir)
    database = {"NEO4J_URI": server.uri, "NEO4J_USERNAME": server.username, "NEO4J_PASSWORD": server.password}
    places = {
        "WORKING_DIR": str(folder / "storage"),
        "INPUT_DIR": str(folder / "inputs"),
        "LOG_DIR": str(folder / "logs"),
    }
    env = (
        database
        | model.lightrag()
        | places
        | {"HOST": "127.0.0.1", "PORT": str(PORTS["lightrag"]), "NEO4J_DATABASE": "neo4j"}
    )
    async with served("lightrag", [str(python.parent / "lightrag-server")], env, folder) as (rest, pid):
        indexed = await asyncio.wait_for(rest.index(corpus), HOURS)
        figures = {"indexing": indexed, **await measured(rest.ask, questions, requests, [pid, server.pid])}
    embedded.stop(folder)
    return figures


def table(systems: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures as Markdown, a row a system."""
    heads = ["system", "indexing s", *(f"recall@{depth}" for depth in DEPTHS)]
    heads += [
        f"{clients} clients: {name}" for clients in CLIENTS for name in ("p50 ms", "p95 ms", "questions/s", "cpu ms")
    ]
    rows = [heads, ["---"] * len(heads)]
    for name, found in systems.items():
        cells = [name, str(found.get("indexing", {}).get("seconds", "-"))]
        cells += [str(found[f"recall@{depth}"][0]) for depth in DEPTHS]
        cells += [str(value) for clients in CLIENTS for value in found[f"{clients} clients"].values()]
        rows.append(cells)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


async def main() -> None:
    """Measures and writes results/side_by_side.json."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--model-url", required=True)
    parser.add_argument("--chat-model", default="gpt-4o-mini")
    parser.add_argument("--embedding-model", required=True)
    parser.add_argument("--dimensions", type=int, default=256)
    parser.add_argument("--documents", type=int, help="Only the first so many, and the questions that these answer.")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--without-lightrag", action="store_true", help="LightRAG takes about a second a document.")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/neolight-side-by-side"))
    parser.add_argument("--out", type=Path, default=RESULTS / "side_by_side.json")
    known = parser.parse_args()
    corpus = read_corpus(known.corpus)[: known.documents]
    there = {Path(one.source).stem for one in corpus}
    questions = [one for one in read_questions(known.questions) if there.issuperset(one.gold)]
    model = Model(known.model_url, known.chat_model, known.embedding_model, known.dimensions)
    folders = {name: known.folder / name for name in PORTS}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    systems = await neolight_and_retriever(folders["neolight"], model, corpus, questions, known.requests)
    if not known.without_lightrag:
        systems["lightrag"] = await lightrag(folders["lightrag"], model, corpus, questions, known.requests)
    known.out.parent.mkdir(exist_ok=True)
    result = {"machine": facts(), "documents": len(corpus), "questions": len(questions), "systems": systems}
    known.out.write_text(json.dumps(result, indent=2) + "\n")
    print(table(systems))
    print(f"The finished graph, written by a plain script: {systems['neolight']['indexing']['plain script']} s")


if __name__ == "__main__":
    asyncio.run(main())
