"""What indexing asks of a language model, how long it takes, and what becomes of it where the model fails.

    python bench/model_path.py --documents 400
    python bench/model_path.py --faults --outage 120 --documents 240
    python bench/model_path.py --corpus corpus.jsonl  (lines with `title` and `text`)

The model is a stand-in behind real HTTP, in a process of its own. With `--faults` everything is indexed twice, without
faults and with: 10% of the requests get 429 with Retry-After, 10% a 500, 5% time out, 5% of the replies break off, and
for a while the server is gone. It exits with 1 unless all documents are processed and both graphs are equal. With
`--summaries` long descriptions are summarised meanwhile; when that is depends on the faults, and so does which of the
sentences are a summary's: graphs are equal then if each entity and relation says the same sentences.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from machine import facts
from neolight import api, embedded
from neolight.graph import calls
from neolight.graph.gateway import Graph
from neolight.ingest.summaries import summarize
from neolight.models import Document, DocumentStatus
from neolight.settings import Settings

ROOT = Path(__file__).parent.parent
CHANCES = {"429": 0.10, "500": 0.10, "stall": 0.05, "garble": 0.05}
LATENCIES = (0.0, 0.05, 0.5)
"""Seconds."""

WAY, PEOPLE = ("delivers", "repairs", "orders", "tests", "replaces"), ("Ada", "Bela", "Cem", "Dora", "Emil", "Fay")

ENTITIES = """CYPHER 25
MATCH (n:Entity {workspace: $w})
RETURN n.name AS name, n.type AS type, n.description AS description, n.mention_count AS mentions ORDER BY n.key"""
RELATIONS = """CYPHER 25
MATCH (n:Entity {workspace: $w})-[r:RELATES]-(m) WHERE n.key < m.key
RETURN n.key AS one, m.key AS other, r.keywords AS keywords, r.description AS description, r.evidence_count AS evidence
ORDER BY one, other"""
EVIDENCE = """CYPHER 25
MATCH (c:Chunk {workspace: $w})-[m:MENTIONS]->(n)
RETURN c.text AS text, n.key AS key, m.name AS name, m.type AS type, m.description AS description ORDER BY text, key"""
UNFINISHED = """CYPHER 25
MATCH (n:Entity {workspace: $w}) WHERE n.embedding IS NULL OR n.stale RETURN count(*) AS n"""

WORDY = """CYPHER 25
RETURN COUNT { (one:Entity {workspace: $w}) WHERE one.wordy }
  + COUNT { (:Entity {workspace: $w})-[one:RELATES]->() WHERE one.wordy } AS n"""


class Model:
    """A stand-in for a language model, in a process of its own."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._past: dict[str, Counter[str]] = {}

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        command = [sys.executable, str(ROOT / "tests" / "standin.py"), "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                httpx.get(f"{self.url}/v1/models", timeout=2)
            except httpx.HTTPError:
                time.sleep(0.1)
            else:
                return
        raise SystemExit("The stand-in does not start.")

    def stop(self) -> None:
        """Ends it."""
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def configure(self, *, anew: bool = True, **wanted: Any) -> None:
        """Sets latency and faults, and begins to count anew, or goes on."""
        self._past = {} if anew else self.stats()
        httpx.post(f"{self.url}/config", json=wanted, timeout=30).raise_for_status()

    def stats(self) -> dict[str, Counter[str]]:
        """Requests, failures and tokens by kind, since it was configured anew."""
        kinds = httpx.get(f"{self.url}/stats", timeout=30).json()["kinds"]
        now = {kind: Counter(row) for kind, row in kinds.items()}
        return {kind: self._past.get(kind, Counter()) + now.get(kind, Counter()) for kind in {**self._past, **now}}

    def vanish(self) -> None:
        """Ends it; what it has counted stays."""
        self._past = self.stats()
        self.stop()


@contextmanager
def serving() -> Generator[Model]:
    """A stand-in that runs until the block ends."""
    model = Model()
    model.start()
    try:
        yield model
    finally:
        model.stop()


def corpus(documents: int, file: Path | None) -> tuple[list[str], list[str]]:
    """Texts and their names: of a file, or made up, about 100 tokens each with a few names in common."""
    if file:
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()[:documents]]
        return [f"{row['title']}\n{row['text']}" for row in rows], [f"{at}.txt" for at in range(len(rows))]
    chance = random.Random(7)
    texts: list[str] = []
    for at in range(documents):
        sentences = [
            f"{chance.choice(PEOPLE)} Works {chance.choice(WAY)} Pump {chance.randrange(documents)} to the plant of "
            f"Company {chance.randrange(max(2, documents // 8))} in hall {chance.randrange(40)} before the winter."
            for _ in range(4)
        ]
        texts.append(f"Order {at} of Plant {at % 17}.\n" + " ".join(sentences))
    return texts, [f"{at}.txt" for at in range(documents)]


