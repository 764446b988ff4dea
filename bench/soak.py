"""Hours of mixed load on one server: documents come, change and go while questions are asked.

What a document says must be found once it is processed, in its newest form, and nowhere once it is deleted; memory must
not grow without bound; at the end nothing may be left. `python bench/soak.py --minutes 60`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import httpx

from machine import facts, resident_mb

MOST = 300
"""Documents at once."""

GROWTH = 1.25
"""So much more memory than in the second quarter the last may take."""

SYLLABLES = ("ba", "ko", "ri", "tel", "mon", "su", "var", "lin", "dor", "pe", "xan", "gu")


@dataclass
class Soak:
    """What is in the server, and what has happened."""

    http: httpx.AsyncClient
    chance: random.Random
    documents: dict[str, str] = field(default_factory=dict[str, str])
    """The name that each processed document speaks of, by source."""
    gone: list[str] = field(default_factory=list[str])
    """Names of documents that are no more."""
    done: Counter[str] = field(default_factory=Counter[str])
    milliseconds: list[float] = field(default_factory=list[float])
    faults: list[str] = field(default_factory=list[str])

    def word(self) -> str:
        """A name that nothing else has."""
        return "".join(self.chance.choice(SYLLABLES) for _ in range(5)).title() + str(self.chance.randrange(10**6))

    async def insert(self) -> None:
        """New documents, and new texts for old ones; waits until they are processed."""
        sources = [f"note-{self.chance.randrange(2 * MOST)}.txt" for _ in range(self.chance.randint(1, 20))]
        names = {source: self.word() for source in dict.fromkeys(sources)}
        texts = [f"{name} maintains the pump A-{self.chance.randrange(99)} in hall 7." for name in names.values()]
        body = {"texts": texts, "file_sources": list(names)}
        track = (await self.call("POST", "/documents/texts", body))["track_id"]
        while True:
            rows = (await self.call("GET", f"/documents/track_status/{track}"))["documents"]
            if all(row["status"] in {"processed", "failed"} for row in rows):
                break
            await asyncio.sleep(0.2)
        for row in rows:
            if row["status"] == "failed":
                self.faults.append(f"{row['file_path']} failed: {row.get('error_msg')}")
        self.gone += [self.documents[source] for source in names if source in self.documents]
        self.documents |= names
        self.done["inserted"] += len(names)

    async def delete(self) -> None:
        """Some documents go."""
        count = len(self.documents) - MOST if len(self.documents) > MOST else self.chance.randint(0, 5)
        sources = self.chance.sample(sorted(self.documents), min(count, len(self.documents)))
        if not sources:
            return
        ids = [row["id"] for row in await self.listed() if row["file_path"] in sources]
        await self.call("DELETE", "/documents/delete_document", {"doc_ids": ids})
        self.gone += [self.documents.pop(source) for source in sources]
        self.done["deleted"] += len(ids)

    async def listed(self) -> list[dict[str, Any]]:
        """All documents."""
        rows: list[dict[str, Any]] = []
        while True:
            page = {"page": len(rows) // 200 + 1, "page_size": 200}
            found = (await self.call("POST", "/documents/paginated", page))["documents"]
            rows += found
            if len(found) < page["page_size"]:
                return rows

    async def ask(self) -> None:
        """A question about what is there, and one about what is gone."""
        if self.documents:
            source, name = self.chance.choice(sorted(self.documents.items()))
            found = await self.passages(f"What does {name} maintain?")
            if not any(name in text for text in found):
                self.faults.append(f"{name} of {source} is not found")
        if self.gone:
            name = self.chance.choice(self.gone[-200:])
            if any(name in text for text in await self.passages(f"What does {name} maintain?")):
                self.faults.append(f"{name} is found, though it is gone")

    async def passages(self, question: str) -> list[str]:
        """The texts that a question finds."""
        started = time.perf_counter()
        found = await self.call("POST", "/query/data", {"query": question, "mode": "mix", "chunk_top_k": 10})
        self.milliseconds.append(1000 * (time.perf_counter() - started))
        self.done["asked"] += 1
        return [chunk["content"] for chunk in found["data"]["chunks"]]

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """A call that must succeed."""
        answer = await self.http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()


async def soak(url: str, pid: int, seconds: float, seed: int) -> dict[str, Any]:
    """Works for so long, then deletes everything; returns what was done and what went wrong."""
    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        state, memory = Soak(http, random.Random(seed)), []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await state.insert()
            await asyncio.gather(*(state.ask() for _ in range(8)))
            await state.delete()
            memory.append(resident_mb(pid))
        await state.call("DELETE", "/documents")
        labels = await state.call("GET", "/graph/label/list")
        left = await state.listed()
    if labels or left:
        state.faults.append(f"{len(left)} documents and {len(labels)} entities are left")
    quarter = max(1, len(memory) // 4)
    before, after = median(memory[quarter : 2 * quarter] or memory), median(memory[-quarter:])
    if after > GROWTH * before:
        state.faults.append(f"memory has grown from {before:.0f} to {after:.0f} MB")
    times = sorted(state.milliseconds)
    return {
        "rounds": len(memory),
        **state.done,
        "question p50 ms": round(median(times), 1),
        "question p95 ms": round(times[int(0.95 * len(times))], 1),
        "server MB": [round(before), round(after)],
        "faults": state.faults[:20],
    }


def main() -> None:
    """Starts a server of its own, soaks it, and exits with 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    known = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="neolight-soak-") as folder:
        environment = {**os.environ, "NEOLIGHT_DATA_DIR": folder, "NEOLIGHT_PORT": str(port)}
        server = subprocess.Popen([sys.executable, "-m", "neolight", "serve"], env=environment, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            _await(url, server)
            result = asyncio.run(soak(url, server.pid, 60 * known.minutes, known.seed))
        finally:
            server.terminate()
            server.wait(60)
            subprocess.run(
                [sys.executable, "-m", "neolight", "neo4j", "stop"], env=environment, cwd=folder, check=False
            )
    print(json.dumps({"machine": facts(), **result}, indent=2))
    raise SystemExit(1 if result["faults"] else 0)


def _await(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("The server has ended by itself.")
        try:
            if httpx.get(f"{url}/ready", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit("The server is not ready after five minutes.")


if __name__ == "__main__":
    main()
