"""Hundreds of random operations on documents, by a real worker on a real graph, against a model in plain Python."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from graphwork import counted, rows

from neolight.api import UNFINISHED
from neolight.deps import Deps, Limits, Place
from neolight.errors import NeolightError
from neolight.graph import document_life, documents, jobs, keys, writer
from neolight.ingest import upkeep, worker
from neolight.ingest.resolve import sweep
from neolight.ingest.worker import Worker
from neolight.models import Chunking, Extracted, Extraction, Mention, ModelCall, Statement
from neolight.sources import text_original

OPERATIONS = 320
NAMES = ["Ada", "Bert", "Cora", "Dora", "Egon", "Fritz", "Gina", "Hugo", "Ines", "Jan"]
LINES = [
    f"{one} tells {other} about pump {number} of {third}"
    for number, (one, other, third) in enumerate(
        (one, other, third) for one in NAMES[:5] for other in NAMES[3:8] for third in NAMES[6:9]
    )
]
SLOW, BAD = "slowly today", "badly today"


def says(text: str) -> Extraction:
    """What a line says: its names, and that each has to do with the next."""
    names = [word for word in text.split() if word in NAMES]
    mentions = tuple(Mention(name, "Person", f"{name} in {text}") for name in names)
    return Extraction(mentions, tuple(Statement(a, b, ("tells",), text) for a, b in pairwise(names) if a != b))


@dataclass
class Reader:
    """The extractor: it notes what it was asked, waits at slow lines, and fails at bad ones until it is healed."""

    asked: Counter[str] = field(default_factory=Counter[str])
    waiting: int = 0
    healed: bool = False

    async def __call__(self, text: str, _: Place) -> Extracted:
        self.asked[text] += 1
        if SLOW in text:
            self.waiting += 1
            try:
                await asyncio.Event().wait()
            finally:
                self.waiting -= 1
        if BAD in text and not self.healed:
            raise NeolightError("It is bad.")
        return Extracted(says(text))

    async def keep(self, _: str, found: list[ModelCall]) -> None:
        assert not found


@dataclass
class Expected:
    """A document as it must be: its content, what is indexed of it, and its status."""

    id: str
    lines: list[str]
    indexed: list[str] = field(default_factory=list[str])
    status: str = "pending"


def content(lines: list[str]) -> str:
    return "\n\n".join(lines)


class Life:
    """The system under test and its model, changed together."""

    def __init__(self, deps: Deps, workspace: str, reader: Reader, seed: int) -> None:
        self.deps, self.graph, self.workspace, self.reader = deps, deps.graph, workspace, reader
        self.random = random.Random(seed)
        self.model: dict[str, Expected] = {}
        self.done = Counter[str]()
        self.calls = Counter[str]()
        self.made = 0

    # what the model says

    def index(self, document: Expected) -> None:
        """What a worker must make of a document: each line that is new in it is extracted once."""
        new = Counter(document.lines) - Counter(document.indexed)
        self.calls += new
        if any(BAD in line for line in new) and not self.reader.healed:
            document.status = "failed"
        else:
            document.status, document.indexed = "processed", list(document.lines)

    def evidence(self) -> tuple[Counter[str], Counter[frozenset[str]]]:
        """How many chunks mention each name, and state each relation in each direction."""
        mentions, statements = Counter[str](), Counter[frozenset[str]]()
        for document in self.model.values():
            for line in document.indexed:
                found = says(line)
                mentions.update({mention.name for mention in found.mentions})
                pairs = {(one.source, one.target) for one in found.statements}
                statements.update(frozenset(pair) for pair in pairs)
        return mentions, statements

    # operations

    def lines(self, extra: str = "") -> list[str]:
        chosen = self.random.choices(LINES, k=self.random.randint(1, 5))
        return [*chosen, f"{self.random.choice(LINES)} {extra}"] if extra else chosen

    def some(self, *statuses: str) -> str | None:
        found = sorted(source for source, one in self.model.items() if not statuses or one.status in statuses)
        return self.random.choice(found) if found else None

    async def put(self, source: str, lines: list[str], *, at_once: int = 1) -> Expected:
        original = text_original(content(lines), source, max_mb=1)
        calls = [documents.enqueue(self.graph, self.workspace, [original], track_id="t") for _ in range(at_once)]
        made = [(await call)[0] for call in asyncio.as_completed(calls)]
        assert len({one.id for one in made}) == 1
        before = self.model.get(source)
        same = before is not None and before.status != "failed" and before.lines == lines
        expected = Counter({"unchanged": at_once - (not same)})
        expected["replaced" if before else "created"] += not same
        assert Counter(one.outcome for one in made) == +expected
        document = self.model.setdefault(source, Expected(made[0].id, lines))
        assert document.id == made[0].id
        if not same:
            document.lines, document.status = lines, "pending"
        self.deps.waiting.set()
        return document

    async def insert(self, extra: str = "") -> None:
        self.made += 1
        source = f"{self.random.choice(['a', 'b', 'a/b'])}/{self.made}.txt"
        self.index(await self.put(source, self.lines(extra), at_once=self.random.choice([1, 1, 2])))

    async def insert_bad(self) -> None:
        await self.insert(BAD)

    async def replace(self) -> None:
        if source := self.some():
            old = self.model[source].lines
            kept = [line for line in old if self.random.random() < 0.6 and BAD not in line]
            lines = kept + self.lines()
            self.random.shuffle(lines)
            same = self.model[source].status == "processed" and lines == old
            document = await self.put(source, lines)
            if not same:
                self.index(document)

    async def again(self) -> None:
        if source := self.some("processed"):
            await self.put(source, self.model[source].lines, at_once=2)

    async def delete(self) -> None:
        chosen = {source for _ in range(self.random.randint(1, 3)) if (source := self.some())}
        ids = {self.model.pop(source).id for source in chosen}
        assert set(await writer.delete(self.graph, self.workspace, [*ids, "doc-unknown"])) == ids

    async def retry(self) -> None:
        self.reader.healed = self.random.random() < 0.5
        failed = [one for one in self.model.values() if one.status == "failed"]
        one = self.random.random() < 0.5
        chosen = self.random.sample(failed, min(1, len(failed))) if one else failed
        ids = await documents.retry(self.graph, self.workspace, [document.id for document in chosen] if one else None)
        assert sorted(ids) == sorted(document.id for document in chosen)
        self.deps.waiting.set()
        for document in chosen:
            self.index(document)
        await self.settled()
        self.reader.healed = False

    async def in_work(self) -> tuple[str, Expected]:
        """A document that the worker is busy with and will not finish."""
        source = self.some("processed") if self.random.random() < 0.5 else None
        if source is None:
            self.made += 1
            source = f"slow/{self.made}.txt"
        kept = self.model[source].indexed[:2] if source in self.model else []
        lines = [*kept, f"{self.random.choice(LINES)} {SLOW} {self.made}"]
        document = await self.put(source, lines)
        self.calls += Counter(lines) - Counter(document.indexed)
        await until(lambda: self.reader.waiting == 1)
        return source, document

    async def cancel(self) -> None:
        _, document = await self.in_work()
        everything = self.random.random() < 0.5
        ids = await jobs.cancel(self.graph, self.workspace, None if everything else [document.id])
        assert ids == [document.id]
        document.status = "failed"
        await until(lambda: self.reader.waiting == 0)
        document.lines = [line.replace(SLOW, "quickly") for line in document.lines]
        self.index(await self.put(_, document.lines))

    async def delete_in_work(self) -> None:
        source, document = await self.in_work()
        assert await writer.delete(self.graph, self.workspace, [document.id]) == [document.id]
        del self.model[source]
        await until(lambda: self.reader.waiting == 0)

    async def replace_in_work(self) -> None:
        source, _ = await self.in_work()
        self.index(await self.put(source, self.lines()))
        await until(lambda: self.reader.waiting == 0)

    async def expire(self) -> None:
        if source := self.some():
            document = self.model.pop(source)
            past = datetime.now(UTC) - timedelta(seconds=5)
            await document_life.update(self.graph, self.workspace, document.id, {"expires_at": past})
            await upkeep.delete_expired(self.deps)

    async def rename(self) -> None:
        if source := self.some():
            self.made += 1
            new = f"renamed/{self.made}.txt"
            document = self.model.pop(source)
            await document_life.update(self.graph, self.workspace, document.id, {"source": new})
            self.model[new] = document
            self.index(await self.put(source, self.lines()))

    async def step(self) -> str:
        weights = {
            self.insert: 20, self.insert_bad: 6, self.replace: 22, self.again: 4, self.delete: 12, self.retry: 8,
            self.cancel: 6, self.delete_in_work: 4, self.replace_in_work: 4, self.expire: 5, self.rename: 4,
        }  # fmt: skip
        if len(self.model) > 25:
            weights[self.delete] = 60
        (chosen,) = self.random.choices(list(weights), list(weights.values()))
        await chosen()
        self.done[chosen.__name__] += 1
        return chosen.__name__

    # comparison

    async def settled(self) -> None:
        """Waits until each document has been indexed or has failed, by its own status."""

        async def idle() -> bool:
            found = await documents.get_many(self.graph, self.workspace, [one.id for one in self.model.values()])
            return not any(document.status in UNFINISHED for document in found.values())

        while not await idle():
            await asyncio.sleep(0.02)

    async def compare(self, what: str) -> None:
        """The graph is exactly what the model says."""
        await self.settled()
        found = await rows(
            self.graph,
            """MATCH (d:Document {workspace: $w})
            RETURN d.id AS id, d.source AS source, d.status AS status,
              COLLECT { MATCH (d)-[:HAS_CHUNK]->(c) RETURN c.text ORDER BY c.position } AS chunks,
              COLLECT { MATCH (d)-[:HAS_TEXT]->(t) RETURN t.text } AS texts,
              COLLECT { MATCH (d)-[:HAS_PART]->(p) RETURN toString(p.position) } AS parts""",
            w=self.workspace,
        )
        assert {row["source"]: row for row in found} == {
            source: {
                "id": one.id, "source": source, "status": one.status, "chunks": one.indexed,
                "texts": [content(one.indexed)] if one.indexed else [], "parts": ["0"],
            }
            for source, one in self.model.items()
        }, what  # fmt: skip
        mentions, statements = self.evidence()
        entities = await rows(
            self.graph, "MATCH (e:Entity {workspace: $w}) RETURN e.name AS name, e.mention_count AS n", w=self.workspace
        )
        assert {row["name"]: row["n"] for row in entities} == mentions, what
        related = await rows(
            self.graph,
            """MATCH (a:Entity {workspace: $w})-[r:RELATES]->(b)
            RETURN a.name AS one, b.name AS other, r.evidence_count AS n""",
            w=self.workspace,
        )
        assert {frozenset((row["one"], row["other"])): row["n"] for row in related} == statements, what
        edges = await rows(
            self.graph,
            """MATCH (c:Chunk {workspace: $w}) RETURN count(c) AS chunks,
            sum(COUNT { (c)-[:MENTIONS]->() }) AS mentions, sum(COUNT { (c)-[:STATES]->() }) AS states""",
            w=self.workspace,
        )
        chunks = sum(len(one.indexed) for one in self.model.values())
        assert edges == [{"chunks": chunks, "mentions": mentions.total(), "states": statements.total()}], what
        assert self.reader.asked == self.calls, f"{what}: only what is new is extracted, and that once"


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


@asynccontextmanager
async def living(deps: Deps, workspace: str, seed: int) -> AsyncGenerator[Life]:
    reader = Reader()
    own: dict[str, Any] = {"waiting": asyncio.Event(), "writing": asyncio.Lock()}
    limits = Limits(Chunking("separator", 60, 0, "\n\n"))
    mine = replace(deps, extract=reader, limits=limits, **own)
    async with Worker(mine).running():
        yield Life(mine, workspace, reader, seed)


async def test_random_operations_leave_exactly_what_a_model_says(
    deps: Deps, claimable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.1)
    async with living(deps, claimable, seed=4) as life:
        for number in range(OPERATIONS):
            name = await life.step()
            await life.compare(f"after operation {number}, {name}")
        assert set(life.done) == {
            "insert", "insert_bad", "replace", "again", "delete", "retry", "cancel", "delete_in_work",
            "replace_in_work", "expire", "rename",
        }  # fmt: skip
        print(f"\n{OPERATIONS} operations: {dict(life.done)}; {life.calls.total()} extractions")
        await sweep(life.deps)
        vectors = await rows(
            deps.graph,
            """MATCH (e:Entity {workspace: $w}) WHERE e.stale OR e.embedding IS NULL RETURN e.name AS name
            UNION MATCH (e:Entity {workspace: $w})-[r:RELATES]->() WHERE r.stale OR r.embedding IS NULL
            RETURN r.id AS name""",
            w=claimable,
        )
        assert vectors == []
        history = await jobs.listed(deps.graph, claimable, limit=100)
        assert 1 <= len(history) <= jobs.MOST_JOBS

        await writer.delete(deps.graph, claimable, [one.id for one in life.model.values()])
        life.model.clear()
        await life.compare("after the last document was deleted")
        await life.deps.graph.ping()
    assert await counted(deps.graph, claimable) == {"Workspace": 1}
    for index in ("chunk_text", "entity_name"):
        hits = await rows(
            deps.graph,
            "CALL db.index.fulltext.queryNodes($index, $scope) YIELD node RETURN count(node) AS n",
            index=index,
            scope=f"scope:{keys.scope(claimable)}",
        )
        assert hits == [{"n": 0}]