def settings_for(model: Model, data: Path, **more: Any) -> Settings:
    """Settings that use the stand-in for everything."""
    endpoint = f"{model.url}/v1"
    chat = {"llm_provider": endpoint, "llm_model": "stand-in"}
    vectors = {"embedding_provider": endpoint, "embedding_model": "stand-in", "embedding_dimensions": 256}
    return Settings(_env_file=None, data_dir=data, **chat, **vectors, **more)


def told(documents: int, stats: dict[str, Counter[str]]) -> list[str]:
    """Calls and tokens by kind, for one document."""
    lines = [f"| {'kind':10} | calls | calls/document | tokens in/document | out/document |"]
    for kind, row in sorted(stats.items()):
        each = [round(row[name] / documents, 3) for name in ("calls", "tokens_in", "tokens_out")]
        lines.append(f"| {kind:10} | {row['calls']:5} | {each[0]:14} | {each[1]:18} | {each[2]:12} |")
    return lines


async def speed(model: Model, data: Path, texts: list[str], names: list[str], concurrency: int) -> list[dict[str, Any]]:
    """Wall time by the model's latency, beside what its calls alone would take."""
    rows: list[dict[str, Any]] = []
    for latency in LATENCIES:
        settings = settings_for(model, data, llm_concurrency=concurrency)
        async with api.open(settings, workspace=f"latency-{1000 * latency:.0f}") as n:
            model.configure(latency=latency)
            started = time.monotonic()
            found = await n.insert(texts, names)
            wall = time.monotonic() - started
        assert all(document.status is DocumentStatus.PROCESSED for document in found)
        stats = model.stats()
        ideal = sum(row["calls"] for kind, row in stats.items() if kind != "embedding") * latency / concurrency
        row = {"latency ms": 1000 * latency, "seconds": round(wall, 1), "ideal": round(ideal, 1)}
        rows.append(row | {"share": round(ideal / wall, 2), "documents/s": round(len(texts) / wall, 1)})
        print(rows[-1], flush=True)
        if latency == LATENCIES[0]:
            print("\n".join(told(len(texts), stats)), flush=True)
    return rows


def sentences(description: str) -> list[str]:
    """What a description says, whoever has put it together."""
    said = re.split(r"(?<=\.)\s+", description.replace("In short: ", ""))
    return sorted({one.strip() for one in said} - {""})


async def dump(graph: Graph, workspace: str, *, summaries: bool = False) -> list[Any]:
    """All that is known in a workspace, in order."""
    found = [await graph.execute(statement, w=workspace) for statement in (ENTITIES, RELATIONS, EVIDENCE)]
    if summaries:
        for row in [*found[0], *found[1]]:
            row["description"] = sentences(row["description"])
    return [*found, await graph.execute(UNFINISHED, w=workspace)]


async def faults(
    model: Model, data: Path, texts: list[str], names: list[str], outage: float, *, summaries: bool
) -> dict[str, Any]:
    """Indexes without faults and with, and compares."""
    # what a summary says depends on when it was made
    settings = settings_for(model, data, llm_timeout=2.0, summary_tokens=400 if summaries else 0)
    started = time.monotonic()
    async with api.open(settings, workspace="clean") as n:
        model.configure()
        await n.insert(texts, names)
        if summaries:
            await _summarised(n)
        clean, needed = await dump(n.deps.graph, "clean", summaries=summaries), model.stats()
    calm = time.monotonic() - started
    async with api.open(settings, workspace="faulty") as n:
        model.configure(chances=CHANCES, seed=11)
        started = time.monotonic()
        work = asyncio.create_task(n.insert(texts, names))
        await asyncio.sleep(min(10.0, calm / 3))
        model.vanish()
        await asyncio.sleep(outage)
        await asyncio.to_thread(model.start)
        model.configure(chances=CHANCES, seed=12, anew=False)
        found = await work
        marked = [document for document in found if document.error]
        if marked:  # a passage whose reply was of no use three times; retrying it is all that a person has to do
            model.configure(anew=False)
            found = await _retried(n, found)
        wall = time.monotonic() - started
        if summaries:  # what was in work when the last document ended
            model.configure(anew=False)
            await _summarised(n)
        faulty = await dump(n.deps.graph, "faulty", summaries=summaries)
        known = {row.kind: round(row.calls) for row in await calls.usage(n.deps.graph, "faulty")}
    return {
        "documents": dict(Counter(document.status.value for document in found)),
        "marked for want of a usable reply, then retried": len(marked),
        "equal": clean == faulty,
        "entities, relations, mentions": [len(part) for part in clean[:3]],
        "seconds without faults": round(calm, 1),
        "seconds with faults": round(wall, 1),
        "of them the server was gone": outage,
        **wasted(needed, model.stats()),
        "calls accounted for": known,
    }


def wasted(needed: dict[str, Counter[str]], stats: dict[str, Counter[str]]) -> dict[str, Any]:
    """The requests that faults have cost."""
    made, least = (sum(row["calls"] for row in one.values()) for one in (stats, needed))
    return {
        "requests without faults": least,
        "requests with faults": made,
        "requests wasted": made - least,
        "by kind": {kind: [needed.get(kind, Counter())["calls"], row["calls"]] for kind, row in stats.items()},
        "failed on demand": {kind: row["failed"] for kind, row in stats.items()},
    }


async def _summarised(n: api.Neolight) -> None:
    """Waits until nothing is left to summarise: another pass may be under way."""
    while (await n.deps.graph.execute(WORDY, w=n.workspace))[0]["n"]:
        await summarize(n.deps)
        await asyncio.sleep(0.5)


async def _retried(n: api.Neolight, found: Sequence[Document]) -> list[Document]:
    """The documents after those that are marked have been retried."""
    again = {document.id: document for document in await n.retry()}
    return [again.get(document.id, document) for document in found]


def main() -> None:
    """Measures, and prints what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--corpus", type=Path, help="JSON lines with `title` and `text`")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--outage", type=float, default=120.0, help="seconds that the model's server is gone")
    parser.add_argument("--summaries", action="store_true", help="with --faults: long descriptions are summarised")
    options = parser.parse_args()
    texts, names = corpus(options.documents, options.corpus)
    print(json.dumps(facts() | {"documents": str(len(texts)), "concurrency": str(options.concurrency)}))
    with tempfile.TemporaryDirectory() as folder, serving() as model:
        data = Path(folder)
        try:
            if not options.faults:
                asyncio.run(speed(model, data, texts, names, options.concurrency))
                return
            result = asyncio.run(faults(model, data, texts, names, options.outage, summaries=options.summaries))
        finally:
            embedded.stop(data)
    print(json.dumps(result, indent=1))
    sys.exit(0 if result["equal"] and set(result["documents"]) == {"processed"} else 1)


if __name__ == "__main__":
    main()
